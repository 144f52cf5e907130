"""Prices in and out of the database: locked, read as periods, and only what differs written back.

1. ``lock_variants`` takes the variants in key order: a variant's row is the lock of all its prices.
2. ``read_periods`` reads what holds and what is planned.
3. ``write_periods`` deletes, shortens, lengthens and inserts, in this order, so that no two periods overlap in between;
   five statements whatever the number.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q

from catalog.models import Listing, ListingState, Price, Product, ProductStatus, Variant
from catalog.services.prices.periods import Period, Periods, Values

Key = tuple[int, int]  # variant id, sales channel id
REVIEWED = (ProductStatus.IN_REVIEW, ProductStatus.APPROVED)  # what a reviewer looks at, or said yes to
_NOT_SHOWN = (ListingState.PLANNED, ListingState.SCHEDULED)  # as the database's rule about the past

_UPDATE = """
UPDATE catalog_price AS p SET
    amount = t.amount, compare_at = t.compare_at, list_price = t.list_price, cost = t.cost,
    starts_at = t.starts_at, ends_at = t.ends_at,
    recorded_at = CASE WHEN t.is_new THEN statement_timestamp() ELSE p.recorded_at END
FROM unnest(
    %(ids)s::bigint[], %(amounts)s::bigint[], %(compare)s::bigint[], %(lists)s::bigint[], %(costs)s::bigint[],
    %(starts)s::timestamptz[], %(ends)s::timestamptz[], %(new)s::boolean[]
) AS t (id, amount, compare_at, list_price, cost, starts_at, ends_at, is_new)
WHERE p.id = t.id
"""
_INSERT = """
INSERT INTO catalog_price
    (variant_id, sales_channel_id, currency, amount, compare_at, list_price, cost, starts_at, ends_at)
SELECT * FROM unnest(
    %(variants)s::bigint[], %(channels)s::bigint[], %(currencies)s::text[], %(amounts)s::bigint[],
    %(compare)s::bigint[], %(lists)s::bigint[], %(costs)s::bigint[], %(starts)s::timestamptz[], %(ends)s::timestamptz[]
)
RETURNING id, variant_id, sales_channel_id, starts_at
"""


class LockedVariant(NamedTuple):
    """What prices need to know of a variant."""

    sku: str
    product_id: int


def lock_variants(variant_ids: Collection[int]) -> dict[int, LockedVariant]:
    """Lock the products, then the variants, each in key order; ids that do not exist are left out.

    Products first, as everybody who changes goods does. All of them: a draft that is handed in while its price is
    written would be looked at with the old one.
    """
    owners = Variant.objects.filter(pk__in=variant_ids).values("product")
    list(Product.objects.select_for_update(no_key=True).filter(pk__in=owners).order_by("pk").values_list("pk"))
    rows = Variant.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=variant_ids).order_by("pk")
    return {pk: LockedVariant(sku, product) for pk, sku, product in rows.values_list("pk", "sku", "product_id")}


def read_periods(keys: Collection[Key], *, since: datetime | None = None) -> dict[Key, Periods]:
    """Return the periods of each key that end after ``since`` (None: all), in order; a key without one has none."""
    found: dict[Key, Periods] = {key: [] for key in keys}
    rows = Price.objects.filter(
        variant_id__in={variant for variant, _channel in keys}, sales_channel_id__in={channel for _v, channel in keys}
    ).order_by("starts_at")
    if since is not None:
        rows = rows.filter(Q(ends_at=None) | Q(ends_at__gt=since))
    columns = "pk", "amount", "compare_at", "list_price", "cost", "starts_at", "ends_at", "recorded_at"
    for row in rows.values_list("variant_id", "sales_channel_id", *columns):
        variant, channel, pk, amount, compare_at, list_price, cost, starts_at, ends_at, recorded_at = row
        if (variant, channel) in found:
            values = Values(amount, compare_at, list_price, cost)
            found[variant, channel].append(Period(values, starts_at, ends_at, pk, recorded_at))
    return found


def shown_keys(product_ids: Collection[int], channel_ids: Collection[int]) -> set[tuple[int, int]]:
    """Return (product id, channel id) of what customers of the channel see or saw."""
    rows = Listing.objects.filter(product_id__in=product_ids, sales_channel_id__in=channel_ids)
    return set(rows.exclude(state__in=_NOT_SHOWN).values_list("product_id", "sales_channel_id"))


def write_periods(
    before: Mapping[Key, Periods], after: Mapping[Key, Periods], currencies: Mapping[int, str]
) -> dict[tuple[int, int, datetime], int]:
    """Make the table say ``after`` where it said ``before``; return the id of each price by (variant, channel, start).

    ``currencies`` by sales channel. A planned price that changes is recorded anew.
    """
    gone: list[int] = []
    shorter: list[tuple[Period, bool]] = []
    longer: list[tuple[Period, bool]] = []
    new: list[tuple[Key, Period]] = []
    ids: dict[tuple[int, int, datetime], int] = {}
    for key, periods in after.items():
        old = {period.price_id: period for period in before[key]}
        gone += [pk for pk in old if pk is not None and pk not in {period.price_id for period in periods}]
        for period in periods:
            if period.price_id is None:
                new.append((key, period))
                continue
            ids[(*key, period.starts_at)] = period.price_id
            was = old[period.price_id]
            if was != period:
                change = (period, was.values != period.values)
                (shorter if _within(period, was) else longer).append(change)
    Price.objects.filter(pk__in=gone).delete()
    _update(shorter)
    _update(longer)
    return ids | _insert(new, currencies)


def _within(period: Period, other: Period) -> bool:
    ends_within = other.ends_at is None or (period.ends_at is not None and period.ends_at <= other.ends_at)
    return period.starts_at >= other.starts_at and ends_within


def _columns(periods: Sequence[Period]) -> dict[str, list[Any]]:
    return {
        "amounts": [period.values.amount for period in periods],
        "compare": [period.values.compare_at for period in periods],
        "lists": [period.values.list_price for period in periods],
        "costs": [period.values.cost for period in periods],
        "starts": [period.starts_at for period in periods],
        "ends": [period.ends_at for period in periods],
    }


def _update(changes: Sequence[tuple[Period, bool]]) -> None:
    if not changes:
        return
    periods = [period for period, _is_new in changes]
    values: dict[str, Any] = {
        "ids": [period.price_id for period in periods],
        "new": [is_new for _period, is_new in changes],
        **_columns(periods),
    }
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, values)


def _insert(new: Sequence[tuple[Key, Period]], currencies: Mapping[int, str]) -> dict[tuple[int, int, datetime], int]:
    if not new:
        return {}
    values: dict[str, Any] = {
        "variants": [variant for (variant, _channel), _period in new],
        "channels": [channel for (_variant, channel), _period in new],
        "currencies": [currencies[channel] for (_variant, channel), _period in new],
        **_columns([period for _key, period in new]),
    }
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
        return {(variant, channel, starts_at): pk for pk, variant, channel, starts_at in cursor.fetchall()}
