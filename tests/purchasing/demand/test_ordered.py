"""Demand by day is what was ordered and not cancelled, on the shop's day, bundles as what is in them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from catalog.models import BundleComponent
from core.models import EventRecord
from orders.models import OrderLine, OrderStatus
from orders.services import cancel_orders
from purchasing.models import DemandDay, DemandProgress
from purchasing.services.demand import ordered, rebuild_all_demand, rebuild_demand, refresh_demand
from tests.factories import make_channel, make_order, make_variant

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 3, 0, tzinfo=UTC)  # noon in Seoul
DAY = date(2026, 3, 10)


def demand():
    return sorted(DemandDay.objects.values_list("variant__sku", "sales_channel__code", "day", "pieces"))


def test_pieces_of_a_day_add_up_by_channel():
    shop, mall = make_channel(code="shop"), make_channel(code="mall")
    cap, tee = make_variant(sku="CAP"), make_variant(sku="TEE")
    make_order((cap, 2), (tee, 1), sales_channel=shop, placed_at=NOON)
    make_order((cap, 3), sales_channel=shop, placed_at=NOON + timedelta(hours=5))
    make_order((cap, 4), sales_channel=mall, placed_at=NOON)
    assert rebuild_demand(days=[DAY]) == 3
    assert demand() == [("CAP", "mall", DAY, 4), ("CAP", "shop", DAY, 5), ("TEE", "shop", DAY, 1)]


def test_the_day_is_the_shops():
    cap = make_variant(sku="CAP")
    shop = make_channel(code="shop")
    make_order((cap, 1), sales_channel=shop, placed_at=datetime(2026, 3, 9, 14, 59, 59, tzinfo=UTC))
    make_order((cap, 2), sales_channel=shop, placed_at=datetime(2026, 3, 9, 15, 0, tzinfo=UTC))
    rebuild_demand(days=[DAY - timedelta(days=1), DAY])
    assert demand() == [("CAP", "shop", DAY - timedelta(days=1), 1), ("CAP", "shop", DAY, 2)]


def test_cancelled_orders_and_pieces_and_unknown_goods_do_not_count_and_returned_ones_do():
    cap = make_variant(sku="CAP")
    shop = make_channel(code="shop")
    part = make_order((cap, 5), (None, 7), sales_channel=shop, placed_at=NOON)
    OrderLine.objects.filter(order=part, variant=cap).update(cancelled_count=2, shipped_count=3, returned_count=3)
    make_order((cap, 9), sales_channel=shop, placed_at=NOON, status=OrderStatus.CANCELLED)
    rebuild_demand(days=[DAY])
    assert demand() == [("CAP", "shop", DAY, 3)]


def test_bundles_count_as_what_is_in_them_however_deep():
    shop = make_channel(code="shop")
    cap, tee, gift, box = (make_variant(sku=sku) for sku in ("CAP", "TEE", "SET", "BOX"))
    BundleComponent.objects.create(bundle=gift, component=cap, quantity=2)
    BundleComponent.objects.create(bundle=gift, component=tee, quantity=1)
    BundleComponent.objects.create(bundle=box, component=gift, quantity=3)
    make_order((box, 2), (cap, 1), sales_channel=shop, placed_at=NOON)
    rebuild_demand(days=[DAY])
    assert demand() == [("CAP", "shop", DAY, 13), ("TEE", "shop", DAY, 6)]


def test_rebuilding_twice_changes_nothing_and_what_is_gone_goes():
    shop = make_channel(code="shop")
    cap, tee = make_variant(sku="CAP"), make_variant(sku="TEE")
    make_order((cap, 2), sales_channel=shop, placed_at=NOON)
    gone = make_order((tee, 1), sales_channel=shop, placed_at=NOON)
    other = DemandDay.objects.create(variant=tee, sales_channel=shop, day=DAY - timedelta(days=1), pieces=8)
    assert rebuild_demand(days=[DAY]) == 2
    assert rebuild_demand(days=[DAY]) == 0
    gone.status = OrderStatus.CANCELLED
    gone.save(update_fields=["status"])
    assert rebuild_demand(days=[DAY]) == 1
    assert demand() == [("CAP", "shop", DAY, 2), ("TEE", "shop", other.day, 8)]  # days not asked for stay
    assert rebuild_all_demand() == 0


def test_a_night_reads_only_what_happened_since(monkeypatch):
    monkeypatch.setattr(ordered, "SETTLED", timedelta(seconds=-60))  # everything is settled
    shop = make_channel(code="shop")
    cap = make_variant(sku="CAP")
    now = timezone.now()
    old = make_order((cap, 5), sales_channel=shop, placed_at=now - timedelta(days=90))
    make_order((cap, 1), sales_channel=shop, placed_at=now - timedelta(days=80))
    cancel_orders(order_ids=[make_order((cap, 4), sales_channel=shop, placed_at=now).pk], reason="gone")
    assert refresh_demand() == 2  # the first time everything is read
    assert refresh_demand() == 0
    DemandDay.objects.update(pieces=77)  # what nothing happened to is not read again
    cancel_orders(order_ids=[old.pk], reason="gone")
    assert refresh_demand() == 1
    assert [pieces for _sku, _channel, _day, pieces in demand()] == [77]
    assert DemandProgress.objects.get().event_id == EventRecord.objects.order_by("-pk").first().pk


def test_an_empty_shop_has_no_demand():
    assert refresh_demand() == 0
    assert demand() == []
