"""Invariants of purchasing find what is planted."""

import pytest
from django.db import connection

from core.verify import verify
from inventory.models import StockHold, StockItem
from purchasing.models import PurchaseMail
from purchasing.services import (
    PiecesBack,
    ReceivedLine,
    add_landed_cost,
    draft_supplier_return,
    receive_goods,
    send_supplier_return,
    value_movements,
)
from tests.factories import make_variant
from tests.purchasing.making import make_purchase_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> None:
    """Ten pieces came, three of them damaged and sent back, with a landed cost, all valued; a mail is on its way."""
    variant = make_variant()
    order = make_purchase_order((variant, 12), unit_price=700, number="PO-7")
    line = ReceivedLine(line_id=order.lines.get().pk, accepted=7, damaged=3)
    receipt = receive_goods(order_id=order.pk, lines=[line])
    add_landed_cost(receipt_id=receipt.pk, kind="freight", amount=100, currency="KRW", basis="value")
    back = draft_supplier_return(
        supplier_id=order.supplier_id, warehouse_id=order.warehouse_id, reason="Broken",
        lines=[PiecesBack(variant_id=variant.pk, quantity=3, hold_id=StockHold.objects.get().pk)],
    )  # fmt: skip
    send_supplier_return(return_id=back.pk)
    while value_movements():
        pass
    asked = make_purchase_order((variant, 1), state="approved", sent_at=None)
    PurchaseMail.objects.create(order=asked, address="a@example.com")
    assert StockItem.objects.get(variant=variant).on_hand == 7


PLANTS = {
    "purchasing.order_total_equals_lines": "UPDATE purchasing_purchaseorder SET total = total + 1",
    "purchasing.order_state_follows_lines": "UPDATE purchasing_purchaseorder SET state = 'sent' WHERE number = 'PO-7'",
    "purchasing.order_numbers_below_sequence": (
        "INSERT INTO core_sequence (name, next_value) VALUES ('purchasing.order', 7)"
    ),
    "purchasing.sent_orders_owe_no_mail": (
        "UPDATE purchasing_purchaseorder SET state = 'draft' WHERE state = 'approved'"
    ),
    "purchasing.receipt_numbers_below_sequence": (
        "UPDATE core_sequence SET next_value = 1 WHERE name = 'purchasing.receipt'"
    ),
    "purchasing.received_equals_receipts": (
        "UPDATE purchasing_purchaseorderline SET received = received - 1 WHERE received > 0"
    ),
    "purchasing.receipts_equal_entries": "UPDATE purchasing_goodsreceiptline SET accepted = accepted + 1",
    "purchasing.values_equal_stock": "UPDATE inventory_stockitem SET on_hand = on_hand + 1",
    "purchasing.values_equal_layers": "UPDATE purchasing_costlayer SET remaining = remaining - 1",
    "purchasing.values_equal_entries": "UPDATE purchasing_costentry SET average_value = average_value + 1",
    "purchasing.landed_shares_add_up": "UPDATE purchasing_goodsreceiptline SET landed = landed + 1",
    "purchasing.landed_lines_equal_shares": "UPDATE purchasing_landedcostshare SET amount = amount + 1",
    "purchasing.return_numbers_below_sequence": (
        "UPDATE core_sequence SET next_value = 1 WHERE name = 'purchasing.return'"
    ),
    "purchasing.returns_equal_entries": "UPDATE purchasing_supplierreturnline SET quantity = quantity - 1",
}


def test_all_hold_at_first(books):
    assert [finding.invariant.name for finding in verify() if not finding.holds] == []


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_breach_is_found_and_named(name, books):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(PLANTS[name])

    [finding] = verify(names=[name])

    assert finding.count == len(finding.breaches) >= 1
    assert all(value is not None for row in finding.breaches for value in row.values())
