"""Address, contact and notes."""

import pytest

from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.models import EventRecord
from orders.models import Order
from orders.services import cancel_order, edit_order
from tests.factories import make_order, make_user, make_variant
from tests.orders.stories import sentences

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    return make_order((make_variant(), 1), recipient_name="김민준", city="서울", address_1="테헤란로 1")


def test_the_fact_names_changed_fields_and_keeps_no_texts(order):
    edit_order(order_id=order.pk, changes={"recipient_name": "이서연", "city": "서울", "staff_note": "call first"})

    order.refresh_from_db()
    assert (order.recipient_name, order.city, order.staff_note) == ("이서연", "서울", "call first")
    assert order.search_text == f"{order.number} {order.external_number} 이서연".lower()
    assert sentences(order) == ["Changed: recipient, staff note"]
    assert EventRecord.objects.latest("id").data == {
        "order_id": order.pk,
        "changed": ["recipient_name", "staff_note"],
        "change_id": order.changes.get().pk,
    }


def test_what_stays_the_same_records_nothing(order):
    edit_order(order_id=order.pk, changes={"city": "서울"})
    assert sentences(order) == []


def test_the_address_of_a_closed_order_stays_but_a_note_may_be_added(order):
    cancel_order(order_id=order.pk, reason="x")

    with pytest.raises(InvalidTransition):
        edit_order(order_id=order.pk, changes={"address_1": "elsewhere"})
    edit_order(order_id=order.pk, changes={"staff_note": "asked again"})

    assert Order.objects.values_list("address_1", "staff_note").get(pk=order.pk) == ("테헤란로 1", "asked again")


def test_too_long_and_strange_fields_are_refused(order):
    with pytest.raises(InvalidInput, match="at most 16 characters"):
        edit_order(order_id=order.pk, changes={"postcode": "1" * 17})
    with pytest.raises(ValueError, match="status"):
        edit_order(order_id=order.pk, changes={"status": "shipped"})
    with pytest.raises(NotAllowed):
        edit_order(order_id=order.pk, changes={"city": "x"}, actor=make_user(permissions=["orders.view_order"]))
    assert sentences(order) == []


def test_an_edited_order_is_still_found_by_the_recipients_phone(order):
    Order.objects.filter(pk=order.pk).update(recipient_phone="010-0000-7777")
    edit_order(order_id=order.pk, changes={"recipient_name": "박지민"})
    assert "010-0000-7777" in Order.objects.get(pk=order.pk).search_text
