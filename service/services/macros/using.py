"""A macro is used at a ticket: its words, and what is done then, by the services that buttons call."""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput
from core.events import record
from orders.models import Order
from returns.selectors.returnable import returnable
from returns.services import LineWish
from service.events import MacroUsed
from service.models import Draft, Macro, MacroHand, MacroStatus, MacroUse, Ticket, TicketOrder, told_in
from service.policies import is_reopenable, is_resolvable
from service.selectors.variables import Source, resolved
from service.services.answering import ConversationMoved, reply_to_ticket, save_reply_draft
from service.services.coupons import give_coupon
from service.services.describing import sort_ticket
from service.services.ending import reopen_ticket, resolve_ticket
from service.services.handing import assign_ticket, claim_ticket, release_ticket
from service.services.locking import beat, check_may_work, lock_ticket
from service.services.noting import write_note
from service.services.order_work import open_ticket_return
from service.services.storing import KeptFile
from staff.models import TaskKind, User
from staff.services.requests.requesting import Request, request_task


@transaction.atomic
def use_macro(
    *,
    macro_id: int,
    ticket_id: int,
    seen_version: int,
    order_id: int | None = None,
    language: str = "",
    typed: str = "",
    sends: bool = False,
    key: str,
    actor: User | None,
) -> MacroUse:
    """Use a macro at a ticket and return that it was used; the same ``key`` uses it once.

    1. Its words are filled in, in ``language`` (default: the ticket's), from the chosen order of the ticket.
    2. What it does is done with the actor's rights: coupon, tags, team, who has it, note, task, return. One refusal
       undoes all.
    3. The words leave as an answer with ``sends``, and the ticket goes where the macro says; otherwise they become the
       actor's draft behind what was ``typed`` already, and the ticket's state changes when that is sent. A macro
       without words changes the state at once.

    InvalidInput names what is missing, and refuses a macro that is not active or has no words in the language;
    ConversationMoved when something was said since ``seen_version``; else as the services that do it.
    """
    check_may_work(actor)
    ticket = lock_ticket(ticket_id)
    known = MacroUse.objects.filter(key=key).first()
    if known is not None:
        if (known.macro_id, known.ticket_id) != (macro_id, ticket.pk):
            raise Conflict(_("This request was already sent with other content. Reload the page and try again."))
        return known
    macro = Macro.objects.filter(pk=macro_id, is_active=True).first()
    if macro is None:
        raise InvalidInput(_("There is no such macro."))
    if ticket.version != seen_version:
        said = _("The conversation has changed since you opened it. Read it again, then use the macro.")
        raise ConversationMoved(said, since=seen_version)
    order = order_of_ticket(ticket, order_id)
    given = macro.coupon_id and give_coupon(coupon_id=macro.coupon_id, ticket_id=ticket.pk, actor=actor)
    source = Source(ticket=ticket, order=order, user=actor, coupon=given or None)
    words = words_of(macro, language or ticket.language)
    text, note = _filled(words, source, language), _filled(macro.note, source, language)
    _act(macro, ticket, order, note, key, actor)
    _say(macro, ticket, text, typed, key, actor, sends=sends)
    use = MacroUse.objects.create(macro=macro, ticket=ticket, key=key, user=actor, has_sent=bool(sends and text))
    record(MacroUsed(ticket_id=ticket.pk, macro=macro.name), subject=ticket, actor=actor)
    beat([ticket.pk])
    Macro.objects.filter(pk=macro.pk).update(use_count=F("use_count") + 1)  # last: others wait for this row
    return use


def words_of(macro: Macro, language: str) -> str:
    """Return the macro's words in a language; empty for one without words, InvalidInput when only others have some."""
    words = {code: str(getattr(macro, f"body_{code}")).strip() for code in ("en", "ko", "ja")}
    if not any(words.values()):
        return ""
    if not words.get(language):
        raise InvalidInput(_("“%(macro)s” has no words in this language: choose another one.") % {"macro": macro})
    return words[language]


def order_of_ticket(ticket: Ticket, order_id: int | None) -> Order | None:
    """Return the chosen order, None when none was; InvalidInput for one that the ticket is not about."""
    if order_id is None:
        return None
    links = TicketOrder.objects.filter(told_in(ticket))
    order = Order.objects.filter(pk=order_id, pk__in=links.values("order_id")).first()
    if order is None:
        raise InvalidInput(_("Link the order with the ticket first: nothing is done to an order that nobody chose."))
    return order


