"""Orders that leave together, and orders that leave in several parcels."""

from datetime import date

import pytest
from django.utils import timezone

from core.errors import DomainError, InvalidInput, NotAllowed
from orders.models import Gift, Order, OrderChange, OrderStatus, Parcel, ParcelRule, ParcelState, Shipment
from orders.selectors import parcels_of
from orders.selectors.combining import combinable_orders
from orders.services import (
    cancel_order,
    combine_by_itself,
    combine_orders,
    confirm_orders,
    divide_order,
    edit_order,
    hold_orders,
    record_payment,
    ship_order,
    ship_orders,
    ship_parcel,
    undo_parcels,
)
from tests.factories import make_channel, make_order, make_stock, make_user, make_variant, make_warehouse
from tests.orders.stories import assert_sound, counters, sentences

pytestmark = pytest.mark.django_db
HOME = {
    "recipient_name": "김민준",
    "recipient_phone": "010-1234-5678",
    "postcode": "06236",
    "address_1": "테헤란로 1",
    "country": "KR",
}


@pytest.fixture
def goods():
    return make_stock(make_variant(weight_g=400), on_hand=50, warehouse=make_warehouse())


def ready(item, count=1, **over):
    order = make_order((item.variant, count), **{**HOME, **over})
    confirm_orders(order_ids=[order.pk])
    return Order.objects.get(pk=order.pk)


def numbers():
    return [[one.order.number for one in proposal.members] for proposal in combinable_orders()]


def test_the_same_recipient_is_found_whatever_the_spelling_and_ships_with_one_number(goods):
    one = ready(goods)
    two = ready(goods, 2, recipient_phone="+82 10 1234 5678", address_1="테헤란로　1", postcode="０６２３６")
    ready(goods, address_1="테헤란로 2")
    assert numbers() == [[one.number, two.number]]

    parcel = combine_orders(order_ids=[two.pk, one.pk], actor=make_user(permissions=["orders.plan_parcel"]))

    assert combinable_orders() == []
    [content] = parcels_of([one.pk])
    assert (content.parcel_id, sorted(content.order_ids), content.piece_count) == (parcel.pk, [one.pk, two.pk], 3)
    assert sentences(two)[-1] == f"Leaves in one parcel with {one.number}"
    alone = ship_orders(order_ids=[one.pk])
    assert [refusal.reason for refusal in alone.refused] == [
        f"It leaves in one parcel with {two.number}. Ship them together, or undo the parcel first."
    ]
    with pytest.raises(DomainError, match="It leaves in one parcel"):
        ship_order(order_id=two.pk)

    first = ship_parcel(parcel_id=parcel.pk, carrier="Post", tracking_number="123", key="k")

    assert ship_parcel(parcel_id=parcel.pk, carrier="Post", tracking_number="123", key="k") == first
    assert {(s.order_id, s.tracking_number, s.parcel_id) for s in first} == {
        (one.pk, "123", parcel.pk),
        (two.pk, "123", parcel.pk),
    }
    parcel.refresh_from_db()
    assert parcel.state == ParcelState.LEFT
    assert set(Order.objects.filter(pk__in=[one.pk, two.pk]).values_list("status", flat=True)) == {"shipped"}
    assert counters(goods) == (47, 1)
    assert_sound()


def test_whole_batches_of_combined_orders_ship_in_bulk(goods):
    orders = [ready(goods).pk for _ in range(3)]
    parcel = combine_orders(order_ids=orders)
    report = ship_orders(order_ids=orders, tracking_numbers=dict.fromkeys(orders, "77"))
    assert sorted(report.done) == orders
    assert set(Shipment.objects.values_list("parcel_id", "tracking_number")) == {(parcel.pk, "77")}
    assert_sound()


