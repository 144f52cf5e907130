"""Sold and not there: found by itself, decided by people through the services in charge, told to the second decider."""

from datetime import timedelta

import pytest

from core.errors import InvalidInput, NotAllowed
from core.events import deliver_due
from inventory.models import ChannelWarehouse, EntryKind, StockPolicy, Transfer
from inventory.selectors.shelves import shop_day
from inventory.services import EntryLine, post_entry
from orders.models import DecisionKind, OrderMessage, Oversell, OversellDecision
from orders.services import Choice, cancel_order, confirm_orders, decide_oversell, judge_oversells, mark_sent
from staff.models import Notification
from tests.factories import make_channel, make_order, make_stock, make_user, make_variant, make_warehouse
from tests.orders.stories import assert_sound, counters

pytestmark = pytest.mark.django_db
K = DecisionKind
RIGHTS = ("orders.decide_oversell", "orders.confirm_order", "orders.cancel_order", "inventory.move_stock")


@pytest.fixture
def manager():
    return make_user(permissions=RIGHTS, first_name="Min", last_name="Lee")


def deliver():
    while deliver_due():
        pass


def receive(item, quantity):
    line = EntryLine(variant_id=item.variant_id, warehouse_id=item.warehouse_id, quantity=quantity)
    post_entry(kind=EntryKind.RECEIPT, lines=[line])


def oversold(*orders):
    confirm_orders(order_ids=[order.pk for order in orders])
    deliver()
    return Oversell.objects.get(closed_at=None)


def status(order):
    order.refresh_from_db()
    return order.status


def decide(case, orders, manager, kind, **over):
    choice = Choice(kind=kind, note=over.pop("note", "as agreed"), **over)
    return decide_oversell(oversell_id=case.pk, order_ids=[order.pk for order in orders], choice=choice, actor=manager)


def reasons(report):
    return [refusal.reason for refusal in report.refused]


def test_it_opens_when_a_confirm_comes_up_short_and_closes_by_itself(manager):
    item = make_stock(on_hand=3)
    first, second = make_order((item.variant, 2)), make_order((item.variant, 4))
    case = oversold(first, second)
    assert (case.variant, case.short, case.most_short) == (item.variant, 3, 3)
    assert judge_oversells(variant_ids=[item.variant_id]) == 0
    told = [(row.data["reason"], row.data["count"]) for row in Notification.objects.filter(user=manager)]
    assert told == [("oversold", 3)]

    receive(item, 1)
    deliver()
    case.refresh_from_db()
    assert (case.short, case.most_short, case.closed_at) == (2, 3, None)
    receive(item, 2)
    deliver()
    case.refresh_from_db()
    assert case.closed_at is not None
    assert status(second) == "to_ship"
    assert Notification.objects.get(user=manager).read_at is not None


def test_a_cancelled_order_is_short_no_more(manager):
    item = make_stock(on_hand=0)
    order = make_order((item.variant, 1))
    case = oversold(order)
    cancel_order(order_id=order.pk, reason="changed their mind")
    deliver()
    case.refresh_from_db()
    assert case.closed_at is not None


@pytest.mark.parametrize(
    ("policy", "short"),
    [
        ({"when_out": "backorder"}, 0),
        ({"when_out": "backorder", "backorder_limit": 4}, 0),
        ({"when_out": "backorder", "backorder_limit": 3}, 1),
        ({"when_out": "preorder", "release_on": shop_day() + timedelta(days=1)}, 0),
        ({"when_out": "preorder", "release_on": shop_day()}, 4),
        ({"when_out": "refuse"}, 4),
    ],
)
def test_what_may_be_sold_ahead_is_no_oversell(policy, short):
    item = make_stock(on_hand=1)
    StockPolicy.objects.create(variant=item.variant, **policy)
    confirm_orders(order_ids=[make_order((item.variant, 5)).pk])
    deliver()
    assert list(Oversell.objects.values_list("short", flat=True)) == [short] * bool(short)


def test_from_another_warehouse(manager):
    near, far = make_warehouse(), make_warehouse()
    channel, variant = make_channel(), make_variant()
    ChannelWarehouse.objects.create(sales_channel=channel, warehouse=near)
    make_stock(variant, on_hand=0, warehouse=near)
    there = make_stock(variant, on_hand=3, warehouse=far)
    orders = [make_order((variant, 2), sales_channel=channel) for _ in range(2)]
    case = oversold(*orders)

    report = decide(case, orders, manager, K.MOVE, warehouse_id=far.pk)

    assert report.done == [orders[0].pk]
    assert reasons(report) == [f"Still short: {variant.sku}"]
    assert (status(orders[0]), status(orders[1]), counters(there)) == ("to_ship", "awaiting_stock", (3, 2))
    [kept] = OversellDecision.objects.all()
    assert (kept.order, kept.kind, kept.note, kept.warehouse, kept.decided_by) == (
        orders[0], "move", "as agreed", far, manager,
    )  # fmt: skip
    case.refresh_from_db()
    assert case.short == 2
    assert_sound()


