"""“Why can I sell only 12?”: how many pieces of a variant a sales channel may still sell, and how that number is made.

Sellable are the pieces that could be promised in the warehouses that serve the channel, and what of the incoming ones
may be sold before they arrive; less what was sold and is not reserved yet; and as many more as may be sold ahead. A
bundle is as sellable as the scarcest of its components, and what of it is packed already.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from catalog.selectors.bundling import bundle_contents
from inventory.models import ChannelWarehouse, IncomingSold, StockItem, StockPolicy, Warehouse, WhenOut
from inventory.outlook import Arrival, Waiting, arrivals_of, waiting_for
from inventory.selectors.shelves import shop_day

NO_LIMIT = 1_000_000  # what is told where any number of pieces may be sold ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What lies in one warehouse that serves the channel."""

    stock_item_id: int
    warehouse_id: int
    warehouse: str
    on_hand: int
    reserved: int
    held: int

    @property
    def available(self) -> int:
        """Pieces that could be promised."""
        return self.on_hand - self.reserved - self.held


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """How many pieces may be sold before they are there: ``limit`` None for any number, 0 for none."""

    when_out: WhenOut = WhenOut.REFUSE
    limit: int | None = 0
    release_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One component of a bundle: so many of it in each, so many of it sellable."""

    sellable: "Sellable"
    per_unit: int

    @property
    def count(self) -> int:
        """For so many bundles it lasts."""
        return self.sellable.count // self.per_unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Sellable:
    """The number and everything it is made of; ``parts`` for a bundle only."""

    variant_id: int
    sales_channel_id: int
    places: list[Place] = field(default_factory=list)
    incoming: list[Arrival] = field(default_factory=list)  # that may be sold before they arrive
    waiting: list[Waiting] = field(default_factory=list)  # sold, and not reserved yet
    ahead: Ahead = field(default_factory=Ahead)
    parts: list[Part] = field(default_factory=list)
    packable: int | None = None  # of a bundle: so many lie complete in single warehouses; None: that is no limit

    @property
    def available(self) -> int:
        """Pieces that could be promised in the channel's warehouses."""
        return sum(place.available for place in self.places)

    @property
    def incoming_count(self) -> int:
        """Pieces on their way that may be sold already."""
        return sum(arrival.quantity for arrival in self.incoming)

    @property
    def waiting_count(self) -> int:
        """Pieces that were sold and are not reserved yet."""
        return sum(one.quantity for one in self.waiting)

    @property
    def from_parts(self) -> int:
        """Of a bundle: so many more can be packed from its components."""
        if not self.parts:
            return 0
        scarcest = min(part.count for part in self.parts)
        return scarcest if self.packable is None else min(scarcest, self.packable)

    @property
    def scarcest(self) -> Part | None:
        """Of a bundle: the component that allows no more."""
        return min(self.parts, key=lambda part: (part.count, part.sellable.variant_id), default=None)

    @property
    def is_unlimited(self) -> bool:
        """Tell whether any number may be sold ahead."""
        if self.parts:
            return all(part.sellable.is_unlimited for part in self.parts)
        return self.ahead.limit is None

    @property
    def count(self) -> int:
        """So many pieces may still be sold, never less than none; ``NO_LIMIT`` where nothing limits them."""
        if self.is_unlimited:
            return NO_LIMIT
        # of a bundle the orders that wait count at its components
        own = self.available + (self.from_parts if self.parts else self.incoming_count - self.waiting_count)
        return max(0, own + (self.ahead.limit or 0 if not self.parts else 0))


def unreleased(*, variant_ids: Collection[int], today: date | None = None) -> dict[int, date]:
    """Return the variants that may not leave yet, with the day from which on they may."""
    rows = StockPolicy.objects.filter(variant__in=variant_ids, release_on__gt=today or shop_day())
    return {pk: day for pk, day in rows.values_list("variant_id", "release_on") if day is not None}


Key = tuple[int, int]  # variant id, sales channel id


