"""What is saved from the grid: each cell by its kind, in bulk, once, with history; the rest is answered at its cell."""

import json
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Category, Price, PriceProposal, Product, ProductStatus, ProductText, Variant
from catalog.services import set_price
from core.models import EventRecord
from inventory.models import StockItem
from tests.catalog.grids import Cell, client_of, post, save
from tests.factories import make_channel, make_stock, make_variant, make_warehouse

pytestmark = pytest.mark.django_db
SAVED = {"state": "saved"}
GTIN, OTHER_GTIN = "4901234567894", "4006381333931"


def events(name: str) -> list[EventRecord]:
    """Return what was recorded under a name, in order."""
    return list(EventRecord.objects.filter(name=name).order_by("pk"))


def test_cells_of_every_kind_are_written_and_nothing_else():
    food = Category.objects.create(name="Food")
    tea = Category.objects.create(name="Tea", parent=food)
    variant = make_variant(name="M", weight_g=100)
    before = Product.objects.get(pk=variant.product_id)
    client, user = client_of()
    pk = variant.pk
    assert save(
        client,
        (pk, "name", before.name, "Sencha"),
        (pk, "brand", "", "Uji"),
        (pk, "category", "", "food > tea"),
        (pk, "tags", "", "new, green,new"),
        (pk, "barcode", "", "４９０１２３４５６７８９４"),
        (pk, "weight_g", "100", "1,250"),
        (pk, "is_active", "1", "no"),
        (pk, "title:ko", "", "센차"),
        (pk, "description:ko", "", "<p>좋아요<script>alert(1)</script></p>"),
    ) == [
        SAVED,
        SAVED,
        {"state": "saved", "value": "Food > Tea"},
        {"state": "saved", "value": "new, green"},
        {"state": "saved", "value": GTIN},
        {"state": "saved", "value": "1250"},
        {"state": "saved", "value": "0"},
        SAVED,
        {"state": "saved", "value": "<p>좋아요</p>"},
    ]
    product = Product.objects.get(pk=before.pk)
    assert (product.name, product.brand, product.category_id, product.tags) == (
        "Sencha",
        "Uji",
        tea.pk,
        ["new", "green"],
    )
    assert (product.code, product.status, product.maker) == (before.code, before.status, before.maker)
    assert product.updated_at > before.updated_at
    assert "센차" in product.search_text
    variant.refresh_from_db()
    assert (variant.barcode, variant.weight_g, variant.is_active, variant.name) == (GTIN, 1250, False, "M")
    assert GTIN in variant.search_text
    text = ProductText.objects.get(product=product)
    assert (text.language, text.title, text.description) == ("ko", "센차", "<p>좋아요</p>")
    [edited] = events("catalog.goods_edited")
    assert (edited.subject_id, edited.actor_id, edited.data["count"]) == (product.pk, user.pk, 9)
    assert [variant.sku, "variant.weight_g", "100", "1250"] in edited.data["changes"]


def test_the_history_says_what_was_what():
    variant = make_variant(sku="TEE-M")
    client, _user = client_of()
    save(client, (variant.pk, "brand", "", "Uji"), (variant.pk, "barcode", "", GTIN))
    [page] = [client.get(reverse("admin:catalog_product_change", args=[variant.product_id])).context["timeline"]]
    assert f"Brand: – → “Uji”; TEE-M · Barcode (GTIN/JAN): – → “{GTIN}”" in [
        entry.sentence for entry in page["entries"]
    ]


def test_a_stale_cell_shows_both_and_stays():
    variant = make_variant()
    Product.objects.filter(pk=variant.product_id).update(brand="Theirs")
    client, _user = client_of()
    [brand, weight] = save(client, (variant.pk, "brand", "", "Mine"), (variant.pk, "weight_g", "", "5"))
    assert brand == {"state": "conflict", "sentence": "Somebody else changed this meanwhile.", "value": "Theirs"}
    assert weight == SAVED
    assert Product.objects.get(pk=variant.product_id).brand == "Theirs"
    assert save(client, (variant.pk, "brand", "Theirs", "Mine")) == [SAVED]
    assert Product.objects.get(pk=variant.product_id).brand == "Mine"


