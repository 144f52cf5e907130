"""The grid shows the variants of a list with the columns a person chose, quickly and to whom it may."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.admin.grid_rows import SIZE
from catalog.models import Category, GridLayout, PriceProposal, Product, ProductText
from catalog.services import refresh_search_text, set_price
from tests.catalog.grids import choose, client_of, opened, post
from tests.factories import make_channel, make_stock, make_variant, make_warehouse

pytestmark = pytest.mark.django_db
PAGE = "/admin/catalog/grid/"


def test_rows_are_variants_grouped_by_product_the_newest_first():
    small, large = (make_variant(sku=sku) for sku in ("TEE-S", "TEE-L"))
    large.product = small.product
    large.save()
    mug = make_variant(sku="MUG")
    client, _user = client_of()
    data = opened(client, "tab=all")
    assert data["rows"] == [
        [mug.pk, mug.product_id],
        [large.pk, small.product_id],
        [small.pk, small.product_id],
    ]
    assert data["values"]["sku"] == {str(mug.pk): "MUG", str(large.pk): "TEE-L", str(small.pk): "TEE-S"}
    assert set(data["values"]["name"]) == {str(mug.product_id), str(small.product_id)}


def test_a_list_gives_its_tab_search_filter_and_ticks():
    tea = Category.objects.create(name="Tea")
    green, black, draft = make_variant(sku="GREEN"), make_variant(sku="BLACK"), make_variant(sku="DRAFT")
    Product.objects.filter(pk=green.product_id).update(category=tea, name="Green leaves")
    Product.objects.filter(pk=draft.product_id).update(status="draft")
    refresh_search_text(product_ids=[green.product_id, black.product_id, draft.product_id])
    client, _user = client_of()

    def shown(query: str) -> set[str]:
        return set(opened(client, query)["values"]["sku"].values())

    assert shown("") == {"GREEN", "BLACK"}
    assert shown("tab=draft") == {"DRAFT"}
    assert shown("q=leaves") == {"GREEN"}
    assert shown(f"tab=all&category__id__exact={tea.pk}") == {"GREEN"}
    assert shown(f"ids={black.product_id},{draft.product_id}") == {"BLACK", "DRAFT"}
    assert shown("list=variant&q=black") == {"BLACK"}
    assert shown(f"list=variant&ids={draft.pk}") == {"DRAFT"}


def test_sorting_goes_by_columns_with_an_index():
    for sku in ("B", "C", "A"):
        make_variant(sku=sku)
    client, _user = client_of()
    assert [row[0] for row in opened(client, "sort=sku")["rows"]] == [
        row[0] for row in opened(client, "sort=-sku")["rows"]
    ][::-1]
    assert list(opened(client, "sort=sku")["values"]["sku"].values()) == ["A", "B", "C"]
    assert list(opened(client, "sort=-product")["values"]["sku"].values()) == ["B", "C", "A"]


@pytest.mark.parametrize(
    "query",
    [
        "p=0",
        "p=x",
        "p=9999999",
        "list=order",
        "sort=name",
        "ids=1;2",
        "ids=" + "9" * 30,
        "tab=none",
        "secret=1",
        "author__password=x",
    ],
)
def test_what_makes_no_sense_is_a_400(query):
    client, _user = client_of()
    assert client.get(f"{PAGE}?{query}").status_code == 400


def test_nothing_to_show_says_what_to_do():
    client, _user = client_of()
    response = client.get(f"{PAGE}?q=nothing-like-it")
    assert response.status_code == 200
    assert "No variants here" in response.content.decode()


def test_columns_follow_rights():
    make_variant()
    make_channel(code="seoul")
    make_warehouse()
    client, _user = client_of("catalog.view_product", "catalog.view_variant")
    response = client.get(PAGE)
    offered = {column.key for _name, columns in response.context["sections"] for column, _shown in columns}
    assert {"name", "tags", "barcode"} <= offered
    assert not [key for key in offered if ":" in key]
    assert all(not column["editable"] for column in opened(client)["columns"])
    assert client_of("catalog.view_product")[0].get(PAGE).status_code == 403


def test_prices_waiting_ones_and_stock_stand_in_columns_of_their_own():
    variant = make_variant(sku="TEE")
    seoul = make_channel(name="Seoul")
    dollars = make_channel(name="Overseas", currency="USD")
    item = make_stock(variant, on_hand=7, low_at=2, warehouse=make_warehouse(name="Gimpo"))
    set_price(variant_id=variant.pk, sales_channel_id=seoul.pk, amount=12000, compare_at=15000)
    set_price(variant_id=variant.pk, sales_channel_id=dollars.pk, amount=1250)
    PriceProposal.objects.create(
        variant=variant, sales_channel=seoul, currency="KRW", amount=9000, cost=8900, margin=1, margin_floor=10
    )
    client, _user = client_of()
    low, available = f"low_at:{item.warehouse_id}", f"available:{item.warehouse_id}"
    choose(client, f"amount:{seoul.pk}", f"compare_at:{seoul.pk}", f"amount:{dollars.pk}", low, available)
    data = opened(client)
    pk = str(variant.pk)
    assert data["values"] == {
        "sku": {pk: "TEE"},
        f"amount:{seoul.pk}": {pk: "12000"},
        f"compare_at:{seoul.pk}": {pk: "15000"},
        f"amount:{dollars.pk}": {pk: "12.50"},
        low: {pk: "2"},
        available: {pk: "7"},
    }
    assert data["notes"] == {f"amount:{seoul.pk}": {pk: "₩9,000 waits for approval."}}
    assert [(column["decimals"], column["editable"]) for column in data["columns"]] == [
        (0, False),
        (0, True),
        (0, True),
        (2, True),
        (0, True),
        (0, False),
    ]


def test_texts_of_channels_are_not_mixed_with_those_of_all():
    variant = make_variant()
    ProductText.objects.create(product=variant.product, language="ko", title="차")
    ProductText.objects.create(product=variant.product, language="ko", title="네이버 차", sales_channel=make_channel())
    client, _user = client_of()
    choose(client, "title:ko", "description:ko", "title:ja")
    values = opened(client)["values"]
    product = str(variant.product_id)
    assert (values["title:ko"], values["description:ko"], values["title:ja"]) == (
        {product: "차"},
        {product: ""},
        {product: ""},
    )


def test_columns_and_widths_are_remembered_for_each_person():
    make_variant()
    client, user = client_of()
    other, _other_user = client_of()
    choose(client, "barcode", "name", "barcode")
    assert post(client, {"widths": {"name": 333, "barcode": 5}}, name="arrange").status_code == 200
    assert [(column["key"], column["width"]) for column in opened(client)["columns"]] == [
        ("sku", 150),
        ("barcode", 48),
        ("name", 333),
    ]
    assert "category" in {column["key"] for column in opened(other)["columns"]}
    layout = GridLayout.objects.get(user=user)
    assert (layout.columns, layout.widths) == (["barcode", "name"], {"name": 333, "barcode": 48})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"columns": []}, 422),
        ({"columns": [f"amount:{number}" for number in range(81)]}, 422),
        ({"columns": ["<script>"]}, 400),
        ({"columns": ["name"] * 501}, 400),
        ({"columns": "name"}, 400),
        ({"widths": {"name": "wide"}}, 400),
        ({"widths": {"name": True}}, 400),
        ({"widths": [1]}, 400),
        ([], 400),
        ("x", 400),
    ],
)
def test_arrangements_that_make_no_sense_are_refused(body, status):
    client, _user = client_of()
    assert post(client, body, name="arrange").status_code == status
    assert GridLayout.objects.count() == 0


def test_categories_are_answered_by_their_way():
    food = Category.objects.create(name="Food")
    Category.objects.create(name="Tea", parent=food)
    client, _user = client_of()
    assert client.get(reverse("admin:catalog_grid_categories")).json() == {"choices": ["Food", "Food > Tea"]}


def test_lists_lead_to_the_grid_with_what_they_show():
    make_variant()
    client, _user = client_of()
    page = client.get("/admin/catalog/product/?tab=active&q=SKU&p=1").content.decode()
    assert '/admin/catalog/grid/?list=product&amp;q=SKU&amp;tab=active"' in page or (
        '/admin/catalog/grid/?list=product&amp;tab=active&amp;q=SKU"' in page
    )
    assert "data-ticked-link" in client.get("/admin/catalog/variant/").content.decode()


def test_a_full_page_takes_as_many_statements_as_a_short_one():
    channel = make_channel()
    stock = make_stock(make_variant())
    client, _user = client_of()
    choose(
        client,
        *("name", "brand", "category", "tags", "barcode", "title:ko", "description:ja"),
        *(f"amount:{channel.pk}", f"low_at:{stock.warehouse_id}", f"available:{stock.warehouse_id}"),
    )

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            opened(client)
        return len(queries)

    statements()
    one = statements()
    for _number in range(12):
        make_variant()
    assert statements() == one
    assert one <= 12


def test_pages_hold_a_hundred_rows():
    product = make_variant(sku="X-000").product
    for number in range(1, SIZE + 3):
        make_variant(sku=f"X-{number:03}", product=product)
    client, _user = client_of()
    first, second = opened(client), opened(client, "p=2")
    assert (len(first["rows"]), len(second["rows"])) == (SIZE, 3)
    assert list(second["values"]["sku"].values()) == ["X-100", "X-101", "X-102"]
    assert list(second["values"]["name"]) == [str(product.pk)]
