"""Transfers and kits while others want the same pieces."""

import pytest

from core.errors import DomainError
from inventory.models import EntryKind, Reservation, SerialNumber, StockItem, StockPolicy, Transfer
from inventory.services import EntryLine, Need, Portion, StockRequest, post_entry, reserve_stock, ship_stock
from inventory.services.moving import ArrivedPieces, assemble_kits, receive_transfer, send_transfer
from tests.concurrency.race import race
from tests.factories import make_stock, make_warehouse
from tests.inventory.moving import make_bundle, make_transfer, numbers, reserve, stock_at
from tests.orders.stories import assert_sound

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_receivers_at_once_receive_each_piece_once():
    item = make_stock(on_hand=10)
    transfer = make_transfer((item, 6))
    send_transfer(transfer_id=transfer.pk)
    part = ArrivedPieces(line_id=transfer.lines.get().pk, quantity=4)

    def receive() -> str:
        return receive_transfer(transfer_id=transfer.pk, pieces=[part]).state

    results = race(receive, receive)

    assert sorted(result.kind for result in results) == ["done", "refused"], results
    assert stock_at(item.variant, transfer.destination) == (4, 0, 0)
    assert transfer.lines.get().received == 4
    assert_sound()


def test_the_same_key_at_once_sends_once():
    item = make_stock(on_hand=10)
    transfer = make_transfer((item, 6))

    def send() -> str:
        return send_transfer(transfer_id=transfer.pk, key="a").state

    results = race(send, send)

    assert [result.value for result in results] == ["in_transit", "in_transit"], results
    assert numbers(item) == (4, 0, 0)
    assert_sound()


def test_crossing_transfers_and_orders_want_the_last_pieces():
    place = make_warehouse()
    items = [make_stock(on_hand=5, warehouse=place) for _number in range(3)]
    there = [make_transfer(*[(item, 4) for item in order]) for order in (items, items[::-1])]

    def send(transfer: Transfer) -> int:
        return send_transfer(transfer_id=transfer.pk).pk

    def order() -> bool:
        needs = [Need(key=f"line:{item.pk}", variant_id=item.variant_id, quantity=3) for item in reversed(items)]
        [answer] = reserve_stock(requests=[StockRequest(reference="O-1", needs=needs)])
        if not answer.is_served:
            raise DomainError("short")
        return True

    results = race(lambda: send(there[0]), lambda: send(there[1]), order)

    assert [result.kind for result in results].count("done") == 1, results
    assert {result.kind for result in results} == {"done", "refused"}, results
    assert_sound()


def test_a_numbered_piece_is_sold_or_sent_and_never_both():
    item = make_stock(on_hand=0)
    StockPolicy.objects.create(variant=item.variant, tracks_serials=True)
    line = EntryLine(variant_id=item.variant_id, warehouse_id=item.warehouse_id, quantity=2, serials=("A", "B"))
    post_entry(kind=EntryKind.RECEIPT, lines=[line])
    transfer = make_transfer((item, 1))
    line_id = transfer.lines.get().pk
    reserve(item, 1)
    reservation = Reservation.objects.get()

    def sell() -> int:
        return ship_stock(portions=[Portion(reservation.pk, 1, serials=("A",))])

    def send() -> str:
        return send_transfer(transfer_id=transfer.pk, serials={line_id: ["A"]}).state

    results = race(sell, send)

    assert sorted(result.kind for result in results) == ["done", "refused"], results
    is_sold = results[0].kind == "done"
    assert SerialNumber.objects.get(number="A").state == ("shipped" if is_sold else "in_transit")
    assert SerialNumber.objects.get(number="B").state == "in_stock"
    assert numbers(item) == ((1, 0, 0) if is_sold else (1, 1, 0))
    assert_sound()


def test_packers_of_two_bundles_share_components_without_deadlock():
    place = make_warehouse()
    cup, plate = (make_stock(on_hand=10, warehouse=place) for _number in range(2))
    bundles = [
        make_bundle((cup.variant, 1), (plate.variant, 1)),
        make_bundle((plate.variant, 1), (cup.variant, 1)),
    ]

    def pack(bundle_id: int) -> int:
        for _number in range(5):
            assemble_kits(bundle_id=bundle_id, warehouse_id=place.pk, quantity=1)
        return 5

    results = race(*[lambda bundle=bundle: pack(bundle.pk) for bundle in bundles])

    assert [result.kind for result in results] == ["done", "done"], results
    assert (numbers(cup), numbers(plate)) == ((0, 0, 0), (0, 0, 0))
    assert sum(StockItem.objects.filter(variant__in=bundles).values_list("on_hand", flat=True)) == 10
    assert_sound()
