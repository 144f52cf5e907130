"""From where stock is reserved: ranked warehouses, as much as there is, bundles by their components."""

import pytest

from catalog.models import BundleComponent
from core.errors import Conflict
from core.verify import verify
from inventory.models import ChannelWarehouse, Reservation, StockItem
from inventory.services import (
    Need,
    Portion,
    Shortage,
    StockRequest,
    Take,
    release_stock,
    reserve_stock,
    reserved_sets,
    ship_stock,
)
from tests.factories import make_channel, make_stock, make_variant, make_warehouse

pytestmark = pytest.mark.django_db


def ask(variant, quantity, key="A", **over):
    need = Need(key=key, variant_id=variant.pk, quantity=quantity)
    [answer] = reserve_stock(requests=[StockRequest(reference=key, needs=[need], **over)])
    return answer


def reserved(variant):
    """Return warehouse id -> pieces reserved."""
    items = StockItem.objects.filter(variant=variant, reserved__gt=0)
    return dict(items.values_list("warehouse_id", "reserved"))


def assert_sound():
    assert [f.invariant.name for f in verify() if not f.holds] == []


def make_bundle(**parts):
    """Make a bundle of new components: name=pieces in one set; return it and the components by name."""
    bundle = make_variant()
    components = {name: make_variant(sku=name) for name in parts}
    for name, quantity in parts.items():
        BundleComponent.objects.create(bundle=bundle, component=components[name], quantity=quantity)
    return bundle, components


def test_a_channel_is_served_by_its_own_warehouses_in_their_order():
    near, far, third = (make_warehouse(rank=n, country="KR") for n in range(3))
    shirt = make_variant()
    for place in (near, far, third):
        make_stock(shirt, on_hand=5, warehouse=place)
    channel, other = make_channel(), make_channel()
    ChannelWarehouse.objects.create(sales_channel=channel, warehouse=third, rank=0)
    ChannelWarehouse.objects.create(sales_channel=channel, warehouse=far, rank=1)

    places = [ask(shirt, 2, f"C{n}", country="KR", sales_channel_id=channel.pk).warehouse_id for n in range(4)]
    refused = ask(shirt, 2, "C4", country="KR", sales_channel_id=channel.pk)

    assert places == [third.pk, third.pk, far.pk, far.pk]
    assert refused.shortages == [Shortage(shirt.sku, 2, 1)]
    assert ask(shirt, 2, "O", sales_channel_id=other.pk).warehouse_id == near.pk
    assert_sound()


def test_the_country_decides_between_warehouses_of_equal_rank_only():
    seoul, osaka, kobe = make_warehouse(country="KR"), make_warehouse(country="JP"), make_warehouse(country="JP")
    shirt = make_variant()
    for place in (seoul, osaka, kobe):
        make_stock(shirt, on_hand=1, warehouse=place)
    channel = make_channel()
    for place, rank in ((seoul, 1), (osaka, 1), (kobe, 0)):
        ChannelWarehouse.objects.create(sales_channel=channel, warehouse=place, rank=rank)

    places = [ask(shirt, 1, f"K{n}", country="KR", sales_channel_id=channel.pk).warehouse_id for n in range(3)]

    assert places == [kobe.pk, seoul.pk, osaka.pk]


def test_a_channel_whose_only_warehouse_is_closed_is_served_by_none():
    shirt = make_stock(on_hand=5, warehouse=make_warehouse()).variant
    channel = make_channel()
    ChannelWarehouse.objects.create(sales_channel=channel, warehouse=make_warehouse(is_active=False))

    answer = ask(shirt, 1, sales_channel_id=channel.pk)

    assert answer.shortages == [Shortage(shirt.sku, 1, 0)]
    assert not Reservation.objects.exists()


def test_as_much_as_there_is_comes_from_one_warehouse_if_one_has_it_all():
    small, large = make_warehouse(rank=0), make_warehouse(rank=1)
    shirt = make_variant()
    make_stock(shirt, on_hand=2, warehouse=small)
    make_stock(shirt, on_hand=9, warehouse=large)

    answer = ask(shirt, 5, take=Take.AVAILABLE)

    assert (answer.is_served, answer.warehouse_id) == (True, large.pk)
    assert reserved(shirt) == {large.pk: 5}
    assert_sound()


def test_as_much_as_there_is_goes_from_warehouse_to_warehouse_and_later_for_the_rest():
    small, large = make_warehouse(rank=0), make_warehouse(rank=1)
    shirt = make_variant()
    make_stock(shirt, on_hand=2, warehouse=small)
    item = make_stock(shirt, on_hand=4, warehouse=large)

    answer = ask(shirt, 9, take=Take.AVAILABLE)

    assert answer.shortages == [Shortage(shirt.sku, 9, 6)]
    assert answer.warehouse_id is None
    assert len(answer.reservation_ids["A"]) == 2
    assert reserved(shirt) == {small.pk: 2, large.pk: 4}
    release_stock(portions=[Portion(Reservation.objects.get(stock_item=item).pk, 3)])
    again = ask(shirt, 4, take=Take.AVAILABLE)
    assert again.is_served
    assert again.reservation_ids == answer.reservation_ids
    assert reserved(shirt) == {small.pk: 2, large.pk: 2}
    assert_sound()


