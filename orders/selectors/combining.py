"""Which orders may lie in one parcel: the same recipient, the same warehouse, and no rule against it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import connection
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from core.money import format_money
from inventory.models import Warehouse
from inventory.selectors import shop_day
from orders.models import Allocation, Gift, LineKind, Order, OrderLine, ParcelRule, ParcelRuleKind

_K = ParcelRuleKind
# who gets it and where, whatever the spelling: width, case, blanks, dashes and country codes of phones do not count
_KEY = r"""
o.country || '|' || lower(regexp_replace(normalize(o.postcode, NFKC), '[^[:alnum:]]', '', 'g'))
|| '|' || lower(regexp_replace(normalize(o.recipient_name, NFKC), '[^[:alnum:]]', '', 'g'))
|| '|' || regexp_replace(regexp_replace(normalize(o.recipient_phone, NFKC), '^\s*\+8[12][\s-]*0?', '0'), '\D', '', 'g')
|| '|' || lower(regexp_replace(normalize(o.address_1 || o.address_2, NFKC), '[^[:alnum:]]', '', 'g'))
"""
_READY = """
o.status = 'to_ship' AND NOT o.is_held AND NOT o.ships_in_parts AND (o.not_before IS NULL OR o.not_before <= %(today)s)
AND o.recipient_name <> '' AND o.address_1 <> ''
AND NOT EXISTS (SELECT FROM orders_parcelpiece p JOIN orders_parcel c ON c.id = p.parcel_id AND c.state = 'planned'
                JOIN orders_orderline l ON l.id = p.line_id WHERE l.order_id = o.id)
"""
_GROUPS = f"""
SELECT array_agg(o.id ORDER BY o.placed_at, o.id) FROM orders_order o
WHERE {_READY} GROUP BY {_KEY} HAVING count(*) > 1 ORDER BY min(o.ship_by), min(o.id) LIMIT %(limit)s
"""  # noqa: S608 the parts are constants of this module
_KEYS = f"SELECT o.id, {_KEY} FROM orders_order o WHERE o.id = ANY (%(ids)s) AND {_READY}"  # noqa: S608
GROUPS = 500  # recipients of one look


@dataclass(slots=True)
class Combinable:
    """What counts about an order when it is asked for company; amounts in minor units, weight in grams."""

    order: Order
    warehouse_ids: frozenset[int]
    pieces: dict[int, int]  # line -> pieces that are reserved
    tags: frozenset[str]  # those that a rule names
    weight_g: int
    is_gift: bool

    @property
    def piece_count(self) -> int:
        """Return how many pieces it brings."""
        return sum(self.pieces.values())

    @property
    def is_paid_at_the_door(self) -> bool:
        """Tell whether the carrier collects money."""
        return not self.order.is_prepaid and self.order.paid_total < self.order.total


@dataclass(slots=True)
class Proposal:
    """Orders that may leave in one parcel, the oldest first, and others of the recipient, with what is against them."""

    members: list[Combinable]
    apart: list[tuple[Combinable, str]] = field(default_factory=list)


class Rules:
    """The active rules of parcels, read once."""

    def __init__(self) -> None:
        self._rules: dict[str, list[ParcelRule]] = defaultdict(list)
        for rule in ParcelRule.objects.filter(is_active=True).select_related("sales_channel"):
            self._rules[rule.kind].append(rule)

    def has(self, kind: ParcelRuleKind) -> bool:
        """Tell whether a rule of this kind is active."""
        return kind in self._rules

    @property
    def tags(self) -> frozenset[str]:
        """Return the product tags whose goods need parcels of their own."""
        return frozenset(rule.tag for rule in self._rules[_K.TAG])

    @property
    def heaviest(self) -> int | None:
        """Return how heavy a parcel may be (grams); None: as heavy as it gets."""
        return min((rule.limit for rule in self._rules[_K.WEIGHT] if rule.limit), default=None)

    def against(self, members: Sequence[Combinable], one: Combinable, homes: Mapping[int, str]) -> str:
        """Return why ``one`` may not lie in a parcel with ``members``; an empty text when it may.

        ``homes`` are the countries of the warehouses.
        """
        first = members[0]
        checks = (self._against_place, self._against_kind, self._against_goods)
        said = next((text for check in checks if (text := check(first, one))), "")
        return said or self._against_sum([*members, one], homes)

    def _against_place(self, first: Combinable, one: Combinable) -> str:
        if first.warehouse_ids != one.warehouse_ids or len(one.warehouse_ids) != 1:
            return _("It lies in another warehouse.")
        if self.has(_K.CHANNELS) and first.order.sales_channel_id != one.order.sales_channel_id:
            return _("It is of another channel.")
        alone = {rule.sales_channel_id for rule in self._rules[_K.CHANNEL]}
        if alone & {first.order.sales_channel_id, one.order.sales_channel_id}:
            return _("Its channel asks for a parcel of its own.")
        return ""

    def _against_kind(self, first: Combinable, one: Combinable) -> str:
        if self.has(_K.PAYMENT) and first.is_paid_at_the_door != one.is_paid_at_the_door:
            return _("One of them is paid at the door.")
        if self.has(_K.GIFT) and (first.is_gift or one.is_gift):
            return _("A present leaves alone.")
        wishes = [(each.order.delivery_on, each.order.delivery_slot) for each in (first, one)]
        if self.has(_K.WISH) and wishes[0] != wishes[1]:
            return _("It is wished for another day or time.")
        return ""

    def _against_goods(self, first: Combinable, one: Combinable) -> str:
        apart = first.tags ^ one.tags
        return (
            _("Its goods need a parcel of their own (%(tags)s).") % {"tags": ", ".join(sorted(apart))} if apart else ""
        )

    def _against_sum(self, members: Sequence[Combinable], homes: Mapping[int, str]) -> str:
        heaviest = self.heaviest
        if heaviest is not None and sum(one.weight_g for one in members) > heaviest:
            return _("It would be heavier than %(grams)d g.") % {"grams": heaviest}
        home = next((homes.get(pk, "") for pk in members[0].warehouse_ids), "")
        if home == members[0].order.country:
            return ""
        for rule in self._rules[_K.VALUE]:
            worth = sum(one.order.goods_total for one in members if one.order.currency == rule.currency)
            if rule.limit is not None and worth > rule.limit:
                limit = format_money(rule.limit, rule.currency)
                return _("It would be worth more than %(limit)s, with customs.") % {"limit": limit}
        return ""


def combinable_orders(*, limit: int = GROUPS) -> list[Proposal]:
    """Return which ready orders may leave together, the most urgent first; ``limit`` recipients at most."""
    with connection.cursor() as cursor:
        cursor.execute(_GROUPS, {"today": shop_day(), "limit": limit})
        groups = [row[0] for row in cursor.fetchall()]
    rules = Rules()
    facts = facts_of({pk for group in groups for pk in group}, rules)
    homes = warehouse_countries()
    return [
        proposal for group in groups for proposal in _divide([facts[pk] for pk in group if pk in facts], rules, homes)
    ]


def _divide(group: Iterable[Combinable], rules: Rules, homes: Mapping[int, str]) -> list[Proposal]:
    """Put the orders of one recipient into as few parcels as the rules allow; those of one order are no proposal."""
    buckets: list[list[Combinable]] = []
    reasons: dict[int, str] = {}
    for one in group:
        for bucket in buckets:
            said = rules.against(bucket, one, homes)
            if not said:
                bucket.append(one)
                break
            reasons.setdefault(one.order.pk, said)
        else:
            buckets.append([one])
    alone = [bucket[0] for bucket in buckets if len(bucket) == 1]
    together = [Proposal(bucket) for bucket in buckets if len(bucket) > 1]
    if together:
        first = together[0].members
        together[0].apart = [
            (one, reasons.get(one.order.pk) or rules.against(first, one, homes)) for one in alone
        ]  # fmt: skip
    return together


def recipient_keys(*, order_ids: Collection[int], today: date | None = None) -> dict[int, str]:
    """Return who gets each of these orders and where, whatever the spelling; orders that are not ready are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_KEYS, {"ids": list(order_ids), "today": today or shop_day()})
        return dict(cursor.fetchall())


