"""What a hostile hand tried: nobody approves his own prices, nothing unseen is sold, odd bytes are no server error."""

import uuid

import httpx
import pytest
import tablib
from django.urls import reverse

from catalog.adapters.fetching import HttpPictures
from catalog.admin.product_file import ProductFileResource
from catalog.models import OptionAxis, Product, ProductStatus, Variant
from catalog.services import approve_product, set_price, submit_product
from core.errors import InvalidInput, NotAllowed
from core.models import TableImport
from core.resources import Choices
from core.resources.undoing import undo_table_import
from core.ui.timeline import timeline
from tests.catalog.grids import client_of, post
from tests.catalog.making import REVIEW, make_author, make_draft, make_reviewer
from tests.factories import make_channel, make_user, make_variant

pytestmark = pytest.mark.django_db


def test_who_set_a_price_of_a_draft_does_not_approve_the_product():
    product = make_draft(author=make_author())
    pricer = make_user(permissions=[*REVIEW, "catalog.change_price"])
    set_price(variant_id=product.variants.get().pk, sales_channel_id=make_channel().pk, amount=1, actor=pricer)
    review = submit_product(product_id=product.pk)

    with pytest.raises(NotAllowed, match="Ask a colleague"):
        approve_product(product_id=product.pk, review_id=review.pk, actor=pricer)

    assert Product.objects.get(pk=product.pk).status == ProductStatus.IN_REVIEW


def test_history_tells_no_margin_to_who_may_not_see_prices():
    product, channel = make_draft(), make_channel(margin_floor=30)
    set_price(variant_id=product.variants.get().pk, sales_channel_id=channel.pk, amount=1000, cost=900)
    designer = make_user(permissions=["catalog.view_product"])
    buyer = make_user(permissions=["catalog.view_product", "catalog.view_price"])

    assert timeline(product, user=designer)["entries"] == []
    assert ["margin 10" in entry.sentence for entry in timeline(product, user=buyer)["entries"]] == [True]


def approved(product):
    review = submit_product(product_id=product.pk)
    return approve_product(product_id=product.pk, review_id=review.pk, actor=make_reviewer())


def imported(user, headers, *rows):
    batch = TableImport.objects.create(model="catalog.product", filename="f.csv", state="done", owner=user)
    result = ProductFileResource(user=user).import_data(
        tablib.Dataset(*rows, headers=headers), use_transactions=True, choices=Choices(table_import=batch.pk)
    )
    assert not result.base_errors, [error.error for error in result.base_errors]
    assert not result.invalid_rows, [row.error_dict for row in result.invalid_rows]
    return batch


def test_options_taken_back_reopen_what_was_approved_with_them():
    user = make_user(is_superuser=True)
    product = make_draft()
    sku = product.variants.get().sku
    batch = imported(user, ["sku", "option1_name", "option1_value"], [sku, "Colour", "Red"])
    assert OptionAxis.objects.filter(product=product).count() == 1
    approved(product)

    undo_table_import(table_import_id=batch.pk, resource=ProductFileResource(user=user), reason="wrong", actor=user)

    assert not OptionAxis.objects.filter(product=product).exists()
    assert Product.objects.get(pk=product.pk).status == ProductStatus.DRAFT


def test_a_variant_that_moves_reopens_the_product_it_leaves():
    left, goal = approved(make_draft()), make_draft()
    stays = make_variant(product=left)
    approved_again = Product.objects.filter(pk=left.pk)
    approved_again.update(status=ProductStatus.APPROVED)
    client, _user = client_of()
    client.force_login(make_user(is_superuser=True, is_staff=True))
    url = reverse("admin:catalog_variant_change", args=[stays.pk])
    page = client.get(url)
    form = page.context["adminform"].form
    data = {name: form[name].value() for name in form.fields if form[name].value() not in {None, False}}

    response = client.post(url, {**data, "product": goal.pk, "_opened": page.context["opened_token"]})

    assert response.status_code == 302, response.context["adminform"].form.errors
    assert Variant.objects.get(pk=stays.pk).product_id == goal.pk
    assert approved_again.get().status == ProductStatus.DRAFT
    assert stays.sku.lower() not in approved_again.get().search_text.lower()


@pytest.mark.parametrize(
    "host", ["192.0.0.8", "[fec0::1]", "2130706433", "127.1", "[::ffff:10.0.0.1]", "u:p@example.com"]
)
def test_pictures_do_not_come_from_within(host):
    with pytest.raises(InvalidInput, match="Only public http and https addresses"):
        HttpPictures(transport=httpx.MockTransport(lambda _request: httpx.Response(200))).fetch(f"http://{host}/a.png")


def test_half_a_character_in_the_grid_is_a_bad_request_and_changes_nothing():
    variant = make_variant()
    client, _user = client_of()
    cell = [variant.pk, "name", variant.product.name, "\ud83d"]

    assert post(client, {"key": str(uuid.uuid4()), "cells": [cell]}).status_code == 400
    assert Product.objects.get().name == variant.product.name


ODD = ["\ud800", "a\x00b", "9" * 400, "1e999", "x" * 100_000]


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("column", ["name", "tags", "weight_g", "title:ko", "amount"])
def test_no_cell_of_the_grid_is_a_server_error(column, text):
    variant, channel = make_variant(), make_channel()
    set_price(variant_id=variant.pk, sales_channel_id=channel.pk, amount=1000)
    key = f"{column}:{channel.pk}" if column in {"amount", "cost"} else column
    client, _user = client_of()
    base = {"name": variant.product.name, "amount": "1000"}.get(column, "")
    body = {"key": str(uuid.uuid4()), "cells": [[variant.pk, key, base, text]]}
    response = post(client, body)
    assert response.status_code in {200, 400, 422}, response.status_code
    body = {"key": str(uuid.uuid4()), "cells": [[variant.pk, key, text, "5"]]}
    assert post(client, body).status_code in {200, 400, 422}


PAGES = """product_changelist variant_changelist price_changelist grid scheduled_prices price_rule
    priceproposal_changelist variantcode_changelist collection_changelist category_changelist""".split()
QUERIES = """q=%00 q=%ED%A0%80 p=-1 p=99999999999999999999 tab=%00 sales_channel=99999999999999999999999
    sales_channel__id__exact=x status__exact=%00 category=abc channel=9999999999999999999999 day=0000-00-00
    month=9999999-1 from=x ids=1,%00 ids=99999999999999999999 o=9999999999999999999999 all=1 e=1""".split()


@pytest.mark.parametrize("page", PAGES)
def test_no_query_is_a_server_error(page):
    client, _ = client_of()
    client.force_login(make_user(is_superuser=True))
    bad = []
    for query in QUERIES:
        status = client.get(f"{reverse('admin:catalog_' + page)}?{query}").status_code
        if status not in {200, 302, 400, 404}:
            bad.append((query, status))
    assert bad == []
