"""Why products are not sold: what every check says about them, channel by channel."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, Count, Exists, Func, OuterRef, QuerySet

from catalog.checking import Check, Finding, Severity, checks, run_checks
from catalog.models import Listing, ListingState, Product, ProductStatus, SalesChannel

# what people do about a product rather than write into it: it says nothing about completeness
_MOVING = frozenset({"status", "listing", "dates", "stock"})
GREEN, AMBER, RED = "green", "amber", "red"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What one check says about one channel; the worst finding first, none when all is in order."""

    check: Check
    findings: tuple[Finding, ...]

    @property
    def level(self) -> str:
        """Return green, amber or red."""
        if any(found.severity == Severity.ERROR for found in self.findings):
            return RED
        return AMBER if self.findings else GREEN


@dataclass(frozen=True, kw_only=True)
class OnChannel:
    """A product on one channel: every check in order, and the listing if there is one."""

    channel: SalesChannel
    listing: Listing | None
    cells: tuple[Cell, ...]

    @property
    def level(self) -> str:
        """Return the worst of the checks."""
        levels = {cell.level for cell in self.cells}
        return next((level for level in (RED, AMBER) if level in levels), GREEN)

    @property
    def is_live(self) -> bool:
        """Tell whether it is live there; it may be sold out all the same."""
        return self.listing is not None and self.listing.state == ListingState.LIVE

    @property
    def is_planned(self) -> bool:
        """Tell whether somebody wants it to be sold there."""
        return self.listing is not None and self.listing.state != ListingState.ENDED

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return all that is said, what keeps it from being sold first."""
        said = [found for cell in self.cells for found in cell.findings]
        return tuple(sorted(said, key=lambda found: found.severity != Severity.ERROR))

    @property
    def first(self) -> Finding | None:
        """Return what to do first: what is missing in the product goes before its listing."""
        errors = [found for found in self.findings if found.severity == Severity.ERROR]
        inside = [found for found in errors if found.check not in _MOVING]
        return next(iter([*inside, *errors]), None)


@dataclass(frozen=True, kw_only=True)
class Sellable:
    """A product on all active channels."""

    product: Product
    checks: tuple[Check, ...]
    channels: tuple[OnChannel, ...]
    levels: Mapping[str, str] = field(default_factory=dict)  # check code -> worst level on any channel

    @property
    def live_count(self) -> int:
        """On how many channels it is live."""
        return sum(each.is_live for each in self.channels)

    @property
    def sold_count(self) -> int:
        """On how many channels customers can buy it: live, and nothing speaks against it."""
        return sum(each.is_live and each.level != RED for each in self.channels)

    @property
    def complete_count(self) -> int:
        """How many of the checks of its content are in order on every channel it is planned for."""
        return sum(self.levels[check.code] != RED for check in self.content_checks)

    @property
    def content_checks(self) -> list[Check]:
        """Return the checks of what was written about it."""
        return [check for check in self.checks if check.code not in _MOVING]


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """How many live listings one check speaks against, by sales channel id; ``code`` of the check."""

    code: str
    label: Any
    counts: Mapping[int, int]

    @property
    def total(self) -> int:
        """Return the number over all channels."""
        return sum(self.counts.values())


def obstacle_report() -> list[Obstacle]:
    """Return what keeps live listings from being sold, the most frequent first, as the clock found it last."""
    rows = (
        Listing.objects.filter(state=ListingState.LIVE, sales_channel__is_active=True)
        .exclude(problems=[])
        .annotate(problem=Func("problems", function="unnest", output_field=CharField()))
        .values_list("problem", "sales_channel")
        .annotate(count=Count("pk"))
    )
    counts: dict[str, dict[int, int]] = defaultdict(dict)
    for code, channel_id, count in rows:
        counts[code][channel_id] = count
    labels = {check.code: check.label for check in checks()}
    found = [Obstacle(code=code, label=labels.get(code, code), counts=by) for code, by in counts.items()]
    return sorted(found, key=lambda row: (-row.total, row.code))


def not_sellable(products: "QuerySet[Product]") -> "QuerySet[Product]":
    """Keep those on sale that customers cannot buy somewhere they should: live with a problem, or live nowhere."""
    live = Listing.objects.filter(product=OuterRef("pk"), state=ListingState.LIVE)
    return products.filter(Exists(live.exclude(problems=[])) | ~Exists(live), status=ProductStatus.ACTIVE)


def sellable_of(products: Sequence[Product], *, variant_id: int | None = None) -> list[Sellable]:
    """Return what speaks for and against selling each product, on every active channel.

    A constant number of statements for any number of products. ``variant_id``: what is said about other variants is
    left out.
    """
    channels = list(SalesChannel.objects.filter(is_active=True).order_by("name"))
    rows = Listing.objects.filter(product__in=products, sales_channel__in=channels)
    listings = {(row.product_id, row.sales_channel_id): row for row in rows}
    found: dict[tuple[int, int, str], list[Finding]] = defaultdict(list)
    for finding in run_checks(products, channels):
        if variant_id is not None and finding.variant_id not in (None, variant_id):
            continue
        targets = [finding.channel_id] if finding.channel_id is not None else [channel.pk for channel in channels]
        for channel_id in targets:
            found[finding.product_id, channel_id, finding.check].append(finding)
    asked = tuple(checks())
    return [
        _one(product, asked, [_on(product, channel, asked, listings, found) for channel in channels])
        for product in products
    ]


def _on(
    product: Product,
    channel: SalesChannel,
    asked: Sequence[Check],
    listings: Mapping[tuple[int, int], Listing],
    found: Mapping[tuple[int, int, str], list[Finding]],
) -> OnChannel:
    cells = tuple(
        Cell(
            check=check,
            findings=tuple(
                sorted(
                    found.get((product.pk, channel.pk, check.code), ()),
                    key=lambda finding: finding.severity != Severity.ERROR,
                )
            ),
        )
        for check in asked
    )
    return OnChannel(channel=channel, listing=listings.get((product.pk, channel.pk)), cells=cells)


def _one(product: Product, asked: Sequence[Check], on: Sequence[OnChannel]) -> Sellable:
    planned = [each for each in on if each.is_planned] or on
    levels = {
        check.code: next(
            (level for level in (RED, AMBER) if any(each.cells[place].level == level for each in planned)), GREEN
        )
        for place, check in enumerate(asked)
    }
    return Sellable(product=product, checks=tuple(asked), channels=tuple(on), levels=levels)
