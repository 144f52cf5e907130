"""Waves take ready orders once, and lose those that cannot be packed any more."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.events import deliver_due
from inventory.models import Bin, ShelfStock
from orders.services import cancel_order, hold_orders, ship_orders
from shipping.models import Carrier, CarrierRule, LeaveReason, Wave, WaveOrder, WaveState
from shipping.selectors.waving import WaveCriteria, preview_wave, waves_under_way
from shipping.services import (
    cancel_wave,
    follow_orders,
    make_wave,
    scan,
    start_packing,
    start_picking,
    take_out_of_wave,
    tidy_waves,
    wave_orders,
)
from tests.factories import make_channel, make_order, make_stock, make_user, make_warehouse
from tests.orders.stories import assert_sound, sentences
from tests.shipping.packing_table import criteria_of, ready_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    return make_stock(on_hand=100)


def inside(wave: Wave) -> list[int]:
    return list(wave.orders.order_by("slot").values_list("order_id", flat=True))


def test_a_wave_takes_the_most_urgent_ready_orders_and_says_so(item):
    now = timezone.now()
    later, soon, whenever = (
        ready_order((item, 1), ship_by=by) for by in (now + timedelta(days=2), now + timedelta(days=1), None)
    )
    make_order((item.variant, 1))  # not confirmed
    held = ready_order((item, 1))
    hold_orders(order_ids=[held.pk], reason="other")

    preview = preview_wave(criteria_of(item))
    assert (preview.order_ids, preview.available, preview.pieces, preview.skus, preview.one_piece) == (
        [soon.pk, later.pk, whenever.pk], 3, 3, 1, 3,
    )  # fmt: skip
    wave = make_wave(criteria=criteria_of(item, most=2), note="first")

    assert (wave.number, wave.state, inside(wave)) == ("W-0000001", "open", [soon.pk, later.pk])
    assert wave.criteria == {"most": 2}
    assert sentences(soon)[-1] == "In wave W-0000001, slot 1"
    assert preview_wave(criteria_of(item)).order_ids == [whenever.pk]
    assert waves_under_way()[:2] == (1, 2)
    assert_sound()


def test_criteria_narrow_what_is_taken(item):
    other = make_stock(on_hand=100, warehouse=item.warehouse)
    cold = Bin.objects.create(warehouse=item.warehouse, code="C-1", zone="cold")
    ShelfStock.objects.create(stock_item=other, bin=cold, quantity=100)
    one = ready_order((item, 1))
    three = ready_order((item, 3))
    mixed = ready_order((item, 1), (other, 1))
    cold_only = ready_order((other, 2), sales_channel=make_channel(), ship_by=timezone.now() - timedelta(days=1))

    def taken(**over):
        return preview_wave(criteria_of(item, **over)).order_ids

    assert taken(size="one_piece") == [one.pk]
    assert taken(size="one_sku") == [cold_only.pk, one.pk, three.pk]
    assert taken(zones=("cold",)) == [cold_only.pk]
    assert taken(sales_channel_ids=(one.sales_channel_id,)) == [one.pk, three.pk, mixed.pk]
    assert taken(ship_by=date.today()) == [cold_only.pk]  # noqa: DTZ011 the shop's day or the one before
    assert taken(most=1) == [cold_only.pk]
    elsewhere = make_warehouse(rank=20_000)
    assert preview_wave(WaveCriteria(warehouse_id=elsewhere.pk)).available == 0


def test_by_carrier_as_its_rules_say(item):
    abroad = make_channel(country="JP")
    here, there = ready_order((item, 1), country="KR"), ready_order((item, 1), sales_channel=abroad, country="JP")
    carriers = [Carrier.objects.create(code=code, name=code, country="KR") for code in ("near", "far")]
    CarrierRule.objects.create(carrier=carriers[0], country="KR", rank=1)
    CarrierRule.objects.create(carrier=carriers[1], rank=2)

    assert [preview_wave(criteria_of(item, carrier_id=one.pk)).order_ids for one in carriers] == [
        [here.pk], [there.pk],
    ]  # fmt: skip


def test_an_order_is_in_one_wave_under_way_and_may_come_again(item):
    order = ready_order((item, 1))
    first = make_wave(criteria=criteria_of(item))
    with pytest.raises(InvalidInput, match="No order that is ready"):
        make_wave(criteria=criteria_of(item))
    report = wave_orders(order_ids=[order.pk])
    assert ([one.reason for one in report.refused], report.waves) == (["It is in a wave or being packed already."], [])
    assert Wave.objects.count() == 1

    take_out_of_wave(wave_id=first.pk, order_ids=[order.pk])
    first.refresh_from_db()
    assert (first.state, first.orders.get().left_reason) == (WaveState.DONE, LeaveReason.TAKEN_OUT)
    assert inside(make_wave(criteria=criteria_of(item))) == [order.pk]
    assert_sound()


def test_the_database_refuses_a_second_open_place(item):
    order = ready_order((item, 1))
    make_wave(criteria=criteria_of(item))
    second = Wave.objects.create(number="W-X", warehouse=item.warehouse)
    with pytest.raises(IntegrityError, match="shipping_waveorder_one_open_wave"):
        WaveOrder.objects.create(wave=second, order=order, slot=1)


def test_chosen_orders_make_a_wave_for_each_warehouse(item):
    far = make_stock(item.variant, on_hand=0, warehouse=make_warehouse(rank=20_000))
    near = ready_order((item, 1))
    only_far = make_stock(on_hand=5, warehouse=far.warehouse)
    distant, unready = ready_order((only_far, 1)), make_order((item.variant, 1))

    report = wave_orders(order_ids=[near.pk, distant.pk, unready.pk])

    assert [(wave.warehouse_id, inside(wave)) for wave in report.waves] == [
        (item.warehouse_id, [near.pk]), (far.warehouse_id, [distant.pk]),
    ]  # fmt: skip
    assert [(one.number, one.reason) for one in report.refused] == [(unready.number, "It is not ready to pick.")]


def test_who_is_cancelled_held_or_shipped_another_way_leaves(item):
    cancelled, held, shipped, stays = (ready_order((item, 1)) for _ in range(4))
    wave = make_wave(criteria=criteria_of(item))
    opened = scan(code=cancelled.number).packing
    cancel_order(order_id=cancelled.pk, reason="too late")
    hold_orders(order_ids=[held.pk], reason="other")
    deliver_due()
    ship_orders(order_ids=[shipped.pk])
    assert tidy_waves() == 1
    assert follow_orders(order_ids=[stays.pk]) == []

    left = dict(wave.orders.values_list("order_id", "left_reason"))
    assert left == {cancelled.pk: "cancelled", held.pk: "held", shipped.pk: "shipped", stays.pk: ""}
    opened.refresh_from_db()
    assert opened.state == "stopped"
    wave.refresh_from_db()
    assert wave.state == WaveState.PACKING
    assert_sound()


def test_a_wave_is_walked_packed_and_given_up(item):
    order = ready_order((item, 1))
    wave = make_wave(criteria=criteria_of(item))
    walker = make_user(permissions=["orders.ship_order"])
    assert start_picking(wave_id=wave.pk, actor=walker).picked_by == walker
    with pytest.raises(InvalidTransition):
        start_picking(wave_id=wave.pk)
    assert start_packing(wave_id=wave.pk).state == start_packing(wave_id=wave.pk).state == WaveState.PACKING
    with pytest.raises(NotAllowed):
        cancel_wave(wave_id=wave.pk, actor=walker)

    cancel_wave(wave_id=wave.pk)

    wave.refresh_from_db()
    assert (wave.state, wave.orders.get().left_reason) == (WaveState.CANCELLED, LeaveReason.WAVE_CANCELLED)
    assert sentences(order)[-1] == "Left wave W-0000001: The wave was cancelled"
    with pytest.raises(InvalidTransition):
        cancel_wave(wave_id=wave.pk)
    assert_sound()


def test_the_same_key_makes_one_wave_and_others_are_refused(item):
    ready_order((item, 1))
    assert make_wave(criteria=criteria_of(item), key="k") == make_wave(criteria=criteria_of(item), key="k")
    with pytest.raises(InvalidInput, match="1 to 500"):
        make_wave(criteria=criteria_of(item, most=501))
    with pytest.raises(NotAllowed):
        make_wave(criteria=criteria_of(item), actor=make_user(permissions=["orders.ship_order"]))
    assert Wave.objects.count() == 1