def test_a_transfer_is_drafted_for_all_of_them(manager):
    near, far = make_warehouse(), make_warehouse()
    channel, variant = make_channel(), make_variant()
    ChannelWarehouse.objects.create(sales_channel=channel, warehouse=near)
    make_stock(variant, on_hand=3, warehouse=far)
    orders = [make_order((variant, 1), sales_channel=channel) for _ in range(2)]
    case = oversold(*orders)
    day = shop_day() + timedelta(days=2)

    decide(case, orders, manager, K.TRANSFER, warehouse_id=far.pk, promised_on=day)

    [transfer] = Transfer.objects.all()
    assert (transfer.source, transfer.destination, transfer.state, transfer.expected_on) == (far, near, "draft", day)
    assert list(transfer.lines.values_list("variant", "quantity")) == [(variant.pk, 2)]
    assert [(status(order), order.promised_on) for order in orders] == [("awaiting_stock", day)] * 2


def test_what_is_there_first(manager):
    item = make_stock(on_hand=1)
    order = make_order((item.variant, 3))
    case = oversold(order)
    decide(case, [order], manager, K.SPLIT)
    assert (status(order), order.ships_in_parts, counters(item)) == ("to_ship", True, (1, 1))
    case.refresh_from_db()
    assert case.short == 2
    assert_sound()


def test_wait_until_a_day(manager):
    item = make_stock(on_hand=0)
    order = make_order((item.variant, 1))
    case = oversold(order)
    with pytest.raises(InvalidInput, match="day"):
        decide(case, [order], manager, K.WAIT)
    with pytest.raises(InvalidInput, match="day"):
        decide(case, [order], manager, K.WAIT, promised_on=shop_day() - timedelta(days=1))
    assert OversellDecision.objects.count() == 0
    day = shop_day() + timedelta(days=7)
    decide(case, [order], manager, K.WAIT, promised_on=day)
    assert (status(order), order.promised_on) == ("awaiting_stock", day)
    decide(case, [order], manager, K.WAIT, promised_on=day + timedelta(days=1))  # waiting may be decided again
    assert OversellDecision.objects.count() == 2


def test_another_product_instead(manager):
    item, other = make_stock(on_hand=0), make_stock(on_hand=2)
    order = make_order((item.variant, 2))
    case = oversold(order)
    decide(case, [order], manager, K.SUBSTITUTE, substitute_id=other.variant_id)
    assert (status(order), order.lines.get().variant, counters(other)) == ("to_ship", other.variant, (2, 2))
    case.refresh_from_db()
    assert case.closed_at is not None


def test_a_substitute_that_is_short_too_changes_nothing(manager):
    item, other = make_stock(on_hand=0), make_stock(on_hand=1)
    order = make_order((item.variant, 2))
    case = oversold(order)
    report = decide(case, [order], manager, K.SUBSTITUTE, substitute_id=other.variant_id)
    assert reasons(report) == [f"Still short: {other.variant.sku}"]
    assert (status(order), order.lines.get().variant) == ("awaiting_stock", item.variant)
    assert OversellDecision.objects.count() == 0


def test_cancel_with_words_in_the_customers_language(manager):
    item = make_stock(on_hand=0)
    mall = make_channel(language="ja")
    order = make_order((item.variant, 1), sales_channel=mall, external_number="R-17")
    case = oversold(order)
    messages = {"ja": "ご注文 {order} を取り消しました。", "ko": "주문을 취소했습니다."}
    decide(case, [order], manager, K.CANCEL, note="sold out for good", messages=messages)
    assert (status(order), order.cancel_reason) == ("cancelled", "sold out for good")
    [message] = OrderMessage.objects.all()
    assert (message.language, message.body, message.sent_at) == ("ja", "ご注文 R-17 を取り消しました。", None)
    with pytest.raises(NotAllowed):
        mark_sent(message_ids=[message.pk], actor=manager)
    sender = make_user(permissions=["orders.send_ordermessage"])
    assert mark_sent(message_ids=[message.pk], actor=sender) == 1
    assert mark_sent(message_ids=[message.pk], actor=sender) == 0


def test_the_second_decider_is_told(manager):
    item = make_stock(on_hand=0)
    order = make_order((item.variant, 1))
    case = oversold(order)
    decide(case, [order], manager, K.CANCEL)
    other = make_user(permissions=RIGHTS)
    report = decide(case, [order], other, K.WAIT, promised_on=shop_day())
    assert reasons(report) == ["Min Lee decided already: Cancel."]
    assert OversellDecision.objects.count() == 1


def test_who_may(manager):
    item = make_stock(on_hand=0)
    order = make_order((item.variant, 1))
    case = oversold(order)
    with pytest.raises(NotAllowed):
        decide(case, [order], make_user(permissions=["orders.cancel_order"]), K.CANCEL)
    half = make_user(permissions=["orders.decide_oversell"])
    report = decide(case, [order], half, K.CANCEL)
    assert len(report.refused) == 1
    assert status(order) == "awaiting_stock"
    with pytest.raises(InvalidInput, match="why"):
        decide(case, [order], manager, K.CANCEL, note=" ")
