"""What a piece costs us: asked of who knows best. Upper apps that value stock register their own answer."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from catalog.models import Price
from core.money import Currency

# Money of the books of a country's warehouses.
_CURRENCIES = {"KR": Currency.KRW, "JP": Currency.JPY}


@dataclass(frozen=True, slots=True)
class Cost:
    """Minor units of a currency for one piece."""

    amount: int
    currency: str


Costs = Callable[[Collection[int], int, str], Mapping[int, Cost]]


def costs_of_prices(variant_ids: Collection[int], _warehouse_id: int, currency: str) -> Mapping[int, Cost]:
    """Return what the prices of today say that a piece costs, in ``currency``; the newest where channels differ."""
    now = timezone.now()
    rows = (
        Price.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), variant_id__in=variant_ids, starts_at__lte=now)
        .filter(cost__isnull=False, currency=currency)
        .order_by("variant_id", "-starts_at", "pk")
        .distinct("variant_id")
        .values_list("variant_id", "cost")
    )
    return {variant_id: Cost(cost, currency) for variant_id, cost in rows if cost is not None}


_sources: list[Costs] = [costs_of_prices]


def register_costs(source: Costs) -> None:
    """Ask ``source(variant_ids, warehouse_id, currency)`` before all others; what it leaves out they are asked for."""
    if source not in _sources:
        _sources.insert(0, source)


def unit_costs(*, variant_ids: Collection[int], warehouse_id: int, country: str) -> dict[int, Cost]:
    """Return variant -> cost of a piece for those of which anybody knows it."""
    currency = _CURRENCIES.get(country, Currency.USD)
    found: dict[int, Cost] = {}
    for source in _sources:
        missing = [variant_id for variant_id in variant_ids if variant_id not in found]
        if missing:
            found.update(source(missing, warehouse_id, str(currency)))
    return found