def test_a_bundle_is_reserved_by_its_components_in_one_warehouse():
    bundle, parts = make_bundle(CUP=2, LID=1)
    cups, lids = make_stock(parts["CUP"], on_hand=5), make_stock(parts["LID"], on_hand=9)

    answer = ask(bundle, 2)

    rows = Reservation.objects.filter(pk__in=answer.reservation_ids["A"]).order_by("stock_item")
    assert [(row.stock_item_id, row.quantity, row.per_unit) for row in rows] == [(cups.pk, 4, 2), (lids.pk, 2, 1)]
    assert answer.warehouse_id == cups.warehouse_id
    refused = ask(bundle, 1, "B")
    assert refused.shortages == [Shortage("CUP", 2, 1)]
    assert reserved(parts["LID"]) == {lids.warehouse_id: 2}
    assert_sound()


def test_components_in_two_warehouses_make_no_bundle():
    bundle, parts = make_bundle(CUP=1, LID=1)
    make_stock(parts["CUP"], on_hand=5, warehouse=make_warehouse(rank=0))
    make_stock(parts["LID"], on_hand=5, warehouse=make_warehouse(rank=1))

    assert ask(bundle, 1).shortages == [Shortage("LID", 1, 0)]
    assert ask(bundle, 1, "B", take=Take.AVAILABLE).shortages == [Shortage(bundle.sku, 1, 0)]
    assert not Reservation.objects.exists()


def test_packed_bundles_go_first_if_enough_lie_there():
    bundle, parts = make_bundle(CUP=2)
    packed = make_stock(bundle, on_hand=3)
    cups = make_stock(parts["CUP"], on_hand=9)

    first = ask(bundle, 2)
    second = ask(bundle, 2, "B")

    assert reserved(bundle) == {packed.warehouse_id: 2}
    assert reserved(parts["CUP"]) == {cups.warehouse_id: 4}
    assert (len(first.reservation_ids["A"]), len(second.reservation_ids["B"])) == (1, 1)
    assert_sound()


def test_as_much_as_there_is_of_a_bundle_takes_packed_ones_and_sets():
    bundle, parts = make_bundle(CUP=2, LID=1)
    here, there = make_warehouse(rank=0), make_warehouse(rank=1)
    make_stock(bundle, on_hand=1, warehouse=here)
    make_stock(parts["CUP"], on_hand=5, warehouse=here)
    make_stock(parts["LID"], on_hand=5, warehouse=here)
    make_stock(bundle, on_hand=2, warehouse=there)

    answer = ask(bundle, 9, take=Take.AVAILABLE)

    assert answer.shortages == [Shortage(bundle.sku, 9, 5)]
    rows = Reservation.objects.select_related("stock_item")
    sets = reserved_sets(variant_id=bundle.pk, reservations=rows)
    assert sorted((one.warehouse_id == here.pk, one.is_whole, one.held) for one in sets) == [
        (False, True, 2),
        (True, False, 2),
        (True, True, 1),
    ]
    assert reserved(parts["CUP"]) == {here.pk: 4}
    assert_sound()


def test_a_nested_bundle_and_a_line_of_its_component_share_the_pieces():
    inner, parts = make_bundle(CUP=2)
    outer = make_variant()
    BundleComponent.objects.create(bundle=outer, component=inner, quantity=3)
    make_stock(parts["CUP"], on_hand=8)

    def both(cups):
        needs = [
            Need(key=f"{cups}:1", variant_id=outer.pk, quantity=1),
            Need(key=f"{cups}:2", variant_id=parts["CUP"].pk, quantity=cups),
        ]
        return reserve_stock(requests=[StockRequest(reference="x", needs=needs)])[0]

    assert both(3).shortages == [Shortage("CUP", 9, 8)]
    assert both(2).is_served
    assert sum(reserved(parts["CUP"]).values()) == 8
    assert_sound()


def test_another_composition_later_does_not_matter_to_what_is_reserved():
    bundle, parts = make_bundle(CUP=2, LID=1)
    make_stock(parts["CUP"], on_hand=10)
    make_stock(parts["LID"], on_hand=10)
    spoon = make_stock(make_variant(sku="SPOON"), on_hand=10).variant
    ask(bundle, 2)
    BundleComponent.objects.create(bundle=bundle, component=spoon, quantity=1)

    assert ask(bundle, 2).is_served
    assert ask(bundle, 3).is_served  # the rest by the recipe of the first two

    assert (reserved(spoon), sum(reserved(parts["CUP"]).values())) == ({}, 6)
    assert ask(bundle, 1, "B").is_served
    assert sum(reserved(spoon).values()) == 1
    with pytest.raises(Conflict):
        ask(bundle, 2)
    assert_sound()


def test_sets_are_counted_whole_whatever_became_of_a_component():
    bundle, parts = make_bundle(CUP=2, LID=1)
    make_stock(parts["CUP"], on_hand=10)
    make_stock(parts["LID"], on_hand=10)
    ids = ask(bundle, 3).reservation_ids["A"]
    cups, lids = Reservation.objects.filter(pk__in=ids).order_by("-per_unit").values_list("pk", flat=True)
    ship_stock(portions=[Portion(cups, 2), Portion(lids, 1)])
    release_stock(portions=[Portion(cups, 2), Portion(lids, 1)])

    rows = Reservation.objects.filter(pk__in=ids).select_related("stock_item")
    [one] = reserved_sets(variant_id=bundle.pk, reservations=rows)

    assert (one.taken, one.held, one.shipped) == (2, 1, 1)
    assert one.recipe == {parts["CUP"].pk: 2, parts["LID"].pk: 1}
    assert ask(bundle, 3).is_served
    assert sum(reserved(parts["CUP"]).values()) == 4
    assert_sound()
