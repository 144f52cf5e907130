"""Orders of bundles: what is sold are sets, what moves are components."""

import pytest

from catalog.models import BundleComponent
from core.verify import verify
from inventory.models import EntryKind, Reservation, StockItem
from inventory.services import EntryLine, Portion, post_entry, release_stock, ship_stock
from orders.models import OrderStatus, ShipmentLine
from orders.services import (
    allocate_waiting_orders,
    cancel_order,
    cancel_orders,
    confirm_orders,
    record_return,
    ship_order,
    ship_orders,
)
from tests.factories import make_order, make_stock, make_variant
from tests.orders.stories import assert_sound, sentences

pytestmark = pytest.mark.django_db


@pytest.fixture
def tea_set():
    """A set of two cups and a pot: 10 cups and 4 pots lie there."""
    bundle, cup, pot = make_variant(), make_variant(sku="CUP"), make_variant(sku="POT")
    BundleComponent.objects.create(bundle=bundle, component=cup, quantity=2)
    BundleComponent.objects.create(bundle=bundle, component=pot, quantity=1)
    make_stock(cup, on_hand=10)
    make_stock(pot, on_hand=4)
    return bundle


def shelf():
    """Return (on hand, reserved) of cups and pots."""
    rows = StockItem.objects.filter(variant__sku__in=["CUP", "POT"]).order_by("variant__sku")
    return list(rows.values_list("on_hand", "reserved"))


def test_a_set_is_shipped_by_its_components_one_by_one(tea_set):
    order = make_order((tea_set, 3))
    confirm_orders(order_ids=[order.pk])
    line = order.lines.get()
    assert shelf() == [(10, 6), (4, 3)]
    assert "3 pieces reserved" in sentences(order)[0]
    assert_sound()

    ship_order(order_id=order.pk, quantities={line.pk: 1})

    assert shelf() == [(8, 4), (3, 2)]
    assert list(ShipmentLine.objects.values_list("quantity", flat=True)) == [1]
    assert_sound()
    ship_orders(order_ids=[order.pk])
    order.refresh_from_db()
    assert (order.status, shelf()) == (OrderStatus.SHIPPED, [(4, 0), (1, 0)])
    assert_sound()


def test_cancelling_frees_all_components_of_what_is_left(tea_set):
    order = make_order((tea_set, 3))
    confirm_orders(order_ids=[order.pk])
    ship_order(order_id=order.pk, quantities={order.lines.get().pk: 1})

    cancel_order(order_id=order.pk, reason="too late")

    assert shelf() == [(8, 0), (3, 0)]
    assert_sound()


def test_what_is_cancelled_as_lost_leaves_by_its_components(tea_set):
    order = make_order((tea_set, 3))
    confirm_orders(order_ids=[order.pk])

    cancel_orders(order_ids=[order.pk], reason="broken", restock=False)

    assert shelf() == [(4, 0), (1, 0)]
    assert_sound()


def test_a_returned_set_lies_there_as_the_components_that_left(tea_set):
    order = make_order((tea_set, 3))
    confirm_orders(order_ids=[order.pk])
    ship_orders(order_ids=[order.pk])
    tea_set.components.all().delete()  # what it is made of today does not matter

    record_return(order_id=order.pk, quantities={order.lines.get().pk: 2})

    assert shelf() == [(8, 0), (3, 0)]
    assert not StockItem.objects.filter(variant=tea_set).exists()
    assert_sound()


def test_a_packed_set_comes_back_packed(tea_set):
    packed = make_stock(tea_set, on_hand=2)
    order = make_order((tea_set, 2))
    confirm_orders(order_ids=[order.pk])
    ship_orders(order_ids=[order.pk])

    record_return(order_id=order.pk, quantities={order.lines.get().pk: 1})

    packed.refresh_from_db()
    assert (packed.on_hand, packed.reserved) == (1, 0)
    assert shelf() == [(10, 0), (4, 0)]
    assert_sound()


def test_an_order_of_sets_waits_for_a_component_and_goes_on_when_it_comes(tea_set):
    order = make_order((tea_set, 5))
    report = confirm_orders(order_ids=[order.pk])
    pot = StockItem.objects.get(variant__sku="POT")
    assert report.waiting == {order.pk: ["POT"]}
    assert allocate_waiting_orders(variant_id=pot.variant_id).done == []
    assert not Reservation.objects.exists()

    line = EntryLine(variant_id=pot.variant_id, warehouse_id=pot.warehouse_id, quantity=1)
    post_entry(kind=EntryKind.RECEIPT, lines=[line])

    assert allocate_waiting_orders(variant_id=pot.variant_id).done == [order.pk]
    assert shelf() == [(10, 10), (5, 5)]
    assert_sound()


def test_an_older_order_that_lacks_a_component_does_not_hold_up_a_later_one(tea_set):
    hopeless = make_order((tea_set, 5))
    served = make_order((tea_set, 4))
    confirm_orders(order_ids=[hopeless.pk])
    blocked = make_order((tea_set, 1))
    confirm_orders(order_ids=[served.pk, blocked.pk])
    pot = StockItem.objects.get(variant__sku="POT")
    line = EntryLine(variant_id=pot.variant_id, warehouse_id=pot.warehouse_id, quantity=1)
    post_entry(kind=EntryKind.RECEIPT, lines=[line])

    assert allocate_waiting_orders(limit=1).done == [blocked.pk]
    assert_sound()


@pytest.mark.parametrize("consume", [release_stock, ship_stock])
def test_a_component_that_goes_without_the_others_is_a_breach(tea_set, consume):
    """The sum of what is held of a line looks right: it is the set that is not complete."""
    order = make_order((tea_set, 2))
    confirm_orders(order_ids=[order.pk])
    pot = Reservation.objects.get(stock_item__variant__sku="POT")

    consume(portions=[Portion(pot.pk)])

    [finding] = verify(names=["orders.holdings_match_status"])
    assert [(row["order_id"], row["open"], row["held"]) for row in finding.breaches] == [(order.pk, 2, -1)]


def test_a_recipe_that_changed_after_all_was_released_is_no_breach(tea_set):
    order = make_order((tea_set, 2))
    confirm_orders(order_ids=[order.pk])
    release_stock(portions=[Portion(pk) for pk in Reservation.objects.values_list("pk", flat=True)])
    lid = make_stock(make_variant(sku="LID"), on_hand=4, warehouse=StockItem.objects.first().warehouse)
    BundleComponent.objects.filter(component__sku="POT").update(component=lid.variant)
    order.status = OrderStatus.AWAITING_STOCK
    order.save(update_fields=["status"])

    allocate_waiting_orders()

    order.refresh_from_db()
    assert (order.status, shelf()) == (OrderStatus.TO_SHIP, [(10, 4), (4, 0)])
    assert_sound()
