"""Reads about transfers and kits: what is in transit, what could be moved where, what a bundle could be packed from."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, F, IntegerField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from inventory.models import AVAILABLE, UNDER_WAY, StockItem, Transfer, TransferLine, TransferSerial, TransferState
from inventory.outlook import Arrival, register_arrivals
from inventory.selectors.shelves import shop_day
from inventory.selectors.travelling import numbers_of_transfer

LEFT = F("sent") - F("received") - F("lost")


def transfers_under_way(*, variant_ids: Collection[int]) -> list[Arrival]:
    """Return what is in transit of these variants, by transfer, the earliest expected first, undated last."""
    rows = (
        TransferLine.objects.filter(variant_id__in=variant_ids, transfer__state__in=UNDER_WAY)
        .values_list("variant_id", "transfer__destination", "transfer__expected_on", "transfer__number", "transfer_id")
        .annotate(pieces=Sum(LEFT))
        .filter(pieces__gt=0)
        .order_by(F("transfer__expected_on").asc(nulls_last=True), "transfer_id", "variant_id")
    )
    return [
        Arrival(
            variant_id=variant,
            warehouse_id=place,
            quantity=pieces,
            expected_on=day,
            reference=number,
            page="inventory_transfer_change",
            page_id=pk,
            is_transfer=True,
        )
        for variant, place, day, number, pk, pieces in rows
    ]


def late_transfers(today: date | None = None) -> QuerySet[Transfer]:
    """Return transfers under way that were expected before today, the latest first."""
    return Transfer.objects.filter(is_late(today)).order_by("expected_on", "pk")


def is_late(today: date | None = None) -> Q:
    """Return the condition that a transfer is under way and was expected before today (of the shop)."""
    return Q(state__in=UNDER_WAY, expected_on__lt=today or shop_day())


def with_sums(transfers: QuerySet[Transfer]) -> QuerySet[Transfer]:
    """Annotate lines: ``piece_count`` wanted (in a draft) or sent, and ``left_count`` in transit."""
    drafted = Case(
        When(state=TransferState.DRAFT, then=F("lines__quantity")),
        default=F("lines__sent"),
        output_field=IntegerField(),
    )
    left = F("lines__sent") - F("lines__received") - F("lines__lost")
    return transfers.annotate(piece_count=Coalesce(Sum(drafted), Value(0)), left_count=Coalesce(Sum(left), Value(0)))


@dataclass(frozen=True, slots=True)
class TransferRow:
    """One line of a transfer with what its page shows."""

    line: TransferLine
    label: str
    image_path: str
    available: int  # at the source now
    numbers: list[TransferSerial]  # that left with the line


def lines_of_transfer(*, transfer: Transfer) -> list[TransferRow]:
    """Return the lines with product, lot and what is available at the source, by SKU."""
    lines = list(
        transfer.lines.select_related("variant__product", "lot").order_by(
            "variant__sku", F("lot_id").asc(nulls_first=True)
        )
    )
    free = dict(
        StockItem.objects.filter(warehouse=transfer.source_id, variant__in=[line.variant_id for line in lines])
        .annotate(free=AVAILABLE)
        .values_list("variant_id", "free")
    )
    numbers = numbers_of_transfer(transfer=transfer)
    return [
        TransferRow(
            line,
            line.variant.label,
            line.variant.product.thumbnail_path,
            free.get(line.variant_id, 0),
            numbers.get(line.pk, []),
        )
        for line in lines
    ]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Pieces that one warehouse could spare for another one."""

    variant_id: int
    quantity: int


MOST_SUGGESTED = 200


def pieces_to_move(*, source_id: int, destination_id: int) -> list[Suggestion]:
    """Return what runs low at the destination and what the source can spare of it, the scarcest first.

    Low is at or below the alert level of the destination; it is filled to twice that level, counting what is in
    transit already. The source keeps its own alert level. At most 200 variants.
    """
    low = (
        StockItem.objects.filter(
            warehouse=destination_id, low_at__gt=0, on_hand__lte=F("low_at") + F("reserved") + F("held"),
            variant__is_active=True,
        )
        .annotate(free=AVAILABLE)
        .order_by("free", "pk")
    )  # fmt: skip
    wanted = {item.variant_id: item for item in low[: 5 * MOST_SUGGESTED]}
    coming: dict[int, int] = defaultdict(int)
    for row in transfers_under_way(variant_ids=wanted):
        if row.warehouse_id == destination_id:
            coming[row.variant_id] += row.quantity
    spare = {
        item.variant_id: item.available - item.low_at
        for item in StockItem.objects.filter(warehouse=source_id, variant__in=wanted)
    }
    found = []
    for variant_id, item in wanted.items():
        pieces = min(2 * item.low_at - item.available - coming[variant_id], spare.get(variant_id, 0))
        if pieces > 0:
            found.append(Suggestion(variant_id, pieces))
    return found[:MOST_SUGGESTED]


def _arrivals(variant_ids: Collection[int]) -> list[Arrival]:
    return transfers_under_way(variant_ids=variant_ids)


register_arrivals("transfers", _arrivals)
