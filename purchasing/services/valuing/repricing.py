"""Goods bought in foreign money are valued again when their exchange rate comes late, or was corrected.

What was written stays: a further cost entry adds the difference to what is left of the pieces, the rest of it is cost
of sales. The receipt then names the rate by which it is valued.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from core.events import record
from purchasing.events import ReceiptRepriced
from purchasing.models import CostEntry, GoodsReceipt, ValuationProgress
from purchasing.policies import can_set_costs
from purchasing.selectors.late_rates import receipts_with_late_rates
from purchasing.selectors.rates import exact_in_shop_currency
from purchasing.services.ordering.orders import check_right
from purchasing.services.valuing.costing import ZERO, six
from purchasing.services.valuing.working import Books
from staff.models import User


@dataclass(frozen=True, slots=True)
class _Came:
    """Pieces of a variant that a receipt brought and that are valued: by movement, and what they cost in all."""

    pieces: dict[int, int]
    cost: Decimal


@transaction.atomic
def reprice_receipts(*, receipt_ids: Collection[int], actor: User | None = None) -> int:
    """Value these receipts by the rate of their day as it is known now, and return how many that changed.

    Twice changes nothing. One without a rate, undone, or valued by it already is left as it is; NotAllowed without the
    right to set costs.
    """
    check_right(can_set_costs, actor)
    locked = GoodsReceipt.objects.select_for_update(no_key=True).filter(pk__in=receipt_ids).order_by("pk")
    ids = [receipt.pk for receipt in locked]
    late = receipts_with_late_rates().filter(pk__in=ids, rate_now__isnull=False)
    receipts = list(late.select_related("order").order_by("pk"))
    # no batch of the valuation runs beside this: what is not valued yet will be valued by the new rate
    ValuationProgress.objects.bulk_create([ValuationProgress(pk=1)], ignore_conflicts=True)
    ValuationProgress.objects.select_for_update().get(pk=1)
    came = {receipt.pk: _came(receipt) for receipt in receipts}
    books = Books({variant_id for found in came.values() for variant_id in found})
    for receipt in receipts:
        _reprice(receipt, came[receipt.pk], books)
        fact = ReceiptRepriced(
            order_id=receipt.order_id, receipt_id=receipt.pk, number=receipt.number, had_none=receipt.rate is None
        )
        receipt.rate = receipt.rate_now
        receipt.save(update_fields=["rate"])
        record(fact, subject=receipt.order, actor=actor)
    books.save()
    return len(receipts)


def _came(receipt: GoodsReceipt) -> dict[int, _Came]:
    """Return what is valued of the receipt's pieces, by variant."""
    pieces: dict[int, dict[int, int]] = defaultdict(dict)
    cost: dict[int, Decimal] = defaultdict(Decimal)
    rows = CostEntry.objects.filter(movement__entry=receipt.entry_id, quantity__gt=0)
    for variant_id, movement_id, quantity, value in rows.values_list("variant", "movement", "quantity", "fifo_value"):
        pieces[variant_id][movement_id or 0] = quantity
        cost[variant_id] += value
    return {variant_id: _Came(found, cost[variant_id]) for variant_id, found in pieces.items()}


def _reprice(receipt: Any, came: Mapping[int, _Came], books: Books) -> None:
    currency = receipt.order.currency
    prices = dict(receipt.order.lines.values_list("variant", "unit_price"))
    landed: dict[int, int] = defaultdict(int)
    for variant_id, amount in receipt.lines.values_list("order_line__variant", "landed_valued"):
        landed[variant_id] += amount
    for variant_id, found in came.items():
        count = sum(found.pieces.values())
        share = landed[variant_id] / Decimal(count)
        before = found.cost / count
        if receipt.rate is not None:  # by which it was valued last
            before = exact_in_shop_currency(prices[variant_id], currency, receipt.rate)
        now = exact_in_shop_currency(prices[variant_id], currency, receipt.rate_now or ZERO)
        change = books[variant_id].reprice(pieces=found.pieces, unit_cost=six(now + share), before=six(before + share))
        books.revalue(variant_id, change, receipt.number)
