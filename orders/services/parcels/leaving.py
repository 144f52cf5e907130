"""Orders fall out of planned parcels: held, cancelled, changed, or shipped otherwise. Their orders are locked."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from django.db.models import Q

from core.events import Event, record_many
from orders.events import OrderLeftParcel
from orders.models import Order, Parcel, ParcelPiece, ParcelReason, ParcelState, Shipment
from staff.models import User

PLANNED = Q(parcel__state=ParcelState.PLANNED)


def leave_parcels(
    *, order_ids: Collection[int], why: str, only_combined: bool = False, actor: User | None = None
) -> set[int]:
    """Take locked orders out of the parcels planned for them and return those that were in one.

    With ``only_combined`` parcels of one order alone stay planned: what is held may still leave in them later. A
    combined parcel in which one order is left is undone. One statement where nothing is planned.
    """
    if not order_ids:
        return set()
    pieces = ParcelPiece.objects.filter(PLANNED, line__order__in=order_ids)
    if only_combined:
        pieces = pieces.filter(parcel__reason=ParcelReason.COMBINED)
    rows = list(pieces.values_list("pk", "parcel_id", "line__order_id"))
    return drop(rows, why, actor) if rows else set()


def drop(rows: Sequence[tuple[int, int, int]], why: str, actor: User | None) -> set[int]:
    """Remove these planned pieces (id, parcel, order), undo what became pointless, and tell each order."""
    ParcelPiece.objects.filter(pk__in=[pk for pk, _parcel, _order in rows]).delete()
    left = {order for _pk, _parcel, order in rows}
    facts: list[tuple[Event, int]] = [(OrderLeftParcel(order_id=pk, why=why), pk) for pk in sorted(left)]
    lonely = [pk for pk in _undo_pointless({parcel for _pk, parcel, _order in rows}) if pk not in left]
    facts += [(OrderLeftParcel(order_id=pk, why="alone"), pk) for pk in lonely]
    record_many(facts, model=Order, actor=actor)
    return left


def _undo_pointless(parcel_ids: Collection[int]) -> list[int]:
    """Undo the parcels that are empty, and combined ones with a single order; return those orders."""
    orders: dict[int, set[int]] = defaultdict(set)
    found = ParcelPiece.objects.filter(parcel__in=parcel_ids).values_list("parcel_id", "line__order_id")
    for parcel, order in found:
        orders[parcel].add(order)
    empty = [pk for pk in parcel_ids if not orders[pk]]
    single = [pk for pk in parcel_ids if len(orders[pk]) == 1]
    lonely = list(Parcel.objects.filter(pk__in=single, reason=ParcelReason.COMBINED).values_list("pk", flat=True))
    ParcelPiece.objects.filter(parcel__in=lonely).delete()
    Parcel.objects.filter(pk__in=[*empty, *lonely]).update(state=ParcelState.UNDONE)
    return sorted(pk for parcel in lonely for pk in orders[parcel])


def note_departure(
    shipments: Mapping[int, Sequence[Shipment]],
    sent: Mapping[int, Mapping[int, int]],
    parcel_id: int | None,
    actor: User | None,
) -> None:
    """Follow what left (``sent``: order -> line -> pieces) in the plan: whole parcels have left, torn ones are undone.

    ``shipments`` are the new ones by order; they are tied to the parcel that they were: ``parcel_id``, if it is known.
    """
    planned = ParcelPiece.objects.filter(PLANNED, line__order__in=list(sent)).values_list("parcel_id", flat=True)
    ids = sorted(set(planned), key=lambda pk: (pk != parcel_id, pk))
    if not ids:
        return
    contents: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    rows = ParcelPiece.objects.filter(parcel__in=ids)
    for parcel, order, line, quantity in rows.values_list("parcel_id", "line__order_id", "line_id", "quantity"):
        contents[parcel].append((order, line, quantity))
    rest = {line: count for lines in sent.values() for line, count in lines.items()}
    for parcel in ids:
        if all(rest.get(line, 0) >= quantity for _order, line, quantity in contents[parcel]):
            for _order, line, quantity in contents[parcel]:
                rest[line] -= quantity
            Parcel.objects.filter(pk=parcel).update(state=ParcelState.LEFT)
            gone = [one.pk for order in {row[0] for row in contents[parcel]} for one in shipments.get(order, ())]
            Shipment.objects.filter(pk__in=gone).update(parcel=parcel)
    _drop_torn(list(sent), actor)


def _drop_torn(order_ids: Collection[int], actor: User | None) -> None:
    """Take orders out of which more is planned than is still open."""
    planned: dict[int, list[tuple[int, int, int, int, int]]] = defaultdict(list)
    rows = ParcelPiece.objects.filter(PLANNED, line__order__in=order_ids).select_related("line")
    for row in rows:
        planned[row.line.order_id].append((row.pk, row.parcel_id, row.line_id, row.quantity, row.line.open_count))
    torn: list[tuple[int, int, int]] = []
    for order, found in planned.items():
        sums: dict[int, int] = defaultdict(int)
        for _pk, _parcel, line, quantity, _open in found:
            sums[line] += quantity
        if any(sums[line] > left for _pk, _parcel, line, _quantity, left in found):
            torn += [(pk, parcel, order) for pk, parcel, _line, _quantity, _open in found]
    if torn:
        drop(torn, "shipped", actor)
