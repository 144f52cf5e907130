"""Pages of what is held back, lots, bins and policies: buttons call the services, tabs and panels say what is there."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from core.models import EventRecord
from inventory.models import (
    Bin,
    EntryKind,
    HoldKind,
    Lot,
    SerialNumber,
    ShelfStock,
    StockHold,
    StockItem,
    StockPolicy,
    Warehouse,
)
from inventory.selectors.shelves import shop_day
from inventory.services import EntryLine, HoldWish, LotGiven, hold_stock, post_entry
from tests.admin.pressing import opened, press, said
from tests.factories import make_channel, make_stock, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_user(is_superuser=True))
    return client


def last(response):
    """Return what the last press said; earlier sentences wait for a page to show them."""
    return said(response)[-1:]


def page(client, row):
    meta = row._meta
    return client.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])).content.decode()


def rows(client, model, tab):
    answer = client.get(reverse(f"admin:inventory_{model}_changelist"), {"tab": tab})
    return {row.pk for row in answer.context["cl"].result_list}


def test_pieces_are_held_back_freed_and_disposed_of_by_buttons(client):
    item = make_stock(on_hand=10)

    assert last(press(client, item, "hold_back", kind="damaged", quantity=4, note="wet", until_0="", until_1="")) == [
        "4 pieces are held back; 6 are available."
    ]
    hold = StockHold.objects.get()
    assert "Damaged 4" in page(client, item)
    assert last(press(client, hold, "free", quantity=1)) == ["1 pieces are for sale again; 3 are still held."]
    answer = last(press(client, hold, "dispose", quantity=3, reason_code="damaged", note="wet"))
    assert answer == ["3 pieces left stock (E-0000002)."]

    item.refresh_from_db()
    assert (item.on_hand, item.held) == (7, 0)
    assert "What became of it" in page(client, hold)


def test_a_receipt_asks_what_the_policy_asks_for_and_may_arrive_in_a_hold(client):
    item = make_stock(on_hand=0)
    StockPolicy.objects.create(variant=item.variant, tracks_lots=True, tracks_serials=True)
    bin_ = Bin.objects.create(warehouse=item.warehouse, code="A-01")
    ends = shop_day() + timedelta(days=90)

    press(
        client, item, "receive", quantity=2, lot_number="L1", expires_on=ends.isoformat(), bin=bin_.pk,
        serials="S1\nS2", hold_kind="inspection", reference="DN-1",
    )  # fmt: skip

    assert ShelfStock.objects.values_list("lot__number", "bin__code", "quantity").get() == ("L1", "A-01", 2)
    assert set(SerialNumber.objects.values_list("number", flat=True)) == {"S1", "S2"}
    item.refresh_from_db()
    assert (item.on_hand, item.held) == (2, 2)
    shown = page(client, item)
    assert "L1" in shown
    assert "A-01" in shown
    for row in (Lot.objects.get(), bin_, SerialNumber.objects.first(), item.warehouse):
        assert client.get(
            reverse(f"admin:inventory_{row._meta.model_name}_change", args=[row.pk])
        ).status_code == 200  # fmt: skip


def test_pieces_are_put_away_and_moved_by_buttons(client):
    item = make_stock(on_hand=10)
    a, b = (Bin.objects.create(warehouse=item.warehouse, code=code) for code in ("A", "B"))

    press(client, item, "put_away", quantity=6, bin=a.pk)
    shelf = ShelfStock.objects.get()
    assert last(press(client, a, "move", shelf=shelf.pk, bin=b.pk, quantity=4)) == [
        "4 pieces lie in B now, 4 there in all."
    ]
    press(client, item, "move_pieces", shelf=shelf.pk, bin=b.pk, quantity=1)

    lying = dict(ShelfStock.objects.values_list("bin__code", "quantity"))
    assert lying == {"A": 1, "B": 5}


def test_an_adjustment_names_its_cause_and_its_lot(client):
    item = make_stock(on_hand=0)
    line = EntryLine(variant_id=item.variant_id, warehouse_id=item.warehouse_id, quantity=5, lot=LotGiven(number="L1"))
    post_entry(kind=EntryKind.RECEIPT, lines=[line])

    press(client, item, "adjust", change=-2, reason_code="lost", reason="gone", lot=Lot.objects.get().pk)

    assert ShelfStock.objects.get().quantity == 3
    entry = item.movements.latest("pk").entry
    assert (entry.reason_code, entry.reason) == ("lost", "gone")


def test_tabs_of_holds_and_lots(client):
    item = make_stock(on_hand=9)
    for number, days in (("OLD", -1), ("SOON", 30), ("LATE", 31)):
        lot = LotGiven(number=number, expires_on=shop_day() + timedelta(days=days))
        line = EntryLine(variant_id=item.variant_id, warehouse_id=item.warehouse_id, quantity=1, lot=lot)
        post_entry(kind=EntryKind.RECEIPT, lines=[line])
    Lot.objects.create(variant=item.variant, number="GONE", expires_on=shop_day())
    lots = dict(Lot.objects.values_list("number", "pk"))
    display, bad = hold_stock(
        wishes=[
            HoldWish(stock_item_id=item.pk, kind=HoldKind.DISPLAY, quantity=1),
            HoldWish(stock_item_id=item.pk, kind=HoldKind.DAMAGED, quantity=1),
        ]
    )

    assert rows(client, "lot", "expired") == {lots["OLD"]}
    assert rows(client, "lot", "ending") == {lots["SOON"]}
    assert rows(client, "lot", "stock") == {lots["OLD"], lots["SOON"], lots["LATE"]}
    assert rows(client, "stockhold", "open") == {display.pk, bad.pk}
    assert rows(client, "stockhold", "bad") == {bad.pk}
    assert rows(client, "stockhold", "ending") == set()
    assert rows(client, "stockitem", "held") == {item.pk}


def test_a_policy_is_set_on_the_variant_and_in_the_table(client):
    item = make_stock()
    values = {"when_out": "backorder", "backorder_limit": 5, "block_days": 0, "incoming_sold": "at_receipt"}

    press(client, item.variant, "decide_policy", **values)
    policy = StockPolicy.objects.get()
    assert (policy.when_out, policy.backorder_limit) == ("backorder", 5)
    assert "Sell on backorder" in page(client, item.variant)
    url = reverse("admin:inventory_stockpolicy_change", args=[policy.pk])
    answer = client.post(url, {**values, "tracks_lots": "on", "release_on": "", **opened(client, policy)})

    policy.refresh_from_db()
    assert answer.status_code == 302
    assert (policy.tracks_lots, policy.backorder_limit) == (True, 5)
    told = EventRecord.objects.filter(name="inventory.stock_policy_set").order_by("id")
    assert [record.data["fields"] for record in told] == [["when_out", "backorder_limit"], ["tracks_lots"]]


def test_a_channel_says_which_warehouses_serve_it(client):
    channel, item = make_channel(), make_stock()
    Warehouse.objects.get().channels.create(sales_channel=channel, rank=1)

    shown = page(client, channel)

    assert "Served from" in shown
    assert item.warehouse.name in shown
    assert StockItem.objects.count() == 1
