"""Statements are matched with orders, and what differs is written down for people to decide."""

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounting.events import SettlementMatched
from accounting.models import DifferenceState, Settlement, SettlementDifference, SettlementLine, SettlementState
from accounting.policies import can_take_settlements
from accounting.selectors.settling import Found, differences_of
from accounting.services.earning.queueing import queue_orders
from core.errors import InvalidTransition
from core.events import record
from orders.services.batches import check_right
from staff.models import User

# by the channel's number, and for channels without numbers of their own by ours
_ORDERS = """
    UPDATE accounting_settlementline l SET order_id = o.id FROM orders_order o
    WHERE l.settlement_id = %s AND l.order_id IS NULL AND l.external_number <> ''
      AND o.sales_channel_id = %s AND o.{column} = l.external_number
"""
# by the channel's line number, else by the SKU where only one line of the order has it
_LINES = """
    UPDATE accounting_settlementline l SET order_line_id = n.id FROM orders_orderline n
    WHERE l.settlement_id = %s AND l.order_line_id IS NULL AND l.order_id = n.order_id
      AND l.external_line <> '' AND n.external_id = l.external_line
"""
_BY_SKU = """
    UPDATE accounting_settlementline l SET order_line_id = n.id FROM (
        SELECT n.order_id, coalesce(v.sku, n.sku) AS sku, min(n.id) AS id
        FROM orders_orderline n LEFT JOIN catalog_variant v ON v.id = n.variant_id
        WHERE n.kind = 'product'
          AND n.order_id IN (SELECT order_id FROM accounting_settlementline WHERE settlement_id = %s)
        GROUP BY 1, 2 HAVING count(*) = 1) n
    WHERE l.settlement_id = %s AND l.order_line_id IS NULL AND l.order_id = n.order_id AND l.sku <> ''
      AND l.sku = n.sku
"""


@transaction.atomic
def match_settlement(*, settlement_id: int, actor: User | None = None) -> Settlement:
    """Match the lines of a statement with orders, list what differs, and return it; again gives the same.

    What people accepted stays accepted as long as both sums are what they were; a difference that is gone is taken
    off the list. Profits of its orders are worked out anew. InvalidTransition for a closed or undone statement.
    """
    check_right(can_take_settlements, actor)
    settlement = lock_settlement(settlement_id)
    check_alive(settlement)
    _link(settlement)
    _list(settlement, differences_of(settlement))
    refresh_state(settlement)
    orders = SettlementLine.objects.filter(settlement=settlement, order__isnull=False).values_list("order", flat=True)
    queue_orders(order_ids=list(orders.distinct()))
    told = SettlementMatched(
        reference=settlement.reference, lines=settlement.line_count, differences=settlement.difference_count
    )
    record(told, subject=settlement, actor=actor)
    return settlement


def lock_settlement(settlement_id: int) -> Settlement:
    """Return a statement, locked until the transaction ends."""
    return Settlement.objects.select_for_update(of=("self",)).select_related("sales_channel").get(pk=settlement_id)


def check_alive(settlement: Settlement) -> None:
    """Raise InvalidTransition for a statement that is closed or undone."""
    if settlement.state in (SettlementState.SETTLED, SettlementState.UNDONE):
        raise InvalidTransition(_("This statement is closed or undone. Reload the page."))


def refresh_state(settlement: Settlement) -> None:
    """Count what is to decide and let the state of the locked statement follow."""
    waiting = settlement.differences.exclude(state=DifferenceState.ACCEPTED).count()
    settlement.difference_count = waiting
    settlement.state = SettlementState.DIFFERENCES if waiting else SettlementState.OPEN
    settlement.save(update_fields=["difference_count", "state"])


def _link(settlement: Settlement) -> None:
    with connection.cursor() as cursor:
        for column in ("external_number", "number"):
            cursor.execute(_ORDERS.format(column=column), [settlement.pk, settlement.sales_channel_id])
        cursor.execute(_LINES, [settlement.pk])
        cursor.execute(_BY_SKU, [settlement.pk, settlement.pk])


def _list(settlement: Settlement, found: list[Found]) -> None:
    """Let the listed differences be the ones that were found."""
    known = {(row.kind, row.subject): row for row in settlement.differences.all()}
    new, changed = [], []
    for one in found:
        row = known.pop((one.kind, one.subject[:80]), None)
        if row is None:
            new.append(
                SettlementDifference(
                    settlement=settlement, kind=one.kind, subject=one.subject[:80], order_id=one.order_id,
                    expected=one.expected, actual=one.actual, currency=settlement.currency,
                )
            )  # fmt: skip
        elif (row.expected, row.actual, row.order_id) != (one.expected, one.actual, one.order_id):
            row.expected, row.actual, row.order_id = one.expected, one.actual, one.order_id
            row.state = DifferenceState.OPEN  # it was decided about other sums
            changed.append(row)
    SettlementDifference.objects.filter(pk__in=[row.pk for row in known.values()]).delete()
    SettlementDifference.objects.bulk_create(new, batch_size=2000)
    SettlementDifference.objects.bulk_update(changed, ["expected", "actual", "order", "state"], batch_size=500)
