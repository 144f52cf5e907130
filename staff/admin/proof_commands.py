"""What is pressed on the proofing page: each name is one service call and the sentence that answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.ui.acting import actor
from staff import services
from staff.models import Revision, RevisionState, TaskStatus, Verdict
from staff.selectors.revisions import sentences_of


@dataclass(frozen=True)
class Pressed:
    """What came of it: the sentence (empty when the page itself shows it), its level, the revision to show next."""

    sentence: str = ""
    level: int = messages.SUCCESS
    revision_id: int | None = None
    anchor: str = ""


Command = Callable[[HttpRequest, int], Pressed]


def number_of(data: QueryDict, name: str) -> int:
    """Return a posted id; 400 for what no form of ours sends."""
    value = data.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) <= 18):
        raise SuspiciousOperation(f"{name} is no number")
    return int(value)


def words_of(data: QueryDict, name: str) -> str:
    """Return posted words without NUL, which no database keeps; line ends as people count them."""
    return data.get(name, "").replace("\x00", "").replace("\r\n", "\n")


def _upload(request: HttpRequest, task_id: int) -> Pressed:
    revision = services.upload_revision(
        deliverable_id=number_of(request.POST, "deliverable"),
        file=request.FILES.get("file"),
        text=words_of(request.POST, "text"),
        actor=actor(request),
    )
    return Pressed(*_checked(revision), revision_id=revision.pk, anchor="check")


def _checked(revision: Revision) -> tuple[str, int]:
    words = {"number": revision.number, "why": " ".join(sentences_of(revision, only_failed=True))}
    if revision.state == RevisionState.FITS:
        return _("Version %(number)s is uploaded and fits.") % words, messages.SUCCESS
    if revision.state == RevisionState.CHECKING:
        return _("Version %(number)s is uploaded and being checked.") % words, messages.INFO
    return _("Version %(number)s is uploaded, but cannot be used: %(why)s") % words, messages.WARNING


def _send(request: HttpRequest, task_id: int) -> Pressed:
    services.send_to_review(task_id=task_id, actor=actor(request))
    return Pressed(_("Sent to review."))


def _take_back(request: HttpRequest, task_id: int) -> Pressed:
    services.take_back(task_id=task_id, actor=actor(request))
    return Pressed(_("Taken back. Go on working, and send it to review again."))


def _decide(request: HttpRequest, task_id: int) -> Pressed:
    data = request.POST
    verdict = data.get("verdict", "")
    if verdict not in Verdict.values:
        raise SuspiciousOperation("no such verdict")
    task = services.decide(
        task_id=task_id,
        verdict=verdict,
        revision_ids=chosen_revisions(data),
        note=words_of(data, "note"),
        over_limit_reason=words_of(data, "over_limit_reason"),
        accept_open_pins="accept_open_pins" in data,
        actor=actor(request),
    )
    if task.status == TaskStatus.APPROVED:
        return Pressed(_("Approved: the work is done."))
    if task.status == TaskStatus.CHANGES_REQUESTED:
        return Pressed(_("Changes are requested of %(who)s.") % {"who": task.assignee})
    return Pressed(_("Your approval is saved."))


def chosen_revisions(data: QueryDict) -> list[int]:
    """Return the ticked versions; 400 for what is no id."""
    ids = data.getlist("revision_ids")
    if not all(value.isascii() and value.isdigit() and len(value) <= 18 for value in ids):
        raise SuspiciousOperation("no such versions")
    return [int(value) for value in ids]


def _pin(request: HttpRequest, task_id: int) -> Pressed:
    data = request.POST
    pin = services.add_pin(
        revision_id=number_of(data, "revision"),
        x=_place(data, "left"),
        y=_place(data, "top"),
        text=words_of(data, "text"),
        actor=actor(request),
    )
    return Pressed(revision_id=pin.revision_id, anchor=f"pin-{pin.pk}")


def _place(data: QueryDict, name: str) -> int:
    """Return percent with two decimals as ten-thousandths; whether that is on the picture says the service."""
    try:
        value = Decimal(data.get(name, "").strip()[:20])
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) > 1000:
        raise InvalidInput(_("Say where the remark belongs: from 0 to 100 percent of the picture."))
    return int((value * 100).to_integral_value())


def _resolve(request: HttpRequest, task_id: int) -> Pressed:
    data = request.POST
    pin = services.resolve_pin(
        pin_id=number_of(data, "pin"), is_resolved=data.get("is_resolved") == "1", actor=actor(request)
    )
    return Pressed(revision_id=pin.revision_id, anchor=f"pin-{pin.pk}")


def _edit_pin(request: HttpRequest, task_id: int) -> Pressed:
    pin = services.edit_pin(
        pin_id=number_of(request.POST, "pin"), text=words_of(request.POST, "text"), actor=actor(request)
    )
    return Pressed(revision_id=pin.revision_id, anchor=f"pin-{pin.pk}")


def _remove_pin(request: HttpRequest, task_id: int) -> Pressed:
    services.remove_pin(pin_id=number_of(request.POST, "pin"), actor=actor(request))
    return Pressed(anchor="remarks")


def _tick(request: HttpRequest, task_id: int) -> Pressed:
    services.tick_item(
        item_id=number_of(request.POST, "item"), is_done=request.POST.get("is_done") == "1", actor=actor(request)
    )
    return Pressed(anchor="checklist")


COMMANDS: Mapping[str, Command] = {
    "upload": _upload,
    "send": _send,
    "take_back": _take_back,
    "decide": _decide,
    "pin": _pin,
    "resolve": _resolve,
    "edit_pin": _edit_pin,
    "remove_pin": _remove_pin,
    "tick": _tick,
}


def typed_of(data: QueryDict) -> dict[str, Any]:
    """Return what was typed, for the form that is shown again after a refusal."""
    return {
        "do": data.get("do", ""),
        "text": words_of(data, "text"),
        "note": words_of(data, "note"),
        "over_limit_reason": words_of(data, "over_limit_reason"),
        "accept_open_pins": "accept_open_pins" in data,
        "revision_ids": chosen_revisions(data),
        "left": words_of(data, "left"),
        "top": words_of(data, "top"),
    }
