"""What stock is worth: the moving average and first in, first out, worked off from the movements."""

from datetime import date
from decimal import Decimal

import pytest

from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.models import EventRecord
from core.verify import verify
from inventory.models import EntryKind, StockItem
from inventory.services import EntryLine, post_entry
from orders.services import confirm_orders, ship_orders
from purchasing.models import CostEntry, CostLayer, ExchangeRate, GoodsReceiptLine, LandedCost, VariantValue
from purchasing.selectors.costs import cost_of_sales, stock_worth
from purchasing.services import (
    ReceivedLine,
    add_landed_cost,
    receive_goods,
    set_unknown_cost,
    set_unknown_costs,
    undo_receipt,
    value_movements,
)
from tests.factories import make_order, make_stock, make_user, make_variant, make_warehouse
from tests.purchasing.making import make_purchase_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return make_warehouse()


def bring(variant, pieces, price, place, **over):
    order = make_purchase_order((variant, pieces), unit_price=price, warehouse=place, **over)
    return receive_goods(order_id=order.pk, lines=[ReceivedLine(line_id=order.lines.get().pk, accepted=pieces)])


def adjust(variant, change, place):
    line = EntryLine(variant_id=variant.pk, warehouse_id=place.pk, quantity=change)
    post_entry(kind=EntryKind.ADJUSTMENT, lines=[line], reason="Test")


def work_off():
    while value_movements(limit=3):
        pass
    assert [finding.invariant.name for finding in verify() if not finding.holds] == []


def worth(variant):
    row = VariantValue.objects.get(variant=variant)
    return row.quantity, row.average_cost, row.average_value, row.fifo_value, row.is_complete


def test_receipts_come_at_their_price_and_the_oldest_leave_first(place):
    variant = make_variant()
    bring(variant, 10, 1000, place)
    bring(variant, 10, 2000, place)
    work_off()
    assert worth(variant) == (20, Decimal(1500), Decimal(30000), Decimal(30000), True)
    adjust(variant, -15, place)
    work_off()
    # average: 5 x 1500; first in, first out: five of the dear ones are left
    assert worth(variant) == (5, Decimal(1500), Decimal(7500), Decimal(10000), True)
    gone = CostEntry.objects.get(quantity=-15)
    assert (gone.average_value, gone.fifo_value) == (Decimal(-22500), Decimal(-20000))
    assert list(CostLayer.objects.values_list("remaining", flat=True)) == [0, 5]


def test_an_average_without_end_leaves_nothing_behind(place):
    variant = make_variant()
    bring(variant, 2, 100, place)
    bring(variant, 1, 101, place)
    work_off()
    assert worth(variant)[1:3] == (Decimal("100.333333"), Decimal(301))
    adjust(variant, -1, place)
    work_off()
    assert worth(variant)[2] == Decimal("200.666667")
    adjust(variant, -2, place)
    work_off()
    assert worth(variant) == (0, Decimal("100.333334"), Decimal(0), Decimal(0), True)


def test_working_off_twice_changes_nothing(place):
    variant = make_variant()
    bring(variant, 10, 1000, place)
    assert value_movements() == 1
    before = worth(variant)
    assert value_movements() == 0
    assert (worth(variant), CostEntry.objects.count()) == (before, 1)


def test_foreign_prices_are_worth_what_the_day_says_and_unknown_ones_are_marked(place):
    variant = make_variant()
    ExchangeRate.objects.create(currency="USD", starts_on=date(2020, 1, 1), rate=Decimal("1300.5"))
    bring(variant, 2, 1050, place, currency="USD")  # 10.50 USD
    work_off()
    assert worth(variant) == (2, Decimal("13655.25"), Decimal("27310.5"), Decimal("27310.5"), True)
    other = make_variant()
    bring(other, 2, 1050, place, currency="EUR")
    work_off()
    assert worth(other) == (2, Decimal(0), Decimal(0), Decimal(0), False)


def test_found_and_opening_pieces_come_at_the_running_average_and_unknown_costs_can_be_said_later(place):
    variant = make_variant()
    make_stock(variant, on_hand=10, warehouse=place)
    work_off()
    assert worth(variant) == (10, Decimal(0), Decimal(0), Decimal(0), False)
    assert stock_worth().unknown == 1
    with pytest.raises(NotAllowed):
        set_unknown_cost(variant_id=variant.pk, unit_cost=Decimal(500), reason="List", actor=make_user())
    with pytest.raises(InvalidInput):
        set_unknown_cost(variant_id=variant.pk, unit_cost=Decimal(500), reason=" ")
    accountant = make_user(permissions=["purchasing.view_costs", "purchasing.change_variantvalue"])
    set_unknown_cost(variant_id=variant.pk, unit_cost=Decimal(500), reason="Price list of 2025", actor=accountant)
    work_off()
    assert worth(variant) == (10, Decimal(500), Decimal(5000), Decimal(5000), True)
    with pytest.raises(InvalidInput):
        set_unknown_cost(variant_id=variant.pk, unit_cost=Decimal(1), reason="Again")
    adjust(variant, 2, place)
    work_off()
    assert worth(variant) == (12, Decimal(500), Decimal(6000), Decimal(6000), True)


