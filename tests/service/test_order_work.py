"""Order work from the ticket: the same services and rights as on the order's page, once, and noted on the ticket."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.errors import Conflict, DomainError, InvalidInput, NotAllowed
from core.models import EventRecord
from orders.models import Order
from payments.models import Refund
from returns.models import ReturnRequest
from returns.services import LineWish
from service.models import OrderWork, Ticket
from service.services import link_ticket_order, merge_tickets
from service.services.order_work import (
    cancel_ticket_order,
    change_ticket_address,
    open_ticket_return,
    refund_ticket_order,
    resend_ticket_order,
)
from tests.factories import make_customer, make_order, make_stock, make_user, make_variant
from tests.orders.stories import assert_sound
from tests.returns.making import make_reason, make_rule, sold
from tests.service.making import WORK, make_agent, make_lead, make_ticket

pytestmark = pytest.mark.django_db

ALL = (
    *WORK, "orders.cancel_order", "orders.change_order", "orders.add_order", "orders.view_order", "orders.view_payment",
    "returns.open_returnrequest", "payments.grant_refund", "payments.grant_large_refund",
    "customers.see_contact_data", "service.view_ticketorder",
)  # fmt: skip


@pytest.fixture
def worker():
    return make_user(permissions=ALL)


def ticket_of(order):
    ticket = make_ticket()
    link_ticket_order(ticket_id=ticket.pk, order_id=order.pk, actor=None)
    ticket.refresh_from_db()
    return ticket


def shipped(pieces=3, **over):
    make_rule()
    return sold(make_stock(make_variant(), on_hand=20), pieces, **over)


def test_cancelled_once_and_noted(worker):
    order = make_order((make_variant(), 1), customer=make_customer())
    ticket = ticket_of(order)
    wish = {"ticket_id": ticket.pk, "order_id": order.pk, "reason": "Changed mind", "actor": worker}
    works = [cancel_ticket_order(**wish, key="k1") for _press in range(2)]
    assert works[0].pk == works[1].pk
    order.refresh_from_db()
    ticket.refresh_from_db()
    assert (order.status, ticket.version, works[0].version) == ("cancelled", 2, 2)
    with pytest.raises(DomainError):
        cancel_ticket_order(**wish, key="k2")  # somebody else, a little later
    assert OrderWork.objects.count() == 1
    assert EventRecord.objects.filter(name="service.order_worked").count() == 1
    with pytest.raises(Conflict):
        refund_ticket_order(ticket_id=ticket.pk, order_id=order.pk, amount=1, reason="other", key="k1", actor=worker)
    assert_sound()


def test_nothing_is_done_to_an_order_that_nobody_chose_nor_without_the_right(worker):
    order, other = make_order((make_variant(), 1)), make_order((make_variant(), 1))
    ticket = ticket_of(order)
    with pytest.raises(InvalidInput, match="Link the order"):
        cancel_ticket_order(ticket_id=ticket.pk, order_id=other.pk, reason="x", key="k", actor=worker)
    agent = make_agent()
    here = {"ticket_id": ticket.pk, "order_id": order.pk, "key": "k", "actor": agent}
    with pytest.raises(NotAllowed):
        cancel_ticket_order(**here, reason="x")
    with pytest.raises(NotAllowed):
        change_ticket_address(**here, changes={"city": "Seoul"})
    with pytest.raises(NotAllowed):
        open_ticket_return(**here, lines=[])
    with pytest.raises(NotAllowed):
        refund_ticket_order(**here, amount=1, reason="other")
    with pytest.raises(NotAllowed):
        resend_ticket_order(**here, pieces={}, reason="x")
    assert not OrderWork.objects.exists()
    assert set(Order.objects.values_list("status", flat=True)) == {order.status}
    assert Ticket.objects.get(pk=ticket.pk).version == 1


def test_the_address_is_changed_and_the_same_one_is_no_change(worker):
    order = make_order((make_variant(), 1), recipient_name="Kim Minjun", city="서울")
    ticket = ticket_of(order)
    here = {"ticket_id": ticket.pk, "order_id": order.pk, "actor": worker}
    change_ticket_address(**here, changes={"recipient_name": "Lee Jisu"}, key="k1")
    assert Order.objects.get(pk=order.pk).recipient_name == "Lee Jisu"
    with pytest.raises(InvalidInput, match="nothing would change"):
        change_ticket_address(**here, changes={"recipient_name": "Lee Jisu"}, key="k2")
    with pytest.raises(InvalidInput):
        change_ticket_address(**here, changes={"staff_note": "x"}, key="k3")
    assert OrderWork.objects.count() == 1


def test_a_return_is_opened_as_written_when_the_customer_wrote(worker):
    order = shipped()
    ticket, line = ticket_of(order), order.lines.get()
    lines = [LineWish(line_id=line.pk, quantity=2, reason_id=make_reason().pk)]
    works = [
        open_ticket_return(ticket_id=ticket.pk, order_id=order.pk, lines=lines, key="k", actor=worker)
        for _press in range(2)
    ]
    case = ReturnRequest.objects.get()
    assert {work.reference for work in works} == {case.number}
    assert (case.asked_through, case.asked_at) == ("written", ticket.messages.get().at)
    assert_sound()


@pytest.mark.parametrize(("currency", "amount"), [("KRW", 1000), ("JPY", 300), ("USD", 1050), ("EUR", 999)])
def test_a_refund_is_granted_in_the_currency_of_the_order(worker, currency, amount):
    order = shipped(currency=currency)
    ticket = ticket_of(order)
    here = {"ticket_id": ticket.pk, "order_id": order.pk, "amount": amount, "reason": "late", "actor": worker}
    work, again = (refund_ticket_order(**here, key="k") for _press in range(2))
    assert work.pk == again.pk
    refund = Refund.objects.get()
    assert (refund.amount, refund.currency, work.reference, work.amount) == (amount, currency, refund.number, amount)
    with pytest.raises(DomainError):
        refund_ticket_order(**{**here, "amount": order.total}, key="k2")
    assert OrderWork.objects.count() == 1
    assert_sound()


def test_pieces_are_sent_again_for_nothing_and_never_more_than_were_sent(worker):
    order = shipped(3)
    ticket, line = ticket_of(order), order.lines.get()
    here = {"ticket_id": ticket.pk, "order_id": order.pk, "reason": "Lost on the way", "actor": worker}
    works = [resend_ticket_order(**here, pieces={line.pk: 2}, key="k1") for _press in range(2)]
    again = Order.objects.get(original=order)
    assert {work.reference for work in works} == {again.number}
    assert (again.total, again.source, again.lines.get().quantity) == (0, "replacement", 2)
    for pieces in ({line.pk: 2}, {}, {line.pk: 0}, {10**9: 1}):
        with pytest.raises(InvalidInput):
            resend_ticket_order(**here, pieces=pieces, key="k2")
    with pytest.raises(InvalidInput, match="why"):
        resend_ticket_order(**{**here, "reason": " "}, pieces={line.pk: 1}, key="k3")
    resend_ticket_order(**here, pieces={line.pk: 1}, key="k4")
    assert Order.objects.filter(original=order).count() == 2
    assert_sound()


def test_an_order_of_a_merged_ticket_is_worked_on_in_the_other_one(worker):
    order = make_order((make_variant(), 1))
    ticket, into = ticket_of(order), make_ticket()
    merge_tickets(ticket_id=ticket.pk, into_id=into.pk, actor=make_lead())
    work = cancel_ticket_order(ticket_id=into.pk, order_id=order.pk, reason="x", key="k", actor=worker)
    assert work.ticket == into


def test_the_pane_offers_what_the_order_allows_and_the_press_does_it_once(client, worker):
    order = make_order((make_variant(), 1), customer=make_customer(), recipient_name="Kim Minjun")
    ticket = ticket_of(order)
    link = ticket.orders.get()
    client.force_login(worker)
    pane = client.get(reverse("admin:service_beside", args=[ticket.pk])).content.decode()
    urls = {
        name: reverse("admin:service_ticketorder_press", args=[link.pk, name])
        for name in ("cancel_order", "change_address", "start_return", "refund", "resend")
    }
    assert [name for name, url in urls.items() if url in pane] == ["cancel_order", "change_address"]
    assert client.get(urls["cancel_order"]).status_code == 200
    values = {"_key": "a" * 32, "reason": "Changed mind", "cause": "customer", "restock": "on"}
    for _press in range(2):
        assert client.post(urls["cancel_order"], values).status_code == 302
    order.refresh_from_db()
    assert (order.status, OrderWork.objects.count()) == ("cancelled", 1)
    page = client.get(reverse("admin:service_inbox"), {"view": "all", "ticket": ticket.pk}).content.decode()
    assert f"Order cancelled: {order.number}" in page


@pytest.mark.parametrize("name", ["start_return", "refund", "resend"])
def test_dialogs_about_a_shipped_order(client, worker, name):
    order = shipped()
    link = ticket_of(order).orders.get()
    client.force_login(worker)
    url = reverse("admin:service_ticketorder_press", args=[link.pk, name])
    line = order.lines.get()
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    assert len(asked) < 40
    values = {
        "start_return": {f"line_{line.pk}": "1", "reason": make_reason().pk, "wish": "refund", "note": "Too small"},
        "refund": {"amount": "1000", "reason": "late"},
        "resend": {f"line_{line.pk}": "1", "reason": "Lost"},
    }[name]
    for _press in range(2):
        assert client.post(url, {"_key": "b" * 32, **values}).status_code == 302
    assert OrderWork.objects.get().reference


def test_the_database_refuses(worker):
    order = make_order((make_variant(), 1))
    ticket = ticket_of(order)
    row = {"ticket": ticket, "order": order, "version": 1}
    for values, constraint in (
        ({"kind": "odd", "key": "a"}, "service_orderwork_kind_valid"),
        ({"kind": "refund", "key": "a"}, "service_orderwork_refund_has_amount"),
    ):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            OrderWork.objects.create(**row, **values)
