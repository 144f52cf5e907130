"""Numbered pieces: each one is known when it comes and when it goes."""

import pytest

from core.errors import Conflict, InvalidInput
from core.models import EventRecord
from inventory.models import EntryKind, Reservation, SerialNumber, StockItem, StockPolicy
from inventory.services import EntryLine, Need, Portion, StockRequest, post_entry, reserve_stock, ship_stock
from tests.factories import make_stock, make_variant, make_warehouse
from tests.orders.stories import assert_sound

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone():
    make_warehouse()
    variant = make_variant()
    StockPolicy.objects.create(variant=variant, tracks_serials=True)
    return make_stock(variant, on_hand=0)


def enter(item, kind, quantity, *serials):
    line = EntryLine(variant_id=item.variant_id, warehouse_id=item.warehouse_id, quantity=quantity, serials=serials)
    return post_entry(kind=kind, lines=[line], reason="x")


def reserve(item, quantity, key="k"):
    need = Need(key=key, variant_id=item.variant_id, quantity=quantity)
    assert reserve_stock(requests=[StockRequest(reference=key, needs=[need])])[0].is_served
    return Reservation.objects.get(key=key)


def states():
    return list(SerialNumber.objects.order_by("number").values_list("number", "state"))


@pytest.mark.parametrize("serials", [(), ("1",), ("1", "1"), ("1", "2", "3")])
def test_a_receipt_names_each_piece_once(phone, serials):
    with pytest.raises(InvalidInput, match=phone.variant.sku):
        enter(phone, EntryKind.RECEIPT, 2, *serials)

    assert states() == []
    assert StockItem.objects.get().on_hand == 0


def test_a_number_that_is_here_cannot_come_again(phone):
    enter(phone, EntryKind.RECEIPT, 1, "1")

    with pytest.raises(InvalidInput, match="1"):
        enter(phone, EntryKind.RECEIPT, 2, "1", "2")

    assert states() == [("1", "in_stock")]
    assert_sound()


def test_a_piece_is_received_shipped_and_comes_back(phone):
    enter(phone, EntryKind.RECEIPT, 2, "1", "2")
    reservation = reserve(phone, 1)

    for wrong in ((), ("1", "2"), ("9",)):
        with pytest.raises(Conflict):
            ship_stock(portions=[Portion(reservation.pk, 1, serials=wrong)])
    assert StockItem.objects.get().on_hand == 2
    ship_stock(portions=[Portion(reservation.pk, 1, serials=("2",))])

    assert states() == [("1", "in_stock"), ("2", "shipped")]
    assert SerialNumber.objects.get(number="2").reservation == reservation
    with pytest.raises(InvalidInput):
        enter(phone, EntryKind.RECEIPT, 1, "2")
    enter(phone, EntryKind.RETURN, 1, "2")
    assert states() == [("1", "in_stock"), ("2", "in_stock")]
    second = SerialNumber.objects.get(number="2")
    records = EventRecord.objects.filter(name="inventory.serial_moved", subject_id=second.pk).order_by("id")
    place = phone.warehouse.name
    assert [(row.data["state"], row.data["place"]) for row in records] == [
        ("in_stock", place), ("shipped", place), ("in_stock", place),
    ]  # fmt: skip
    assert records[1].data["document"] == "k"
    assert_sound()


def test_pieces_older_than_the_policy_get_their_number_when_they_leave():
    make_warehouse()
    item = make_stock(on_hand=2)
    StockPolicy.objects.create(variant=item.variant, tracks_serials=True)
    enter(item, EntryKind.RECEIPT, 1, "1")

    ship_stock(portions=[Portion(reserve(item, 2).pk, serials=("7", "8"))])

    assert states() == [("1", "in_stock"), ("7", "shipped"), ("8", "shipped")]
    assert_sound()


def test_numbered_pieces_do_not_vanish_nameless(phone):
    enter(phone, EntryKind.RECEIPT, 2, "1", "2")

    with pytest.raises(InvalidInput, match="gone"):
        enter(phone, EntryKind.ADJUSTMENT, -1)
    with pytest.raises(InvalidInput, match="not in stock here"):
        enter(phone, EntryKind.ADJUSTMENT, -1, "9")
    enter(phone, EntryKind.ADJUSTMENT, -1, "1")

    assert states() == [("1", "gone"), ("2", "in_stock")]
    assert StockItem.objects.get().on_hand == 1
    assert_sound()