def test_prices_are_set_together_and_what_is_below_the_floor_waits():
    variant = make_variant()
    seoul = make_channel(margin_floor=20)
    dollars = make_channel(currency="USD")
    set_price(variant_id=variant.pk, sales_channel_id=seoul.pk, amount=12000)
    client, _user = client_of()
    assert save(
        client,
        (variant.pk, f"amount:{seoul.pk}", "12000", "11,000"),
        (variant.pk, f"compare_at:{seoul.pk}", "", "15000"),
        (variant.pk, f"cost:{seoul.pk}", "", "5000"),
        (variant.pk, f"amount:{dollars.pk}", "", "$12.5"),
    ) == [{"state": "saved", "value": "11000"}, SAVED, SAVED, {"state": "saved", "value": "12.50"}]
    running = Price.objects.filter(variant=variant, ends_at=None).order_by("sales_channel_id")
    assert [(price.amount, price.compare_at, price.cost) for price in running] == [
        (11000, 15000, 5000),
        (1250, None, None),
    ]
    [waiting] = save(client, (variant.pk, f"amount:{seoul.pk}", "11000", "5500"))
    assert (waiting["state"], waiting["value"]) == ("waiting", "11000")
    assert PriceProposal.objects.get().amount == 5500
    assert Price.objects.get(variant=variant, sales_channel=seoul, ends_at=None).amount == 11000


def test_refused_prices_say_so_at_their_cells():
    variant = make_variant()
    seoul = make_channel()
    set_price(variant_id=variant.pk, sales_channel_id=seoul.pk, amount=12000)
    client, _user = client_of()
    amount, compare = f"amount:{seoul.pk}", f"compare_at:{seoul.pk}"
    assert [one["state"] for one in save(client, (variant.pk, compare, "", "11000"))] == ["refused"]
    assert [one["state"] for one in save(client, (variant.pk, amount, "12000", ""))] == ["refused"]
    assert [one["state"] for one in save(client, (variant.pk, amount, "12000", "12.5"))] == ["refused"]
    assert [one["state"] for one in save(client, (variant.pk, amount, "12000", "-5"))] == ["refused"]
    [price] = Price.objects.all()
    assert (price.amount, price.compare_at) == (12000, None)


def test_stock_buffers_are_inventorys():
    variant = make_variant(sku="TEE")
    item = make_stock(variant, on_hand=5, warehouse=make_warehouse(name="Gimpo"))
    other = make_warehouse(name="Busan")
    client, _user = client_of()
    assert save(
        client,
        (variant.pk, f"low_at:{item.warehouse_id}", "0", "3"),
        (variant.pk, f"low_at:{other.pk}", "0", "8"),
        (variant.pk, f"available:{item.warehouse_id}", "5", "99"),
    ) == [SAVED, SAVED, {"state": "refused", "sentence": "You may not change this column."}]
    items = StockItem.objects.filter(variant=variant).order_by("low_at")
    assert [(one.warehouse_id, one.low_at, one.on_hand) for one in items] == [
        (item.warehouse_id, 3, 5),
        (other.pk, 8, 0),
    ]
    [told] = events("inventory.alert_levels_set")
    assert (told.subject_id, told.data["count"]) == (variant.product_id, 2)


