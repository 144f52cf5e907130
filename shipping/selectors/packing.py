"""What belongs into a parcel, what lies in it by its scans, and what a code means on the packing table."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Variant
from inventory.models import SerialNumber, SerialState
from inventory.selectors import numbered_variants
from inventory.selectors.putting_away import variants_of_code
from orders.models import Order, OrderStatus
from orders.policies import is_shippable
from shipping.models import (
    COUNTED_SCANS,
    GOOD_SCANS,
    MISTAKES,
    Packing,
    PackingCheck,
    PackingState,
    ScanOutcome,
    WaveOrder,
)
from shipping.selectors.picking import Reserved, reserved_for
from shipping.selectors.waving import IN_A_WAVE


@dataclass(slots=True)
class Need:
    """So many pieces of a variant belong into the parcel for one line, so many are in it, with these numbers."""

    line_id: int
    variant_id: int
    stock_item_id: int
    wanted: int
    per_unit: int
    is_numbered: bool
    done: int = 0
    serials: list[str] = field(default_factory=list)

    @property
    def left(self) -> int:
        """How many are still to be scanned."""
        return self.wanted - self.done


@dataclass(slots=True)
class Parcel:
    """The needs of one packing; ``strays`` were scanned and do not belong into it (any more)."""

    needs: list[Need]
    strays: int = 0

    @property
    def wanted(self) -> int:
        """Pieces in all."""
        return sum(need.wanted for need in self.needs)

    @property
    def done(self) -> int:
        """Pieces scanned."""
        return sum(need.done for need in self.needs)

    @property
    def is_complete(self) -> bool:
        """Tell whether every piece is in it."""
        return bool(self.needs) and all(need.left == 0 for need in self.needs) and not self.strays

    @property
    def has_changed(self) -> bool:
        """Tell whether more was scanned than belongs into it now: the order was changed meanwhile."""
        return bool(self.strays) or any(need.left < 0 for need in self.needs)

    def units(self) -> dict[int, int]:
        """Return the sold pieces of each line: of a bundle as many as every component makes whole."""
        found: dict[int, int] = {}
        for need in self.needs:
            units = need.wanted // need.per_unit
            found[need.line_id] = min(units, found.get(need.line_id, units))
        return found

    def serials(self) -> dict[int, list[str]]:
        """Return the scanned numbers of each line."""
        found: dict[int, list[str]] = {}
        for need in self.needs:
            if need.serials:
                found.setdefault(need.line_id, []).extend(need.serials)
        return found


def parcel_of(*, packing: Packing) -> Parcel:
    """Return what belongs into the parcel now and what was scanned; three statements."""
    reserved = reserved_for([packing.order_id], warehouse_id=packing.warehouse_id)
    numbered = numbered_variants(variant_ids={one.variant_id for one in reserved})
    needs = _needs(reserved, numbered)
    counted = PackingCheck.objects.filter(packing=packing, outcome__in=COUNTED_SCANS, line__isnull=False)
    by_key = {(need.line_id, need.variant_id): need for need in needs}
    strays = 0
    for line_id, variant_id, serial in counted.order_by("pk").values_list("line_id", "variant_id", "serial"):
        need = by_key.get((line_id or 0, variant_id or 0))
        if need is None:
            strays += 1
            continue
        need.done += 1
        if serial:
            need.serials.append(serial)
    return Parcel(needs, strays)


def _needs(reserved: Iterable[Reserved], numbered: set[int]) -> list[Need]:
    needs: dict[tuple[int, int], Need] = {}
    for one in reserved:
        need = needs.get((one.line_id, one.variant_id))
        if need is None:
            needs[one.line_id, one.variant_id] = Need(
                one.line_id, one.variant_id, one.stock_item_id, one.pieces, one.per_unit, one.variant_id in numbered
            )
        else:
            need.wanted += one.pieces
    return list(needs.values())


News = tuple[ScanOutcome, str]  # what ends a packing, and what is known of it


def news_of_packing(packing: Packing) -> News | None:
    """Return what ended a packing or has to end it; None while it goes on."""
    found = news_of_order(packing.order)
    if found is None and packing.state == PackingState.PACKED:
        return ScanOutcome.PACKED, _packed_by(packing.order)
    if found is None and packing.state == PackingState.STOPPED:
        return ScanOutcome.TAKEN, _packed_by(packing.order) or packer_of(packing.order)
    return found


def news_of_order(order: Order) -> News | None:
    """Return why nothing of the order may be packed; None when it may."""
    if order.status == OrderStatus.CANCELLED:
        return ScanOutcome.CANCELLED, order.cancel_reason
    if order.is_held:
        return ScanOutcome.HELD, ", ".join(str(one) for one in order.holds.filter(released_at=None))
    if order.status == OrderStatus.SHIPPED:
        return ScanOutcome.PACKED, _packed_by(order)
    if not is_shippable(order):
        told = _("It cannot be shipped while it is “%(status)s”.") % {"status": order.get_status_display()}
        return ScanOutcome.REFUSED, told
    return None


def _packed_by(order: Order) -> str:
    last = order.packings.filter(state=PackingState.PACKED).select_related("packed_by", "shipment").first()
    if last is None or last.packed_by is None:
        return ""
    return f"{last.packed_by} · {last.shipment}"


def packer_of(order: Order) -> str:
    """Return who packs the order now; empty when nobody does."""
    now = order.packings.filter(state=PackingState.OPEN).select_related("packed_by").first()
    return str(now.packed_by) if now and now.packed_by else ""


def order_of_code(code: str) -> Order | None:
    """Return the order whose number, or whose channel's number if only one has it, this is."""
    found = Order.objects.filter(number__iexact=code).first()
    if found is None:
        others = list(Order.objects.filter(external_number=code)[:2])
        found = others[0] if len(others) == 1 else None
    return found


