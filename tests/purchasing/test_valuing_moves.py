"""Values of transfers and kits, and the books of one variant against a naive reckoning."""

from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.models import BundleComponent
from core.verify import verify
from inventory.services.moving import (
    ArrivedPieces,
    TransferPieces,
    assemble_kits,
    create_transfer,
    receive_transfer,
    send_transfer,
    unpack_kits,
)
from purchasing.models import CostEntry, VariantValue
from purchasing.services import ReceivedLine, receive_goods, value_movements
from purchasing.services.valuing.costing import Book, Worth
from tests.factories import make_variant, make_warehouse
from tests.purchasing.making import make_purchase_order


def bring(variant, pieces, price, place):
    order = make_purchase_order((variant, pieces), unit_price=price, warehouse=place)
    receive_goods(order_id=order.pk, lines=[ReceivedLine(line_id=order.lines.get().pk, accepted=pieces)])


def work_off():
    while value_movements(limit=2):
        pass
    assert [finding.invariant.name for finding in verify() if not finding.holds] == []


def worth(variant):
    row = VariantValue.objects.get(variant=variant)
    return row.quantity, row.average_value, row.fifo_value


@pytest.mark.django_db
def test_a_transfer_takes_its_value_along():
    here, there = make_warehouse(), make_warehouse()
    variant = make_variant()
    bring(variant, 10, 1000, here)
    bring(variant, 10, 3400, here)
    transfer = create_transfer(
        source_id=here.pk, destination_id=there.pk, lines=[TransferPieces(variant_id=variant.pk, quantity=12)]
    )
    send_transfer(transfer_id=transfer.pk)
    work_off()
    # twelve left: ten at 1000 and two at 3400, or twelve at the average of 2200
    assert worth(variant) == (8, Decimal(17600), Decimal(27200))
    line = transfer.lines.get()
    receive_transfer(transfer_id=transfer.pk, pieces=[ArrivedPieces(line_id=line.pk, quantity=6)])
    work_off()
    assert worth(variant) == (14, Decimal(30800), Decimal(35600))
    receive_transfer(transfer_id=transfer.pk, pieces=[ArrivedPieces(line_id=line.pk, quantity=6)])
    work_off()
    assert worth(variant) == (20, Decimal(44000), Decimal(44000))


@pytest.mark.django_db
def test_a_kit_costs_what_its_parts_cost_and_gives_it_back():
    place = make_warehouse()
    kit, cup, plate = make_variant(), make_variant(), make_variant()
    BundleComponent.objects.create(bundle=kit, component=cup, quantity=2)
    BundleComponent.objects.create(bundle=kit, component=plate, quantity=1)
    bring(cup, 10, 100, place)
    bring(plate, 10, 600, place)
    assemble_kits(bundle_id=kit.pk, warehouse_id=place.pk, quantity=3)
    work_off()
    assert worth(kit) == (3, Decimal(2400), Decimal(2400))
    assert (worth(cup), worth(plate)) == ((4, Decimal(400), Decimal(400)), (7, Decimal(4200), Decimal(4200)))
    unpack_kits(bundle_id=kit.pk, warehouse_id=place.pk, quantity=3)
    work_off()
    assert worth(kit) == (0, Decimal(0), Decimal(0))
    whole = [sum(worth(variant)[way] for variant in (cup, plate)) for way in (1, 2)]
    assert all(abs(value - 7000) < Decimal("0.0001") for value in whole)
    assert sum(CostEntry.objects.values_list("quantity", flat=True)) == 20


class Naive:
    """The same, reckoned piece by piece with fractions."""

    def __init__(self):
        self.pieces = []
        self.value = Fraction(0)
        self.average = Fraction(0)

    def take_in(self, quantity, price):
        self.pieces += [Fraction(price)] * quantity
        self.value += quantity * price
        self.average = self.value / len(self.pieces)

    def take_out(self, quantity):
        gone, self.pieces = self.pieces[:quantity], self.pieces[quantity:]
        self.value -= self.average * quantity
        if not self.pieces:
            self.value = Fraction(0)
        return sum(gone, Fraction(0))


STEPS = st.lists(
    st.tuples(st.booleans(), st.integers(min_value=1, max_value=30), st.integers(min_value=0, max_value=10**7)),
    max_size=60,
)


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_a_book_agrees_with_a_naive_reckoning(steps):
    book, naive = Book(), Naive()
    moved = Decimal(0)
    for place, (comes, quantity, price) in enumerate(steps, 1):
        if comes:
            cost = Worth(Decimal(price * quantity), Decimal(price * quantity))
            change = book.take_in(movement_id=place, quantity=quantity, cost=cost, received_at=timezone.now())
            naive.take_in(quantity, price)
            assert change.fifo == price * quantity
        else:
            leaving = min(quantity, book.quantity)
            if not leaving:
                continue
            change = book.take_out(quantity=leaving)
            assert -change.fifo == naive.take_out(leaving)
        moved += change.average
        assert book.quantity == len(naive.pieces) == sum(layer.remaining for layer in book.layers)
        assert book.fifo_value == sum(naive.pieces, Fraction(0))
        assert book.average_value == moved
        assert abs(Fraction(book.average_value) - naive.value) < Fraction(1, 100)
        assert book.average_value >= 0
        if not book.quantity:
            assert book.average_value == 0