def test_barcodes_stay_unique_and_may_be_exchanged():
    first, second, third = make_variant(barcode=GTIN), make_variant(barcode=OTHER_GTIN), make_variant(sku="THIRD")
    client, _user = client_of()
    assert save(client, (first.pk, "barcode", GTIN, OTHER_GTIN), (second.pk, "barcode", OTHER_GTIN, GTIN)) == [
        SAVED,
        SAVED,
    ]
    assert list(Variant.objects.order_by("pk").values_list("barcode", flat=True)) == [OTHER_GTIN, GTIN, ""]
    [taken] = save(client, (third.pk, "barcode", "", GTIN))
    assert taken == {"state": "refused", "sentence": f"{second.sku} has this barcode already."}
    twice = save(client, (second.pk, "barcode", GTIN, "96385074"), (third.pk, "barcode", "", "96385074"))
    assert [one["sentence"] for one in twice] == ["Several rows would have this barcode."] * 2
    [wrong] = save(client, (third.pk, "barcode", "", "4901234567890"))
    assert wrong["state"] == "refused"
    assert "would have to be 4" in wrong["sentence"]
    assert list(Variant.objects.order_by("pk").values_list("barcode", flat=True)) == [OTHER_GTIN, GTIN, ""]


def test_who_wants_a_barcode_that_is_not_given_away_is_refused_too():
    first, second = make_variant(barcode=GTIN), make_variant(barcode=OTHER_GTIN)
    blocker = make_variant(barcode="96385074")
    client, _user = client_of()
    outcomes = save(client, (first.pk, "barcode", GTIN, "96385074"), (second.pk, "barcode", OTHER_GTIN, GTIN))
    assert [one["state"] for one in outcomes] == ["refused", "refused"]
    assert list(Variant.objects.order_by("pk").values_list("barcode", flat=True)) == [GTIN, OTHER_GTIN, blocker.barcode]


def test_a_text_needs_its_title():
    variant = make_variant()
    client, _user = client_of()
    [refused] = save(client, (variant.pk, "description:ja", "", "<p>お茶</p>"))
    assert refused["sentence"] == "A text needs a title. Write the title in this language, too."
    assert ProductText.objects.count() == 0
    save(client, (variant.pk, "title:ja", "", "お茶"))
    [refused] = save(client, (variant.pk, "title:ja", "お茶", ""))
    assert refused["state"] == "refused"
    assert ProductText.objects.get().title == "お茶"


def test_rights_are_asked_column_by_column():
    variant, seoul = make_variant(), make_channel()
    item = make_stock(variant)
    view = ["catalog.view_product", "catalog.view_variant", "catalog.view_price", "inventory.view_stockitem"]
    client, _user = client_of(*view)
    cells: list[Cell] = [
        (variant.pk, "brand", "", "Uji"),
        (variant.pk, "barcode", "", GTIN),
        (variant.pk, f"amount:{seoul.pk}", "", "100"),
        (variant.pk, f"low_at:{item.warehouse_id}", "0", "3"),
    ]
    assert save(client, *cells) == [{"state": "refused", "sentence": "You may not change this column."}] * 4
    blind, _user = client_of("catalog.view_variant")
    missing = {"state": "refused", "sentence": "There is no such column. Reload the page."}
    assert [save(blind, cell)[0] for cell in (cells[0], *cells[2:])] == [missing] * 3
    pricer, _user = client_of(*view, "catalog.change_price")
    assert [one["state"] for one in save(pricer, *cells)] == ["refused", "refused", "saved", "refused"]
    assert Product.objects.get(pk=variant.product_id).brand == ""
    assert StockItem.objects.get().low_at == 0
    nobody, _user = client_of("catalog.view_product")
    assert post(nobody, {"key": str(uuid.uuid4()), "cells": []}).status_code == 403


def test_a_second_press_saves_once():
    variant = make_variant()
    client, _user = client_of()
    key = str(uuid.uuid4())
    first = save(client, (variant.pk, "brand", "", "Uji"), key=key)
    Product.objects.filter(pk=variant.product_id).update(brand="Later")
    assert save(client, (variant.pk, "brand", "", "Uji"), key=key) == first == [SAVED]
    assert Product.objects.get(pk=variant.product_id).brand == "Later"
    assert len(events("catalog.goods_edited")) == 1
    other = post(client, {"key": key, "cells": [[variant.pk, "brand", "Later", "Else"]]})
    assert other.status_code == 422
    assert Product.objects.get(pk=variant.product_id).brand == "Later"