def goods_of_code(code: str) -> list[int]:
    """Return the variants that a scanned code means; a UPC is the EAN that begins with 0."""
    found = variants_of_code(code=code)
    if not found and code.isascii() and code.isdigit():
        if len(code) == 13 and code.startswith("0"):
            found = variants_of_code(code=code[1:])
        elif len(code) == 12:
            found = variants_of_code(code=f"0{code}")
    return found


def piece_of_number(code: str, *, needs: Iterable[Need]) -> Need | None:
    """Return the need whose numbered piece this is: in stock in the warehouse of the parcel."""
    numbered = [need for need in needs if need.is_numbered]
    if not numbered:
        return None
    pieces = SerialNumber.objects.filter(
        number=code, state=SerialState.IN_STOCK, stock_item__in=[need.stock_item_id for need in numbered]
    )
    variants = set(pieces.values_list("variant_id", flat=True))
    fitting = [need for need in numbered if need.variant_id in variants]
    return next((need for need in fitting if need.left > 0), fitting[0] if fitting else None)


@dataclass(frozen=True, slots=True)
class ParcelRow:
    """One line of the list on the packing table."""

    need: Need
    variant: Variant


def rows_of(*, parcel: Parcel) -> list[ParcelRow]:
    """Return what belongs into the parcel with its goods; what is still missing comes first."""
    variants = Variant.objects.select_related("product").in_bulk({need.variant_id for need in parcel.needs})
    rows = [ParcelRow(need, variants[need.variant_id]) for need in parcel.needs]
    return sorted(rows, key=lambda row: row.need.left == 0)


def next_of_wave(wave_id: int) -> WaveOrder | None:
    """Return the first order of a wave that nobody packs yet; of those being packed none."""
    waiting = WaveOrder.objects.filter(IN_A_WAVE, wave=wave_id).exclude(order__packings__state=PackingState.OPEN)
    return waiting.select_related("order__gift").order_by("slot").first()


@dataclass(frozen=True, slots=True)
class ScanFigures:
    """Scans of pieces in a span of time: right ones, mistakes by kind, and parcels."""

    right: int
    mistakes: list[tuple[ScanOutcome, int]]
    parcels: int

    @property
    def mistake_count(self) -> int:
        """All mistakes together."""
        return sum(count for _kind, count in self.mistakes)


def scan_figures(*, since: datetime | None = None) -> ScanFigures:
    """Return how often scans were right and wrong since then (default: 30 days)."""
    begin = since or timezone.now() - timedelta(days=30)
    wrong = (
        PackingCheck.objects.filter(outcome__in=MISTAKES, at__gte=begin)
        .order_by()
        .values_list("outcome")
        .annotate(n=Count("pk"))
    )
    counts: Counter[str] = Counter(dict(wrong))
    packed = Packing.objects.filter(state=PackingState.PACKED, ended_at__gte=begin)
    right = packed.filter(Q(checks__outcome__in=GOOD_SCANS), checks__line__isnull=False).aggregate(n=Count("checks"))
    return ScanFigures(
        right=right["n"],
        mistakes=[(ScanOutcome(code), count) for code, count in counts.most_common()],
        parcels=packed.count(),
    )