@pytest.mark.parametrize(
    ("rule", "other", "reason"),
    [
        ({"kind": "payment"}, {"is_prepaid": True, "paid_total": 0}, "One of them is paid at the door"),
        ({"kind": "wish"}, {"delivery_on": date(2020, 1, 1)}, "It is wished for another day or time"),
        ({"kind": "weight", "limit": 700}, {}, "It would be heavier than 700 g"),
        ({"kind": "value", "limit": 1500, "currency": "KRW"}, {}, "It would be worth more than ₩1,500, with customs"),
        ({"kind": "channels"}, {"channel": True}, "It is of another channel"),
    ],
)
def test_a_rule_keeps_orders_apart_and_says_so(goods, rule, other, reason):
    ParcelRule.objects.all().delete()
    over = {"country": "JP", "is_prepaid": False} if rule["kind"] == "value" else {}
    one = ready(goods, **over)
    if other.pop("channel", False):
        other["sales_channel"] = make_channel(name="Second")
    two = ready(goods, **{**over, **other})
    assert len(combinable_orders()) == 1

    ParcelRule.objects.create(**rule)

    assert combinable_orders() == []
    with pytest.raises(DomainError, match=reason):
        combine_orders(order_ids=[one.pk, two.pk])
    ParcelRule.objects.update(is_active=False)
    assert len(combinable_orders()) == 1


def test_presents_and_channels_that_forbid_it_leave_alone_and_the_rest_is_still_proposed(goods):
    one, two, present = (ready(goods) for _ in range(3))
    Gift.objects.create(order=present, message="Happy birthday")
    [proposal] = combinable_orders()
    assert [each.order.pk for each in proposal.members] == [one.pk, two.pk]
    assert [(each.order.pk, said) for each, said in proposal.apart] == [(present.pk, "A present leaves alone.")]
    ParcelRule.objects.create(kind="channel", sales_channel=one.sales_channel)
    assert combinable_orders() == []


def test_goods_with_a_tag_of_a_rule_lie_in_parcels_of_their_own(goods):
    ice = make_stock(make_variant(), warehouse=goods.warehouse)
    type(ice.variant.product).objects.filter(pk=ice.variant.product_id).update(tags=["frozen"])
    ParcelRule.objects.create(kind="tag", tag="frozen")
    order = make_order((goods.variant, 2), (ice.variant, 1), **HOME)
    confirm_orders(order_ids=[order.pk])
    ready(goods)
    assert combinable_orders() == []

    first, second = divide_order(order_id=order.pk, reason="apart")

    assert sentences(order)[-1] == ("Leaves in 2 parcels (2 pieces, 1 piece): Goods that need a parcel of their own")
    refused = ship_orders(order_ids=[order.pk]).refused
    assert [refusal.reason for refusal in refused] == [
        "It leaves in 2 parcels. Ship each with its own tracking number."
    ]
    ship_parcel(parcel_id=first.pk, tracking_number="1")
    order.refresh_from_db()
    assert order.status == OrderStatus.PARTLY_SHIPPED
    assert [content.parcel_id for content in parcels_of([order.pk])] == [second.pk]
    ship_parcel(parcel_id=second.pk, tracking_number="2")
    order.refresh_from_db()
    assert order.status == OrderStatus.SHIPPED
    assert list(order.shipments.order_by("pk").values_list("tracking_number", flat=True)) == ["1", "2"]
    assert_sound()


def test_an_order_that_is_too_heavy_is_packed_into_as_few_parcels_as_fit(goods):
    order = ready(goods, 5)  # 400 g each
    parcels = divide_order(order_id=order.pk, reason="weight", heaviest=1000)
    assert [content.piece_count for content in parcels_of([order.pk])] == [2, 2, 1]
    with pytest.raises(DomainError, match="is heavier than 300 g"):
        divide_order(order_id=order.pk, reason="weight", heaviest=300)
    with pytest.raises(DomainError, match="fits into one parcel"):
        divide_order(order_id=order.pk, reason="weight", heaviest=9000)
    assert Parcel.objects.filter(state="planned").count() == len(parcels)
    # the same pieces lie in two parcels of one content: each leaves once
    ship_parcel(parcel_id=parcels[1].pk)
    assert list(Parcel.objects.order_by("pk").values_list("state", flat=True)) == ["planned", "left", "planned"]
    assert_sound()


def test_parcels_by_hand_take_what_is_reserved_and_other_shipping_undoes_the_plan(goods):
    order = ready(goods, 4)
    line = order.lines.get().pk
    with pytest.raises(InvalidInput):
        divide_order(order_id=order.pk, reason="hand", parcels=[{line: 5}])
    divide_order(order_id=order.pk, reason="hand", parcels=[{line: 1}])
    assert [content.piece_count for content in parcels_of([order.pk])] == [1, 3]
    ship_order(order_id=order.pk, quantities={line: 2})
    assert "No longer in the planned parcel: something of it left otherwise" in sentences(order)
    assert [(content.parcel_id, content.piece_count) for content in parcels_of([order.pk])] == [(None, 2)]
    assert_sound()


