"""Every scan on the packing table is answered, and the last piece ships what was scanned."""

import pytest
from django.db import IntegrityError

from catalog.models import BundleComponent, Variant
from core.errors import Conflict, InvalidInput, NotAllowed
from inventory.models import SerialNumber, StockPolicy
from orders.models import OrderStatus, Shipment
from orders.services import cancel_order, confirm_orders, hold_orders, ship_orders
from shipping.models import Packing, PackingCheck, PackingState, Wave
from shipping.selectors.packing import scan_figures
from shipping.services import make_wave, scan, set_aside, stop_packing, take_over
from tests.factories import make_order, make_stock, make_user, make_variant
from tests.orders.stories import assert_sound, counters, sentences
from tests.shipping.packing_table import criteria_of, outcomes, ready_order, scan_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    return make_stock(make_variant(sku="TEE", barcode="4901234567894"), on_hand=20)


def test_each_piece_is_scanned_and_the_last_one_ships(item):
    bag = make_stock(make_variant(sku="BAG"), on_hand=5, warehouse=item.warehouse)
    order = ready_order((item, 2), (bag, 1))
    wave = make_wave(criteria=criteria_of(item))
    packer = make_user(permissions=["orders.ship_order"], first_name="Mina")

    checks = scan_all(order.number.lower(), "4901234567894", "bag", "TEE", actor=packer)

    assert outcomes(checks) == ["started", "right", "right", "complete"]
    order.refresh_from_db()
    packing = Packing.objects.get()
    assert order.status == OrderStatus.SHIPPED
    assert (packing.state, packing.packed_by, packing.shipment) == ("packed", packer, Shipment.objects.get())
    assert (counters(item), counters(bag)) == ((18, 0), (4, 0))
    wave.refresh_from_db()
    assert wave.state == "done"
    assert wave.orders.get().packed_at is not None
    assert "Packed: 3 pieces scanned (S-0000001)" in sentences(order)
    assert_sound()


def test_wrong_scans_are_told_kept_and_change_nothing(item):
    other = make_stock(make_variant(sku="CAP"), on_hand=5, warehouse=item.warehouse)
    order, second = ready_order((item, 1), (other, 1)), ready_order((item, 1))
    stranger = make_variant(sku="NOT-HERE")

    checks = scan_all(order.number, "TEE", "TEE", "NOT-HERE", "nonsense", second.number, order.number)

    assert outcomes(checks) == ["started", "right", "too_many", "wrong", "unknown", "other_order", "started"]
    assert [check.variant for check in checks[2:5]] == [item.variant, stranger, None]
    assert counters(item) == (20, 2)
    assert not Shipment.objects.exists()
    assert scan(code="no such order").outcome == "unknown"
    assert scan_figures().mistake_count == 5
    scan(code="CAP", packing_id=checks[0].packing_id)
    assert Packing.objects.get().state == "packed"
    assert_sound()


def test_numbered_pieces_are_scanned_by_their_number(item):
    StockPolicy.objects.create(variant=item.variant, tracks_serials=True)
    for number in ("SN-1", "SN-2", "SN-3"):
        SerialNumber.objects.create(variant=item.variant, number=number, stock_item=item)
    order = ready_order((item, 2))

    checks = scan_all(order.number, "TEE", "SN-2", "SN-2", "SN-9", "SN-3", actor=None)

    assert outcomes(checks) == ["started", "number_wanted", "right", "number_twice", "unknown", "complete"]
    gone = SerialNumber.objects.filter(state="shipped").order_by("number").values_list("number", flat=True)
    assert list(gone) == ["SN-2", "SN-3"]


def test_of_a_bundle_every_component_is_scanned(item):
    cup = make_stock(make_variant(sku="CUP"), on_hand=10, warehouse=item.warehouse)
    gift: Variant = make_variant(sku="GIFT")
    BundleComponent.objects.create(bundle=gift, component=item.variant, quantity=1)
    BundleComponent.objects.create(bundle=gift, component=cup.variant, quantity=2)
    order = make_order((gift, 1))
    confirm_orders(order_ids=[order.pk])

    checks = scan_all(order.number, "GIFT", "CUP", "CUP", "TEE")

    assert outcomes(checks) == ["started", "wrong", "right", "right", "complete"]
    assert_sound()


