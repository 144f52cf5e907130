"""Who may approve a purchase order is asked, sees it on the home page, and the buyer hears the answer."""

import pytest
from django.urls import reverse

from purchasing.models import PurchaseOrder
from purchasing.services import (
    approve_purchase_order,
    cancel_purchase_order,
    reopen_purchase_order,
    submit_purchase_order,
)
from staff.models import Notification
from staff.selectors.notifications import lines_of
from tests.factories import make_user, make_variant
from tests.purchasing.making import make_purchase_order, make_supplier

pytestmark = pytest.mark.django_db
APPROVE = ("purchasing.approve_purchaseorder", "purchasing.view_purchaseorder")
BUY = ("purchasing.add_purchaseorder", "purchasing.view_costs", "purchasing.view_purchaseorder")


@pytest.fixture
def boss():
    return make_user(username="Boss", permissions=(*APPROVE, *BUY))


@pytest.fixture
def buyer():
    return make_user(username="Buyer", permissions=BUY)


def draft():
    supplier = make_supplier(name="Linen House")
    return make_purchase_order((make_variant(), 5), supplier=supplier, state="draft", approved_at=None, sent_at=None)


def told(user, *, unread=True):
    rows = Notification.objects.filter(user=user).order_by("pk")
    rows = rows.filter(read_at=None) if unread else rows
    return [line.text for line in lines_of(rows)]


def test_who_may_approve_is_asked_and_the_buyer_hears_of_it(boss, buyer):
    other = make_user(permissions=APPROVE)
    order = draft()
    submit_purchase_order(order_id=order.pk, actor=buyer)
    asked = f"{order.number} Linen House: Buyer asks for a decision"
    assert (told(boss), told(other), told(buyer)) == ([asked], [asked], [])
    approve_purchase_order(order_id=order.pk, actor=boss)
    assert (told(boss), told(other)) == ([], [])  # nobody is asked any more
    assert told(buyer) == [f"{order.number} Linen House: Approved by Boss"]


def test_refused_and_handed_in_again_everybody_hears_of_it_again(boss, buyer):
    order = draft()
    for _time in range(2):
        submit_purchase_order(order_id=order.pk, actor=buyer)
        assert len(told(boss)) == 1
        reopen_purchase_order(order_id=order.pk, reason="Too many", actor=boss)
        assert told(boss) == []
    assert told(buyer) == [f"{order.number} Linen House: Changes requested by Boss"] * 2
    assert len(told(boss, unread=False)) == 2


def test_who_hands_in_is_not_asked_and_who_takes_back_is_not_told(boss):
    order = draft()
    submit_purchase_order(order_id=order.pk, actor=boss)
    assert told(boss) == []
    reopen_purchase_order(order_id=order.pk, actor=boss)
    assert told(boss, unread=False) == []


def test_an_order_called_off_asks_nobody(boss, buyer):
    order = draft()
    submit_purchase_order(order_id=order.pk, actor=buyer)
    cancel_purchase_order(order_id=order.pk, reason="Twice", actor=buyer)
    assert told(boss) == []


def test_it_stands_on_the_home_page_and_on_the_order(client, boss, buyer):
    order = draft()
    submit_purchase_order(order_id=order.pk, actor=buyer)
    client.force_login(boss)
    home = client.get(reverse("admin:index")).content.decode()
    assert order.number in home
    page = client.get(reverse("admin:purchasing_purchaseorder_change", args=[order.pk])).content.decode()
    assert "Buyer asks you to approve it or to put it back to draft." in page
    client.force_login(buyer)
    page = client.get(reverse("admin:purchasing_purchaseorder_change", args=[order.pk])).content.decode()
    assert "asks you to approve" not in page
    assert PurchaseOrder.objects.get().state == "to_approve"
