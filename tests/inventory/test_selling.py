"""“Why can I sell only 12?”: every step of the number, for variants and bundles, and the days to come."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import BundleComponent
from inventory import outlook
from inventory.models import ChannelWarehouse, HoldKind, StockPolicy
from inventory.outlook import Arrival
from inventory.selectors import NO_LIMIT, available_on, promised_days, sellable_of
from inventory.selectors.shelves import shop_day
from inventory.services import HoldWish, Need, StockRequest, hold_stock, reserve_stock
from tests.factories import make_channel, make_order, make_stock, make_variant, make_warehouse

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)


@pytest.fixture
def coming(monkeypatch):
    """Arrivals that the test names, in the place of those of purchasing."""
    rows: list[Arrival] = []
    monkeypatch.setattr(outlook, "_arrivals", {"test": lambda ids: [row for row in rows if row.variant_id in ids]})
    return rows


def arrival(item, quantity, day=None, **over):
    values = {"variant_id": item.variant_id, "warehouse_id": item.warehouse_id, "quantity": quantity,
              "expected_on": day, "reference": "PO-0000001", "page": "page", "page_id": 1}  # fmt: skip
    return Arrival(**{**values, **over})


def sellable(variant, channel, today=TODAY):
    return sellable_of(variant_ids=[variant.pk], channel_ids=[channel.pk], today=today)[variant.pk, channel.pk]


def reserve(item, quantity):
    need = Need(key=f"test:{item.pk}", variant_id=item.variant_id, quantity=quantity)
    reserve_stock(requests=[StockRequest(reference="test", needs=[need])])


def test_each_step_from_on_hand_to_sellable(coming):
    seoul, osaka, far = make_warehouse(), make_warehouse(), make_warehouse()
    mall, shop = make_channel(), make_channel()
    item = make_stock(on_hand=30, warehouse=seoul)
    reserve(item, 5)
    make_stock(item.variant, on_hand=10, warehouse=osaka)
    make_stock(item.variant, on_hand=100, warehouse=far)
    hold_stock(wishes=[HoldWish(stock_item_id=item.pk, kind=HoldKind.DISPLAY, quantity=3)])
    for rank, place in enumerate((seoul, osaka)):
        ChannelWarehouse.objects.create(sales_channel=mall, warehouse=place, rank=rank)
    make_order((item.variant, 20), sales_channel=mall)
    coming.append(arrival(item, 50))

    found = sellable(item.variant, mall)

    assert [(p.warehouse_id, p.on_hand, p.reserved, p.held, p.available) for p in found.places] == [
        (seoul.pk, 30, 5, 3, 22),
        (osaka.pk, 10, 0, 0, 10),
    ]
    assert (found.available, found.incoming_count, found.waiting_count, found.ahead.limit) == (32, 0, 20, 0)
    assert found.count == 12
    assert sellable(item.variant, shop).count == 112  # from all three, less those that wait for two of them


def test_who_waits_for_other_warehouses_takes_nothing_away():
    here, there = make_warehouse(), make_warehouse()
    mine, other = make_channel(), make_channel()
    item = make_stock(on_hand=4, warehouse=here)
    ChannelWarehouse.objects.create(sales_channel=mine, warehouse=here)
    ChannelWarehouse.objects.create(sales_channel=other, warehouse=there)
    make_order((item.variant, 3), sales_channel=other)
    assert (sellable(item.variant, mine).count, sellable(item.variant, other).count) == (4, 0)


def test_incoming_pieces_are_sold_only_where_the_policy_says_so(coming):
    item, channel = make_stock(on_hand=2), make_channel()
    coming.append(arrival(item, 10))
    assert sellable(item.variant, channel).count == 2
    StockPolicy.objects.create(variant=item.variant, incoming_sold="at_order")
    assert sellable(item.variant, channel).count == 12


@pytest.mark.parametrize(
    ("policy", "today", "count"),
    [
        ({"when_out": "refuse", "backorder_limit": 9}, TODAY, 0),
        ({"when_out": "backorder", "backorder_limit": 9}, TODAY, 6),  # three are sold ahead already
        ({"when_out": "backorder", "backorder_limit": 2}, TODAY, 0),
        ({"when_out": "backorder"}, TODAY, NO_LIMIT),
        ({"when_out": "preorder", "backorder_limit": 9, "release_on": TODAY + timedelta(days=1)}, TODAY, 6),
        ({"when_out": "preorder", "backorder_limit": 9, "release_on": TODAY}, TODAY, 0),
    ],
)
def test_selling_ahead_has_its_limit_and_its_time(policy, today, count):
    item, channel = make_stock(on_hand=1), make_channel()
    StockPolicy.objects.create(variant=item.variant, **policy)
    make_order((item.variant, 4), sales_channel=channel)
    assert sellable(item.variant, channel, today).count == count


def test_a_bundle_is_as_sellable_as_its_scarcest_component():
    here, there, channel = make_warehouse(), make_warehouse(), make_channel()
    cup, spoon, box = make_variant(), make_variant(), make_variant()
    BundleComponent.objects.create(bundle=box, component=cup, quantity=1)
    BundleComponent.objects.create(bundle=box, component=spoon, quantity=2)
    for variant, place, pieces in [(cup, here, 9), (spoon, here, 7), (spoon, there, 20), (box, there, 2)]:
        make_stock(variant, on_hand=pieces, warehouse=place)

    found = sellable(box, channel)
    assert found.scarcest.sellable.variant_id == cup.pk
    assert (found.available, found.packable, found.from_parts, found.count) == (2, 3, 3, 5)

    make_order((box, 1), sales_channel=channel)  # waits at its components
    found = sellable(box, channel)
    assert [(part.sellable.waiting_count, part.count) for part in found.parts] == [(1, 8), (2, 12)]


def test_many_variants_and_channels_ask_as_often_as_one(coming):
    channels = [make_channel() for _ in range(4)]
    variants = [make_stock(on_hand=3).variant_id for _ in range(12)]

    def statements(ids, places):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            sellable_of(variant_ids=ids, channel_ids=places)
        return len(asked)

    assert statements(variants, [c.pk for c in channels]) == statements(variants[:1], [channels[0].pk])


def test_available_on_a_date(coming):
    item = make_stock(on_hand=5)
    make_order((item.variant, 8), number="T-1")
    late, soon = TODAY - timedelta(days=1), TODAY + timedelta(days=3)
    coming += [
        arrival(item, 4, late),
        arrival(item, 2, soon),
        arrival(item, 6, soon + timedelta(days=4)),
        arrival(item, 9),
    ]

    found = available_on(variant_ids=[item.variant_id], today=TODAY)[item.variant_id]

    assert [(step.day, step.available) for step in found.steps] == [
        (TODAY, -3),
        (soon, -1),
        (soon + timedelta(days=4), 5),
    ]
    assert [row.quantity for row in found.undated] == [4, 9]
    assert (found.on(TODAY), found.on(soon + timedelta(days=1)), found.on(soon + timedelta(days=90))) == (-3, -1, 5)
    assert promised_days(variant_ids=[item.variant_id], today=TODAY) == {
        (item.variant_id, "T-1"): soon + timedelta(days=4)
    }


def test_who_waited_longer_is_served_first(coming):
    item = make_stock(on_hand=0)
    first, second, third = (make_order((item.variant, 2)) for _ in range(3))
    coming += [arrival(item, 2, TODAY), arrival(item, 3, TODAY + timedelta(days=5))]
    assert promised_days(variant_ids=[item.variant_id], today=TODAY) == {
        (item.variant_id, first.number): TODAY,
        (item.variant_id, second.number): TODAY + timedelta(days=5),
        (item.variant_id, third.number): None,
    }


def test_today_is_the_day_of_the_shop(coming):
    item = make_stock(on_hand=1)
    assert available_on(variant_ids=[item.variant_id])[item.variant_id].steps[0].day == shop_day()