@pytest.mark.parametrize(
    ("happens", "outcome"),
    [
        (lambda pk: cancel_order(order_id=pk, reason="changed my mind"), "cancelled"),
        (lambda pk: hold_orders(order_ids=[pk], reason="other", takes_stock=True), "held"),
        (lambda pk: ship_orders(order_ids=[pk]), "packed"),
    ],
)
def test_what_happened_meanwhile_ends_the_packing(item, happens, outcome):
    order = ready_order((item, 2))
    checks = scan_all(order.number, "TEE")
    happens(order.pk)

    last = scan(code="TEE", packing_id=checks[0].packing_id)

    assert last.outcome == outcome
    assert Packing.objects.get().state == PackingState.STOPPED
    assert scan(code=order.number).outcome == outcome
    assert Shipment.objects.count() == (outcome == "packed")
    assert_sound()


def test_a_colleague_is_told_and_may_take_over(item):
    order = ready_order((item, 1))
    one, two = (make_user(permissions=["orders.ship_order"], first_name=name) for name in ("Ann", "Bob"))
    begun = scan(code=order.number, actor=one).packing
    assert scan(code=order.number, actor=one).packing == begun

    told = scan(code=order.number, actor=two)
    assert (told.outcome, told.note) == ("taken", "Ann")
    mine = take_over(packing_id=begun.pk, actor=two)
    late = scan(code="TEE", packing_id=begun.pk, actor=one)
    assert (late.outcome, late.note) == ("taken", "Bob")
    assert scan(code="TEE", packing_id=mine.pk, actor=two).outcome == "complete"
    again = scan(code="TEE", packing_id=mine.pk, actor=two)
    assert (again.outcome, again.note) == ("packed", "Bob · S-0000001")
    assert_sound()


def test_the_label_is_scanned_last_when_wanted(item):
    order = ready_order((item, 1))
    checks = scan_all(order.number, "TEE", "TEE", "1234 5678", wants_label=True)

    assert outcomes(checks) == ["started", "right", "too_many", "complete"]
    assert Shipment.objects.get().tracking_number == "1234 5678"
    assert_sound()


def test_what_shipping_refuses_leaves_the_piece_out(item):
    StockPolicy.objects.create(variant=item.variant, tracks_serials=True)
    SerialNumber.objects.create(variant=item.variant, number="SN-1", stock_item=item)
    order = ready_order((item, 1))
    packing = scan(code=order.number).packing
    order.is_prepaid = True
    order.delivery_on = None
    line = order.lines.get()
    type(line).objects.filter(pk=line.pk).update(cancelled_count=1)  # what left behind our back

    refused = scan(code="SN-1", packing_id=packing.pk)

    assert refused.outcome == "refused"
    assert (refused.line, Packing.objects.get().state) == (None, "open")
    assert not Shipment.objects.exists()


def test_the_same_key_is_one_scan(item):
    order = ready_order((item, 2))
    packing = scan(code=order.number, key="a").packing
    one, two = (scan(code="TEE", packing_id=packing.pk, key="b") for _ in range(2))
    assert one == two
    with pytest.raises(Conflict):
        scan(code="BAG", packing_id=packing.pk, key="b")
    assert PackingCheck.objects.count() == 2
    with pytest.raises(NotAllowed):
        scan(code=order.number, actor=make_user())


def test_something_missing_holds_the_order(item):
    order = ready_order((item, 1))
    wave = make_wave(criteria=criteria_of(item))
    packing = scan(code=order.number).packing
    with pytest.raises(InvalidInput, match="missing or damaged"):
        set_aside(packing_id=packing.pk, note=" ")

    assert set_aside(packing_id=packing.pk, note="one is torn").state == "stopped"

    order.refresh_from_db()
    assert order.is_held
    assert order.holds.get().note == "one is torn"
    assert Wave.objects.get(pk=wave.pk).is_under_way  # until the event is heard
    with pytest.raises(InvalidInput):
        set_aside(packing_id=packing.pk, note="again")


def test_a_stopped_packing_begins_anew(item):
    order = ready_order((item, 1), (make_stock(make_variant(sku="CAP"), warehouse=item.warehouse), 1))
    checks = scan_all(order.number, "TEE")
    assert stop_packing(packing_id=checks[0].packing_id).state == "stopped"

    assert outcomes(scan_all(order.number, "TEE", "CAP")) == ["started", "right", "complete"]
    assert_sound()


def test_two_open_packings_and_a_right_scan_of_nothing_are_refused(item):
    order = ready_order((item, 1))
    packing = scan(code=order.number).packing
    with pytest.raises(IntegrityError, match="shipping_packing_one_open"):
        Packing.objects.create(order=order, warehouse=item.warehouse)
    del packing
