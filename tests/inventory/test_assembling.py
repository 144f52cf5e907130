"""Kits packed from their components, and taken apart again."""

import pytest

from core.errors import Conflict, InvalidInput, NotAllowed
from core.models import EventRecord
from inventory.models import Assembly, StockEntry, StockItem
from inventory.services.moving import assemble_kits, unpack_kits
from tests.factories import make_stock, make_user, make_variant, make_warehouse
from tests.inventory.moving import make_bundle, numbers, receive_lots, reserve, stock_at
from tests.orders.stories import assert_sound

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return make_warehouse()


@pytest.fixture
def cup(place):
    return make_stock(on_hand=10, warehouse=place)


@pytest.fixture
def saucer(place):
    return make_stock(on_hand=20, warehouse=place)


@pytest.fixture
def tea_set(cup, saucer):
    return make_bundle((cup.variant, 1), (saucer.variant, 2))


def test_components_leave_and_kits_come_by_one_entry(tea_set, cup, saucer, place):
    assembly = assemble_kits(bundle_id=tea_set.pk, warehouse_id=place.pk, quantity=3)

    assert (assembly.number, assembly.kind, assembly.quantity) == ("K-0000001", "kit", 3)
    assert (numbers(cup), numbers(saucer), stock_at(tea_set, place)) == ((7, 0, 0), (14, 0, 0), (3, 0, 0))
    entry = StockEntry.objects.get(assembly=assembly)
    assert (entry.kind, entry.reference) == ("assembly", "K-0000001")
    changes = entry.movements.order_by("id").values_list("stock_item__variant", "kind", "on_hand_change")
    assert list(changes) == [
        (cup.variant_id, "assembled", -3),
        (saucer.variant_id, "assembled", -6),
        (tea_set.pk, "assembled", 3),
    ]
    assert EventRecord.objects.get(name="inventory.kits_assembled").data["quantity"] == 3
    assert_sound()


def test_kits_are_taken_apart(tea_set, cup, saucer, place):
    assemble_kits(bundle_id=tea_set.pk, warehouse_id=place.pk, quantity=3)
    unpack_kits(bundle_id=tea_set.pk, warehouse_id=place.pk, quantity=1)
    assert (numbers(cup), numbers(saucer), stock_at(tea_set, place)) == ((8, 0, 0), (16, 0, 0), (2, 0, 0))
    assert_sound()


def test_a_bundle_of_bundles_is_packed_from_its_pieces(tea_set, cup, saucer, place):
    box = make_bundle((tea_set, 2), (cup.variant, 1))
    assemble_kits(bundle_id=box.pk, warehouse_id=place.pk, quantity=1)
    assert (numbers(cup), numbers(saucer), stock_at(box, place)) == ((7, 0, 0), (16, 0, 0), (1, 0, 0))
    assert_sound()


def test_reserved_components_stay_and_the_shortage_is_named(tea_set, cup, saucer, place):
    reserve(cup, 8)
    with pytest.raises(InvalidInput, match=rf"{cup.variant.sku} 2/3$"):
        assemble_kits(bundle_id=tea_set.pk, warehouse_id=place.pk, quantity=3)
    assert (numbers(cup), numbers(saucer), stock_at(tea_set, place)) == ((10, 8, 0), (20, 0, 0), (0, 0, 0))
    assert not Assembly.objects.exists()
    assert not EventRecord.objects.filter(name="inventory.kits_assembled").exists()
    assemble_kits(bundle_id=tea_set.pk, warehouse_id=place.pk, quantity=2)
    assert_sound()


def test_reserved_kits_are_not_taken_apart(tea_set, cup, saucer, place):
    assemble_kits(bundle_id=tea_set.pk, warehouse_id=place.pk, quantity=3)
    item = StockItem.objects.get(variant=tea_set)
    StockItem.objects.filter(pk=item.pk).update(reserved=2)  # as an order would
    with pytest.raises(InvalidInput, match="1/2"):
        unpack_kits(bundle_id=tea_set.pk, warehouse_id=place.pk, quantity=2)
    assert numbers(item) == (3, 2, 0)


def test_what_is_no_bundle_and_no_quantity_is_refused(tea_set, cup, place):
    with pytest.raises(InvalidInput, match="no bundle"):
        assemble_kits(bundle_id=cup.variant_id, warehouse_id=place.pk, quantity=1)
    for quantity in (0, -1, 1_000_001):
        with pytest.raises(InvalidInput):
            assemble_kits(bundle_id=tea_set.pk, warehouse_id=place.pk, quantity=quantity)
    assert not Assembly.objects.exists()


def test_the_same_key_packs_once(tea_set, cup, place):
    for _again in range(2):
        assemble_kits(bundle_id=tea_set.pk, warehouse_id=place.pk, quantity=3, key="a")
    assert numbers(cup) == (7, 0, 0)
    with pytest.raises(Conflict):
        unpack_kits(bundle_id=tea_set.pk, warehouse_id=place.pk, quantity=3, key="a")


def test_lots_of_components_go_first_to_expire_first(tea_set, cup, saucer, place):
    receive_lots(cup, L1=1, L2=1)
    assemble_kits(bundle_id=tea_set.pk, warehouse_id=place.pk, quantity=1)
    left = cup.shelves.order_by("lot__number").values_list("lot__number", "quantity")
    assert list(left) == [("L1", 0), ("L2", 1)]
    assert_sound()


def test_the_right_to_pack_is_its_own(tea_set, cup, place):
    stranger, packer = (
        make_user(permissions=["inventory.adjust_stock"]),
        make_user(permissions=["inventory.assemble_kits"]),
    )
    for service in (assemble_kits, unpack_kits):
        with pytest.raises(NotAllowed):
            service(bundle_id=tea_set.pk, warehouse_id=place.pk, quantity=1, actor=stranger)
    assert numbers(cup) == (10, 0, 0)
    assert assemble_kits(bundle_id=tea_set.pk, warehouse_id=place.pk, quantity=1, actor=packer).created_by == packer


def test_a_variant_that_was_never_stocked_counts_as_none(place):
    bundle = make_bundle((make_variant(), 1))
    with pytest.raises(InvalidInput, match="0/1"):
        assemble_kits(bundle_id=bundle.pk, warehouse_id=place.pk, quantity=1)
