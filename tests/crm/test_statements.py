"""What a customer's page and what stands beside a ticket ask of the database, for who sees everything."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.services.merging import merge_customers
from crm.services.noting import tag_customer
from crm.services.patterns import refresh_patterns
from privacy.models import Access
from service.models import Ticket
from service.services import link_ticket_order
from staff.models import Role
from tests.factories import make_customer, make_order, make_user, make_variant
from tests.service.making import make_ticket

pytestmark = pytest.mark.django_db
MOST = 15


@pytest.fixture
def customer(client):
    """Return a customer with orders, a ticket about one of them, a tag, a merge and the night's patterns."""
    call_command("sync_roles", verbosity=0)
    user = make_user()
    user.groups.set(Group.objects.filter(name=Role.EC_MANAGER))
    client.force_login(user)
    found, other = make_customer(), make_customer()
    orders = [make_order((make_variant(), 1), customer=found) for _place in range(4)]
    tag_customer(customer_id=found.pk, names=["vip"], actor=None)
    merge_customers(survivor_id=found.pk, absorbed_id=other.pk, actor=None)
    refresh_patterns(day=timezone.localdate() + timedelta(days=1))
    ticket = make_ticket()
    Ticket.objects.filter(pk=ticket.pk).update(customer=found)
    link_ticket_order(ticket_id=ticket.pk, order_id=orders[0].pk, actor=None)
    return found


def asked_by(client, url):
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked), [one["sql"][:100] for one in asked]


def test_the_first_look_at_a_customer_asks_at_most_fifteen_times(client, customer):
    other = reverse("admin:customers_customer_change", args=[make_customer().pk])
    client.get(other)  # what a process keeps for good
    url = reverse("admin:customers_customer_change", args=[customer.pk])
    count, sentences = asked_by(client, url)
    assert count <= MOST, sentences
    assert Access.objects.filter(subject_id=customer.pk).count() == 1
    assert asked_by(client, url)[0] == count - 1
    assert Access.objects.filter(subject_id=customer.pk).count() == 1


def test_what_follows_and_what_stands_beside_a_ticket_ask_at_most_fifteen_times(client, customer):
    ticket = Ticket.objects.get()
    for url in (
        reverse("admin:customers_more", args=[customer.pk]),
        reverse("admin:service_beside", args=[ticket.pk]),
        f"{reverse('admin:service_inbox')}?view=open&ticket={ticket.pk}",
    ):
        client.get(url)
        count, sentences = asked_by(client, url)
        assert count <= MOST, sentences
