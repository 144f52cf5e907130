"""Orders sort themselves: held by rules and by people, waiting for a day, confirmed without a person."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.errors import DomainError, InvalidInput, NotAllowed
from core.verify import verify
from inventory.models import EntryKind, StockPolicy
from inventory.selectors import shop_day
from inventory.services import EntryLine, post_entry
from orders.models import ChannelHandling, HoldRule, Order, OrderHold, OrderStatus, Return
from orders.services import (
    RuleDraft,
    allocate_waiting_orders,
    apply_changed_rules,
    cancel_order,
    confirm_by_itself,
    confirm_orders,
    edit_order,
    hold_orders,
    release_orders,
    save_hold_rule,
    ship_order,
    ship_orders,
    triage_orders,
)
from orders.services.intake import place_orders
from orders.services.intake.drafts import LineDraft, OrderDraft
from tests.factories import make_channel, make_customer, make_order, make_stock, make_user, make_variant
from tests.orders.stories import assert_sound, counters, sentences

pytestmark = pytest.mark.django_db


def rule(name: str = "Large", takes_stock: bool = False, **conditions: object) -> HoldRule:
    return save_hold_rule(draft=RuleDraft(name=name, conditions=conditions, takes_stock=takes_stock))


def held_by(order: Order) -> list[str]:
    order.refresh_from_db()
    names = [str(hold) for hold in order.holds.filter(released_at=None).order_by("rule__rank", "pk")]
    assert order.is_held == bool(names)
    return names


def test_a_rule_holds_what_fulfils_all_its_conditions_and_ends_by_itself():
    item = make_stock(on_hand=9)
    both, dear, noted = (make_order((item.variant, 1), unit_price=price, customer_note=note) for price, note in (
        (500_000, "ring twice"), (500_000, ""), (1000, "ring twice")
    ))  # fmt: skip
    one = rule(amount={"currency": "KRW", "amount": 500_000}, note=True)

    report = triage_orders(order_ids=[both.pk, dear.pk, noted.pk])

    assert (report.held, report.freed) == ([both.pk], [])
    assert [held_by(order) for order in (both, dear, noted)] == [["Large"], [], []]
    assert sentences(both) == ["Held by the rule “Large”"]
    assert triage_orders(order_ids=[both.pk]).held == []  # twice is harmless

    one = save_hold_rule(rule_id=one.pk, draft=RuleDraft(name="Large", conditions=one.conditions, is_active=False))
    assert apply_changed_rules() == 1
    assert held_by(both) == []
    assert sentences(both)[1:] == ["Hold ended by itself: Large"]
    assert apply_changed_rules() == 0
    assert_sound()


def test_without_taking_stock_it_is_not_confirmed_and_nothing_changes():
    item = make_stock(on_hand=9)
    order = make_order((item.variant, 2), customer_note="x")
    rule(note=True)
    triage_orders(order_ids=[order.pk])

    report = confirm_orders(order_ids=[order.pk])

    assert [refusal.reason for refusal in report.refused] == ["It is held (Large). Release it first."]
    order.refresh_from_db()
    assert (order.status, counters(item)) == (OrderStatus.TO_CONFIRM, (9, 0))


def test_taking_stock_it_is_confirmed_but_does_not_leave():
    item = make_stock(on_hand=9)
    order = make_order((item.variant, 2), customer_note="x")
    rule(takes_stock=True, note=True)
    triage_orders(order_ids=[order.pk])

    assert confirm_orders(order_ids=[order.pk]).done == [order.pk]
    assert counters(item) == (9, 2)
    assert [refusal.reason for refusal in ship_orders(order_ids=[order.pk]).refused] == [
        "It is held (Large). Release it first."
    ]
    with pytest.raises(DomainError, match="It is held"):
        ship_order(order_id=order.pk)
    assert counters(item) == (9, 2)

    assert release_orders(order_ids=[order.pk], note="the customer answered").done == [order.pk]
    assert sentences(order)[-1] == "Hold released: Large (the customer answered)"
    assert ship_orders(order_ids=[order.pk]).done == [order.pk]
    assert_sound()


def test_what_a_person_released_is_not_held_by_the_same_rule_again():
    user = make_user(permissions=["orders.release_order"])
    order = make_order((make_variant(), 1), customer_note="x")
    rule(note=True)
    triage_orders(order_ids=[order.pk])

    release_orders(order_ids=[order.pk], actor=user)

    assert triage_orders(order_ids=[order.pk]).held == []
    assert held_by(order) == []
    hold = OrderHold.objects.get()
    assert (hold.released_by, hold.held_by) == (user, None)


def test_a_person_holds_and_the_rest_of_the_batch_goes_on():
    user = make_user(permissions=["orders.hold_order"])
    item = make_stock(on_hand=9)
    one, closed = make_order((item.variant, 1)), make_order((item.variant, 1))
    cancel_order(order_id=closed.pk, reason="x")

    report = hold_orders(order_ids=[one.pk, closed.pk], reason="customer", note="on holiday", actor=user)

    assert (report.done, [r.reason for r in report.refused]) == (
        [one.pk], ["It is closed: nothing of it can be held."]
    )  # fmt: skip
    assert sentences(one) == ["Held: The customer asked to wait (on holiday)"]
    again = hold_orders(order_ids=[one.pk], reason="customer", actor=user)
    assert [r.reason for r in again.refused] == ["It is held for this reason already."]
    hold_orders(order_ids=[one.pk], reason="address", takes_stock=True, actor=user)
    [first, second] = OrderHold.objects.order_by("pk")
    release_orders(order_ids=[one.pk], hold_ids=[second.pk])
    assert held_by(one) == ["The customer asked to wait"]
    assert triage_orders(order_ids=[one.pk]).freed == []  # no rule ends what a person holds
    assert held_by(one) == [str(first)]


def test_rights_of_holding_releasing_and_writing_rules():
    order = make_order((make_variant(), 1))
    stranger = make_user()
    with pytest.raises(NotAllowed):
        hold_orders(order_ids=[order.pk], reason="other", actor=stranger)
    hold_orders(order_ids=[order.pk], reason="other")
    with pytest.raises(NotAllowed):
        release_orders(order_ids=[order.pk], actor=stranger)
    with pytest.raises(NotAllowed):
        save_hold_rule(draft=RuleDraft(name="x", conditions={"note": True}), actor=stranger)
    assert held_by(order) == ["Another reason"]
    assert not HoldRule.objects.exists()


@pytest.mark.parametrize(
    "conditions",
    [
        {}, {"nonsense": 1}, {"note": False}, {"product": ["NO-SUCH"]}, {"quantity": 0}, {"quantity": True},
        {"amount": {"currency": "XXX", "amount": 1}}, {"amount": {"currency": "KRW", "amount": -1}}, {"address": ["x"]},
        {"returner": {"count": 1, "days": 9999}}, {"category": [-1]}, {"channel": []},
    ],
)  # fmt: skip
def test_a_rule_that_means_nothing_is_refused(conditions):
    with pytest.raises(InvalidInput):
        save_hold_rule(draft=RuleDraft(name="x", conditions=conditions))
    assert not HoldRule.objects.exists()


def test_what_is_called_off_is_held_by_nothing():
    order = make_order((make_variant(), 1), customer_note="x")
    rule(note=True)
    triage_orders(order_ids=[order.pk])

    cancel_order(order_id=order.pk, reason="changed her mind")

    assert held_by(order) == []
    assert_sound()


def test_stock_that_comes_passes_orders_held_without_stock():
    item = make_stock(on_hand=0)
    first, second = make_order((item.variant, 1)), make_order((item.variant, 1))
    confirm_orders(order_ids=[first.pk, second.pk])
    hold_orders(order_ids=[first.pk], reason="payment")
    line = EntryLine(variant_id=item.variant_id, warehouse_id=item.warehouse_id, quantity=1)
    post_entry(kind=EntryKind.RECEIPT, lines=[line])

    assert allocate_waiting_orders().done == [second.pk]
    first.refresh_from_db()
    assert first.status == OrderStatus.AWAITING_STOCK


# --- days


def test_a_preordered_line_waits_for_its_release_and_a_wish_for_its_day():
    today = shop_day()
    item, ahead = make_stock(on_hand=9), make_stock(on_hand=9)
    day = today + timedelta(days=20)
    StockPolicy.objects.create(variant=ahead.variant, when_out="preorder", release_on=day)
    ChannelHandling.objects.create(sales_channel=make_channel(), transit_days=2)
    plain = make_order((item.variant, 1))
    released = make_order((item.variant, 1), (ahead.variant, 1), delivery_on=today + timedelta(days=5))
    wished = make_order((item.variant, 1), delivery_on=today + timedelta(days=5))
    soon = make_order((item.variant, 1), delivery_on=today + timedelta(days=1))
    orders = [plain, released, wished, soon]

    triage_orders(order_ids=[order.pk for order in orders])

    for order in orders:
        order.refresh_from_db()
    assert [(order.not_before, order.wait_reason) for order in orders] == [
        (None, ""), (day, "release"), (today + timedelta(days=3), "delivery"), (None, ""),
    ]  # fmt: skip
    confirm_orders(order_ids=[order.pk for order in orders])
    queues = Order.objects
    assert set(queues.ready_to_pick(today)) == {plain, soon}
    assert list(queues.awaiting_release(today)) == [released]
    assert list(queues.awaiting_delivery_date(today)) == [wished]
    assert set(queues.ready_to_pick(today + timedelta(days=3))) == {plain, soon, wished}
    refused = ship_orders(order_ids=[wished.pk]).refused
    assert "wished for a later day" in refused[0].reason
    assert ship_orders(order_ids=[wished.pk], at=timezone.now() + timedelta(days=3)).done == [wished.pk]
    assert triage_orders(order_ids=[released.pk, plain.pk]).moved == []
    assert_sound()


# --- arriving


def draft(number: str, variant, **over: object) -> OrderDraft:
    line = LineDraft(external_id="1", sku=variant.sku, quantity=1, unit_price=1000, total=1000)
    return OrderDraft(
        external_number=number, placed_at=timezone.now(), currency="KRW", lines=[line], is_paid=True, country="KR",
        **{"recipient_name": "Kim", "address_1": "1 Main Street", "postcode": "04524", **over},
    )  # fmt: skip


def test_arriving_orders_are_sorted_in_a_fixed_number_of_statements(django_assert_max_num_queries):
    variant = make_stock(on_hand=99).variant
    channel = make_channel()
    rule("Box", address=["no_door", "odd_postcode"])
    rule("Noted", note=True)
    place_orders(drafts=[draft("0", variant)], sales_channel_id=channel.pk)
    drafts = [draft(f"{n}", variant, customer_note="x" if n % 2 else "") for n in range(1, 9)]
    drafts.append(draft("9", variant, address_1="PO Box 12", delivery_on=shop_day() + timedelta(days=9)))

    with django_assert_max_num_queries(40):
        placed = place_orders(drafts=drafts, sales_channel_id=channel.pk)

    orders = Order.objects.in_bulk([one.id for one in placed])
    assert [held_by(orders[one.id]) for one in placed] == [["Noted"] if n % 2 else [] for n in range(1, 9)] + [["Box"]]
    assert orders[placed[8].id].wait_reason == "delivery"

    edit_order(order_id=placed[8].id, changes={"address_1": "12 Long Street"})
    assert held_by(orders[placed[8].id]) == []


def test_a_channel_that_confirms_by_itself_leaves_only_what_needs_a_person():
    item = make_stock(on_hand=2)
    here, there = make_channel(), make_channel()
    ChannelHandling.objects.create(sales_channel=here, confirms_itself=True)
    fine, short, held, unknown, checked = (
        make_order((variant, 2), sales_channel=here, **over)
        for variant, over in (
            (item.variant, {}), (item.variant, {}), (item.variant, {"customer_note": "x"}), (None, {}),
            (item.variant, {"to_check": "changed"}),
        )
    )  # fmt: skip
    other = make_order((item.variant, 1), sales_channel=there)
    rule(note=True)
    triage_orders(order_ids=list(Order.objects.values_list("pk", flat=True)))

    report = confirm_by_itself(batch=1)

    assert (report.done, list(report.waiting)) == ([fine.pk], [short.pk])
    waiting = Order.objects.filter(status=OrderStatus.TO_CONFIRM)
    assert set(waiting) == {held, unknown, checked, other}
    release_orders(order_ids=[held.pk])
    assert list(confirm_by_itself().waiting) == [held.pk]


def test_kinds_of_conditions_about_people():
    home, abroad = make_channel(), make_channel(country="JP")
    customer, other = make_customer(), make_customer()
    now = timezone.now()
    make_order((make_variant(), 1), customer=customer, placed_at=now - timedelta(days=5), sales_channel=home)
    Return.objects.create(
        number="R-1", sales_channel=abroad, customer=customer, currency="KRW", returned_at=now - timedelta(days=4)
    )
    known = make_order((make_variant(), 1), customer=customer, recipient_phone="1", sales_channel=home)
    new = make_order((make_variant(), 1), customer=other, country="JP", postcode="150", sales_channel=home)
    parcel = make_order((make_variant(), 3), sales_channel=abroad, country="KR", customs_code="P12")
    for name, conditions in {
        "returner": {"returner": {"count": 1, "days": 30}},
        "first": {"first_order": {"currency": "KRW", "amount": 1000}},
        "kana": {"kana": True},
        "customs": {"customs": True},
        "pieces": {"quantity": 3},
        "channel": {"channel": [abroad.pk]},
        "product": {"product": [known.lines.get().variant.sku]},
        "address": {"address": ["odd_postcode"]},
    }.items():
        rule(name, **conditions)

    triage_orders(order_ids=[known.pk, new.pk, parcel.pk])

    assert {order.pk: set(held_by(order)) for order in (known, new, parcel)} == {
        known.pk: {"returner", "product"},
        new.pk: {"first", "kana", "address"},
        parcel.pk: {"first", "customs", "pieces", "channel"},
    }
    assert not [finding for finding in verify() if not finding.holds]
