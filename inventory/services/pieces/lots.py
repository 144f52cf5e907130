"""Lots: made by the receipt that first names them, corrected by hand."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import InvalidInput, NotAllowed
from core.events import record
from inventory.events import LotCorrected
from inventory.models import EntryKind, Lot, StockPolicy
from inventory.policies import can_adjust_stock
from inventory.services.entry_lines import EntryLine, LotGiven, skus
from staff.models import User


def entry_lots(kind: EntryKind, lines: Sequence[EntryLine]) -> list[int | None]:
    """Return the lot of each line, made where it is new; its expiry is filled in where it was not known.

    InvalidInput for a receipt without the lot that the variant's stock policy asks for, for a lot of another variant,
    for dates that contradict what an earlier receipt said.
    """
    _check_named(kind, lines)
    given = {(line.variant_id, line.lot.number.strip()): line.lot for line in lines if line.lot}
    made = _made(given) if given else {}
    known = {line.lot_id for line in lines if line.lot_id is not None}
    owner = dict(Lot.objects.filter(pk__in=known).values_list("pk", "variant")) if known else {}
    if any(owner.get(line.lot_id) != line.variant_id for line in lines if line.lot_id is not None):
        raise InvalidInput(_("This lot belongs to another product. Choose one of this product."))
    return [made[line.variant_id, line.lot.number.strip()] if line.lot else line.lot_id for line in lines]


def _check_named(kind: EntryKind, lines: Sequence[EntryLine]) -> None:
    if any(line.lot and not line.lot.number.strip() for line in lines):
        raise InvalidInput(_("Write the lot number that stands on the box."))
    unnamed = {line.variant_id for line in lines if line.lot is None and line.lot_id is None}
    if kind == EntryKind.RECEIPT and unnamed and (asked := tracked_by_lot(unnamed)):
        raise InvalidInput(_("Name the lot of what came in: %(skus)s") % {"skus": skus(asked)})


def tracked_by_lot(variant_ids: Iterable[int]) -> set[int]:
    """Return those of the variants whose receipts name a lot."""
    asked = StockPolicy.objects.filter(variant_id__in=variant_ids, tracks_lots=True)
    return set(asked.values_list("variant_id", flat=True))


def _made(given: dict[tuple[int, str], LotGiven]) -> dict[tuple[int, str], int]:
    # sorted: two receipts that make the same lots wait for each other in one order
    new = [
        Lot(variant_id=variant, number=number, expires_on=lot.expires_on, made_on=lot.made_on)
        for (variant, number), lot in sorted(given.items(), key=lambda pair: pair[0])
    ]
    for lot in new:
        _check_dates(lot.expires_on, lot.made_on)
    Lot.objects.bulk_create(new, ignore_conflicts=True)
    found = Lot.objects.filter(
        variant_id__in={variant for variant, _number in given}, number__in={number for _variant, number in given}
    )
    rows = {(lot.variant_id, lot.number): lot for lot in found.order_by("pk").select_for_update(no_key=True)}
    for place, wanted in given.items():
        _fill_in(rows[place], wanted)
    return {place: rows[place].pk for place in given}


def _fill_in(lot: Lot, wanted: LotGiven) -> None:
    changed = []
    for name in ("expires_on", "made_on"):
        said, known = getattr(wanted, name), getattr(lot, name)
        if said is None or said == known:
            continue
        if known is not None:
            raise InvalidInput(
                _("Lot %(lot)s was received with another date (%(known)s). Correct the lot first if that was wrong.")
                % {"lot": lot.number, "known": known.isoformat()}
            )
        setattr(lot, name, said)
        changed.append(name)
    if changed:
        _check_dates(lot.expires_on, lot.made_on)
        lot.save(update_fields=changed)


def _check_dates(expires_on: date | None, made_on: date | None) -> None:
    if expires_on and made_on and expires_on < made_on:
        raise InvalidInput(_("A lot cannot expire before it was made. Check both dates."))


def lot_of(variant_id: int, lot_id: int) -> Lot:
    """Return the lot; InvalidInput when it is of another variant."""
    lot = Lot.objects.filter(pk=lot_id, variant_id=variant_id).first()
    if lot is None:
        raise InvalidInput(_("This lot belongs to another product. Choose one of this product."))
    return lot


@transaction.atomic
def correct_lot(*, lot_id: int, expires_on: date | None, made_on: date | None = None, actor: User | None = None) -> Lot:
    """Set the dates of a lot as they stand on the box; what is held for expiry follows at the next round of the clock.

    NotAllowed without the right to adjust stock; InvalidInput when it would expire before it was made.
    """
    if actor is not None and not can_adjust_stock(actor):
        raise NotAllowed(_("You may not change stock. Ask somebody of the warehouse."))
    lot = Lot.objects.select_for_update(no_key=True).get(pk=lot_id)
    _check_dates(expires_on, made_on)
    before = lot.expires_on
    lot.expires_on, lot.made_on = expires_on, made_on
    lot.save(update_fields=["expires_on", "made_on"])
    said = {
        "before": before.isoformat() if before else "",
        "after": expires_on.isoformat() if expires_on else "",
    }
    record(LotCorrected(lot_id=lot.pk, number=lot.number, **said), subject=lot, actor=actor)
    return lot
