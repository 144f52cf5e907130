"""Classes of variants: A, B, C by what they bring in, X, Y, Z by how evenly they sell."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
from django.conf import settings
from django.db import connection
from django.utils import timezone
from numpy.typing import NDArray

from core.money import to_decimal
from inventory.services import set_stock_classes
from purchasing.models import ExchangeRate

REVENUE_DAYS = 365
LIMITS = ((Decimal("0.80"), "A"), (Decimal("0.95"), "B"))  # up to so much of all revenue; what is left is C
EVEN_WEEKS = 52
ENOUGH_WEEKS = 8
EVEN = ((0.5, "X"), (1.0, "Y"))  # deviation by mean of weekly demand; what is more uneven is Z

# the money of a bundle is shared by its pieces
_REVENUE = """
WITH RECURSIVE inside (bundle, variant, pieces) AS (
    SELECT bundle_id, component_id, quantity::bigint FROM catalog_bundlecomponent
    UNION ALL
    SELECT i.bundle, c.component_id, i.pieces * c.quantity
    FROM inside i JOIN catalog_bundlecomponent c ON c.bundle_id = i.variant
), leaves AS (
    SELECT bundle, variant, sum(pieces) / sum(sum(pieces)) OVER (PARTITION BY bundle) AS share FROM inside i
    WHERE NOT EXISTS (SELECT FROM catalog_bundlecomponent c WHERE c.bundle_id = i.variant) GROUP BY bundle, variant
), sold AS (
    SELECT l.variant_id, o.currency, sum(l.total * (l.quantity - l.cancelled_count) / l.quantity::numeric) AS total
    FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id AND l.variant_id IS NOT NULL
    WHERE o.placed_at >= %s AND o.placed_at < %s AND o.status <> 'cancelled'
    GROUP BY l.variant_id, o.currency
)
SELECT coalesce(v.variant, s.variant_id), s.currency, sum(s.total * coalesce(v.share, 1))
FROM sold s LEFT JOIN leaves v ON v.bundle = s.variant_id GROUP BY 1, 2
"""


def class_variants(*, today: date, weeks: Mapping[int, NDArray[np.float64]]) -> int:
    """Give every variant that sells its classes and return how many differ now.

    A are those that bring in the first 80 % of the money of 365 days, B the next 15 %, C the rest. X vary by less than
    half of their mean in a week, Y by less than the whole, Z by more; with fewer than eight known weeks none is given.
    """
    revenue = _revenue(today)
    abc = revenue_classes(revenue)
    xyz = {variant: evenness_class(row) for variant, row in weeks.items()}
    classes = {variant: (abc.get(variant, ""), xyz.get(variant, "")) for variant in abc.keys() | xyz.keys()}
    return set_stock_classes(classes=classes)


def revenue_classes(revenue: Mapping[int, Decimal]) -> dict[int, str]:
    """Return variant -> A, B or C; the one that reaches over a limit still belongs to the class before it."""
    total = sum(revenue.values(), Decimal(0))
    found: dict[int, str] = {}
    before = Decimal(0)
    for variant, amount in sorted(revenue.items(), key=lambda item: (-item[1], item[0])):
        share = before / total if total else Decimal(1)
        found[variant] = next((name for limit, name in LIMITS if share < limit), "C")
        before += amount
    return found


def evenness_class(weeks: NDArray[np.float64]) -> str:
    """Return X, Y or Z from the known ones of the last 52 weeks, "" with fewer than eight or without sales."""
    known = weeks[-EVEN_WEEKS:][np.isfinite(weeks[-EVEN_WEEKS:])]
    if len(known) < ENOUGH_WEEKS or not known.sum():
        return ""
    variation = float(known.std() / known.mean())
    return next((name for limit, name in EVEN if variation < limit), "Z")


def _revenue(today: date) -> dict[int, Decimal]:
    """Return variant -> money in the shop's currency; what was sold in a currency without a rate does not count."""
    zone = timezone.get_default_timezone()
    until = timezone.make_aware(datetime.combine(today, time.min), zone)
    with connection.cursor() as cursor:
        cursor.execute(_REVENUE, [until - timedelta(days=REVENUE_DAYS), until])
        rows = cursor.fetchall()
    rates = {settings.SHOP_CURRENCY: Decimal(1)}
    for rate in ExchangeRate.objects.filter(starts_on__lte=today).order_by("starts_on"):
        rates[rate.currency] = rate.rate
    found: dict[int, Decimal] = defaultdict(Decimal)
    for variant, currency, total in rows:
        if currency in rates:
            found[variant] += to_decimal(round(total), currency) * rates[currency]
    return dict(found)
