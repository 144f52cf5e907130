"""What lies in the warehouses, by verdict and by age, as money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Sum
from django.db.models.functions import NullIf

from purchasing.models import StockHealth, Verdict

BUCKETS = ("age_30", "age_60", "age_90", "age_180", "age_365", "age_older")


@dataclass(frozen=True, slots=True)
class VerdictSum:
    """Variants of one verdict: how many, their pieces, and what is tied up in them (minor units of the shop)."""

    verdict: Verdict
    variants: int = 0
    pieces: int = 0
    value: int = 0
    excess: int = 0


@dataclass(frozen=True, slots=True)
class StockSums:
    """All stock by verdict, the worst first, and by age; ages share a variant's value by pieces."""

    verdicts: Sequence[VerdictSum]
    ages: Sequence[tuple[str, int]]  # (field of the bucket, minor units)

    @property
    def value(self) -> int:
        """Return what all stock is worth."""
        return sum(one.value for one in self.verdicts)


def stock_sums() -> StockSums:
    """Return the sums of all stock that was judged, in one statement."""
    shares = {f"of_{name}": Sum(F("value") * F(name) / NullIf(F("on_hand"), 0), default=0) for name in BUCKETS}
    rows: dict[str, Mapping[str, Any]] = {
        row["verdict"]: row
        for row in StockHealth.objects.order_by()
        .values("verdict")
        .annotate(
            variants=Count("pk"), pieces=Sum("on_hand"), tied_up=Sum("value"), excess=Sum("excess_value"), **shares
        )
    }
    worst_first = (Verdict.DEAD, Verdict.SLOW, Verdict.EXCESS, Verdict.HEALTHY)
    verdicts = [
        VerdictSum(verdict, row["variants"], row["pieces"], row["tied_up"], row["excess"])
        if (row := rows.get(verdict))
        else VerdictSum(verdict)
        for verdict in worst_first
    ]
    return StockSums(verdicts, [(name, sum(row[f"of_{name}"] for row in rows.values())) for name in BUCKETS])
