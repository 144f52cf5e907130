"""Which carrier a person most likely means: what a form shows before anybody has chosen."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from orders.models import Order
from shipping.models import Carrier, CarrierSlip, Temperature, Wave
from shipping.selectors.carriers import CarrierBook, Journey
from shipping.selectors.picking import reserved_for
from shipping.selectors.waving import weights_of

RECENT = 2_000  # slips that are looked through: what was done longer ago is no habit


@dataclass(frozen=True, slots=True)
class Usual:
    """The carrier to begin with, and why: "wave" (made for it), "rule" (default carriers) or "last" (used last)."""

    carrier: Carrier
    why: str


def carriers_by_rule(order_ids: Sequence[int]) -> dict[int, Carrier]:
    """Return the carrier that the default carriers give each of these orders, by order; a fixed number of statements.

    Orders of which nothing is reserved, and those that no rule takes, are left out.
    """
    reserved = reserved_for(order_ids)
    places: dict[int, int] = {}
    for one in reserved:
        places[one.order_id] = min(one.warehouse_id, places.get(one.order_id, one.warehouse_id))
    weights, book = weights_of(reserved), CarrierBook()
    found = {}
    for pk, channel, country in Order.objects.filter(pk__in=places).values_list("pk", "sales_channel_id", "country"):
        journey = Journey(
            warehouse_id=places[pk], sales_channel_id=channel, country=country, weight_g=weights.get(pk, 0)
        )
        if (carrier := book.default_for(journey)) is not None:
            found[pk] = carrier
    return found


def usual_carrier(*, order_ids: Sequence[int], by_rule: dict[int, Carrier], wave: Wave | None = None) -> Usual | None:
    """Return the carrier to begin with for these orders: the wave's, else that of most rules, else the last used.

    ``by_rule`` is what ``carriers_by_rule`` said. None where nothing is known.
    """
    chosen = Carrier.objects.filter(pk=(wave.criteria.get("carrier_id") if wave else None) or 0, is_active=True).first()
    if chosen is not None:
        return Usual(chosen, "wave")
    counted = Counter(carrier.pk for carrier in by_rule.values())
    if counted:
        most = max(counted, key=lambda pk: (counted[pk], -pk))
        return Usual(next(carrier for carrier in by_rule.values() if carrier.pk == most), "rule")
    last = _last_used(order_ids)
    return Usual(last, "last") if last else None


def _last_used(order_ids: Sequence[int]) -> Carrier | None:
    """Return who carried the newest slip that is most like these orders: channel and country, warehouse."""
    wanted = set(Order.objects.filter(pk__in=order_ids).values_list("sales_channel_id", "country").distinct())
    places = {one.warehouse_id for one in reserved_for(order_ids)}
    newest = CarrierSlip.objects.order_by("-pk")[:RECENT].values_list(
        "file__carrier_id", "file__withdrawn_at", "temperature", "order__sales_channel_id", "order__country",
        "order__shipments__warehouse_id",
    )  # fmt: skip
    likeness: dict[int, int] = {}  # the newest of each degree
    for carrier_id, withdrawn_at, temperature, channel, country, place in newest:
        if withdrawn_at is not None or temperature != Temperature.NORMAL or not any(c == country for _s, c in wanted):
            continue
        likeness.setdefault(2 * ((channel, country) in wanted) + (place in places), carrier_id)
    active = Carrier.objects.filter(is_active=True).in_bulk(set(likeness.values()))
    fitting = [degree for degree in likeness if likeness[degree] in active]
    return active[likeness[max(fitting)]] if fitting else None
