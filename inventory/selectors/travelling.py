"""Numbered pieces on transfers: which can be chosen, which are on their way, what became of each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db.models import F, Q

from inventory.models import SerialNumber, Transfer, TransferSerial, TravelState
from inventory.selectors.lots import numbered_variants

MOST_CHOICES = 200

Choice = tuple[str, str]  # number, its lot


def numbers_to_choose(*, transfer: Transfer) -> dict[int, list[Choice]]:
    """Return line id -> (number, lot) that lie at the source, of each line of numbered pieces, ending first.

    At most 200 for each line: what is not listed can be scanned all the same.
    """
    lines = list(transfer.lines.order_by("pk"))
    tracked = numbered_variants(variant_ids={line.variant_id for line in lines})
    rows = SerialNumber.objects.filter(
        variant__in=tracked, stock_item__warehouse=transfer.source_id
    ).order_by(F("lot__expires_on").asc(nulls_last=True), "number", "pk")  # fmt: skip
    there: dict[int, list[tuple[int | None, Choice]]] = defaultdict(list)
    for variant, lot, number, name in rows.values_list("variant", "lot", "number", "lot__number"):
        there[variant].append((lot, (number, name or "")))
    return {
        line.pk: [choice for lot, choice in there[line.variant_id] if line.lot_id in {None, lot}][:MOST_CHOICES]
        for line in lines
        if line.variant_id in tracked
    }


def numbers_elsewhere(*, warehouse_id: int, numbers: Mapping[int, Sequence[str]]) -> dict[int, list[str]]:
    """Return variant id -> those of its numbers that are known and not in stock in this warehouse."""
    found: dict[int, list[str]] = defaultdict(list)
    every = {number for own in numbers.values() for number in own}
    rows = SerialNumber.objects.filter(variant__in=numbers, number__in=every)
    elsewhere = rows.filter(Q(stock_item=None) | ~Q(stock_item__warehouse=warehouse_id))
    for variant, number in elsewhere.order_by("number").values_list("variant", "number"):
        found[variant].append(number)
    return dict(found)


def numbers_on_the_way(*, transfer: Transfer) -> dict[int, list[Choice]]:
    """Return line id -> (number, "") still in transit, of each line that numbers travel with."""
    found: dict[int, list[Choice]] = defaultdict(list)
    rows = TransferSerial.objects.filter(line__transfer=transfer, state=TravelState.IN_TRANSIT)
    for line, number in rows.order_by("serial__number", "pk").values_list("line", "serial__number"):
        found[line].append((number, ""))
    return dict(found)


def numbers_of_transfer(*, transfer: Transfer) -> dict[int, list[TransferSerial]]:
    """Return line id -> the numbers that left with it, by number, with what became of them."""
    found: dict[int, list[TransferSerial]] = defaultdict(list)
    rows = TransferSerial.objects.filter(line__transfer=transfer).select_related("serial")
    for row in rows.order_by("serial__number", "pk"):
        found[row.line_id].append(row)
    return dict(found)
