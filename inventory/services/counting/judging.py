"""From counting to approval: start, count again, find reasons, review, approve, cancel."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from inventory.models import CountReason, LineState, Stocktake, StocktakeLine, StocktakeState
from inventory.policies import can_approve_stocktake, can_approve_stocktakes
from inventory.services.counting.books import check_counter, lock_stocktake, move
from staff.models import User

_S = StocktakeState
UNCOUNTED = (LineState.OPEN, LineState.RECOUNT)


@transaction.atomic
def start_stocktake(*, stocktake_id: int, actor: User | None = None) -> Stocktake:
    """Let people count; sales go on."""
    check_counter(actor)
    stocktake = lock_stocktake(pk=stocktake_id)
    move(stocktake, _S.COUNTING, actor=actor)
    return stocktake


@transaction.atomic
def leave_out_lines(*, line_ids: Collection[int], actor: User | None = None) -> int:
    """Take lines out of an open stocktake, counted or not, and return how many; what was posted stays."""
    check_counter(actor)
    stocktake, lines = _lines(line_ids)
    if not stocktake.is_open:
        raise InvalidTransition(_("This stocktake is finished."))
    if not stocktake.is_under_way:
        _check_judge(actor)
    return lines.filter(entry=None).exclude(state=LineState.SKIPPED).update(state=LineState.SKIPPED)


@transaction.atomic
def recount_lines(*, line_ids: Collection[int], actor: User | None = None) -> int:
    """Have lines counted again by somebody else than who counted last, and return how many.

    A stocktake in review or approved goes back to counting; what was posted stays. Conflict when nothing is left to
    count again.
    """
    _check_judge(actor)
    stocktake, lines = _lines(line_ids)
    if not stocktake.is_open or stocktake.state == _S.PLANNED:
        raise InvalidTransition(_("Only what is being counted or reviewed can be counted again."))
    wanted = lines.filter(entry=None).exclude(state__in=UNCOUNTED)
    count = wanted.filter(counted__isnull=True).update(state=LineState.OPEN)
    count += wanted.filter(counted__isnull=False).update(state=LineState.RECOUNT, reason="", note="")
    if not count:
        raise Conflict(_("Nothing of it can be counted again: it waits for a count, or was posted."))
    if stocktake.state == _S.APPROVED:
        move(stocktake, _S.REVIEW, actor=actor)
        _take_back_approval(stocktake)
    if stocktake.state == _S.REVIEW:
        move(stocktake, _S.COUNTING, actor=actor, lines=count)
    return count


@transaction.atomic
def investigate_lines(
    *, line_ids: Collection[int], reason: CountReason, note: str = "", actor: User | None = None
) -> int:
    """Say why counted lines differ, and return how many; they are accepted with it.

    Lines without a difference, uncounted or posted ones are refused (Conflict). Who does not judge counts may do it
    while it is being counted.
    """
    check_counter(actor)
    stocktake, lines = _lines(line_ids)
    if stocktake.state not in {_S.COUNTING, _S.REVIEW}:
        raise InvalidTransition(_("Reasons are found while it is counted or reviewed."))
    if stocktake.state == _S.REVIEW:
        _check_judge(actor)
    differing = [
        line.pk
        for line in lines.filter(entry=None).exclude(state__in=[*UNCOUNTED, LineState.SKIPPED])
        if line.difference
    ]
    if not differing:
        raise Conflict(_("None of these lines has a difference that waits for a reason."))
    return StocktakeLine.objects.filter(pk__in=differing).update(
        state=LineState.ACCEPTED, reason=reason, note=note.strip()
    )


@transaction.atomic
def review_stocktake(*, stocktake_id: int, leave_out: bool = False, actor: User | None = None) -> Stocktake:
    """Hand it in; InvalidInput while lines wait for a count, unless ``leave_out`` takes them out."""
    check_counter(actor)
    stocktake = lock_stocktake(pk=stocktake_id)
    waiting = stocktake.lines.filter(state__in=UNCOUNTED)
    count = waiting.count()
    if count and not leave_out:
        raise InvalidInput(
            ngettext(
                "%(count)s line waits for a count. Count it, or leave it out.",
                "%(count)s lines wait for a count. Count them, or leave them out.",
                count,
            )
            % {"count": count}
        )
    waiting.update(state=LineState.SKIPPED)
    if not stocktake.lines.exclude(state=LineState.SKIPPED).exists():
        raise InvalidInput(_("Nothing was counted. Cancel the stocktake instead."))
    move(stocktake, _S.REVIEW, actor=actor)
    return stocktake


@transaction.atomic
def approve_stocktake(*, stocktake_id: int, actor: User | None = None) -> Stocktake:
    """Approve other people's counts; NotAllowed for who planned it or counted in it.

    InvalidInput while a difference is still being looked into.
    """
    stocktake = lock_stocktake(pk=stocktake_id)
    check_approver(actor, stocktake)
    count = stocktake.lines.filter(state=LineState.INVESTIGATE).count()
    if count:
        raise InvalidInput(
            ngettext(
                "%(count)s line is still being looked into. Give its reason, or have it counted again.",
                "%(count)s lines are still being looked into. Give their reasons, or have them counted again.",
                count,
            )
            % {"count": count}
        )
    stocktake.approved_by, stocktake.approved_at = actor, timezone.now()
    stocktake.save(update_fields=["approved_by", "approved_at"])
    move(stocktake, _S.APPROVED, actor=actor)
    return stocktake


@transaction.atomic
def cancel_stocktake(*, stocktake_id: int, note: str, actor: User | None = None) -> Stocktake:
    """End a stocktake without posting; Conflict when some of its differences were posted already."""
    check_counter(actor)
    stocktake = lock_stocktake(pk=stocktake_id)
    if not stocktake.is_under_way:
        _check_judge(actor)
    if stocktake.lines.filter(entry__isnull=False).exists():
        raise Conflict(_("Some differences are posted already. Leave the other lines out and post it."))
    move(stocktake, _S.CANCELLED, actor=actor, note=note)
    return stocktake


def check_approver(actor: User | None, stocktake: Stocktake) -> None:
    """Refuse who may not approve, or planned or counted it himself."""
    _check_judge(actor)
    if not can_approve_stocktake(actor, stocktake):
        raise NotAllowed(_("Somebody who neither planned it nor counted in it has to approve it."))


def _check_judge(actor: User | None) -> None:
    if not can_approve_stocktakes(actor):
        raise NotAllowed(_("You may not judge counts. Ask the EC manager."))


def _take_back_approval(stocktake: Stocktake) -> None:
    stocktake.approved_by = stocktake.approved_at = None
    stocktake.save(update_fields=["approved_by", "approved_at"])


def _lines(line_ids: Collection[int]) -> "tuple[Stocktake, QuerySet[StocktakeLine]]":
    """Lock the stocktake of these lines; InvalidInput when they are of several or none."""
    found = set(StocktakeLine.objects.filter(pk__in=line_ids).values_list("stocktake_id", flat=True))
    if len(found) != 1:
        raise InvalidInput(_("Choose lines of one stocktake."))
    stocktake = lock_stocktake(pk=found.pop())
    return stocktake, stocktake.lines.filter(pk__in=line_ids)
