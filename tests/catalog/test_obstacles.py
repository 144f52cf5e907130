"""What speaks against live listings is kept, counted and filtered."""

import pytest
from django.urls import reverse

from catalog.models import Listing, Product
from catalog.selectors.sellable import not_sellable, obstacle_report
from catalog.services import judge_all_listings, judge_listings, list_product, pause_listings
from tests.catalog.making import make_approved, make_author, make_shops
from tests.factories import make_stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def shops():
    return make_shops(2)


@pytest.fixture
def sold(shops):
    product = make_approved(channels=shops)
    make_stock(product.variants.get(), on_hand=1)
    for shop in shops:
        list_product(product_id=product.pk, sales_channel_id=shop.pk)
    return product


def listed(products=None):
    return [row.pk for row in not_sellable(products or Product.objects.all())]


def test_what_can_be_bought_has_no_problem(sold):
    assert (judge_all_listings(), listed(), obstacle_report()) == (0, [], [])


def test_problems_are_kept_counted_and_taken_back(sold, shops):
    empty = make_approved(channels=shops)
    list_product(product_id=empty.pk, sales_channel_id=shops[0].pk)
    Product.objects.filter(pk=sold.pk).update(image_path="")

    assert judge_all_listings() == 3
    assert judge_all_listings() == 0
    assert {row.sales_channel.name: row.problems for row in sold.listings.select_related("sales_channel")} == {
        "Shop A": ["picture"],
        "Shop B": ["picture"],
    }
    assert [(row.code, row.total, row.counts) for row in obstacle_report()] == [
        ("picture", 2, {shops[0].pk: 1, shops[1].pk: 1}),
        ("stock", 1, {shops[0].pk: 1}),
    ]
    assert sorted(listed()) == [sold.pk, empty.pk]

    Product.objects.filter(pk=sold.pk).update(image_path="products/none.png")
    assert judge_listings(product_ids=[sold.pk]) == 2
    assert listed() == [empty.pk]


def test_a_paused_listing_speaks_no_longer_of_problems(shops):
    product = make_approved(channels=shops)
    list_product(product_id=product.pk, sales_channel_id=shops[0].pk)
    judge_all_listings()
    pause_listings(product_ids=[product.pk], sales_channel_ids=[shops[0].pk], reason="Recall")
    judge_all_listings()
    assert Listing.objects.exclude(problems=[]).count() == 0
    assert listed() == [product.pk]  # on sale, and live nowhere


def test_many_are_judged_with_as_many_statements_as_one(shops, django_assert_max_num_queries):
    products = [make_approved(channels=shops) for _ in range(5)]
    for product in products:
        list_product(product_id=product.pk, sales_channel_id=shops[0].pk)
    with django_assert_max_num_queries(45):
        assert judge_all_listings() == 5


def test_the_report_leads_to_the_list_of_its_reason(client, sold):
    Product.objects.filter(pk=sold.pk).update(image_path="")
    client.force_login(make_author())
    page = reverse("admin:catalog_obstacles")
    assert "Everything that is live can be bought." in client.get(page).content.decode()
    judge_all_listings()
    report = client.get(page).content.decode()
    address = f"{reverse('admin:catalog_product_changelist')}?tab=not_sellable&problem="
    assert f"{address}picture".replace("&", "&amp;") in report
    assert sold.code in client.get(f"{address}picture").content.decode()
    assert sold.code not in client.get(f"{address}stock").content.decode()
