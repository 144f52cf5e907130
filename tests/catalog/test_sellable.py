"""“Why is it not sellable?”: every channel, every check, and the way to the fix."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.checking import Check, Finding, Severity, checks, register_check, run_checks
from catalog.models import Listing, Product, SalesChannel, Variant
from catalog.selectors.sellable import sellable_of
from catalog.services import list_product, pause_listings, set_price
from tests.admin.pressing import press, press_many, said
from tests.catalog.making import make_approved, make_author, make_draft, make_shops
from tests.factories import make_stock, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def shops():
    return make_shops(2)


def sentences(product, channel, *, variant_id=None):
    [sellable] = sellable_of([product], variant_id=variant_id)
    [on] = [each for each in sellable.channels if each.channel == channel]
    return {
        cell.check.code: [found.sentence for found in cell.findings]
        for cell in on.cells
        if cell.findings and cell.check.code not in {"text", "category", "notice", "certificate", "attribute"}
    }


def test_every_part_has_registered_its_check():
    assert {"status", "listing", "dates", "variant", "price", "stock", "picture"} <= {check.code for check in checks()}


def test_a_draft_lacks_everything(shops):
    product = make_variant().product
    Product.objects.update(status="draft")
    product.refresh_from_db()
    Variant.objects.update(is_active=False)
    assert sentences(product, shops[0]) == {
        "status": ["The product is a draft. Submit it for review."],
        "listing": ["Not listed on Shop A."],
        "variant": ["There is no active variant.", f"Variant {product.variants.get().sku} is switched off."],
        "picture": ["There is no picture."],
    }


def test_what_is_live_and_in_stock_has_nothing_against_it(shops):
    product = make_approved(channels=shops)
    make_stock(product.variants.get(), on_hand=3)
    list_product(product_id=product.pk, sales_channel_id=shops[0].pk)
    product.refresh_from_db()
    assert sentences(product, shops[0]) == {}
    assert sentences(product, shops[1]) == {"listing": ["Not listed on Shop B."]}
    [sellable] = sellable_of([product])
    assert (sellable.live_count, sellable.product) == (1, product)


def test_pauses_dates_and_sold_out_goods_are_told(shops):
    product = make_approved(channels=shops)
    for shop in shops:
        list_product(product_id=product.pk, sales_channel_id=shop.pk)
    product.refresh_from_db()
    pause_listings(product_ids=[product.pk], sales_channel_ids=[shops[0].pk], reason="Recall")
    Listing.objects.filter(sales_channel=shops[1]).update(ends_at=timezone.now() + timedelta(days=1))
    assert sentences(product, shops[0]) == {
        "listing": ["Paused: Recall"],
        "stock": ["Sold out: no piece is available."],
    }
    assert list(sentences(product, shops[1])) == ["dates", "stock"]


def test_one_variant_by_itself(shops):
    product = make_approved(channels=shops)
    list_product(product_id=product.pk, sales_channel_id=shops[0].pk)
    product.refresh_from_db()
    full = product.variants.get()
    empty = make_variant(product=product)
    make_stock(full, on_hand=1)
    assert sentences(product, shops[0], variant_id=full.pk) == {}
    assert sentences(product, shops[0], variant_id=empty.pk)["stock"] == [f"{empty.sku} is sold out."]


def test_many_products_cost_as_many_statements_as_one(shops, django_assert_num_queries):
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    products = [make_draft(channels=shops) for _ in range(6)]
    with CaptureQueriesContext(
        connection,
    ) as one:
        run_checks(products[:1], list(SalesChannel.objects.all()))
    with CaptureQueriesContext(connection) as many:
        run_checks(products, list(SalesChannel.objects.all()))
    assert len(one) == len(many) < 40


def test_the_page_shows_the_matrix_and_leads_to_the_fix(client, shops):
    product = make_approved(channels=shops[:1])
    client.force_login(make_author())
    url = reverse("admin:catalog_product_sellable", args=[product.pk])
    shown = client.get(url).content.decode()
    fix = reverse("admin:catalog_product_press", args=[product.pk, "list_on"])
    assert f"{fix}?channel={shops[0].pk}" in shown
    assert "No price on Shop B." in shown
    assert "Live on 0 of 2 channels" in shown
    variant = product.variants.get()
    assert client.get(f"{url}?variant={variant.pk}").status_code == 200
    assert client.get(f"{url}?variant={make_variant().pk}").status_code == 404
    assert client.get(f"{url}?variant=x").status_code == 404
    top = client.get(reverse("admin:catalog_product_change", args=[product.pk])).content.decode()
    assert "Live on 0 of 2 channels" in top


def test_listings_are_moved_from_the_panel(client, shops):
    product = make_approved(channels=shops[:1])
    client.force_login(make_author())
    one, two = (str(shop.pk) for shop in shops)
    dialog = client.get(reverse("admin:catalog_product_press", args=[product.pk, "list_on"])).context["form"]
    assert dialog.initial["sales_channels"] == [shops[0].pk]
    assert said(press(client, product, "list_on", sales_channels=[one, two])) == [
        "Live on 1 channel. Shop B: No price on Shop B."
    ]
    assert said(press(client, product, "pause_on", sales_channels=[one], reason="Recall"))[-1:] == ["Paused."]
    assert said(press(client, product, "resume_on", sales_channels=[one]))[-1:] == ["Live on 1 channel."]
    assert said(press(client, product, "end_on", sales_channels=[one]))[-1:] == ["Ended there."]
    product.refresh_from_db()
    assert product.status == "ended"


def test_many_are_listed_paused_and_ended_from_the_list(client, shops):
    products = [make_approved(channels=shops) for _ in range(2)]
    ids = [product.pk for product in products]
    client.force_login(make_author())
    both = [shop.pk for shop in shops]
    query = "?tab=all"
    assert said(press_many(client, Product, "list_selected", ids, query=query, sales_channels=both)) == [
        "Live on 4 channels."
    ]
    paused = press_many(client, Product, "pause_selected", ids, query=query, sales_channels=both, reason="Holiday")
    assert said(paused)[-1:] == ["4 listings are paused."]
    assert said(press_many(client, Product, "resume_selected", ids, query=query, sales_channels=both))[-1:] == [
        "Live on 4 channels."
    ]
    assert said(press_many(client, Product, "end_selected", ids, query=query, sales_channels=both))[-1:] == [
        "4 listings have ended."
    ]


def test_a_product_ends_with_what_takes_its_place(client, shops):
    old, new = make_approved(channels=shops), make_approved(channels=shops, name="Bag 2")
    list_product(product_id=old.pk, sales_channel_id=shops[0].pk)
    client.force_login(make_author())
    answer = press(client, old, "end", replaced_by="nothing", reason="")
    assert list(answer.context_data["form"].errors) == ["replaced_by"]
    press(client, old, "end", replaced_by=new.code, reason="Season over")
    old.refresh_from_db()
    assert (old.status, old.replaced_by) == ("ended", new)
    assert new.code in client.get(reverse("admin:catalog_product_change", args=[old.pk])).content.decode()
    assert old.code in client.get(reverse("admin:catalog_product_change", args=[new.pk])).content.decode()
    suggested = client.get(reverse("admin:catalog_product_suggest"), {"replaced_by": new.code[:3]}).content.decode()
    assert old.code not in suggested
    press(client, old, "replace", replaced_by="")
    old.refresh_from_db()
    assert old.replaced_by is None


def test_a_check_that_is_registered_again_takes_the_place_of_the_first(shops, monkeypatch):
    monkeypatch.setattr("catalog.checking._checks", {})
    for word in ("old", "new"):
        register_check(
            Check("x", "X", lambda products, channels, word=word: [Finding(1, None, Severity.ERROR, word)], blocks=True)
        )
    product = Product(pk=1)
    assert [found.sentence for found in run_checks([product], shops, blocking_only=True)] == ["new"]
    assert run_checks([], shops) == []
    assert run_checks([product], shops, codes=["y"]) == []


def test_a_price_that_is_set_is_a_price_there(shops):
    product = make_draft()
    assert sentences(product, shops[0])["price"] == ["No price on Shop A."]
    set_price(variant_id=product.variants.get().pk, sales_channel_id=shops[0].pk, amount=100)
    assert "price" not in sentences(product, shops[0])
