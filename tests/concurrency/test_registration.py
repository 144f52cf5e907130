"""Review and sale when two people, or a person and the clock, do it at the same moment."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Listing, Product, Review
from catalog.services import (
    approve_product,
    content_changed,
    end_product,
    list_product,
    request_changes,
    submit_product,
    switch_listings,
)
from core.models import EventRecord
from tests.catalog.making import make_approved, make_author, make_draft, make_reviewer, make_shops
from tests.concurrency.race import race

pytestmark = pytest.mark.django_db(transaction=True)


def state(product):
    return Product.objects.values_list("status", flat=True).get(pk=product.pk)


def events(name):
    return EventRecord.objects.filter(name=f"catalog.{name}").count()


def test_a_product_that_two_hand_in_waits_once():
    author = make_author()
    product = make_draft(author=author)
    results = race(*(lambda: submit_product(product_id=product.pk, actor=author).pk for _ in range(3)))
    assert sorted(result.kind for result in results) == ["done", "refused", "refused"], results
    assert (state(product), Review.objects.count(), events("product_submitted")) == ("in_review", 1, 1)


def test_of_two_reviewers_one_decides():
    author, first, second = make_author(), make_reviewer(), make_reviewer()
    product = make_draft(author=author)
    review = submit_product(product_id=product.pk, actor=author)
    key = {"product_id": product.pk, "review_id": review.pk}
    results = race(
        lambda: approve_product(**key, actor=first).status,
        lambda: request_changes(**key, comments=[("name", "Shorter")], actor=second).status,
    )
    assert sorted(result.kind for result in results) == ["done", "refused"], results
    [decided] = [result.value for result in results if result.kind == "done"]
    review.refresh_from_db()
    assert (state(product), review.verdict) == (decided, decided)
    assert events("product_approved") + events("product_changes_requested") == 1


def test_nothing_is_approved_that_its_author_changes_at_that_moment():
    author, reviewer = make_author(), make_reviewer()
    for _ in range(4):
        product = make_draft(author=author)
        review = submit_product(product_id=product.pk, actor=author)
        results = race(
            lambda pk=product.pk, review=review.pk: (
                approve_product(product_id=pk, review_id=review, actor=reviewer).status
            ),
            lambda pk=product.pk: content_changed(product_ids=[pk], parts=["name"], actor=author),
        )
        assert results[1].value == [product.pk], results
        assert state(product) == "draft"
        assert results[0].kind in {"done", "refused"}
        assert not Review.objects.filter(product=product, verdict="waiting").exists()


def test_the_clock_and_a_person_start_a_listing_once():
    [shop] = make_shops(1)
    product = make_approved(channels=[shop])
    start = timezone.now() + timedelta(hours=1)
    list_product(product_id=product.pk, sales_channel_id=shop.pk, starts_at=start)
    results = race(
        lambda: switch_listings(now=start),
        lambda: switch_listings(now=start),
        lambda: list_product(product_id=product.pk, sales_channel_id=shop.pk).state,
    )
    assert all(result.kind in {"done", "refused"} for result in results), results
    assert (Listing.objects.get().state, state(product)) == ("live", "active")
    assert (events("product_activated"), events("listing_moved")) == (1, 2)


def test_two_products_that_would_replace_each_other_do_not():
    [shop] = make_shops(1)
    one, two = make_approved(channels=[shop]), make_approved(channels=[shop])
    results = race(
        lambda: end_product(product_id=one.pk, replaced_by_id=two.pk).status,
        lambda: end_product(product_id=two.pk, replaced_by_id=one.pk).status,
    )
    assert sorted(result.kind for result in results) == ["done", "refused"], results
    assert Product.objects.filter(replaced_by__isnull=False).count() == 1