def test_what_is_there_leaves_first_and_the_rest_waits(goods):
    order = make_order((goods.variant, 60), **HOME)
    confirm_orders(order_ids=[order.pk])
    assert divide_order(order_id=order.pk, reason="stock") == []
    [content] = parcels_of([order.pk])
    assert (content.parcel_id, content.piece_count) == (None, 50)
    assert_sound()


@pytest.mark.parametrize("way", ["hold", "cancel", "address"])
def test_an_order_that_may_not_leave_any_more_falls_out_with_its_reason(goods, way):
    orders = [ready(goods) for _ in range(3)]
    parcel = combine_orders(order_ids=[order.pk for order in orders])
    first, *others = orders
    if way == "hold":
        hold_orders(order_ids=[first.pk], reason="address")
        said = "it is held"
    elif way == "cancel":
        cancel_order(order_id=first.pk, reason="x")
        said = "it is cancelled"
    else:
        edit_order(order_id=first.pk, changes={"address_1": "elsewhere"})
        said = "its address changed"

    assert f"No longer in the planned parcel: {said}" in sentences(first)
    assert sorted(parcels_of([others[0].pk])[0].order_ids) == sorted(order.pk for order in others)
    hold_orders(order_ids=[others[0].pk], reason="address")
    parcel.refresh_from_db()
    assert parcel.state == ParcelState.UNDONE
    assert sentences(others[1])[-1] == "No longer in the planned parcel: nothing else was left in it"
    assert_sound()


def test_undone_before_it_leaves_and_not_after(goods):
    orders = [ready(goods).pk for _ in range(3)]
    parcel = combine_orders(order_ids=orders)
    assert undo_parcels(parcel_ids=[parcel.pk], order_ids=orders[:1]) == 1
    assert sorted(parcels_of([orders[1]])[0].order_ids) == orders[1:]
    ship_parcel(parcel_id=parcel.pk)
    with pytest.raises(DomainError, match="left already"):
        undo_parcels(parcel_ids=[parcel.pk])
    with pytest.raises(DomainError):
        ship_parcel(parcel_id=parcel.pk)
    assert_sound()


def test_it_needs_the_right_and_orders_that_are_ready(goods):
    one, two = ready(goods), ready(goods)
    with pytest.raises(NotAllowed):
        combine_orders(order_ids=[one.pk, two.pk], actor=make_user())
    with pytest.raises(DomainError, match="same recipient"):
        combine_orders(order_ids=[one.pk, ready(goods, recipient_name="A").pk])
    with pytest.raises(DomainError, match="not ready to pick"):
        combine_orders(order_ids=[one.pk, make_order((goods.variant, 1), **HOME).pk])
    with pytest.raises(InvalidInput):
        combine_orders(order_ids=[one.pk, one.pk])
    assert not Parcel.objects.exists()


def test_the_shop_may_let_them_combine_by_themselves(goods):
    ready(goods), ready(goods)
    assert combine_by_itself() == 0
    ParcelRule.objects.create(kind="automatic")
    assert combine_by_itself() == 1
    assert combine_by_itself() == 0


def test_not_before_its_day(goods):
    one, two = ready(goods), ready(goods)
    Order.objects.filter(pk=two.pk).update(
        not_before=timezone.localdate() + timezone.timedelta(days=3), wait_reason="delivery"
    )
    assert combinable_orders() == []
    with pytest.raises(DomainError):
        combine_orders(order_ids=[one.pk, two.pk])


def test_shipping_that_was_paid_twice_is_owed_where_the_shop_wants_it(goods):
    ParcelRule.objects.create(kind="shipping")
    orders = []
    for _ in range(2):
        order = make_order((goods.variant, 1), shipping=3000, is_prepaid=True, **HOME)
        record_payment(order_id=order.pk, amount=4000)
        confirm_orders(order_ids=[order.pk])
        orders.append(order.pk)
    combine_orders(order_ids=orders)
    assert list(Order.objects.order_by("pk").values_list("total", flat=True)) == [4000, 1000]
    assert list(OrderChange.objects.values_list("order_id", "owed")) == [(orders[1], 3000)]
    assert_sound()
