"""Transfers arrive: in several goes, damaged, not at all, once under each key."""

import pytest

from core.errors import Conflict, InvalidInput, InvalidTransition
from inventory.models import StockHold, StockMovement
from inventory.selectors.moving import transfers_under_way
from inventory.services.moving import (
    ArrivedPieces,
    close_transfer,
    receive_transfer,
    send_transfer,
)
from tests.factories import make_stock
from tests.inventory.moving import make_transfer, numbers, stock_at
from tests.inventory.transfers import line_of, states, told
from tests.orders.stories import assert_sound

pytestmark = pytest.mark.django_db


# --- receiving


def test_pieces_arrive_in_several_goes():
    item = make_stock(on_hand=10)
    transfer = make_transfer((item, 6))
    send_transfer(transfer_id=transfer.pk)
    line = line_of(transfer)

    first = receive_transfer(transfer_id=transfer.pk, pieces=[ArrivedPieces(line_id=line.pk, quantity=2)])
    assert (first.state, first.received_at) == ("partly_received", None)
    last = receive_transfer(transfer_id=transfer.pk, pieces=[ArrivedPieces(line_id=line.pk, quantity=4)])
    assert last.state == "received"
    assert last.received_at is not None

    assert stock_at(item.variant, transfer.destination) == (6, 0, 0)
    movements = StockMovement.objects.filter(entry__transfer=transfer, kind="moved_in").order_by("id")
    assert list(movements.values_list("on_hand_change", "on_hand_after")) == [(2, 2), (4, 6)]
    assert transfers_under_way(variant_ids=[item.variant_id]) == []
    assert told(transfer)[2:] == ["Received: 2 pieces; 4 still in transit", "Received: 4 pieces; 0 still in transit"]
    assert_sound()


def test_damaged_pieces_arrive_held():
    item = make_stock(on_hand=10)
    transfer = make_transfer((item, 6))
    send_transfer(transfer_id=transfer.pk)
    part = ArrivedPieces(line_id=line_of(transfer).pk, quantity=5, damaged=2)

    receive_transfer(transfer_id=transfer.pk, pieces=[part])

    assert stock_at(item.variant, transfer.destination) == (5, 0, 2)
    assert list(StockHold.objects.values_list("kind", "quantity", "reference")) == [("damaged", 2, transfer.number)]
    assert told(transfer)[-1] == "Received: 5 pieces, 2 of them damaged; 1 still in transit"
    assert_sound()


@pytest.mark.parametrize(
    ("quantity", "damaged", "error"),
    [(7, 0, Conflict), (0, 0, InvalidInput), (2, 3, InvalidInput), (-1, 0, InvalidInput)],
)
def test_what_receiving_refuses(quantity, damaged, error):
    item = make_stock(on_hand=10)
    transfer = make_transfer((item, 6))
    send_transfer(transfer_id=transfer.pk)
    part = ArrivedPieces(line_id=line_of(transfer).pk, quantity=quantity, damaged=damaged)

    with pytest.raises(error):
        receive_transfer(transfer_id=transfer.pk, pieces=[part])

    assert states(transfer) == [(6, 6, 0, 0)]
    assert stock_at(item.variant, transfer.destination) == (0, 0, 0)
    assert len(told(transfer)) == 2


def test_only_what_is_under_way_arrives():
    item = make_stock(on_hand=10)
    draft, other = make_transfer((item, 1)), make_transfer((item, 1))
    with pytest.raises(InvalidTransition):
        receive_transfer(transfer_id=draft.pk, pieces=[ArrivedPieces(line_id=line_of(draft).pk, quantity=1)])
    send_transfer(transfer_id=draft.pk)
    with pytest.raises(InvalidInput):
        receive_transfer(transfer_id=draft.pk, pieces=[ArrivedPieces(line_id=line_of(other).pk, quantity=1)])


def test_the_same_key_receives_once_and_a_second_receiver_is_refused():
    item = make_stock(on_hand=10)
    transfer = make_transfer((item, 6))
    send_transfer(transfer_id=transfer.pk)
    parts = [ArrivedPieces(line_id=line_of(transfer).pk, quantity=4)]
    for _again in range(2):
        receive_transfer(transfer_id=transfer.pk, pieces=parts, key="a")
    assert states(transfer) == [(6, 6, 4, 0)]
    with pytest.raises(Conflict, match=item.variant.sku):
        receive_transfer(transfer_id=transfer.pk, pieces=parts, key="b")
    assert stock_at(item.variant, transfer.destination) == (4, 0, 0)


def test_the_rest_is_closed_as_lost_with_a_reason():
    item = make_stock(on_hand=10)
    transfer = make_transfer((item, 6))
    send_transfer(transfer_id=transfer.pk)
    receive_transfer(transfer_id=transfer.pk, pieces=[ArrivedPieces(line_id=line_of(transfer).pk, quantity=4)])
    with pytest.raises(InvalidInput):
        close_transfer(transfer_id=transfer.pk, reason=" ")

    closed = close_transfer(transfer_id=transfer.pk, reason="Box fell off the truck")

    assert (closed.state, closed.loss_reason) == ("received", "Box fell off the truck")
    assert states(transfer) == [(6, 6, 4, 2)]
    assert (numbers(item), stock_at(item.variant, transfer.destination)) == ((4, 0, 0), (4, 0, 0))
    assert told(transfer)[-1] == "Closed: 2 pieces lost – Box fell off the truck"
    for _again in range(2):
        with pytest.raises(InvalidTransition):
            close_transfer(transfer_id=transfer.pk, reason="again")
    assert_sound()
