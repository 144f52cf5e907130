"""The page of options: what it shows, drafts, checks and saves."""

import json

import pytest
from django.urls import reverse

from catalog.models import Price, Product, Variant
from catalog.selectors.options import options_state
from tests.admin.pressing import said
from tests.factories import make_channel, make_user, make_variant

pytestmark = pytest.mark.django_db

RIGHTS = ["view_product", "change_product", "add_variant", "view_price", "change_price", "view_saleschannel"]
AXES = [
    {"id": None, "name": "Colour", "values": [{"id": None, "name": "Black", "colour": ""}]},
    {"id": None, "name": "Size", "values": [{"id": None, "name": size, "colour": ""} for size in "ML"]},
]
KEYS = ['["+Black", "+M"]', '["+Black", "+L"]']


@pytest.fixture
def shirt():
    return Product.objects.create(code="SHIRT", name="Shirt")


@pytest.fixture(autouse=True)
def merchandiser(client):
    client.force_login(make_user(permissions=[f"catalog.{right}" for right in RIGHTS]))


def row(place=0, **over):
    return {
        "key": KEYS[place],
        "values": [0, place],
        "name": "",
        "sku": f"S-{place}",
        "barcode": "",
        "weight": "",
        "prices": {},
        **over,
    }


def send(client, product, page="catalog_options", **over):
    values = {
        "opened": options_state(product_id=product.pk).fingerprint,
        "axes": AXES,
        "pattern": "",
        "rows": [],
        **over,
    }
    body = over.get("body", values)
    url = reverse(f"admin:{page}", args=[product.pk])
    return client.post(url, json.dumps(body), content_type="application/json")


def test_the_page_gives_the_script_what_it_needs(client, shirt):
    channel = make_channel(name="Shop")
    variant = make_variant(product=shirt, sku="S-1", name="One", weight_g=120)
    Price.objects.create(variant=variant, sales_channel=channel, currency="KRW", amount=9000)
    page = client.get(reverse("admin:catalog_options", args=[shirt.pk]))
    data = page.context_data["data"]
    assert data["defaults"] == {"weight": "120", "prices": {channel.pk: "9000"}}
    assert (data["axes"], data["rows"], data["mayAdd"], data["mayPrice"]) == ([], [], True, True)
    assert data["patterns"] == ["{code}", "{code}-{1}", "{code}-{1}-{2}", "{code}-{1}-{2}-{3}"]
    assert 'id="options-data"' in page.content.decode()


def test_a_draft_names_combinations_and_knows_colours(client, shirt):
    answer = send(client, shirt, "catalog_options_draft").json()
    assert [(each["key"], each["name"], each["sku"]) for each in answer["rows"]] == [
        (KEYS[0], "Black / M", "SHIRT-BLK-M"),
        (KEYS[1], "Black / L", "SHIRT-BLK-L"),
    ]
    assert (answer["count"], answer["loose"], answer["swatches"]["Black"]) == (2, [], "#000000")
    assert not Variant.objects.exists()


def test_cells_are_checked_while_one_types(client, shirt):
    make_variant(sku="TAKEN")
    rows = [row(0, sku="TAKEN", barcode="4901234567890"), row(1, sku="")]
    problems = send(client, shirt, "catalog_options_draft", rows=rows, check=True).json()["problems"]
    assert problems == {
        KEYS[0]: {
            "sku": "Another variant has this already.",
            "barcode": "The last digit of barcode 4901234567890 would have to be 4. Check for a typing mistake.",
        },
        KEYS[1]: {"sku": "Every variant needs an SKU."},
    }
    twice = send(client, shirt, "catalog_options_draft", rows=[row(0), row(1, sku="S-0")], check=True).json()
    assert {each["sku"] for each in twice["problems"].values()} == {"It stands twice on this page."}


