"""Pieces that are not new any more become another variant."""

from datetime import date

import pytest
from django.test import Client

from core.errors import InvalidInput, NotAllowed
from inventory.models import Assembly, HoldKind, Lot, ShelfStock, StockEntry
from inventory.services import HoldWish, hold_stock
from inventory.services.moving import regrade_held
from tests.admin.pressing import press, said
from tests.factories import make_stock, make_user, make_variant, make_warehouse
from tests.inventory.moving import make_bundle, numbers, receive_lots, stock_at
from tests.orders.stories import assert_sound

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return make_warehouse()


@pytest.fixture
def cup(place):
    return make_stock(on_hand=10, warehouse=place)


@pytest.fixture
def second(cup):
    return make_variant(product=cup.variant.product)


def held(item, quantity=4, kind=HoldKind.OPENED, **over):
    [hold] = hold_stock(wishes=[HoldWish(stock_item_id=item.pk, kind=kind, quantity=quantity, **over)])
    return hold


def test_held_pieces_become_another_variant_that_can_be_sold(cup, second, place):
    hold = held(cup)
    made = regrade_held(hold_id=hold.pk, variant_id=second.pk, quantity=3, key="once")

    assert (made.kind, made.bundle, made.quantity) == ("regrade", second, 3)
    assert (numbers(cup), stock_at(second, place)) == ((7, 0, 1), (3, 0, 0))
    hold.refresh_from_db()
    assert hold.held == 1
    changes = StockEntry.objects.get(assembly=made).movements.order_by("id")
    assert list(changes.values_list("stock_item__variant", "kind", "on_hand_change")) == [
        (cup.variant_id, "assembled", -3),
        (second.pk, "assembled", 3),
    ]
    assert_sound()
    assert regrade_held(hold_id=hold.pk, variant_id=second.pk, quantity=3, key="once") == made
    assert stock_at(second, place) == (3, 0, 0)


def test_the_lot_stays_what_it_was(cup, second, place):
    receive_lots(cup, L1=5, L2=5)
    lot = Lot.objects.get(number="L2")
    hold = held(cup, quantity=2, lot_id=lot.pk)
    regrade_held(hold_id=hold.pk, variant_id=second.pk, quantity=2)

    shelves = ShelfStock.objects.filter(quantity__gt=0, lot__isnull=False)
    assert sorted(shelves.values_list("stock_item__variant", "lot__number", "lot__expires_on", "quantity")) == sorted(
        [
            (cup.variant_id, "L1", date(2099, 1, 1), 5),
            (cup.variant_id, "L2", date(2099, 2, 1), 3),
            (second.pk, "L2", date(2099, 2, 1), 2),
        ]
    )
    assert_sound()


@pytest.mark.parametrize(
    ("kind", "quantity", "sentence"),
    [
        (HoldKind.OPENED, 5, "keeps 4 pieces"),
        (HoldKind.OPENED, 0, "keeps 4 pieces"),
        (HoldKind.DEAL, 1, "Free them first"),
    ],
)
def test_what_is_refused_changes_nothing(cup, second, place, kind, quantity, sentence):
    hold = held(cup, kind=kind)
    with pytest.raises(InvalidInput, match=sentence):
        regrade_held(hold_id=hold.pk, variant_id=second.pk, quantity=quantity)
    assert (numbers(cup), Assembly.objects.count()) == ((10, 0, 4), 0)


def test_neither_itself_nor_a_bundle(cup, place):
    hold = held(cup)
    with pytest.raises(InvalidInput, match="another variant"):
        regrade_held(hold_id=hold.pk, variant_id=cup.variant_id, quantity=1)
    bundle = make_bundle((make_stock(on_hand=1, warehouse=place).variant, 1))
    with pytest.raises(InvalidInput, match="no bundle"):
        regrade_held(hold_id=hold.pk, variant_id=bundle.pk, quantity=1)
    assert numbers(cup) == (10, 0, 4)


def test_only_who_may_adjust_stock(cup, second):
    hold = held(cup)
    with pytest.raises(NotAllowed):
        regrade_held(hold_id=hold.pk, variant_id=second.pk, quantity=1, actor=make_user())
    assert numbers(cup) == (10, 0, 4)


def test_by_hand_on_the_page_of_the_hold(cup, second, place):
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_user(is_superuser=True))
    hold = held(cup)
    refused = press(client, hold, "regrade", sku="no-such", quantity=2)
    assert "No variant has this SKU" in refused.content.decode()
    answer = press(client, hold, "regrade", sku=second.sku, quantity=2)
    assert said(answer)[-1:] == [f"K-0000001: 2 pieces are now {second.sku}."]
    assert stock_at(second, place) == (2, 0, 0)
