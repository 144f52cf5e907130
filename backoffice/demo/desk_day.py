"""A day at the demo's desk: files to send along, answers that wait for approval, tickets put aside, a shared view."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from backoffice.demo.vocabulary import load
from core.papers.rendering import render_pdf
from core.saving import save_view
from service.models import AnswerFile, ApprovalRule, Inlet, InletKind, Macro, Ticket, TicketStatus
from service.selectors.reasons import find_reason
from service.selectors.saved import LIST
from service.selectors.snoozes import presets_of
from service.services import GivenFile, KeptFile, keep_answer_file, reply_to_ticket, snooze_ticket
from staff.models import User


def spend_day(*, team: Mapping[str, User]) -> int:
    """Keep files, write rules, let an answer wait, put tickets aside and share a view; return how many files."""
    plan = load("desk_day")
    files = [_keep(one, team["cslead"]) for one in plan["files"]]
    for rule in plan["rules"]:
        ApprovalRule.objects.create(**rule)
    _follow_silence()
    form = files[0]
    macro = Macro.objects.get(shortcut="return")
    macro.files.add(form)
    rows = list(Ticket.objects.to_answer().filter(inlet__kind=InletKind.EMAIL, language="ko").order_by("pk"))
    for ticket, words in zip(rows[-2:], plan["promises"], strict=False):
        reply_to_ticket(
            ticket_id=ticket.pk, body=words, seen_version=ticket.version, key=f"demo:approval:{ticket.pk}",
            files=[KeptFile(form.pk)], actor=team["cs"],
        )  # fmt: skip
    _put_aside(team, rows[:-2])
    save_view(
        model=LIST, name=plan["view"], query="assignee__isnull=True&language__exact=ja&tab=open", is_shared=True,
        owner_id=team["cslead"].pk, may_share=True,
    )  # fmt: skip
    return len(files)


def _keep(plan: Mapping[str, Any], actor: User) -> AnswerFile:
    kept = AnswerFile.objects.create(name=plan["name"])
    for language, words in plan["languages"].items():
        pdf = render_pdf("service/papers/leaflet.typ", words, language=language)
        file = GivenFile(name=f"{plan['file']}-{language}.pdf", content=pdf)
        keep_answer_file(answer_file_id=kept.pk, language=language, file=file, actor=actor)
    return kept


def _follow_silence() -> None:
    """Let the Korean mailbox remind customers who owe an answer, with the words of a macro."""
    macro = Macro.objects.filter(shortcut="waiting").first()
    reason = find_reason("delivery-where")
    if macro is not None and reason is not None:
        Inlet.objects.filter(code="mail-kr").update(
            remind_after_days=5, remind_macro=macro, end_after_days=7, end_reason=reason
        )


def _put_aside(team: Mapping[str, User], rows: list[Ticket]) -> None:
    now = timezone.now()  # what is put aside comes back after today
    for place, ticket in enumerate(rows[-2:]):
        until = presets_of(ticket, now)[-1].at if place else None
        snooze_ticket(ticket_id=ticket.pk, until=until, actor=team["cs"])
    waiting = Ticket.objects.waiting().filter(status=TicketStatus.WAITING_FOR_CUSTOMER).order_by("pk").first()
    if waiting is not None:
        snooze_ticket(ticket_id=waiting.pk, until=now + timedelta(days=3), actor=team["cs"])
