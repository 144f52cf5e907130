"""Reads about what was earned: of one order, and summed up by product, channel or month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from accounting.models import PARTS, LineProfit, ProfitDue

FINAL = Q(
    is_fee_settled=True, is_cost_final=True, is_cost_known=True, is_shipping_known=True, is_refund_final=True,
    is_tax_known=True,
)  # fmt: skip
GROUPS = ("product", "channel", "month")
# several parts that people read as one number: what was sold without tax, and what it cost to sell it
REVENUE = ("sales", "charged", "discount", "support", "tax", "refunded")
CHANNEL = ("fee", "points")
SENDING = ("shipping", "packaging")


@dataclass(frozen=True, slots=True)
class ProfitSum:
    """What the lines of one group and currency earned, in minor units; ``estimates``: lines that are not final."""

    name: str
    key: int | date | None
    currency: str
    lines: int
    pieces: int
    revenue: int
    fee: int
    sending: int
    goods_cost: int
    ads: int
    profit: int
    estimates: int

    @property
    def margin(self) -> int | None:
        """What is left of the revenue in tenths of a percent; None without revenue."""
        return self.profit * 1000 // self.revenue if self.revenue > 0 else None


def lines_between(since: date, until: date, channel_id: int | None = None) -> "QuerySet[LineProfit]":
    """Return what was ordered in these days, on one channel or on all."""
    rows = LineProfit.objects.filter(day__gte=since, day__lte=until)
    return rows if channel_id is None else rows.filter(sales_channel=channel_id)


def profit_sums(rows: "QuerySet[LineProfit]", *, by: str, limit: int | None = None) -> list[ProfitSum]:
    """Return what lines earned by product, channel or month, the least profitable product or channel first."""
    names: dict[str, tuple[str, str]] = {
        "product": ("product", "product__name"),
        "channel": ("sales_channel", "sales_channel__name"),
        "month": ("month", "month"),
    }
    key, name = names[by]
    if by == "month":
        rows = rows.annotate(month=TruncMonth("day"))
    sums = (
        rows.order_by()
        .values(*dict.fromkeys([key, name]), "currency")
        .annotate(
            lines=Count("pk"),
            pieces=Sum("quantity"),
            estimates=Count("pk", filter=~FINAL),
            earned=Sum("profit"),
            **{f"sum_{part}": Sum(part) for part in PARTS},
        )
        .order_by(*(["currency", "-month"] if by == "month" else ["currency", "earned", F(key).asc(nulls_last=True)]))
    )
    return [_summed(row, key, name) for row in (sums if limit is None else sums[:limit])]


def _summed(row: dict[str, Any], key: str, name: str) -> ProfitSum:
    return ProfitSum(
        name=str(row[name] or ""),
        key=row[key],
        currency=row["currency"],
        lines=row["lines"],
        pieces=row["pieces"],
        revenue=sum(row[f"sum_{part}"] for part in REVENUE),
        fee=sum(row[f"sum_{part}"] for part in CHANNEL),
        sending=sum(row[f"sum_{part}"] for part in SENDING),
        goods_cost=row["sum_goods_cost"],
        ads=row["sum_ads"],
        profit=row["earned"],
        estimates=row["estimates"],
    )


def profits_of_order(order_id: int) -> Sequence[LineProfit]:
    """Return what the lines of an order earned."""
    return list(LineProfit.objects.filter(order=order_id).select_related("order_line").order_by("order_line"))


def orders_waiting() -> int:
    """Return how many orders are to be worked out anew."""
    return int(ProfitDue.objects.count())
