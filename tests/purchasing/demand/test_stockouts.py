"""A day counts as out of stock when nothing was available for more than half of it, all warehouses together."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from inventory.models import HoldKind, StockItem, StockMovement, StockPolicy, WhenOut
from inventory.services import EntryLine, hold_stock, post_entry
from inventory.services.setting_aside import HoldWish
from purchasing.models import StockoutDay
from purchasing.services.demand import rebuild_all_stockouts, rebuild_stockouts, refresh_stockouts
from tests.factories import make_stock, make_variant, make_warehouse

pytestmark = pytest.mark.django_db

MIDNIGHT = datetime(2026, 3, 9, 15, 0, tzinfo=UTC)  # the 10th begins in Seoul
NOW = MIDNIGHT + timedelta(days=6, hours=3)


def day(number):
    return date(2026, 3, number)


def at(moment, movement=None):
    """Let the newest movement have happened at ``moment``; the ledger itself never allows this."""
    movement = movement or StockMovement.objects.order_by("-pk").first()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE inventory_stockmovement SET at = %s WHERE id = %s", [moment, movement.pk])
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def move(variant, change, moment, warehouse=None):
    warehouse = warehouse or StockItem.objects.filter(variant=variant).first().warehouse
    line = EntryLine(variant_id=variant.pk, warehouse_id=warehouse.pk, quantity=change)
    post_entry(kind="adjustment", lines=[line], reason="test")
    at(moment)


def days(variant):
    return [found.day for found in StockoutDay.objects.filter(variant=variant)]


def stocked(moment=MIDNIGHT, on_hand=10, **over):
    variant = make_variant(**over)
    make_stock(variant, on_hand=on_hand)
    at(moment)
    return variant


def test_days_between_the_last_piece_and_the_next_receipt_count():
    cap = stocked()
    move(cap, -10, MIDNIGHT + timedelta(days=1, hours=11))  # more than half of the 11th
    move(cap, 10, MIDNIGHT + timedelta(days=3, hours=12))  # exactly half of the 13th
    assert rebuild_all_stockouts(now=NOW) == 2
    assert sorted(days(cap)) == [day(11), day(12)]


def test_out_now_counts_until_yesterday():
    cap = stocked()
    move(cap, -10, MIDNIGHT + timedelta(days=3, hours=20))
    rebuild_all_stockouts(now=NOW)
    assert sorted(days(cap)) == [day(14), day(15)]


def test_short_spells_of_a_day_add_up():
    cap = stocked()
    for hour in (1, 12):
        move(cap, -10, MIDNIGHT + timedelta(days=2, hours=hour))
        move(cap, 10, MIDNIGHT + timedelta(days=2, hours=hour + 7))
    rebuild_all_stockouts(now=NOW)
    assert days(cap) == [day(12)]


def test_nothing_counts_before_the_first_receipt():
    cap = make_variant()
    tee = stocked(MIDNIGHT - timedelta(days=20))
    StockItem.objects.create(variant=cap, warehouse=StockItem.objects.get(variant=tee).warehouse)
    make_stock(cap, on_hand=4)
    at(MIDNIGHT + timedelta(days=2))
    move(cap, -4, MIDNIGHT + timedelta(days=4))
    rebuild_all_stockouts(now=NOW)
    assert sorted(days(cap)) == [day(14), day(15)]
    assert days(tee) == []


def test_another_warehouse_that_has_pieces_is_enough():
    cap = stocked()
    other = make_warehouse()
    make_stock(cap, on_hand=1, warehouse=other)
    at(MIDNIGHT)
    move(cap, -10, MIDNIGHT + timedelta(days=1), StockItem.objects.exclude(warehouse=other).get().warehouse)
    rebuild_all_stockouts(now=NOW)
    assert days(cap) == []


def test_held_pieces_cannot_be_bought():
    cap = stocked(on_hand=2)
    item = StockItem.objects.get(variant=cap)
    hold_stock(wishes=[HoldWish(stock_item_id=item.pk, kind=HoldKind.DISPLAY, quantity=2)])
    at(MIDNIGHT + timedelta(days=5))
    rebuild_all_stockouts(now=NOW)
    assert days(cap) == [day(15)]


def test_what_may_be_sold_when_out_is_never_out():
    cap = stocked()
    StockPolicy.objects.create(variant=cap, when_out=WhenOut.BACKORDER)
    move(cap, -10, MIDNIGHT + timedelta(days=1))
    rebuild_all_stockouts(now=NOW)
    assert days(cap) == []


def test_a_part_is_rebuilt_from_what_there_is_now_and_twice_is_harmless():
    cap = stocked()
    move(cap, -10, MIDNIGHT + timedelta(days=1))
    move(cap, 10, MIDNIGHT + timedelta(days=4))
    assert rebuild_all_stockouts(now=NOW) == 3
    assert rebuild_all_stockouts(now=NOW) == 0
    assert rebuild_stockouts(since=MIDNIGHT + timedelta(days=3), now=NOW) == 0
    StockoutDay.objects.create(variant=cap, day=day(14))  # wrong: it goes
    StockoutDay.objects.filter(day=day(11)).delete()  # older than what is rebuilt: it stays away
    assert rebuild_stockouts(since=MIDNIGHT + timedelta(days=3), now=NOW) == 1
    assert sorted(days(cap)) == [day(12), day(13)]
    assert refresh_stockouts(now=NOW) == 1
    assert sorted(days(cap)) == [day(11), day(12), day(13)]


def test_a_shop_without_stock_has_no_days():
    assert rebuild_all_stockouts(now=NOW) == 0
    assert refresh_stockouts(now=NOW) == 0
