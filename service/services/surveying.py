"""Surveys: one for each resolution, mailed a while later, answered once by who has the signed address."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput
from service.models import MAILED, ReasonNode, Survey, SurveyState, Ticket, TicketStatus

DELAY = timedelta(hours=1)  # somebody may open the ticket again at once
OPEN_FOR = timedelta(days=14)
ATTEMPTS = 5
PAUSE = timedelta(minutes=5)
_SIGNER = Signer(salt="service.survey")
_NOTHING = "nothing"  # the branch of reasons without a matter


@dataclass(frozen=True)
class OwedSurvey:
    """One claimed survey and where it goes."""

    survey: Survey
    recipient: str


class SurveyGone(Conflict):
    """The survey was answered before, or its time is over."""


def owe_survey(ticket: Ticket, *, now: datetime) -> Survey | None:
    """Note that the customer of a ticket that is resolved at this moment will be asked; once for each resolution.

    None for who cannot be mailed, for advertising and the like, and while a legal clock runs: in a dispute nobody is
    asked how he liked it.
    """
    by_mail = ticket.inlet.kind in MAILED and ticket.inlet.address and "@" in ticket.sender_address
    if not by_mail or ticket.legal_due_at is not None or _is_nothing(ticket.reason_id):
        return None
    values = {
        "agent_id": ticket.assignee_id, "team_id": ticket.team_id, "language": ticket.language,
        "nonce": secrets.token_hex(16), "due_at": now + DELAY, "expires_at": now + DELAY + OPEN_FOR,
    }  # fmt: skip
    return Survey.objects.get_or_create(ticket=ticket, resolved_at=now, defaults=values)[0]


@transaction.atomic
def claim_survey(*, now: datetime) -> OwedSurvey | None:
    """Claim the next survey to send; None when none is due. One whose ticket was opened again is dropped."""
    rows = Survey.objects.filter(state=SurveyState.OWED, due_at__lte=now).order_by("due_at", "pk")
    rows = rows.select_related("ticket__inlet").select_for_update(skip_locked=True, of=("self",))
    while (row := rows.first()) is not None:
        ticket = row.ticket
        is_settled = ticket.status in {TicketStatus.RESOLVED, TicketStatus.CLOSED}
        if row.attempts >= ATTEMPTS or not is_settled or ticket.resolved_at != row.resolved_at:
            row.state = SurveyState.DROPPED
            row.save(update_fields=["state"])
            continue
        row.attempts += 1
        row.due_at = now + PAUSE * 2**row.attempts
        row.save(update_fields=["attempts", "due_at"])
        return OwedSurvey(row, ticket.sender_address)
    return None


@transaction.atomic
def record_survey_sent(*, survey_id: int) -> None:
    """Mark a survey as sent; repeating changes nothing."""
    Survey.objects.filter(pk=survey_id, state=SurveyState.OWED).update(
        state=SurveyState.SENT, sent_at=timezone.now()
    )  # fmt: skip


def survey_token(survey: Survey) -> str:
    """Return what the address of the survey carries: a random number and our signature, nothing of a person."""
    return _SIGNER.sign(survey.nonce)


def survey_url(survey: Survey) -> str:
    """Return the public address."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/survey/{survey_token(survey)}/"


def survey_of(token: str) -> Survey | None:
    """Return the survey of a signed address; None for one that we never wrote."""
    try:
        nonce = _SIGNER.unsign(token)
    except BadSignature:
        return None
    return Survey.objects.select_related("ticket__inlet").filter(nonce=nonce).first()


@transaction.atomic
def answer_survey(*, token: str, score: int, comment: str = "") -> Survey:
    """Keep what the customer says and return the survey.

    InvalidInput for an address that we never wrote and a score outside 1 to 5; SurveyGone when it was answered before
    or has ended.
    """
    known = survey_of(token)
    if known is None or not 1 <= score <= 5:
        raise InvalidInput(_("This survey is not there."))
    survey = Survey.objects.select_for_update().get(pk=known.pk)
    if survey.state == SurveyState.ANSWERED:
        raise SurveyGone(_("You have answered already. Thank you."))
    if survey.expires_at <= timezone.now():
        raise SurveyGone(_("This survey has ended."))
    survey.state, survey.score, survey.answered_at = SurveyState.ANSWERED, score, timezone.now()
    survey.comment = comment.replace("\x00", "").strip()[:2000]
    survey.save(update_fields=["state", "score", "comment", "answered_at"])
    return survey


def _is_nothing(reason_id: int | None) -> bool:
    node = ReasonNode.objects.filter(pk=reason_id or 0).values("code", "parent__code").first()
    return node is not None and _NOTHING in {node["code"], node["parent__code"]}