def test_a_save_makes_the_variants_and_leads_back(client, shirt):
    dollars = make_channel(currency="USD", country="US")
    answer = send(client, shirt, rows=[row(0, weight="250", prices={str(dollars.pk): "12.50"}), row(1, name="Big")])
    assert answer.json() == {"url": f"/admin/catalog/product/{shirt.pk}/change/#panel-variants"}
    assert said(answer) == ["The options are saved, 2 variants are new."]
    assert list(Variant.objects.order_by("sku").values_list("sku", "name", "weight_g")) == [
        ("S-0", "Black / M", 250),
        ("S-1", "Big", None),
    ]
    assert Price.objects.values_list("variant__sku", "amount").get() == ("S-0", 1250)


def test_what_is_wrong_is_told_cell_by_cell_and_nothing_is_saved(client, shirt):
    channel = make_channel()
    rows = [row(0, weight="heavy", prices={str(channel.pk): "0.5"}), row(1)]
    answer = send(client, shirt, rows=rows)
    assert answer.status_code == 422
    assert answer.json() == {
        "sentence": "Nothing is saved: 1 row has to be put right.",
        "problems": {
            KEYS[0]: {
                f"price-{channel.pk}": "“0.5” has more decimals than KRW knows.",
                "weight": "A weight is a whole number of grams.",
            }
        },
    }
    assert not Variant.objects.exists()


def test_whoever_saves_an_old_page_gets_a_sentence(client, shirt):
    answer = send(client, shirt, opened="old", rows=[row(0)])
    assert answer.status_code == 422
    assert answer.json()["sentence"].startswith("Somebody else changed the options or variants of this product")
    assert not Variant.objects.exists()


def test_a_variant_without_options_takes_the_place_that_was_chosen(client, shirt):
    variant = make_variant(product=shirt, sku="OLD", name="Default")
    drafted = send(client, shirt, "catalog_options_draft", placed={str(variant.pk): KEYS[1]}).json()
    assert [each["variant"] and each["variant"]["sku"] for each in drafted["rows"]] == [None, "OLD"]
    send(client, shirt, placed={str(variant.pk): KEYS[1]}, rows=[row(0)])
    assert dict(Variant.objects.values_list("sku", "name")) == {"OLD": "Black / L", "S-0": "Black / M"}


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"opened": "", "axes": "x"},
        {"opened": "", "axes": [{"name": 1, "values": []}]},
        {"opened": "", "axes": [{"name": "a\x00", "values": []}]},
        {"opened": "", "axes": [{"name": "a", "values": [{"id": -1, "name": "x"}]}]},
        {"opened": "", "axes": [], "placed": {"x": ""}},
        {"opened": "", "axes": [], "rows": [{}]},
        {"opened": "", "axes": [], "rows": [{}] * 1001},
    ],
)
def test_what_the_page_cannot_have_sent_is_a_bad_request(client, shirt, body):
    for page in ("catalog_options", "catalog_options_draft"):
        assert send(client, shirt, page, body=body).status_code == 400


def test_only_who_may_change_products_gets_in(client, shirt):
    client.force_login(make_user(permissions=["catalog.view_product"]))
    assert client.get(reverse("admin:catalog_options", args=[shirt.pk])).status_code == 403
    assert send(client, shirt, rows=[row(0)]).status_code == 403
    assert not Variant.objects.exists()


def test_without_sight_of_prices_none_are_shown_or_set(client, shirt):
    channel = make_channel()
    client.force_login(make_user(permissions=["catalog.view_product", "catalog.change_product", "catalog.add_variant"]))
    data = client.get(reverse("admin:catalog_options", args=[shirt.pk])).context_data["data"]
    assert data["channels"] == []
    assert send(client, shirt, rows=[row(0, prices={str(channel.pk): "5"})]).status_code == 200
    assert not Price.objects.exists()


def test_a_product_that_is_gone_is_not_found(client, shirt):
    shirt.delete()
    assert client.get(reverse("admin:catalog_options", args=[shirt.pk or 1])).status_code == 404
