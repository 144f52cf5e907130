"""Phones, readings and postcodes are kept as the country writes them; that is no correction by staff."""

import pytest

from orders.models import Order
from orders.services import edit_order
from tests.factories import make_channel, make_variant
from tests.orders.test_intake import draft, place

pytestmark = pytest.mark.django_db
TOLD = {
    "country": "JP",
    "recipient_phone": "０９０12345678",
    "recipient_kana": "ﾔﾏﾀﾞ　ﾀﾛｳ",
    "postcode": "1000005",
}
KEPT = {"recipient_phone": "090-1234-5678", "recipient_kana": "ヤマダ タロウ", "postcode": "100-0005"}


@pytest.fixture
def channel():
    return make_channel(country="JP")


@pytest.fixture(autouse=True)
def shirt():
    return make_variant(sku="SHIRT")


def kept(order, *names):
    return {name: getattr(order, name) for name in names or KEPT}


def test_an_order_keeps_the_normal_form_and_what_the_channel_said(channel):
    [placed] = place(channel, draft(**TOLD))

    order = Order.objects.get(pk=placed.id)
    assert kept(order) == KEPT
    assert {name: order.channel_values[name] for name in KEPT} == {name: TOLD[name] for name in KEPT}
    assert "090-1234-5678" in order.search_text


def test_the_same_delivery_again_changes_nothing(channel):
    place(channel, draft(**TOLD))

    [again] = place(channel, draft(**TOLD))

    assert again.outcome == "unchanged"
    assert Order.objects.get(pk=again.id).to_check == ""


def test_the_channel_writes_the_same_number_in_another_way(channel):
    place(channel, draft(**TOLD))

    [again] = place(channel, draft(**{**TOLD, "recipient_phone": "+81 90-1234-5678"}))

    order = Order.objects.get(pk=again.id)
    assert (again.outcome, order.recipient_phone, order.to_check) == ("unchanged", "090-1234-5678", "")


def test_a_normal_form_still_follows_the_channel(channel):
    place(channel, draft(**TOLD))

    [again] = place(channel, draft(**{**TOLD, "recipient_phone": "08011112222", "postcode": "5300001"}))

    order = Order.objects.get(pk=again.id)
    assert (again.outcome, order.to_check) == ("updated", "")
    assert kept(order) == {**KEPT, "recipient_phone": "080-1111-2222", "postcode": "530-0001"}
    assert order.channel_values["recipient_phone"] == "08011112222"


def test_what_staff_corrected_stays_and_is_flagged_when_the_channel_says_something_new(channel):
    [placed] = place(channel, draft(**TOLD))
    edit_order(order_id=placed.id, changes={"recipient_phone": "09099998888", "recipient_kana": "やまだ じろう"})
    assert kept(Order.objects.get(pk=placed.id), "recipient_phone", "recipient_kana") == {
        "recipient_phone": "090-9999-8888",
        "recipient_kana": "ヤマダ ジロウ",
    }

    [same] = place(channel, draft(**TOLD))
    [new] = place(channel, draft(**{**TOLD, "recipient_phone": "08011112222"}))

    order = Order.objects.get(pk=placed.id)
    assert (same.outcome, new.outcome) == ("unchanged", "updated")
    assert (order.recipient_phone, order.to_check) == ("090-9999-8888", "changed")


def test_writing_the_kept_form_by_hand_is_no_change(channel):
    [placed] = place(channel, draft(**TOLD))
    before = Order.objects.get(pk=placed.id).updated_at

    order = edit_order(order_id=placed.id, changes={"recipient_phone": "090 1234 5678", "postcode": "〒100-0005"})

    assert (kept(order), order.updated_at) == (KEPT, before)
