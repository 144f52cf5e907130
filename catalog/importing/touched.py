"""What one file touched: search texts, reviews and events follow once, when all parts are written."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count

from catalog.events import ProductCreated
from catalog.models import Product
from catalog.services.products.searching import refresh_search_text
from catalog.services.review.reviewing import content_changed
from core.events import record_many
from core.models import TableChange
from core.resources import Part, PartRun


@dataclass
class Touched:
    """Products by what happened to them; parts add, ``FinishPart`` lets it have its consequences."""

    created: set[int] = field(default_factory=set)
    named: set[int] = field(default_factory=set)  # what they are found by changed
    parts: dict[int, set[str]] = field(default_factory=dict)  # product -> keys of catalog.fields

    def change(self, product_ids: Iterable[int], part: str, *, names: bool = False) -> None:
        """Note that a part of these products was changed, and whether they are found by it."""
        ids = set(product_ids)
        for pk in ids:
            self.parts.setdefault(pk, set()).add(part)
        if names:
            self.named |= ids

    def settle(self, *, actor: Any) -> None:
        """Refresh search texts, take approvals back, record what entered the catalogue; then nothing is noted."""
        named, created, parts = self.named | self.created, self.created, self.parts
        self.named, self.created, self.parts = set(), set(), {}
        refresh_search_text(product_ids=sorted(named))
        for keys, ids in _alike(parts, created).items():
            content_changed(product_ids=ids, parts=sorted(keys), actor=actor)
        _record_created(created, actor)


def _alike(parts: dict[int, set[str]], created: Collection[int]) -> dict[frozenset[str], list[int]]:
    found: dict[frozenset[str], list[int]] = {}
    for pk in sorted(parts):
        if pk not in created:
            found.setdefault(frozenset(parts[pk]), []).append(pk)
    return found


def _record_created(created: Collection[int], actor: Any) -> None:
    counts = Product.objects.filter(pk__in=created).annotate(count=Count("variants")).values_list("pk", "count")
    record_many(
        [(ProductCreated(product_id=pk, variant_count=count), pk) for pk, count in counts.order_by("pk")],
        model=Product,
        actor=actor,
    )


class FinishPart(Part):
    """The last part: it writes no rows of its own."""

    def __init__(self, touched: Touched) -> None:
        super().__init__("finish", columns={}, keys=[], label="catalog.finish")
        self.touched = touched

    def wants(self, given: Collection[str]) -> bool:
        """Come always."""
        return True

    def concerns(self, cells: Any) -> bool:
        """Have no rows."""
        return False

    def apply(self, run: PartRun) -> None:
        """Let what the other parts wrote have its consequences."""
        self.touched.settle(actor=run.user)

    def undo(self, changes: Sequence[TableChange], user: Any) -> None:
        """Have nothing to take back: search texts follow what is restored."""