def sellable_of(
    *, variant_ids: Collection[int], channel_ids: Collection[int], today: date | None = None
) -> dict[Key, Sellable]:
    """Return (variant, channel) -> what may still be sold there; a constant number of statements for any number."""
    contents = bundle_contents(variant_ids=variant_ids)
    wanted = set(variant_ids).union(*contents.values())
    facts = _Facts(wanted, channel_ids, today or shop_day())
    found = {}
    for channel in channel_ids:
        for variant in variant_ids:
            parts = contents.get(variant)
            found[variant, channel] = _bundle(facts, variant, channel, parts) if parts else facts.of(variant, channel)
    return found


class _Facts:
    """What was read about all variants and channels at once."""

    def __init__(self, variant_ids: set[int], channel_ids: Collection[int], today: date) -> None:
        self._serving = serving_warehouses()
        self._everywhere = self._serving.pop(0)
        self._arrivals = arrivals_of(variant_ids=variant_ids)
        self._waiting = waiting_for(variant_ids=variant_ids)
        self._policies = {row.variant_id: row for row in StockPolicy.objects.filter(variant__in=variant_ids)}
        self._today = today
        self._places: dict[int, list[Place]] = defaultdict(list)
        items = StockItem.objects.filter(variant__in=variant_ids, warehouse__is_active=True)
        for item in items.select_related("warehouse").order_by("warehouse__rank", "warehouse_id"):
            self._places[item.variant_id].append(
                Place(
                    stock_item_id=item.pk,
                    warehouse_id=item.warehouse_id,
                    warehouse=item.warehouse.name,
                    on_hand=item.on_hand,
                    reserved=item.reserved,
                    held=item.held,
                )
            )

    def warehouses(self, channel: int) -> set[int]:
        return self._serving.get(channel, self._everywhere)

    def of(self, variant: int, channel: int) -> Sellable:
        mine = self.warehouses(channel)
        policy = self._policies.get(variant)
        at_order = policy is not None and policy.incoming_sold == IncomingSold.AT_ORDER
        arrivals = self._arrivals.get(variant, []) if at_order else []
        return Sellable(
            variant_id=variant,
            sales_channel_id=channel,
            places=[place for place in self._places[variant] if place.warehouse_id in mine],
            incoming=[arrival for arrival in arrivals if arrival.warehouse_id in mine],
            # another channel takes from the same shelves if one warehouse serves both
            waiting=[one for one in self._waiting.get(variant, ()) if self.warehouses(one.sales_channel_id) & mine],
            ahead=sold_ahead(policy, self._today),
        )


def sold_ahead(policy: StockPolicy | None, today: date) -> Ahead:
    """Return how many pieces may be sold before they are there, on a day of the shop."""
    if policy is None:
        return Ahead()
    when_out = WhenOut(policy.when_out)
    is_open = when_out == WhenOut.BACKORDER or (
        when_out == WhenOut.PREORDER and policy.release_on is not None and today < policy.release_on
    )
    return Ahead(when_out=when_out, limit=policy.backorder_limit if is_open else 0, release_on=policy.release_on)


def _bundle(facts: _Facts, variant: int, channel: int, needs: Mapping[int, int]) -> Sellable:
    own = facts.of(variant, channel)
    parts = [Part(sellable=facts.of(part, channel), per_unit=count) for part, count in sorted(needs.items())]
    comes_later = any(part.sellable.incoming or part.sellable.ahead.limit != 0 for part in parts)
    return Sellable(
        variant_id=variant,
        sales_channel_id=channel,
        places=own.places,
        parts=parts,
        packable=None if comes_later else _packable(parts),
    )


def _packable(parts: Sequence[Part]) -> int:
    """Return how many bundles lie complete in one warehouse each: an order is packed in one."""
    there: dict[int, list[int]] = defaultdict(list)
    for part in parts:
        for place in part.sellable.places:
            there[place.warehouse_id].append(max(0, place.available) // part.per_unit)
    return sum(min(lasts) for lasts in there.values() if len(lasts) == len(parts))


def serving_warehouses() -> dict[int, set[int]]:
    """Return sales channel id -> the active warehouses that serve it; under 0 those that serve all other channels."""
    active = set(Warehouse.objects.filter(is_active=True).values_list("pk", flat=True))
    found: dict[int, set[int]] = {0: active}
    for channel, warehouse in ChannelWarehouse.objects.values_list("sales_channel_id", "warehouse_id"):
        found.setdefault(channel, set())
        if warehouse in active:
            found[channel].add(warehouse)
    return found