def _filled(words: str, source: Source, language: str) -> str:
    found = resolved(text=words, source=source, language=language or source.ticket.language)
    if found.missing:
        raise InvalidInput(_("Missing: %(what)s. Nothing was done.") % {"what": ", ".join(found.missing)})
    return found.text


def _act(macro: Macro, ticket: Ticket, order: Order | None, note: str, key: str, actor: User | None) -> None:
    if macro.return_reason_id is not None:  # first: the order is locked before the counters that pages poll
        _start_return(macro, ticket, order, key, actor)
    changes: dict[str, object] = {}
    if set(macro.tags) - set(ticket.tags):
        changes["tags"] = [*ticket.tags, *macro.tags]
    if macro.team_id is not None:
        changes["team"] = macro.team_id
    if changes:
        sort_ticket(ticket_id=ticket.pk, changes=changes, actor=actor)
    _hand(macro, ticket, actor)
    if note:
        write_note(ticket_id=ticket.pk, body=note, actor=actor)
    if macro.task_title and actor is not None:
        _ask_for_work(macro, ticket, order, actor)


def _hand(macro: Macro, ticket: Ticket, actor: User | None) -> None:
    match macro.hand:
        case MacroHand.ACTOR if actor is not None and ticket.assignee_id != actor.pk:
            if ticket.assignee_id is None and is_resolvable(ticket):
                claim_ticket(ticket_id=ticket.pk, actor=actor)
            else:
                assign_ticket(ticket_id=ticket.pk, assignee_id=actor.pk, actor=actor)
        case MacroHand.QUEUE:
            release_ticket(ticket_id=ticket.pk, actor=actor)
        case MacroHand.COLLEAGUE if macro.colleague_id is not None:
            assign_ticket(ticket_id=ticket.pk, assignee_id=macro.colleague_id, actor=actor)


def _ask_for_work(macro: Macro, ticket: Ticket, order: Order | None, actor: User) -> None:
    what = " · ".join(filter(None, (macro.task_title, ticket.number, ticket.subject, order.number if order else "")))
    request_task(
        request=Request(
            kind=TaskKind.GENERAL,
            title=f"{macro.task_title} ({ticket.number})",
            brief={"what": what},
            role=macro.task_role,
            subject=ticket,
        ),
        actor=actor,
    )


def _start_return(macro: Macro, ticket: Ticket, order: Order | None, key: str, actor: User | None) -> None:
    """Open a case for the lines that the ticket names, for all that could come back where it names the order only."""
    if order is None or macro.return_reason_id is None:
        raise InvalidInput(_("Choose the order that comes back."))
    links = TicketOrder.objects.filter(ticket=ticket, order=order).exclude(line=None)
    named = set(links.values_list("line_id", flat=True))
    lines = [
        LineWish(line_id=line.pk, quantity=count, reason_id=macro.return_reason_id)
        for line, count in returnable(order=order)
        if not named or line.pk in named
    ]
    open_ticket_return(ticket_id=ticket.pk, order_id=order.pk, lines=lines, key=f"{key}:return"[:80], actor=actor)


def _say(macro: Macro, ticket: Ticket, text: str, typed: str, key: str, actor: User | None, *, sends: bool) -> None:
    ticket.refresh_from_db()
    resolves = macro.status == MacroStatus.RESOLVED
    reason_id = macro.reason_id if resolves and ticket.reason_id is None else None
    words = "\n\n".join(filter(None, (typed.strip(), text)))
    kept_ids = list(macro.files.filter(is_active=True).order_by("name", "pk").values_list("pk", flat=True))
    if text and sends:
        reply_to_ticket(
            ticket_id=ticket.pk, body=words, seen_version=ticket.version, key=f"{key}:reply"[:80],
            files=[KeptFile(pk) for pk in kept_ids], resolve=resolves, reason_id=reason_id, actor=actor,
        )  # fmt: skip
    elif text and actor is not None:
        begun = Draft.objects.filter(ticket=ticket, user=actor).values_list("kept_files", flat=True).first() or []
        save_reply_draft(
            ticket_id=ticket.pk, body=words, seen_version=ticket.version, kept_ids=[*begun, *kept_ids], actor=actor
        )
    elif resolves and is_resolvable(ticket):
        resolve_ticket(ticket_id=ticket.pk, reason_id=reason_id, actor=actor)
    elif macro.status == MacroStatus.OPEN and is_reopenable(ticket):
        reopen_ticket(ticket_id=ticket.pk, actor=actor)
