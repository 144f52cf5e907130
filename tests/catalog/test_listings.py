"""Listings per channel: live, scheduled, paused, ended; by hand and by the clock."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.models import Listing, Product
from catalog.services import (
    activate_product,
    content_changed,
    end_listings,
    end_product,
    list_product,
    list_products,
    pause_listings,
    replace_product,
    resume_listings,
    switch_listings,
)
from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.events import sentences_of
from core.models import EventRecord
from staff.models import Notification
from tests.catalog.making import make_approved, make_author, make_draft, make_shops
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def shops():
    return make_shops(3)


@pytest.fixture
def now():
    return timezone.now()


def states(product):
    return list(product.listings.order_by("sales_channel__name").values_list("state", flat=True))


def status(product):
    return Product.objects.values_list("status", flat=True).get(pk=product.pk)


def history():
    return sentences_of(list(EventRecord.objects.filter(name__startswith="catalog.listing").order_by("id")))


def ids(rows):
    return [row.pk for row in rows]


def test_the_first_live_listing_puts_the_product_on_sale_and_the_last_end_takes_it_off(shops):
    product = make_approved(channels=shops)
    listing = list_product(product_id=product.pk, sales_channel_id=shops[0].pk)
    assert (listing.state, listing.starts_at is not None, status(product)) == ("live", True, "active")
    list_products(product_ids=[product.pk], sales_channel_ids=ids(shops[1:]))
    assert states(product) == ["live", "live", "live"]

    assert pause_listings(product_ids=[product.pk], sales_channel_ids=ids(shops[:1]), reason="Wrong size").done == 1
    assert (states(product), status(product)) == (["paused", "live", "live"], "active")
    assert resume_listings(product_ids=[product.pk], sales_channel_ids=ids(shops)).done == 1
    assert end_listings(product_ids=[product.pk], sales_channel_ids=ids(shops[:2])).done == 2
    assert status(product) == "active"
    end_listings(product_ids=[product.pk], sales_channel_ids=ids(shops))
    assert (states(product), status(product)) == (["ended"] * 3, "ended")
    assert history() == [
        "Live on Shop A",
        "Live on Shop B",
        "Live on Shop C",
        "Paused on Shop A: Wrong size",
        "Live on Shop A",
        "Ended on Shop A",
        "Ended on Shop B",
        "Ended on Shop C",
    ]


def test_a_start_that_lies_ahead_is_planned_and_done_by_the_clock_once(shops, now):
    product = make_approved(channels=shops[:1])
    start, end = now + timedelta(hours=1), now + timedelta(days=2)
    listing = list_product(
        product_id=product.pk, sales_channel_id=shops[0].pk, starts_at=start, ends_at=end, actor=make_author()
    )
    assert (listing.state, status(product)) == ("scheduled", "approved")
    assert switch_listings(now=start - timedelta(seconds=1)) == (0, 0)

    assert switch_listings(now=start) == (1, 0)
    assert (states(product), status(product)) == (["live"], "active")
    assert switch_listings(now=start) == (0, 0)
    assert switch_listings(now=end) == (0, 1)
    assert (states(product), status(product)) == (["ended"], "ended")
    assert switch_listings(now=end) == (0, 0)
    assert history()[1:] == [history()[1], "Ended on Shop A: The planned time is over."]
    assert Listing.objects.get().starts_at == start


def test_what_is_missing_blocks_with_all_reasons_and_changes_nothing(shops):
    product = make_approved(channels=shops[:1], image_path="")
    before = EventRecord.objects.count()
    with pytest.raises(InvalidTransition) as refusal, transaction.atomic():
        list_product(product_id=product.pk, sales_channel_id=shops[1].pk)
    assert str(refusal.value) == "Shop B: No price on Shop B. There is no picture."
    assert (states(product), status(product), EventRecord.objects.count()) == ([], "approved", before)


def test_many_products_on_many_channels_are_done_or_named(shops):
    good, draft = make_approved(channels=shops[:2]), make_draft(channels=shops)
    batch = list_products(product_ids=[good.pk, draft.pk], sales_channel_ids=ids(shops))
    assert (batch.live, states(good), states(draft)) == (2, ["live", "live", "planned"], [])
    assert batch.refused == [
        (draft.code, "It is not approved yet. Have it reviewed first."),
        (f"{good.code} · Shop C", "Shop C: No price on Shop C."),
    ]
    again = list_products(product_ids=[good.pk], sales_channel_ids=ids(shops[:1]))
    assert (again.live, again.refused) == (0, [(f"{good.code} · Shop A", "On Shop A it is so already.")])


def test_a_listing_that_is_blocked_at_its_moment_waits_and_its_author_is_told_once(shops, now):
    author = make_author(username="author")
    product = make_approved(author=author, channels=shops[:1])
    start = now + timedelta(hours=1)
    list_product(product_id=product.pk, sales_channel_id=shops[0].pk, starts_at=start)
    Product.objects.update(image_path="")
    told = Notification.objects.filter(topic="stuck")

    for minute in range(3):
        assert switch_listings(now=start + timedelta(minutes=minute)) == (0, 0)
    assert states(product) == ["scheduled"]
    assert [(row.user, row.data["channel"]) for row in told] == [(author, "Shop A")]

    Product.objects.update(image_path="products/none.png")
    assert switch_listings(now=start + timedelta(minutes=4)) == (1, 0)
    assert (states(product), told.count()) == (["live"], 1)


def test_what_was_changed_after_the_approval_does_not_start_by_the_clock(shops, now):
    product = make_approved(channels=shops[:1])
    list_product(product_id=product.pk, sales_channel_id=shops[0].pk, starts_at=now + timedelta(hours=1))
    content_changed(product_ids=[product.pk], parts=["name"])
    assert switch_listings(now=now + timedelta(hours=2)) == (0, 0)
    assert (states(product), status(product)) == (["scheduled"], "draft")


def test_periods_rights_and_reasons_are_checked(shops, now):
    product = make_approved(channels=shops)
    key = {"product_ids": [product.pk], "sales_channel_ids": ids(shops)}
    hour = timedelta(hours=1)
    for error, call in (
        (InvalidInput, lambda: list_products(**key, starts_at=now + 2 * hour, ends_at=now + hour)),
        (InvalidInput, lambda: list_products(**key, ends_at=now - hour)),
        (InvalidInput, lambda: pause_listings(**key, reason="  ")),
        (NotAllowed, lambda: list_products(**key, actor=make_user())),
        (NotAllowed, lambda: pause_listings(**key, reason="x", actor=make_user())),
        (NotAllowed, lambda: resume_listings(**key, actor=make_user())),
        (NotAllowed, lambda: end_listings(**key, actor=make_user())),
    ):
        with pytest.raises(error), transaction.atomic():
            call()
    assert (states(product), status(product)) == ([], "approved")


def test_a_paused_listing_is_resumed_only_when_nothing_is_missing(shops, now):
    product = make_approved(channels=shops[:2])
    list_product(product_id=product.pk, sales_channel_id=shops[0].pk)
    list_product(product_id=product.pk, sales_channel_id=shops[1].pk, starts_at=now + timedelta(days=1))
    pause_listings(product_ids=[product.pk], sales_channel_ids=ids(shops), reason="Recall")
    Product.objects.update(image_path="")
    batch = resume_listings(product_ids=[product.pk], sales_channel_ids=ids(shops))
    assert batch.refused == [(product.code, "Shop A: There is no picture.")]
    assert states(product) == ["paused", "scheduled"]


def test_activating_takes_the_channels_with_a_price(shops):
    product = make_approved(channels=shops[:2])
    assert activate_product(product_id=product.pk).status == "active"
    assert states(product) == ["live", "live"]
    chosen = make_approved(channels=shops)
    activate_product(product_id=chosen.pk, sales_channel_ids=[shops[2].pk])
    assert states(chosen) == ["live"]
    with pytest.raises(InvalidTransition, match="not approved yet"):
        activate_product(product_id=make_draft(channels=shops).pk)


def test_a_product_is_replaced_by_another_one_but_never_in_a_circle(shops):
    first, second, third = (make_approved(channels=shops[:1]) for _ in range(3))
    activate_product(product_id=first.pk)
    ended = end_product(product_id=first.pk, replaced_by_id=second.pk, reason="Season over")
    assert (ended.replaced_by, states(first)) == (second, ["ended"])
    activate_product(product_id=second.pk)
    with pytest.raises(InvalidInput, match="circle"), transaction.atomic():
        end_product(product_id=second.pk, replaced_by_id=first.pk)
    end_product(product_id=second.pk, replaced_by_id=third.pk)
    with pytest.raises(InvalidInput, match="circle"), transaction.atomic():
        end_product(product_id=third.pk, replaced_by_id=first.pk)
    with pytest.raises(InvalidInput, match="must not have ended"), transaction.atomic():
        replace_product(product_id=first.pk, replaced_by_id=Product.objects.get(pk=second.pk).pk)
    with pytest.raises(InvalidInput, match="circle"), transaction.atomic():
        end_product(product_id=third.pk, replaced_by_id=third.pk)
    with pytest.raises(InvalidTransition):
        replace_product(product_id=third.pk, replaced_by_id=None)
    assert (status(third), Product.objects.get(pk=third.pk).replaced_by) == ("approved", None)
    replace_product(product_id=first.pk, replaced_by_id=None)
    assert Product.objects.get(pk=first.pk).replaced_by is None
    activate_product(product_id=second.pk)
    assert Product.objects.get(pk=second.pk).replaced_by is None


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"state": "lost"}, "catalog_listing_state_valid"),
        ({"state": "scheduled", "starts_at": None}, "catalog_listing_schedule_dated"),
        ({"ends_at": timezone.now() - timedelta(days=9)}, "catalog_listing_period_valid"),
    ],
)
def test_rules_of_one_listing(shops, change, constraint):
    product = make_approved(channels=shops[:1])
    listing = list_product(product_id=product.pk, sales_channel_id=shops[0].pk)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Listing.objects.filter(pk=listing.pk).update(**change)


def test_many_due_listings_are_switched_with_few_statements(shops, now, django_assert_max_num_queries):
    start = now + timedelta(hours=1)
    products = [make_approved(channels=shops[:1]) for _ in range(4)]
    list_products(product_ids=ids(products), sales_channel_ids=[shops[0].pk], starts_at=start)
    with django_assert_max_num_queries(60):
        assert switch_listings(now=start) == (4, 0)
