"""Profits of orders are worked out anew, and what they say before is replaced."""

from collections import defaultdict
from collections.abc import Collection

from django.db import connection, transaction
from django.db.models import Sum

from accounting.models import PARTS, AdShare, LineProfit
from accounting.selectors.earning import Facts
from accounting.services.earning.spreading import spread_over
from accounting.services.earning.working import profits_of
from orders.models import Order

BATCH = 400
_FLAGS = (
    "is_fee_settled", "is_cost_final", "is_cost_known", "is_shipping_known", "is_refund_final", "is_tax_known",
)  # fmt: skip
_WRITTEN = ["sales_channel", "product", "day", "currency", "quantity", *PARTS, "profit", *_FLAGS, "computed_at"]
# who takes an order off the queue works it out; another worker takes the next ones
_CLAIM = """
    DELETE FROM accounting_profitdue WHERE order_id IN (
        SELECT order_id FROM accounting_profitdue ORDER BY order_id LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING order_id
"""


@transaction.atomic
def rebuild_profits(*, order_ids: Collection[int]) -> int:
    """Work out what the lines of these orders earned and return how many lines there are; again gives the same.

    Lines that are no longer sold have no row any more. Advertising is spread anew over the days that are concerned.
    """
    # the lock lets nobody work out the same order from older facts
    orders = list(
        Order.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=order_ids).order_by("pk")
    )  # fmt: skip
    facts = Facts(orders)
    rows = [row for order in orders for row in profits_of(order, facts)]
    known = LineProfit.objects.filter(order__in=orders)
    before = set(known.values_list("sales_channel", "day"))
    ads: dict[int, int] = defaultdict(int)
    shares = AdShare.objects.filter(line__order__in=orders).order_by()
    ads.update(shares.values_list("line__order_line").annotate(amount=Sum("amount")))
    known.exclude(order_line__in=[row.order_line_id for row in rows]).delete()
    for row in rows:
        row.ads = -ads[row.order_line_id]
        row.profit += row.ads
    LineProfit.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["order_line"], update_fields=_WRITTEN, batch_size=1000
    )
    spread_over(days=before | {(row.sales_channel_id, row.day) for row in rows})
    return len(rows)


def rebuild_due(*, limit: int = BATCH) -> int:
    """Work out the next orders that wait and return how many; 0 when none waits."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, [limit])
            order_ids = [row[0] for row in cursor.fetchall()]
        if order_ids:
            rebuild_profits(order_ids=order_ids)
    return len(order_ids)