def facts_of(order_ids: Collection[int], rules: Rules) -> dict[int, Combinable]:
    """Return what counts about these orders, in a fixed number of statements."""
    orders = Order.objects.select_related("sales_channel").in_bulk(order_ids)
    held = F("reservation__quantity") - F("reservation__shipped") - F("reservation__released")
    allocated = Allocation.objects.filter(line__order__in=orders).annotate(held=held).filter(held__gt=0)
    places: dict[int, set[int]] = defaultdict(set)
    for order_id, place in allocated.values_list("line__order_id", "reservation__stock_item__warehouse_id").distinct():
        places[order_id].add(place)
    gifts = set(Gift.objects.filter(order__in=orders).values_list("order_id", flat=True))
    lines: dict[int, list[OrderLine]] = defaultdict(list)
    goods = OrderLine.objects.filter(order__in=orders, kind=LineKind.PRODUCT).select_related("variant__product")
    for line in goods.order_by("position", "pk"):
        lines[line.order_id].append(line)
    return {
        pk: Combinable(
            order=order,
            warehouse_ids=frozenset(places[pk]),
            pieces={line.pk: line.open_count for line in lines[pk] if line.open_count},
            tags=rules.tags & {tag for line in lines[pk] if line.variant for tag in line.variant.product.tags},
            weight_g=sum((line.variant.weight_g or 0) * line.open_count for line in lines[pk] if line.variant),
            is_gift=pk in gifts,
        )
        for pk, order in orders.items()
    }


def warehouse_countries() -> dict[int, str]:
    """Return in which country each warehouse is."""
    return dict(Warehouse.objects.values_list("pk", "country"))


def shipping_paid(*, order_ids: Collection[int]) -> dict[int, int]:
    """Return what each order paid for its shipping (minor units)."""
    paid = OrderLine.objects.filter(order__in=order_ids, kind=LineKind.SHIPPING).order_by()
    return dict(paid.values_list("order_id").annotate(paid=Sum("total")))
