"""Orders that people write on the phone, and replacements."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Price
from core.errors import Conflict, DomainError, InvalidInput, NotAllowed
from core.models import EventRecord
from customers.models import Customer
from orders.models import LineKind, Order, OrderStatus
from orders.services import (
    GiftWish,
    WantedLine,
    WantedOrder,
    confirm_orders,
    place_manual_order,
    record_payment,
    ship_order,
)
from tests.factories import make_channel, make_order, make_stock, make_user, make_variant
from tests.orders.stories import assert_sound, counters, sentences

pytestmark = pytest.mark.django_db
CALLER = {
    "buyer_name": "김민준",
    "buyer_phone": "010-0000-1234",
    "postcode": "06236",
    "city": "서울특별시",
    "address_1": "테헤란로 1",
}


def priced(channel, amount, **over):
    variant = make_variant(**over)
    Price.objects.create(
        variant=variant,
        sales_channel=channel,
        currency=channel.currency,
        amount=amount,
        starts_at=timezone.now() - timedelta(days=2),
    )
    return variant


def wanted(channel, *lines, **over):
    return WantedOrder(**{"sales_channel_id": channel.pk, "lines": lines, "contact": CALLER, **over})


@pytest.mark.parametrize(
    ("currency", "country", "price", "total"),
    [
        ("KRW", "KR", 12_000, 27_000),
        ("JPY", "JP", 980, 4_960),
        ("USD", "US", 1_999, 6_998),
        ("EUR", "DE", 1_050, 5_100),
    ],
)
def test_a_phone_order_takes_the_price_list_and_goes_on_like_any_other(currency, country, price, total):
    channel = make_channel(currency=currency, country=country)
    variant = priced(channel, price)
    item = make_stock(variant, on_hand=5)
    lines = [WantedLine(variant_id=variant.pk, quantity=2), WantedLine(kind=LineKind.SHIPPING, price=3_000)]

    order = place_manual_order(
        wanted=wanted(channel, *lines, payment_method="Bank transfer", staff_note="rings twice"),
        key="call-1",
        actor=make_user(permissions=["orders.add_order"]),
    )

    assert (order.status, order.source, order.total, order.currency) == (
        OrderStatus.AWAITING_PAYMENT,
        "manual",
        total,
        currency,
    )
    assert (order.recipient_name, order.staff_note) == ("김민준", "rings twice")
    assert order.customer == Customer.objects.get()
    assert sentences(order) == ["Written by hand"]
    record_payment(order_id=order.pk, amount=total)
    confirm_orders(order_ids=[order.pk])
    assert counters(item) == (5, 2)
    ship_order(order_id=order.pk)
    assert counters(item) == (3, 0)
    assert_sound()


def test_the_same_key_places_one_order_and_other_content_is_a_conflict():
    channel = make_channel()
    variant = priced(channel, 1000)
    first = place_manual_order(wanted=wanted(channel, WantedLine(variant_id=variant.pk)), key="k")

    assert place_manual_order(wanted=wanted(channel, WantedLine(variant_id=variant.pk)), key="k") == first
    with pytest.raises(Conflict):
        place_manual_order(wanted=wanted(channel, WantedLine(variant_id=variant.pk, quantity=2)), key="k")
    assert Order.objects.count() == 1


def test_the_price_list_of_another_moment_holds_where_it_was_frozen():
    channel = make_channel()
    variant = make_variant()
    now = timezone.now()
    for amount, start, end in ((1000, 5, 2), (1500, 2, None)):
        Price.objects.create(
            variant=variant,
            sales_channel=channel,
            currency="KRW",
            amount=amount,
            starts_at=now - timedelta(days=start),
            ends_at=now - timedelta(days=end) if end else None,
        )
    frozen = wanted(channel, WantedLine(variant_id=variant.pk, quantity=3), priced_at=now - timedelta(days=3))

    assert place_manual_order(wanted=frozen).total == 3000
    assert place_manual_order(wanted=wanted(channel, WantedLine(variant_id=variant.pk, quantity=3))).total == 4500


def test_another_price_needs_its_reason_and_its_right_and_is_kept_beside_the_lists():
    channel = make_channel()
    variant = priced(channel, 1000)
    agent = make_user(permissions=["orders.add_order"])
    lead = make_user(permissions=["orders.add_order", "orders.override_price"])
    cheap = WantedLine(variant_id=variant.pk, price=800, reason="scratched box")

    with pytest.raises(InvalidInput, match="Say why"):
        place_manual_order(wanted=wanted(channel, WantedLine(variant_id=variant.pk, price=800)), actor=lead)
    with pytest.raises(NotAllowed):
        place_manual_order(wanted=wanted(channel, cheap), actor=agent)
    with pytest.raises(NotAllowed):
        place_manual_order(
            wanted=wanted(
                channel,
                WantedLine(variant_id=variant.pk),
                WantedLine(kind=LineKind.DISCOUNT, price=-100, reason="a friend"),
            ),
            actor=agent,
        )
    assert not Order.objects.exists()
    assert not EventRecord.objects.exists()

    order = place_manual_order(wanted=wanted(channel, cheap), actor=lead)
    line = order.lines.get()
    assert (line.total, line.list_price, line.price_reason) == (800, 1000, "scratched box")
    # the list's own price, written out, is nobody's decision
    same = WantedLine(variant_id=variant.pk, price=1000)
    assert place_manual_order(wanted=wanted(channel, same), actor=agent).lines.get().list_price is None


def test_a_replacement_costs_nothing_names_its_order_and_is_written_by_who_takes_returns():
    original = make_order((make_variant(), 1))
    variant = make_variant()
    line = WantedLine(variant_id=variant.pk, price=0, reason="broken on arrival")
    taker = make_user(permissions=["orders.record_return"])

    order = place_manual_order(
        wanted=wanted(original.sales_channel, line, is_prepaid=True, source="replacement", original_id=original.pk),
        key="exchange-1",
        actor=taker,
    )

    assert (order.status, order.total, order.original, order.is_prepaid) == (
        OrderStatus.TO_CONFIRM,
        0,
        original,
        False,
    )
    assert sentences(order) == ["Written as a replacement"]
    with pytest.raises(NotAllowed):
        place_manual_order(wanted=wanted(original.sales_channel, line), actor=taker)
    with pytest.raises(DomainError):
        place_manual_order(wanted=wanted(original.sales_channel, line, source="replacement"))


@pytest.mark.parametrize(
    "line",
    [
        {"variant_id": 0},
        {"quantity": 0},
        {"price": -1, "reason": "x"},
        {"kind": "discount", "price": 5},
        {"kind": "shipping", "price": -5},
        {"kind": "bribe", "price": 5},
    ],
)
def test_impossible_lines_are_refused_and_nothing_is_written(line):
    channel = make_channel()
    variant = priced(channel, 1000)
    with pytest.raises(InvalidInput):
        place_manual_order(wanted=wanted(channel, WantedLine(**{"variant_id": variant.pk, **line})))
    assert not Order.objects.exists()


def test_a_product_without_a_price_on_the_channel_asks_for_one():
    channel = make_channel()
    with pytest.raises(InvalidInput, match="has no price on this channel"):
        place_manual_order(wanted=wanted(channel, WantedLine(variant_id=make_variant().pk)))


def test_without_an_address_it_waits_to_be_checked_and_a_present_keeps_its_words():
    channel = make_channel()
    gift = GiftWish(
        wrapping="Ribbon", noshi_kind="thanks", noshi_name="佐藤", noshi_place="outside", message="おめでとう"
    )
    order = place_manual_order(
        wanted=wanted(channel, WantedLine(variant_id=priced(channel, 10).pk), contact={"buyer_name": "A"}, gift=gift)
    )
    assert (order.status, order.to_check) == (OrderStatus.NEW, "no_address")
    assert (order.gift.noshi_name, order.gift.noshi_place, order.gift.hides_prices) == ("佐藤", "outside", True)