def test_costs_of_many_variants_are_said_at_once_or_not_at_all(place):
    first, second = make_variant(), make_variant()
    for variant, pieces in ((first, 3), (second, 4)):
        make_stock(variant, on_hand=pieces, warehouse=place)
    known = make_variant()
    bring(known, 2, 900, place)
    work_off()
    with pytest.raises(InvalidInput):
        set_unknown_costs(unit_costs={first.pk: Decimal(100), known.pk: Decimal(1)}, reason="List")
    assert worth(first) == (3, Decimal(0), Decimal(0), Decimal(0), False)
    assert set_unknown_costs(unit_costs={first.pk: Decimal(100), second.pk: Decimal("0.5")}, reason="List") == 2
    assert worth(first) == (3, Decimal(100), Decimal(300), Decimal(300), True)
    assert worth(second) == (4, Decimal("0.5"), Decimal(2), Decimal(2), True)
    assert worth(known) == (2, Decimal(900), Decimal(1800), Decimal(1800), True)
    assert EventRecord.objects.filter(name="purchasing.unknown_cost_set").count() == 2


def test_a_shipment_tells_what_its_goods_cost(place):
    variant = make_variant()
    bring(variant, 5, 1000, place)
    bring(variant, 5, 3000, place)
    sold = make_order((variant, 6))
    confirm_orders(order_ids=[sold.pk])
    ship_orders(order_ids=[sold.pk])
    work_off()
    [reservation] = StockItem.objects.get(variant=variant).reservations.all()
    cost = cost_of_sales(reservation_ids=[reservation.pk])[reservation.pk]
    assert (cost.quantity, cost.average, cost.fifo, cost.is_known) == (6, Decimal(12000), Decimal(8000), True)


def test_an_undone_receipt_leaves_with_its_own_cost(place):
    variant = make_variant()
    bring(variant, 10, 1000, place)
    wrong = bring(variant, 10, 5000, place)
    work_off()
    undo_receipt(receipt_id=wrong.pk, reason="Wrong order")
    work_off()
    assert worth(variant) == (10, Decimal(1000), Decimal(10000), Decimal(10000), True)


def test_landed_cost_known_in_time_is_part_of_the_pieces(place):
    variant, other = make_variant(), make_variant()
    order = make_purchase_order((variant, 2), (other, 1), unit_price=1000, warehouse=place)
    receipt = receive_goods(
        order_id=order.pk, lines=[ReceivedLine(line_id=line.pk, accepted=line.quantity) for line in order.lines.all()]
    )
    cost = add_landed_cost(receipt_id=receipt.pk, kind="freight", basis="value", amount=100, currency="KRW")
    assert list(GoodsReceiptLine.objects.order_by("pk").values_list("landed", flat=True)) == [67, 33]
    assert cost.in_shop_currency == 100
    work_off()
    assert worth(variant)[2:4] == (Decimal(2067), Decimal(2067))
    assert worth(other)[2:4] == (Decimal(1033), Decimal(1033))
    assert CostEntry.objects.filter(movement=None).count() == 2
    assert value_movements() == 0
    assert CostEntry.objects.filter(movement=None).count() == 2


def test_late_landed_cost_stays_with_what_is_left_and_the_rest_is_cost_of_sales(place):
    variant = make_variant()
    receipt = bring(variant, 10, 1000, place)
    adjust(variant, -6, place)
    work_off()
    add_landed_cost(receipt_id=receipt.pk, kind="duty", basis="quantity", amount=500, currency="KRW")
    work_off()
    assert worth(variant) == (4, Decimal(1050), Decimal(4200), Decimal(4200), True)
    entry = CostEntry.objects.get(movement=None)
    assert (entry.quantity, entry.average_value, entry.fifo_value) == (0, Decimal(200), Decimal(200))
    assert (entry.average_expensed, entry.fifo_expensed) == (Decimal(300), Decimal(300))
    assert entry.reason == receipt.number


def test_landed_cost_is_converted_shared_and_refused(place):
    heavy, light = make_variant(weight_g=900), make_variant(weight_g=100)
    bare = make_variant()
    order = make_purchase_order((heavy, 1), (light, 1), warehouse=place)
    receipt = receive_goods(
        order_id=order.pk, lines=[ReceivedLine(line_id=line.pk, accepted=1) for line in order.lines.all()]
    )
    say = {"receipt_id": receipt.pk, "kind": "freight", "currency": "USD"}
    with pytest.raises(InvalidInput, match="exchange rate"):
        add_landed_cost(**say, basis="weight", amount=1000)
    ExchangeRate.objects.create(currency="USD", starts_on=date(2020, 1, 1), rate=Decimal(1300))
    for wrong in ({"basis": "weight", "amount": 0}, {"basis": "moon", "amount": 5}):
        with pytest.raises(InvalidInput):
            add_landed_cost(**say, **wrong)
    with pytest.raises(NotAllowed):
        add_landed_cost(**say, basis="weight", amount=1000, actor=make_user())
    assert LandedCost.objects.count() == 0
    add_landed_cost(**say, basis="weight", amount=1000, key="k")
    add_landed_cost(**say, basis="weight", amount=1000, key="k")
    assert list(receipt.lines.order_by("pk").values_list("landed", flat=True)) == [11700, 1300]
    unweighed = bring(bare, 1, 1, place)
    with pytest.raises(InvalidInput, match=bare.sku):
        add_landed_cost(receipt_id=unweighed.pk, kind="freight", basis="weight", amount=1, currency="KRW")
    undo_receipt(receipt_id=unweighed.pk, reason="Wrong")
    with pytest.raises(InvalidTransition):
        add_landed_cost(receipt_id=unweighed.pk, kind="freight", basis="value", amount=1, currency="KRW")
