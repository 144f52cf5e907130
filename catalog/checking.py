"""What stands between a product and its customers: each part of the catalogue, and upper apps, register their checks.

A check looks at many products on many channels with a constant number of statements, and answers with what is wrong;
what it does not mention is in order. Publishing asks the checks that block, the page “Why is it not sellable?” all.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.urls import NoReverseMatch, reverse

from catalog.models import Product, SalesChannel


class Severity(StrEnum):
    """How bad a finding is."""

    WARNING = "warning"  # it can be sold, but somebody should look
    ERROR = "error"  # customers cannot buy it so


@dataclass(frozen=True, slots=True)
class Fix:
    """Where a finding is put right: the name of an admin page with its arguments, and where on it."""

    page: str
    args: tuple[int | str, ...] = ()
    query: str = ""
    anchor: str = ""

    @property
    def url(self) -> str:
        """Return the address, empty when this installation has no such page."""
        try:
            address = reverse(f"admin:{self.page}", args=self.args)
        except NoReverseMatch:
            return ""
        return f"{address}{'?' if self.query else ''}{self.query}{'#' if self.anchor else ''}{self.anchor}"


def product_fix(product_id: int, anchor: str = "") -> Fix:
    """Return the place on the product's own page."""
    return Fix("catalog_product_change", (product_id,), anchor=anchor)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a product on a channel: the sentence says what, ``fix`` leads to where it is done.

    ``channel_id`` None: on every channel. ``variant_id``: with this variant only, the others are in order.
    """

    product_id: int
    channel_id: int | None
    severity: Severity
    sentence: str
    fix: Fix | None = None
    variant_id: int | None = None
    check: str = ""  # the code of the check; ``run_checks`` writes it


Run = Callable[..., Iterable[Finding]]  # of products and channels; of the facts where a check names them
Facts = Callable[[Sequence[Product], Sequence[SalesChannel]], Any]


@dataclass(frozen=True)
class Check:
    """One question about products on channels; ``blocks``: an ERROR keeps a product from going live there.

    ``facts`` is read once for all checks of a run that name it, and given to ``run`` in place of products and channels.
    """

    code: str
    label: Any
    run: Run
    position: int = 100
    blocks: bool = True
    facts: Facts | None = None


_checks: dict[str, Check] = {}


def register_check(check: Check) -> None:
    """Ask ``check`` from now on; the same code again replaces it."""
    _checks[check.code] = check


def checks() -> list[Check]:
    """Return all checks in the order in which people read them."""
    return sorted(_checks.values(), key=lambda check: (check.position, check.code))


def run_checks(
    products: Sequence[Product],
    channels: Sequence[SalesChannel],
    *,
    codes: Collection[str] | None = None,
    blocking_only: bool = False,
) -> list[Finding]:
    """Return what is wrong with these products on these channels, by check; ``codes`` limits the checks.

    ``blocking_only``: what keeps them from going live, and nothing else.
    """
    if not products or not channels:
        return []
    asked = [c for c in checks() if (codes is None or c.code in codes) and (c.blocks or not blocking_only)]
    known = {read: read(products, channels) for read in {check.facts for check in asked} if read is not None}
    return [
        Finding(
            found.product_id,
            found.channel_id,
            found.severity,
            found.sentence,
            found.fix,
            found.variant_id,
            check.code,
        )
        for check in asked
        for found in (check.run(known[check.facts]) if check.facts else check.run(products, channels))
        if not blocking_only or found.severity == Severity.ERROR
    ]
