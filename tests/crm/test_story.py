"""The whole story of a customer on one page, in few statements, and without what the reader may not see."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.models import DuplicateProposal
from crm.selectors import story
from crm.selectors.recommending import recommended
from crm.services.merging import merge_customers, undo_merge
from crm.services.noting import tag_customer, write_customer_note
from crm.services.patterns import refresh_patterns
from customers.services import create_customer
from orders.models import Order
from service.models import Ticket
from tests.admin.pressing import press, said
from tests.factories import make_customer, make_order, make_user, make_variant
from tests.service.making import make_ticket
from voice.services import GivenReview, take_reviews

pytestmark = pytest.mark.django_db
READ = [
    "customers.view_customer", "orders.view_order", "orders.view_payment", "orders.view_return", "service.view_ticket",
    "crm.view_pattern", "crm.note_customer",
]  # fmt: skip


@pytest.fixture
def reader(client):
    user = make_user(permissions=READ)
    client.force_login(user)
    return user


def customer_with(count):
    """A customer with so many orders, a ticket, a note and tags."""
    customer = create_customer(name="Kim Minjun", email=f"minjun{count}@mail.example")
    variant = make_variant()
    for back in range(count):
        make_order((variant, 1), customer=customer, placed_at=timezone.now() - timedelta(days=20 * back + 1))
    Ticket.objects.filter(pk=make_ticket().pk).update(customer=customer)
    write_customer_note(customer_id=customer.pk, body="Rings twice", actor=None)
    tag_customer(customer_id=customer.pk, names=["vip"], actor=None)
    return customer


def page_of(client, customer, **query):
    return client.get(reverse("admin:crm_story", args=[customer.pk]), query)


def test_the_story_is_one_and_few_statements_tell_it(client, reader):
    customer = customer_with(2)
    many = customer_with(25)
    refresh_patterns(day=timezone.localdate() + timedelta(days=1))
    page_of(client, customer)
    counts = []
    for one in (customer, many):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page = page_of(client, one)
        counts.append(len(asked))
        assert page.status_code == 200
        kinds = {entry.source.code for entry in page.context["entries"]}
        assert {"order", "message", "note"} <= kinds
    assert counts[0] == counts[1]
    assert counts[1] <= 14  # one is left for reviews
    times = [entry.at for entry in page.context["entries"]]
    assert times == sorted(times, reverse=True)
    body = page.content.decode()
    assert "minjun25@mail.example" not in body
    assert "Kim Minjun" not in body  # masked for who may not see contact data


def test_a_long_story_goes_on_without_gaps_or_doubles(client, reader, monkeypatch):
    monkeypatch.setattr(story, "PAGE", 4)
    customer = customer_with(11)
    Order.objects.filter(customer=customer).update(placed_at=timezone.now())  # all at the same moment
    query, seen = {}, []
    for _step in range(10):
        page = page_of(client, customer, **query)
        seen += [(entry.source.code, entry.pk) for entry in page.context["entries"]]
        following = page.context["next_url"]
        if not following:
            break
        query = dict(part.split("=", 1) for part in following.removeprefix("?").split("&"))
    assert len(seen) == len(set(seen)) == 13  # 11 orders, a message, a note
    assert {kind for kind, _pk in seen} == {"order", "message", "note"}


def test_who_may_not_read_tickets_meets_none(client):
    client.force_login(make_user(permissions=["customers.view_customer"]))
    customer = customer_with(1)
    page = page_of(client, customer)
    assert {entry.source.code for entry in page.context["entries"]} == {"note"}
    assert page.context["figures"] is None
    assert page_of(client, customer, only="message").status_code == 400
    assert page_of(client, customer, before="x").status_code == 400
    assert client.get(reverse("admin:crm_story", args=[999_999])).status_code == 404


def test_the_story_of_a_merged_customer_tells_of_both(client, reader):
    first, second = customer_with(1), make_customer(name="Other")
    write_customer_note(customer_id=second.pk, body="Left the old flat", actor=None)
    merge_customers(survivor_id=first.pk, absorbed_id=second.pk, actor=None)
    page = page_of(client, first)
    assert "Left the old flat" in page.content.decode()
    assert page.context["others"] == [second.pk]


def test_recommendations_say_why(client, reader):
    cup, plate = make_variant(), make_variant()
    today = timezone.localdate()
    for _place in range(6):
        someone = make_customer()
        for back in (61, 31, 1):
            make_order((cup, 1), (plate, 1), customer=someone, placed_at=timezone.now() - timedelta(days=back))
    for _place in range(20):
        make_order((make_variant(), 1), customer=make_customer(), placed_at=timezone.now() - timedelta(days=5))
    customer = make_customer()
    make_order((cup, 1), customer=customer, placed_at=timezone.now() - timedelta(days=29))
    refresh_patterns(day=today + timedelta(days=1))
    for variant in (cup, plate):
        variant.product.status = "active"
        variant.product.save(update_fields=["status"])
    [refill], [companion] = recommended(customer.pk, today=today)
    assert (refill.product, refill.typical_gap) == (cup.product, 30)
    assert (companion.product, companion.because) == (plate.product, cup.product)
    assert companion.pair.together == 18
    ticket = make_ticket()
    Ticket.objects.filter(pk=ticket.pk).update(customer=customer)
    page = client.get(reverse("admin:customers_more", args=[customer.pk])).content.decode()
    assert "customers usually buy it again after 30 days" in page
    assert "times more often than by chance" in page


def test_a_proposal_is_decided_on_its_page(client):
    boss = make_user(
        permissions=[
            "crm.view_duplicateproposal",
            "crm.merge_customer",
            "customers.view_customer",
            "core.view_eventrecord",
        ]
    )
    client.force_login(boss)
    first, second = customer_with(1), make_customer(name="Kim M.")
    row = DuplicateProposal.objects.create(first=first, second=second, score=60, reasons=["email"])
    page = client.get(reverse("admin:crm_duplicateproposal_change", args=[row.pk]))
    assert page.status_code == 200
    assert "minjun1@mail.example" not in page.content.decode()
    answer = press(client, row, "merge", survivor=second.pk)
    assert said(answer) == ["The two are one customer now."]
    row.refresh_from_db()
    assert row.state == "merged"
    assert set(Order.objects.values_list("customer", flat=True)) == {second.pk}
    press(client, first, "unmerge_customer")
    row.refresh_from_db()
    assert row.state == "open"
    press(client, row, "apart")
    row.refresh_from_db()
    assert row.state == "apart"


def test_the_page_of_patterns_opens_before_and_after_the_first_night(client, reader):
    address = reverse("admin:crm_patterns")
    assert "Nothing was counted yet" in client.get(address).content.decode()
    customer_with(4)
    refresh_patterns(day=timezone.localdate() + timedelta(days=1))
    page = client.get(address)
    assert page.status_code == 200
    assert "Not enough data: scores need 25 buyers." in page.content.decode()
    assert client.get(address, {"month": "1999-01-01"}).status_code == 400


def test_reviews_stand_in_the_story_and_go_along_with_a_merge(client):
    boss = make_user(permissions=[*READ, "voice.view_review", "crm.merge_customer"])
    client.force_login(boss)
    first, second = customer_with(1), customer_with(2)
    order = second.orders.first()
    row = GivenReview(external_id="r1", rating=2, body="The seam came apart", order_number=order.external_number)
    [(review, _new)] = take_reviews(sales_channel_id=order.sales_channel_id, rows=[row])
    assert "The seam came apart" in page_of(client, second).content.decode()
    merge = merge_customers(survivor_id=first.pk, absorbed_id=second.pk, actor=boss)
    review.refresh_from_db()
    assert review.customer == first
    assert "The seam came apart" in page_of(client, first).content.decode()
    undo_merge(merge_id=merge.pk, actor=boss)
    review.refresh_from_db()
    assert review.customer == second
    client.force_login(make_user(permissions=READ))
    assert "The seam came apart" not in page_of(client, second).content.decode()