def test_what_was_approved_becomes_a_draft_again():
    variant = make_variant()
    product = variant.product
    Product.objects.filter(pk=product.pk).update(status=ProductStatus.APPROVED)
    client, _user = client_of()
    save(client, (variant.pk, "name", product.name, "Another name"))
    assert Product.objects.get(pk=product.pk).status == ProductStatus.DRAFT


@pytest.mark.parametrize(
    "body",
    [
        "no json",
        [],
        {"key": "x", "cells": []},
        {"key": "good-key-1"},
        {"key": "good-key-1", "cells": [[1, "name", "a"]]},
        {"key": "good-key-1", "cells": [["1", "name", "a", "b"]]},
        {"key": "good-key-1", "cells": [[True, "name", "a", "b"]]},
        {"key": "good-key-1", "cells": [[2**63, "name", "a", "b"]]},
        {"key": "good-key-1", "cells": [[1, "name'--", "a", "b"]]},
        {"key": "good-key-1", "cells": [[1, "name", None, "b"]]},
        {"key": "good-key-1", "cells": [[1, "name", "a", {"b": 1}]]},
    ],
)
def test_what_is_no_save_is_a_400(body):
    client, _user = client_of()
    raw = body if isinstance(body, str) else json.dumps(body)
    answer = client.post(reverse("admin:catalog_grid_save"), raw, content_type="application/json")
    assert answer.status_code == 400


def test_hostile_cells_are_refused_one_by_one():
    variant = make_variant()
    client, _user = client_of()
    pk = variant.pk
    outcomes = save(
        client,
        (pk + 1000, "brand", "", "x"),
        (pk, "password", "", "x"),
        (pk, "sku", variant.sku, "OTHER"),
        (pk, "status", "", "active"),
        (pk, "brand", "", "a\x00b"),
        (pk, "title:ko", "", "x" * 1_000_000),
        (pk, "description:ko", "", "x" * 1_000_000),
        (pk, "tags", "", ",".join(f"t{number}" for number in range(51))),
        (pk, "weight_g", "", "10000001"),
        (pk, "weight_g", "", "-1"),
        (pk, "amount:999999", "", "1"),
        (pk, "low_at:x", "", "1"),
    )
    assert [one["state"] for one in outcomes] == ["refused"] * 12
    assert all(one["sentence"] for one in outcomes)
    product = Product.objects.get(pk=variant.product_id)
    assert (product.brand, product.tags, product.texts.count()) == ("", [], 0)
    assert events("catalog.goods_edited") == []


def test_ten_thousand_cells_at_once_are_refused_with_a_sentence():
    variant = make_variant()
    client, _user = client_of()
    answer = post(client, {"key": str(uuid.uuid4()), "cells": [[variant.pk, "brand", "", "x"]] * 10_000})
    assert answer.status_code == 422
    assert answer.json()["sentence"].startswith("At most 5,000 cells are saved at once; these are 10,000.")
    assert Product.objects.get(pk=variant.product_id).brand == ""


def test_a_save_takes_as_many_statements_for_many_rows_as_for_few():
    seoul, warehouse = make_channel(), make_warehouse()
    variants = [make_variant() for _number in range(13)]
    client, _user = client_of()

    def statements(of: list[Variant], word: str, price: str) -> int:
        cells: list[Cell] = []
        for variant in of:
            values = {"brand": word, "weight_g": price, "title:ko": word, "tags": word, f"amount:{seoul.pk}": price}
            cells += [(variant.pk, key, "", text) for key, text in values.items()]
            cells.append((variant.pk, f"low_at:{warehouse.pk}", "0", price))
        with CaptureQueriesContext(connection) as queries:
            assert {one["state"] for one in save(client, *cells)} == {"saved"}
        return len(queries)

    statements(variants[:1], "warm", "50")
    few, many = statements(variants[1:3], "some", "60"), statements(variants[3:], "others", "70")
    assert few == many
