"""Lots in the ship dialog: the first to expire by default, another one with a reason; a recall finds the customers."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from core.errors import Conflict, InvalidInput
from core.events import sentences_of
from core.models import EventRecord
from inventory.models import EntryKind, Lot, SerialNumber, ShelfStock, StockPolicy
from inventory.selectors import shop_day
from inventory.services import EntryLine, LotGiven, post_entry
from orders.models import OrderStatus
from orders.selectors.lots import lot_receivers, lots_of_lines
from orders.services import ChosenLots, confirm_orders, ship_order
from tests.admin.pressing import press
from tests.factories import make_order, make_stock, make_user, make_variant
from tests.inventory.moving import make_bundle
from tests.orders.stories import assert_sound, counters, sentences

pytestmark = pytest.mark.django_db


def receive(item, number, pieces, days, *serials):
    """Receive pieces of a lot that ends in so many days; None: never."""
    ends = None if days is None else shop_day() + timedelta(days=days)
    line = EntryLine(
        variant_id=item.variant_id, warehouse_id=item.warehouse_id, quantity=pieces, serials=serials,
        lot=LotGiven(number=number, expires_on=ends),
    )  # fmt: skip
    post_entry(kind=EntryKind.RECEIPT, lines=[line])
    return Lot.objects.get(variant=item.variant_id, number=number)


def confirmed(variant, pieces, **over):
    order = make_order((variant, pieces), status=OrderStatus.TO_CONFIRM, **over)
    assert confirm_orders(order_ids=[order.pk]).refused == []
    return order, order.lines.get()


@pytest.fixture
def cream():
    return make_stock(make_variant(sku="CREAM"), on_hand=0)


def left(lot):
    return sum(ShelfStock.objects.filter(lot=lot).values_list("quantity", flat=True))


def test_another_lot_is_shipped_with_a_reason_that_order_and_lot_tell(cream):
    first, second = receive(cream, "L1", 5, 100), receive(cream, "L2", 5, 200)
    order, line = confirmed(cream.variant, 3)

    with pytest.raises(InvalidInput, match="Lot L1 ends earlier"):
        ship_order(order_id=order.pk, lots=ChosenLots({line.pk: second.pk}))
    assert counters(cream) == (10, 3)
    ship_order(order_id=order.pk, lots=ChosenLots({line.pk: second.pk}, "She asked for the fresh one"))

    assert (left(first), left(second)) == (5, 2)
    assert "Lot L2 was chosen instead of the first to expire – She asked for the fresh one" in sentences(order)
    told = EventRecord.objects.filter(name="inventory.lot_chosen", subject_id=second.pk)
    assert sentences_of(list(told)) == [
        f"3 pieces shipped for {order.number} before lot L1, which ends earlier – She asked for the fresh one"
    ]
    assert_sound()


def test_the_first_to_expire_needs_no_reason_and_none_is_told(cream):
    first = receive(cream, "L1", 5, 100)
    receive(cream, "L2", 5, None)
    order, line = confirmed(cream.variant, 2)
    ship_order(order_id=order.pk, lots=ChosenLots({line.pk: first.pk}))
    assert left(first) == 3
    assert not EventRecord.objects.filter(name__in=["inventory.lot_chosen", "orders.order_lots_chosen"]).exists()


def test_blocked_lots_and_too_few_pieces_are_refused(cream):
    StockPolicy.objects.create(variant=cream.variant, block_days=30)
    blocked, second = receive(cream, "L1", 5, 10), receive(cream, "L2", 2, 200)
    receive(cream, "L3", 5, 300)
    order, line = confirmed(cream.variant, 3)

    with pytest.raises(Conflict, match="ends too soon"):
        ship_order(order_id=order.pk, lots=ChosenLots({line.pk: blocked.pk}, "x"))
    with pytest.raises(Conflict, match="not enough of that lot"):
        ship_order(order_id=order.pk, lots=ChosenLots({line.pk: second.pk}, "x"))

    assert (left(blocked), left(second), counters(cream)) == (5, 2, (12, 3))
    assert [(lot.number, lot.free, lot.skips) for lot in lots_of_lines(line_ids=[line.pk])[line.pk]] == [
        ("L2", 2, ""), ("L3", 5, "L2"),
    ]  # fmt: skip
    assert_sound()


def test_the_same_key_with_another_lot_is_no_repetition(cream):
    receive(cream, "L1", 5, 100)
    second, third = receive(cream, "L2", 5, 200), receive(cream, "L3", 5, 300)
    order, line = confirmed(cream.variant, 1)
    for _press in range(2):
        ship_order(order_id=order.pk, lots=ChosenLots({line.pk: second.pk}, "x"), key="a")
    with pytest.raises(Conflict):
        ship_order(order_id=order.pk, lots=ChosenLots({line.pk: third.pk}, "x"), key="a")
    assert (left(second), left(third)) == (4, 5)


def test_a_bundle_has_no_lot_to_choose(cream):
    receive(cream, "L1", 5, 100)
    bundle = make_bundle((cream.variant, 1), (make_stock(on_hand=5, warehouse=cream.warehouse).variant, 1))
    _order, line = confirmed(bundle, 1)
    assert lots_of_lines(line_ids=[line.pk]) == {}


def test_numbered_pieces_leave_from_their_own_lot(cream):
    StockPolicy.objects.create(variant=cream.variant, tracks_serials=True)
    first, second = receive(cream, "L1", 1, 100, "A"), receive(cream, "L2", 1, 200, "B")
    order, line = confirmed(cream.variant, 1)

    ship_order(order_id=order.pk, serials={line.pk: ["B"]})

    assert (left(first), left(second)) == (1, 0)
    assert SerialNumber.objects.get(number="A").stock_item == cream
    assert [row.order for row in lot_receivers(lot_id=second.pk)] == [order]
    assert_sound()


def test_the_dialog_offers_lots_and_asks_for_the_reason_beside_the_field(cream):
    receive(cream, "L1", 5, 100)
    second = receive(cream, "L2", 2, 200)
    order, line = confirmed(cream.variant, 2)
    client = Client()
    client.force_login(make_user(permissions=["orders.view_order", "orders.ship_order"]))
    dialog = client.get(reverse("admin:orders_order_press", args=[order.pk, "ship"])).content.decode()
    assert ("L1 ·" in dialog, "Ends first: L1" in dialog, f'value="{second.pk}"' in dialog) == (True, True, True)
    data = {"carrier": "DHL", f"line_{line.pk}": "2", f"lot_{line.pk}": str(second.pk), "lot_reason": ""}

    asked = press(client, order, "ship", **data).content.decode()
    assert "Lot L1 ends earlier. Say why it is passed over." in asked
    press(client, order, "ship", **{**data, "lot_reason": "All pieces of one lot"})

    assert left(second) == 0
    assert order.shipments.count() == 1


def test_a_recall_lists_the_customers_masked_where_contact_data_is_not_seen(cream):
    lot = receive(cream, "L1", 5, 100)
    order, _line = confirmed(cream.variant, 2, recipient_name="Sato Hanako", recipient_phone="090-1234-5678")
    [shipment] = ship_order(order_id=order.pk)
    url = reverse("admin:inventory_lot_change", args=[lot.pk])
    rights = ["inventory.view_lot", "orders.view_order"]
    seeing, masked = Client(), Client()
    seeing.force_login(make_user(permissions=[*rights, "customers.see_contact_data"]))
    masked.force_login(make_user(permissions=rights))

    page, hidden = seeing.get(url).content.decode(), masked.get(url).content.decode()

    for text in (order.number, shipment.number, "2 pieces went to 1 customer."):
        assert (text in page, text in hidden) == (True, True)
    for secret in ("Sato Hanako", "090-1234-5678"):
        assert (secret in page, secret in hidden) == (True, False)
