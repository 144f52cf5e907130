"""Returned pieces leave the quarantine they came into: for sale, held as their condition says, away, or back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import F
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from inventory.models import AdjustReason, EntryKind, HoldKind, StockHold
from inventory.services import HoldWish, LeavingLine, withdraw_stock
from inventory.services.ledger import lock_items
from inventory.services.setting_aside import free_holds, write_holds
from orders.models import ReturnCondition
from returns.models import RequestLine
from staff.models import User

_HOLDS = {ReturnCondition.OPENED: HoldKind.OPENED, ReturnCondition.DAMAGED: HoldKind.DAMAGED}


@dataclass(frozen=True, slots=True, kw_only=True)
class PiecesIn:
    """Pieces of a line in one condition."""

    condition: ReturnCondition
    quantity: int
    serials: tuple[str, ...] = ()
    note: str = ""


def put_by_condition(*, line: RequestLine, pieces: Sequence[PiecesIn], actor: User | None) -> None:
    """Move the pieces of a line from the quarantine of its return to where their conditions say.

    A bundle that came back as components moves them all alike. The case decides who may. What a file recorded already,
    and put on the shelf itself, is not in quarantine: it stays where it is.
    """
    holds = _quarantine(line)
    lock_items(pk__in={hold.stock_item_id for hold in holds})
    done = 0
    for one in pieces:
        share = list(_share(holds, line.received_count, done, one.quantity))
        done += one.quantity
        if one.condition == ReturnCondition.QUARANTINE or not share:
            continue
        if one.condition == ReturnCondition.NOT_KEPT:
            _leave(line, share, one.note or _("Disposed of after a return"), AdjustReason.DISPOSED, one.serials, actor)
            continue
        free_holds({hold.pk: count for hold, count in share}, actor)
        if one.condition in _HOLDS:
            write_holds([_wish(hold, count, _HOLDS[one.condition], one.note) for hold, count in share], actor)


def send_held_back(*, line: RequestLine, quantity: int, serials: Sequence[str], note: str, actor: User | None) -> None:
    """Take pieces of a line out of whatever holds they are in: they go to the customer again.

    InvalidInput when so many are not held any more.
    """
    variant = line.order_line.variant_id
    if variant is None or line.return_record is None:
        return
    rows = StockHold.objects.filter(reference=line.return_record.number, quantity__gt=F("released"))
    holds = list(rows.select_related("stock_item").order_by("pk"))
    lock_items(pk__in={hold.stock_item_id for hold in holds})
    left, share = quantity, []
    for hold in holds:
        count = min(left, hold.held) if hold.stock_item.variant_id == variant else 0
        if count:
            share.append((hold, count))
            left -= count
    if left:
        raise InvalidInput(_("So many pieces are not held any more. Look where they are."))
    _leave(line, share, note, AdjustReason.OTHER, tuple(serials), actor)


def _quarantine(line: RequestLine) -> list[StockHold]:
    if line.return_record is None:
        return []
    rows = StockHold.objects.filter(
        reference=line.return_record.number, kind=HoldKind.QUARANTINE, quantity__gt=F("released")
    )
    return list(rows.select_related("stock_item").order_by("pk"))


def _share(holds: Sequence[StockHold], whole: int, done: int, count: int) -> Iterator[tuple[StockHold, int]]:
    """Yield what ``count`` of ``whole`` pieces of a line mean in each hold, after ``done`` pieces."""
    for hold in holds:
        part = hold.quantity * (done + count) // whole - hold.quantity * done // whole
        if part:
            yield hold, part


def _wish(hold: StockHold, count: int, kind: HoldKind, note: str) -> HoldWish:
    return HoldWish(
        stock_item_id=hold.stock_item_id,
        kind=kind,
        quantity=count,
        lot_id=hold.lot_id,
        bin_id=hold.bin_id,
        reference=hold.reference,
        note=note[:200] or hold.note,
    )


def _leave(
    line: RequestLine,
    share: Sequence[tuple[StockHold, int]],
    note: str,
    reason_code: str,
    serials: tuple[str, ...],
    actor: User | None,
) -> None:
    withdraw_stock(
        kind=EntryKind.ADJUSTMENT,
        lines=[
            LeavingLine(
                variant_id=hold.stock_item.variant_id,
                warehouse_id=hold.stock_item.warehouse_id,
                quantity=count,
                hold_id=hold.pk,
                serials=serials if hold.stock_item.variant_id == line.order_line.variant_id else (),
            )
            for hold, count in share
        ],
        reason=note,
        reason_code=reason_code,
        reference=line.request.number,
        actor=actor,
    )
