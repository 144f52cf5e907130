"""Reads about stocktakes: how far they are, what differs, what the phone needs to count."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet

from catalog.models import Variant, VariantCode
from core.search import matching
from inventory.models import LineState, Stocktake, StocktakeLine, StocktakeState
from staff.models import User

DIFFERS = Q(counted__isnull=False) & ~Q(counted=F("expected"))
WAITING = (LineState.OPEN, LineState.RECOUNT)
FOUND = 8


@dataclass(frozen=True, slots=True)
class Progress:
    """How many lines of a stocktake stand where; lines left out are none of ``total``."""

    total: int
    open: int
    recount: int
    investigate: int
    differing: int
    skipped: int

    @property
    def done(self) -> int:
        """Lines that wait for no count."""
        return self.total - self.open - self.recount

    @property
    def percent(self) -> int:
        """How far the counting is."""
        return 100 * self.done // self.total if self.total else 0


def progress_of(*, stocktake_id: int) -> Progress:
    """Return how far a stocktake is."""
    lines = StocktakeLine.objects.filter(stocktake_id=stocktake_id)
    states: Counter[str] = Counter(lines.values_list("state", flat=True))
    return Progress(
        total=states.total() - states[LineState.SKIPPED],
        open=states[LineState.OPEN],
        recount=states[LineState.RECOUNT],
        investigate=states[LineState.INVESTIGATE],
        differing=lines.filter(DIFFERS).exclude(state=LineState.SKIPPED).count(),
        skipped=states[LineState.SKIPPED],
    )


def differing_lines(*, stocktake_id: int) -> QuerySet[StocktakeLine]:
    """Return the counted lines that differ from the books, the most expensive first, with all that a table shows."""
    lines = StocktakeLine.objects.filter(DIFFERS, stocktake_id=stocktake_id).exclude(state=LineState.SKIPPED)
    return lines.select_related("stock_item__variant__product", "lot", "bin", "counted_by", "entry").order_by("pk")


def walking_order(lines: QuerySet[StocktakeLine]) -> QuerySet[StocktakeLine]:
    """Order lines as one walks past them; what has no bin comes last, by SKU."""
    return lines.order_by(
        F("bin__pick_rank").asc(nulls_last=True), F("bin__code").asc(nulls_last=True), "stock_item__variant__sku", "pk"
    )


def lines_to_count(*, stocktake: Stocktake, user: User) -> list[dict[str, Any]]:
    """Return the lines of a stocktake for the phone, in walking order, as JSON-friendly rows.

    ``todo``: waits for a count by this person; a recount is hidden from who counted last. Of a blind stocktake no row
    tells what the books say, nor what others counted.
    """
    lines = stocktake.lines.exclude(state=LineState.SKIPPED).filter(entry=None)
    rows = list(walking_order(lines).select_related("stock_item__variant__product", "lot", "bin"))
    codes = _codes_of([line.stock_item.variant_id for line in rows])
    return [line_row(line, user, codes[line.stock_item.variant_id]) for line in rows]


def line_row(line: StocktakeLine, user: User, codes: Collection[str]) -> dict[str, Any]:
    """Return one line as the phone's page knows it."""
    variant = line.stock_item.variant
    return {
        "id": line.pk,
        "sku": variant.sku,
        "codes": sorted({variant.sku, *([variant.barcode] if variant.barcode else []), *codes}),
        "name": variant.label,
        "bin": line.bin.code if line.bin else "",
        "zone": line.bin.zone if line.bin else "",
        "lot": line.lot.number if line.lot else "",
        "todo": line.state == LineState.OPEN or (line.state == LineState.RECOUNT and line.counted_by_id != user.pk),
    }


def _codes_of(variant_ids: Collection[int]) -> dict[int, list[str]]:
    codes: dict[int, list[str]] = defaultdict(list)
    for variant_id, code in VariantCode.objects.filter(variant__in=variant_ids).values_list("variant_id", "code"):
        codes[variant_id].append(code)
    return codes


def phone_row(*, line: StocktakeLine, user: User) -> dict[str, Any]:
    """Return one line, freshly read, as the phone's page knows it."""
    variant_id = line.stock_item.variant_id
    return line_row(line, user, _codes_of([variant_id])[variant_id])


def left_to_count(*, stocktake: Stocktake, user: User) -> list[int]:
    """Return the ids of the lines that wait for a count by this person."""
    lines = stocktake.lines.filter(state__in=WAITING, entry=None)
    return list(lines.exclude(state=LineState.RECOUNT, counted_by=user).values_list("pk", flat=True))


def variants_by_code(*, text: str) -> list[Variant]:
    """Return the variants that a scanned code or typed words mean: exact codes first, else words of the names."""
    term = text.strip()
    if not term or "\x00" in term:
        return []
    known = Variant.objects.select_related("product")
    exact = known.filter(Q(sku=term) | Q(barcode=term) | Q(codes__code=term)).distinct()
    return list(exact.order_by("sku")[:FOUND]) or list(known.filter(matching(term)).order_by("sku")[:FOUND])


def stocktakes_to_review() -> QuerySet[Stocktake]:
    """Return the stocktakes that wait for a judgement, the oldest first."""
    return Stocktake.objects.filter(state=StocktakeState.REVIEW).order_by("pk")
