"""What is in bundles, down to what lies on a shelf, and what that costs."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import connection

from catalog.models import BundleComponent, Product, SalesChannel, Variant
from catalog.selectors.pricing import running_prices
from core.money import format_money

# circles cannot be (catalog_bundlecomponent_no_circle), so the walk ends
_LEAVES = """
WITH RECURSIVE inside (bundle, variant, pieces) AS (
    SELECT bundle_id, component_id, quantity::numeric FROM catalog_bundlecomponent WHERE bundle_id = ANY(%s)
    UNION ALL
    SELECT i.bundle, c.component_id, i.pieces * c.quantity
    FROM inside i JOIN catalog_bundlecomponent c ON c.bundle_id = i.variant
)
SELECT bundle, variant, sum(pieces)::bigint FROM inside i
WHERE NOT EXISTS (SELECT FROM catalog_bundlecomponent c WHERE c.bundle_id = i.variant)
GROUP BY bundle, variant ORDER BY bundle, variant
"""
_CHAIN = """
WITH RECURSIVE walk (variant, path) AS (
    SELECT %(start)s::bigint, ARRAY[%(start)s::bigint]
    UNION ALL
    SELECT c.component_id, w.path || c.component_id
    FROM walk w JOIN catalog_bundlecomponent c ON c.bundle_id = w.variant
    WHERE c.component_id <> ALL(w.path)
)
SELECT path FROM walk WHERE variant = %(goal)s ORDER BY cardinality(path) LIMIT 1
"""


_AROUND = """
WITH RECURSIVE around (variant) AS (
    SELECT unnest(%s::bigint[])
    UNION
    SELECT c.bundle_id FROM around a JOIN catalog_bundlecomponent c ON c.component_id = a.variant
)
SELECT variant FROM around
"""


@dataclass(frozen=True, kw_only=True)
class BundleCost:
    """What the pieces of a bundle cost together on one channel; None when the cost of a piece is not known there."""

    channel: SalesChannel
    cost: int | None
    missing: Sequence[str] = ()  # SKUs without a cost

    @property
    def text(self) -> str:
        """Return the sum as people read it."""
        return format_money(self.cost, self.channel.currency)


def bundle_contents(*, variant_ids: Collection[int]) -> dict[int, dict[int, int]]:
    """Return bundle id -> {variant id: pieces} down to what is no bundle itself; others are left out; one statement."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_LEAVES, [list(variant_ids)])
        for bundle, variant, pieces in cursor.fetchall():
            found[bundle][variant] = pieces
    return dict(found)


def with_their_bundles(*, variant_ids: Collection[int]) -> set[int]:
    """Return the variants and all bundles in which one of them is, however deep."""
    with connection.cursor() as cursor:
        cursor.execute(_AROUND, [list(variant_ids)])
        return {pk for (pk,) in cursor.fetchall()}


def chain_to(*, start_id: int, goal_id: int) -> list[str]:
    """Return the SKUs on the way from a variant down to one that it contains, [] when it does not contain it."""
    with connection.cursor() as cursor:
        cursor.execute(_CHAIN, {"start": start_id, "goal": goal_id})
        row = cursor.fetchone()
    if row is None:
        return []
    names = dict(Variant.objects.filter(pk__in=row[0]).values_list("pk", "sku"))
    return [names[pk] for pk in row[0]]


def bundle_costs(*, variant_id: int, channels: Sequence[SalesChannel]) -> list[BundleCost]:
    """Return what the pieces of a bundle cost today on each channel on which one of them has a cost."""
    pieces = bundle_contents(variant_ids=[variant_id]).get(variant_id, {})
    prices = running_prices(variant_ids=pieces)
    names = dict(Variant.objects.filter(pk__in=pieces).values_list("pk", "sku"))
    costs = []
    for channel in channels:
        known = {
            pk: price.cost
            for pk in pieces
            if (price := prices.get((pk, channel.pk))) is not None and price.cost is not None
        }
        missing = sorted(names[pk] for pk in pieces if pk not in known)
        total = None if missing else sum(known[pk] * count for pk, count in pieces.items())
        if known:
            costs.append(BundleCost(channel=channel, cost=total, missing=missing))
    return costs


def bundle_rows(*, variant_id: int) -> list[tuple[BundleComponent, bool]]:
    """Return the components of a bundle with their variants and products, and whether each is a bundle itself."""
    rows = list(BundleComponent.objects.filter(bundle=variant_id).select_related("component__product").order_by("pk"))
    bundles = set(
        BundleComponent.objects.filter(bundle__in=[row.component_id for row in rows]).values_list(
            "bundle_id", flat=True
        )
    )
    return [(row, row.component_id in bundles) for row in rows]


def part_of(*, variant_id: int) -> list[BundleComponent]:
    """Return the bundles that contain this variant."""
    return list(
        BundleComponent.objects.filter(component=variant_id).select_related("bundle__product").order_by("bundle__sku")
    )


def product_bundles(*, product: Product) -> dict[Variant, list[BundleComponent]]:
    """Return what is in those variants of a product that are bundles."""
    found: dict[Variant, list[BundleComponent]] = defaultdict(list)
    rows = BundleComponent.objects.filter(bundle__product=product).select_related("bundle", "component__product")
    for row in rows.order_by("bundle__sku", "pk"):
        found[row.bundle].append(row)
    return dict(found)
