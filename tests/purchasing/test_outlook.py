"""What is on its way, and who waits for it."""

from datetime import date

import pytest

from catalog.models import BundleComponent
from inventory.outlook import arrivals_of, waiting_for
from tests.factories import make_order, make_variant
from tests.purchasing.making import make_purchase_order

pytestmark = pytest.mark.django_db


def test_open_lines_of_sent_orders_are_on_their_way_the_earliest_first():
    variant, other = make_variant(), make_variant()
    late = make_purchase_order((variant, 10), expected_on=date(2026, 12, 24))
    soon = make_purchase_order((variant, 6), (other, 1), expected_on=date(2026, 12, 1))
    soon.lines.filter(variant=variant).update(received=2, given_up=1)
    make_purchase_order((variant, 99), state="draft", approved_at=None)
    found = arrivals_of(variant_ids=[variant.pk])
    assert list(found) == [variant.pk]
    assert [(one.reference, one.quantity, one.expected_on) for one in found[variant.pk]] == [
        (soon.number, 3, date(2026, 12, 1)),
        (late.number, 10, date(2026, 12, 24)),
    ]


def test_sold_pieces_without_stock_wait_and_a_bundle_waits_for_what_is_in_it():
    piece, bundle = make_variant(), make_variant()
    BundleComponent.objects.create(bundle=bundle, component=piece, quantity=3)
    single = make_order((piece, 2), status="awaiting_stock")
    packed = make_order((bundle, 4), status="to_confirm")
    make_order((piece, 50), status="to_ship")
    found = waiting_for(variant_ids=[piece.pk])
    assert sorted((one.reference, one.quantity) for one in found[piece.pk]) == sorted(
        [(single.number, 2), (packed.number, 12)]
    )
