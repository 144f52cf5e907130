"""The page on which goods are put away: what waits, where it should go, and that each press counts once."""

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from inventory.models import Bin, EntryKind, ShelfStock, StockItem
from inventory.selectors.putting_away import to_put_away
from inventory.services import EntryLine, LotGiven, post_entry, put_away
from tests.factories import make_stock, make_user, make_variant, make_warehouse
from tests.orders.stories import assert_sound

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    place = make_warehouse()
    for rank, code in enumerate(("A-1", "A-2", "A-3")):
        Bin.objects.create(warehouse=place, code=code, pick_rank=rank)
    return place


@pytest.fixture
def keeper() -> Client:
    client = Client()
    client.force_login(make_user(permissions=["inventory.adjust_stock"]))
    return client


def bin_(code):
    return Bin.objects.get(code=code)


def receive(variant, place, pieces, lot=None):
    line = EntryLine(
        variant_id=variant.pk, warehouse_id=place.pk, quantity=pieces,
        lot=lot and LotGiven(number=lot, expires_on=date(2099, 1, 1)),
    )  # fmt: skip
    post_entry(kind=EntryKind.RECEIPT, lines=[line])
    return StockItem.objects.get(variant=variant, warehouse=place)


def waiting(place):
    """Return (SKU, lot, pieces, bin, whether some lie there) of what waits."""
    rows, count = to_put_away(warehouse_id=place.pk)
    assert count == len({row.item.pk for row in rows})
    return [(row.item.variant.sku, str(row.lot or ""), row.pieces, str(row.bin or ""), row.lies_there) for row in rows]


def page(client, **query):
    return client.get(reverse("admin:inventory_put_away"), query).content.decode()


def fields(html):
    """Return what the form in hand sends, before somebody typed."""
    form = html[html.index('class="count-now"') :]
    return dict(re.findall(r'name="(\w+)" (?:[^>]*? )?value="([^"]*)"', form))


def confirm(client, html, **typed):
    sent = {**fields(html), **typed}
    return client.post(reverse("admin:inventory_put_away_done"), sent, follow=True).content.decode()


def shelves():
    return sorted(ShelfStock.objects.filter(quantity__gt=0).values_list("lot__number", "bin__code", "quantity"))


def test_what_waits_the_last_to_come_first_and_where_it_goes(place):
    tee, mug = make_variant(sku="TEE"), make_variant(sku="MUG")
    item = receive(tee, place, 5)
    put_away(stock_item_id=item.pk, quantity=3, bin_id=bin_("A-2").pk)
    receive(mug, place, 4, lot="L1")
    make_stock(make_variant(sku="FAR"), on_hand=9, warehouse=make_warehouse())

    assert waiting(place) == [("MUG", "L1", 4, "A-1", False), ("TEE", "", 2, "A-2", True)]


def test_goods_are_scanned_then_the_bin(place, keeper):
    item = receive(make_variant(sku="TEE", barcode="4006381333931"), place, 5)
    receive(make_variant(sku="MUG"), place, 4)
    listed = page(keeper)
    assert ("TEE" in listed, "MUG" in listed) == (True, True)

    in_hand = page(keeper, code="4006381333931")
    assert ("<h2>TEE</h2>" in in_hand, "MUG" in in_hand) == (True, False)
    after = confirm(keeper, in_hand, bin="a-3", pieces="2")

    assert "TEE: 2 pieces in A-3" in after
    assert shelves() == [(None, "A-3", 2)]
    # the same press again, as a shaky network sends it, changes nothing
    assert "TEE: 2 pieces in A-3" in confirm(keeper, in_hand, bin="a-3", pieces="2")
    assert shelves() == [(None, "A-3", 2)]
    assert page(keeper, code="tee").count("It lies there already") == 1
    assert item.shelves.count() == 1
    assert_sound()


def test_a_lot_is_scanned_and_goes_into_a_bin(place, keeper):
    receive(make_variant(sku="CREAM"), place, 4, lot="L7")
    confirm(keeper, page(keeper, code="L7"), bin="A-1")
    assert shelves() == [("L7", "A-1", 4)]
    assert waiting(place) == []
    assert "Everything lies in its bin." in page(keeper)
    assert_sound()


def test_several_rows_of_one_product_are_asked_about(place, keeper):
    cream = make_variant(sku="CREAM")
    receive(cream, place, 4, lot="L1")
    receive(cream, place, 3)
    asked = page(keeper, code="CREAM")
    assert ("Which of these?" in asked, asked.count("CREAM&amp;row=")) == (True, 2)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"bin": "Z-9"}, "is no bin of this warehouse"),
        ({"bin": "FAR"}, "is no bin of this warehouse"),
        ({"bin": "OLD"}, "is no bin of this warehouse"),
        ({"bin": "A-1", "pieces": "6"}, "Only 5 pieces are unplaced."),
        ({"bin": "A-1", "pieces": "two"}, "is no number of pieces"),
    ],
)
def test_what_is_refused_stays_in_hand(place, keeper, typed, reason):
    Bin.objects.create(warehouse=make_warehouse(), code="FAR")
    Bin.objects.create(warehouse=place, code="OLD", is_active=False)
    receive(make_variant(sku="TEE"), place, 5)

    after = confirm(keeper, page(keeper, warehouse=place.pk, code="TEE"), **typed)

    assert (reason in after, "<h2>TEE</h2>" in after) == (True, True)
    assert shelves() == []


def test_unknown_codes_odd_questions_and_strangers(place, keeper):
    assert "Nothing of “NOPE” waits to be put away here." in page(keeper, code="NOPE")
    assert keeper.get(reverse("admin:inventory_put_away"), {"warehouse": "x"}).status_code == 400
    assert keeper.post(reverse("admin:inventory_put_away_done"), {"item": "1", "warehouse": "1"}).status_code == 400
    stranger = Client()
    stranger.force_login(make_user(permissions=["inventory.view_stockitem"]))
    assert stranger.get(reverse("admin:inventory_put_away")).status_code == 403
    Bin.objects.all().delete()
    assert "No warehouse has bins" in page(keeper)
