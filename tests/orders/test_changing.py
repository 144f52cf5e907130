"""Orders change after they were placed: lines, prices, stock, and the money that follows."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Price
from core.errors import Conflict, DomainError, InvalidInput, InvalidTransition, NotAllowed
from core.models import EventRecord
from inventory.selectors import availability_of
from orders.models import LineKind, Order, OrderChange, OrderStatus
from orders.services import (
    GiftWish,
    LineEdit,
    OrderEdit,
    cancel_order,
    change_order,
    confirm_orders,
    edit_order,
    preview_change,
    record_payment,
    record_refund,
    ship_order,
)
from orders.services.intake import place_orders
from orders.services.intake.drafts import LineDraft, OrderDraft
from tests.factories import make_channel, make_order, make_stock, make_user, make_warehouse
from tests.orders.stories import assert_sound, counters, sentences

pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    return make_stock(on_hand=10, warehouse=make_warehouse())


def stored(order):
    return Order.objects.get(pk=order.pk)


def edit(*lines, **over):
    return OrderEdit(lines=lines, **over)


@pytest.mark.parametrize("currency", ["KRW", "JPY", "USD", "EUR"])
def test_fewer_pieces_free_stock_and_what_was_paid_too_much_is_owed(item, currency):
    channel = make_channel(currency=currency)
    order = make_order((item.variant, 3), sales_channel=channel, is_prepaid=True)
    total = order.total
    record_payment(order_id=order.pk, amount=total)
    confirm_orders(order_ids=[order.pk])
    line = order.lines.get()
    one = edit(LineEdit(line_id=line.pk, quantity=1), reason="the customer called")
    price = 1000  # minor units

    plan = preview_change(order_id=order.pk, edit=one)
    assert (plan.difference, plan.extra) == (-2 * price, 0)
    assert counters(item) == (10, 3)

    change = change_order(order_id=order.pk, edit=one, key="k", actor=make_user(permissions=["orders.change_order"]))

    assert (
        change_order(order_id=order.pk, edit=one, key="k", actor=make_user(permissions=["orders.change_order"]))
        == change
    )
    order = stored(order)
    assert (order.total, order.status) == (price, OrderStatus.TO_SHIP)
    assert counters(item) == (10, 1)
    assert change.owed == max(0, order.paid_total - order.total)
    assert sentences(order)[-1] == "Changed: lines (the customer called)"
    fact = EventRecord.objects.filter(name="orders.order_changed").get()
    assert (fact.data["change_id"], fact.data["owed"]) == (change.pk, change.owed)
    if change.owed:
        record_refund(order_id=order.pk, amount=change.owed)
        change.refresh_from_db()
        assert change.settled_at is not None
    assert_sound()


def test_more_pieces_are_reserved_and_a_prepaid_order_is_held_until_the_difference_is_paid(item):
    order = make_order((item.variant, 1), is_prepaid=True)
    record_payment(order_id=order.pk, amount=1000)
    confirm_orders(order_ids=[order.pk])

    change = change_order(order_id=order.pk, edit=edit(LineEdit(line_id=order.lines.get().pk, quantity=4)))

    order = stored(order)
    assert (order.total, order.status, order.is_held, change.extra) == (4000, OrderStatus.TO_SHIP, True, 3000)
    assert counters(item) == (10, 4)
    with pytest.raises(DomainError, match="Extra payment is due"):
        ship_order(order_id=order.pk)
    record_payment(order_id=order.pk, amount=3000)
    change.refresh_from_db()
    assert (stored(order).is_held, change.settled_at is not None) == (False, True)
    ship_order(order_id=order.pk)
    assert_sound()


def test_before_it_took_stock_it_waits_for_payment_again_and_goes_on_when_it_is_cheaper(item):
    order = make_order((item.variant, 1), is_prepaid=True)
    record_payment(order_id=order.pk, amount=1000)
    line = order.lines.get().pk
    change_order(order_id=order.pk, edit=edit(LineEdit(line_id=line, quantity=2)))
    assert stored(order).status == OrderStatus.AWAITING_PAYMENT
    change_order(order_id=order.pk, edit=edit(LineEdit(line_id=line, quantity=1)))
    assert stored(order).status == OrderStatus.TO_CONFIRM
    assert not OrderChange.objects.filter(settled_at=None, extra__gt=0).exists()
    assert_sound()


def test_what_is_not_there_is_refused_or_leaves_later(item):
    order = make_order((item.variant, 8))
    confirm_orders(order_ids=[order.pk])
    more = LineEdit(line_id=order.lines.get().pk, quantity=12)
    events = EventRecord.objects.count()

    with pytest.raises(DomainError, match="Not enough stock"):
        change_order(order_id=order.pk, edit=edit(more))
    assert (stored(order).total, counters(item), EventRecord.objects.count()) == (8000, (10, 8), events)

    change_order(order_id=order.pk, edit=edit(more, in_parts=True))
    assert (stored(order).ships_in_parts, counters(item)) == (True, (10, 10))
    assert_sound()


def test_lines_come_and_go_with_the_price_list(item):
    other = make_stock(on_hand=5, warehouse=item.warehouse)
    order = make_order((item.variant, 2), shipping=3000)
    Price.objects.create(
        variant=other.variant, sales_channel=order.sales_channel, currency="KRW", amount=700,
        starts_at=timezone.now() - timedelta(days=1),
    )  # fmt: skip
    confirm_orders(order_ids=[order.pk])
    goods, shipping = order.lines.order_by("position")
    change = change_order(
        order_id=order.pk,
        edit=edit(
            LineEdit(line_id=goods.pk, quantity=0),
            LineEdit(variant_id=other.variant_id, quantity=3),
            LineEdit(line_id=shipping.pk, price=2500, reason="smaller box"),
            texts={"address_1": "elsewhere"},
            gift=GiftWish(message="Happy birthday"),
        ),
        actor=make_user(permissions=["orders.change_order", "orders.override_price"]),
    )
    order = stored(order)
    assert (order.total, order.goods_total, order.address_1) == (4600, 2100, "elsewhere")
    assert (counters(item), counters(other)) == ((10, 0), (5, 3))
    assert (order.gift.message, order.status) == ("Happy birthday", OrderStatus.TO_SHIP)
    assert change.contents["fields"][0] == ["address_1", "", "elsewhere"]
    assert [row[2:] for row in change.contents["lines"]] == [
        [[2, 1000, 2000], None],
        [[1, 3000, 3000], [1, 2500, 2500]],
        [None, [3, 700, 2100]],
    ]
    said = sentences(order)[-1]
    assert "elsewhere" not in said
    assert said.startswith("Changed: lines, address")
    ship_order(order_id=order.pk)
    assert_sound()


def test_never_below_what_was_shipped_and_the_rest_taken_out_makes_it_complete(item):
    order = make_order((item.variant, 5))
    confirm_orders(order_ids=[order.pk])
    line = order.lines.get()
    ship_order(order_id=order.pk, quantities={line.pk: 2})
    with pytest.raises(InvalidInput, match="2 pieces were shipped already"):
        change_order(order_id=order.pk, edit=edit(LineEdit(line_id=line.pk, quantity=1)))
    change_order(order_id=order.pk, edit=edit(LineEdit(line_id=line.pk, quantity=2)))
    assert (stored(order).status, stored(order).total, counters(item)) == (OrderStatus.SHIPPED, 2000, (8, 0))
    with pytest.raises(InvalidTransition):
        change_order(order_id=order.pk, edit=edit(LineEdit(line_id=line.pk, quantity=3)))
    assert_sound()


def test_what_is_refused_changes_nothing(item):
    order = make_order((item.variant, 2))
    line = order.lines.get().pk
    clerk = make_user(permissions=["orders.change_order"])
    before = EventRecord.objects.count()
    for wrong, error in [
        (edit(LineEdit(line_id=line, quantity=0)), InvalidInput),
        (edit(LineEdit(line_id=line, price=900)), InvalidInput),
        (edit(LineEdit(line_id=line, price=-1, reason="x")), InvalidInput),
        (edit(LineEdit(line_id=line, price=900, reason="x")), NotAllowed),
        (edit(LineEdit(line_id=0, quantity=1)), InvalidInput),
        (edit(LineEdit(line_id=line, quantity=2)), InvalidInput),
        (edit(LineEdit(line_id=line, quantity=3), expected_total=2000), Conflict),
    ]:
        with pytest.raises(error):
            change_order(order_id=order.pk, edit=wrong, actor=clerk)
    with pytest.raises(NotAllowed):
        change_order(order_id=order.pk, edit=edit(LineEdit(line_id=line, quantity=3)), actor=make_user())
    cancel_order(order_id=order.pk, reason="x")
    with pytest.raises(InvalidTransition):
        change_order(order_id=order.pk, edit=edit(LineEdit(line_id=line, quantity=1)))
    assert (stored(order).total, OrderChange.objects.count()) == (2000, 0)
    assert EventRecord.objects.count() == before + 1


def test_a_discount_of_the_channel_is_kept_by_the_piece(item):
    order = make_order((item.variant, 3))
    order.lines.update(total=2500)  # 500 off
    Order.objects.filter(pk=order.pk).update(goods_total=2500, total=2500)
    change = change_order(order_id=order.pk, edit=edit(LineEdit(line_id=order.lines.get().pk, quantity=2)))
    assert (stored(order).total, change.difference) == (1667, -833)


def test_what_the_channel_tells_again_undoes_nothing_and_a_new_word_is_told_once(item):
    channel = make_channel()

    def deliver(quantity):
        draft = OrderDraft(
            external_number="X-1",
            placed_at=timezone.now(),
            currency="KRW",
            lines=[
                LineDraft(
                    external_id="1", quantity=quantity, unit_price=1000, total=quantity * 1000, sku=item.variant.sku
                )
            ],
            is_prepaid=False,
            recipient_name="A",
            address_1="B",
        )
        [placed] = place_orders(drafts=[draft], sales_channel_id=channel.pk)
        return Order.objects.get(pk=placed.id)

    order = deliver(2)
    change_order(order_id=order.pk, edit=edit(LineEdit(line_id=order.lines.get().pk, quantity=3)))

    assert deliver(2).total == 3000
    assert deliver(2).to_check == ""
    again = deliver(5)
    assert (again.total, again.to_check) == (3000, "changed")
    Order.objects.filter(pk=order.pk).update(to_check="")
    assert deliver(5).to_check == ""
    assert_sound()


def test_a_correction_of_the_address_keeps_both_words_where_only_some_may_read_them(item):
    order = make_order((item.variant, 1), city="서울")
    edit_order(order_id=order.pk, changes={"city": "부산"})
    change = OrderChange.objects.get()
    assert change.contents == {"fields": [["city", "서울", "부산"]], "lines": []}
    assert (change.difference, change.extra, change.owed) == (0, 0, 0)
    assert EventRecord.objects.latest("id").data == {"order_id": order.pk, "changed": ["city"], "change_id": change.pk}


def test_cancelling_settles_what_a_change_asked_for(item):
    order = make_order((item.variant, 1), is_prepaid=True)
    record_payment(order_id=order.pk, amount=1000)
    confirm_orders(order_ids=[order.pk])
    change = change_order(order_id=order.pk, edit=edit(LineEdit(line_id=order.lines.get().pk, quantity=2)))
    cancel_order(order_id=order.pk, reason="x")
    change.refresh_from_db()
    assert change.settled_at is not None
    assert availability_of(variant_ids=[item.variant_id])[item.variant_id].available == 10
    assert_sound()


def test_a_free_extra_is_a_line_with_a_kind(item):
    order = make_order((item.variant, 1))
    change_order(order_id=order.pk, edit=edit(LineEdit(kind=LineKind.GIFT, name="Ribbon", price=500)))
    assert stored(order).extras_total == 500
