"""Invariants of planned parcels and of changes find what is planted."""

import pytest
from django.db import connection

from core.verify import verify
from orders.models import OrderChange
from orders.services import (
    LineEdit,
    OrderEdit,
    change_order,
    combine_orders,
    confirm_orders,
    divide_order,
    record_payment,
)
from tests.factories import make_order, make_stock, make_warehouse

pytestmark = pytest.mark.django_db
HOME = {"recipient_name": "Kim", "address_1": "Street 1"}
PLANTS = {
    "orders.planned_pieces_are_open": (
        "UPDATE orders_parcelpiece SET quantity = quantity + 1"
        " WHERE parcel_id = (SELECT id FROM orders_parcel WHERE reason = 'hand' LIMIT 1)"
    ),
    "orders.combined_parcels_may_leave": (
        "DELETE FROM orders_parcelpiece WHERE id = (SELECT max(p.id) FROM orders_parcelpiece p"
        " JOIN orders_parcel c ON c.id = p.parcel_id WHERE c.reason = 'combined')"
    ),
    "orders.open_changes_are_owed": "UPDATE orders_orderchange SET settled_at = NULL",
}


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_breach_is_found(name):
    item = make_stock(on_hand=20, warehouse=make_warehouse())
    one, two = (make_order((item.variant, 1), **HOME) for _ in range(2))
    big = make_order((item.variant, 4), is_prepaid=True)
    record_payment(order_id=big.pk, amount=4000)
    confirm_orders(order_ids=[one.pk, two.pk, big.pk])
    combine_orders(order_ids=[one.pk, two.pk])
    change_order(order_id=big.pk, edit=OrderEdit(lines=[LineEdit(line_id=big.lines.get().pk, quantity=5)]))
    record_payment(order_id=big.pk, amount=1000)
    divide_order(order_id=big.pk, reason="hand", parcels=[{big.lines.get().pk: 2}])
    assert OrderChange.objects.get().settled_at is not None
    assert all(finding.holds for finding in verify(names=[name]))

    with connection.cursor() as cursor:
        cursor.execute(PLANTS[name])

    assert [finding.holds for finding in verify(names=[name])] == [False]
