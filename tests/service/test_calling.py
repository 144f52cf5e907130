"""Phone notes: one sees who calls, and goes on in a ticket that is open."""

import pytest
from django.urls import reverse

from customers.services import add_identity
from service.models import Ticket, TicketStatus
from service.personal import known_of_ticket
from service.selectors.calling import who_calls
from service.services.forgetting import forget_asker
from tests.factories import make_customer, make_order, make_user, make_variant
from tests.service.making import WORK, make_inlet, make_ticket

pytestmark = pytest.mark.django_db

SEES = [*WORK, "customers.see_contact_data", "customers.view_customer", "orders.view_order"]
WHO = "service_caller"
CALL = "service_call"


@pytest.fixture
def agent(client):
    user = make_user(permissions=SEES)
    client.force_login(user)
    return user


def who(client, **typed):
    return client.post(reverse(f"admin:{WHO}"), typed).content.decode()


def note(client, **over):
    form = client.get(reverse(f"admin:{CALL}")).context["form"]
    values = {"inlet": form["inlet"].value(), "body": "Wants a receipt", "language": "ko", "key": form["key"].value()}
    return client.post(reverse(f"admin:{CALL}"), {**values, **over})


def make_caller(phone: str = "010-2345-6789"):
    customer = make_customer(name="Kim Minjun")
    add_identity(customer_id=customer.pk, kind="phone", value=phone)
    return customer


def test_the_phone_tells_the_customer_with_orders_and_open_tickets(client, agent):
    customer = make_caller()
    order = make_order((make_variant(), 1), customer=customer)
    ticket = make_ticket()
    Ticket.objects.filter(pk=ticket.pk).update(customer=customer, subject="Colour is wrong")
    page = who(client, sender_phone="+82 10-2345-6789")
    assert "Kim Minjun" in page
    assert order.number in page
    assert "Colour is wrong" in page
    assert f'value="{ticket.pk}"' in page
    assert "Nobody is known" in who(client, sender_phone="010-9999-8888")
    assert order.number in who(client, order_number=order.number)


def test_the_caller_is_asked_for_in_few_statements_however_much_there_is(agent, django_assert_max_num_queries):
    customer = make_caller()
    for _one in range(6):
        make_order((make_variant(), 1), customer=customer)
    make_inlet(kind="phone")
    with django_assert_max_num_queries(6):
        found = who_calls(phone="01023456789", email="a@mail.example", order_number="nothing")
    assert found.customer == customer
    assert len(found.orders) == 4


def test_what_is_half_typed_breaks_nothing(client, agent):
    assert "Nobody is known" not in who(client, sender_address="half@")
    assert "Phone, e-mail or order number" in who(client)
    assert client.post(reverse(f"admin:{WHO}"), {"ticket": "x"}).status_code == 400
    assert client.get(reverse(f"admin:{WHO}")).status_code == 405


def test_without_the_right_to_contact_data_the_name_is_masked(client):
    make_caller()
    client.force_login(make_user(permissions=[*WORK, "orders.view_order"]))
    page = who(client, sender_phone="01023456789")
    assert "Kim Minjun" not in page
    client.force_login(make_user(permissions=["service.view_ticket"]))
    assert client.post(reverse(f"admin:{WHO}")).status_code == 403


def test_a_call_goes_on_in_the_ticket_that_is_open(client, agent):
    make_inlet(kind="phone")
    ticket = make_ticket()
    Ticket.objects.filter(pk=ticket.pk).update(status=TicketStatus.WAITING_FOR_CUSTOMER)
    assert note(client, ticket=ticket.pk, sender_phone="010-2345-6789").status_code == 302
    ticket.refresh_from_db()
    assert (ticket.status, ticket.message_count) == (TicketStatus.OPEN, 2)
    assert Ticket.objects.count() == 1
    assert "There is no such ticket" in note(client, ticket=ticket.pk + 999).content.decode()


def test_the_phone_of_somebody_unknown_stays_and_finds_the_call_again(client, agent):
    make_inlet(kind="phone")
    note(client, sender_phone="010-2345-6789", body="Where is my parcel? " * 9)
    ticket = Ticket.objects.get()
    assert ticket.sender_phone == "01023456789"
    assert ticket.subject.startswith("Where is my parcel?")
    assert "01023456789" in ticket.search_text
    assert "01023456789" in client.get(reverse("admin:service_beside", args=[ticket.pk])).content.decode()
    assert ticket.number in who(client, sender_phone="010 2345 6789")


def test_an_erasure_takes_the_phone_too(client, agent):
    make_inlet(kind="phone")
    customer = make_caller()
    note(client, sender_phone="010-2345-6789")
    ticket = Ticket.objects.get()
    assert ticket.customer == customer
    assert ("sender’s phone", "01023456789") in [(str(a), b) for a, b in known_of_ticket(ticket)]
    forget_asker(customer_id=customer.pk)
    ticket.refresh_from_db()
    assert ticket.sender_phone == ""
    assert "010" not in ticket.search_text.replace(ticket.number.lower(), "")
