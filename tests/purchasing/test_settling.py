"""What becomes of orders that went out: confirmed, cancelled, closed with a remainder."""

from datetime import date

import pytest

from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.verify import verify
from inventory.outlook import arrivals_of
from purchasing.services import (
    ConfirmedLine,
    cancel_purchase_order,
    close_purchase_order,
    confirm_purchase_order,
)
from tests.factories import make_user, make_variant
from tests.purchasing.making import make_purchase_order

pytestmark = pytest.mark.django_db
SENDER = ("purchasing.send_purchaseorder",)


def test_the_supplier_confirms_less_of_one_line_and_more_of_another():
    less, more = make_variant(sku="A"), make_variant(sku="B")
    order = make_purchase_order((less, 10), (more, 5), unit_price=100)
    short, long = order.lines.all()
    sender = make_user(permissions=SENDER)
    confirmed = confirm_purchase_order(
        order_id=order.pk,
        reference=" SO-7 ",
        expected_on=date(2026, 12, 10),
        lines={
            short.pk: ConfirmedLine(quantity=8, expected_on=date(2026, 12, 5)),
            long.pk: ConfirmedLine(quantity=6),
        },
        actor=sender,
    )
    assert (confirmed.state, confirmed.supplier_reference, confirmed.expected_on, confirmed.total) == (
        "confirmed", "SO-7", date(2026, 12, 10), 1600,
    )  # fmt: skip
    found = arrivals_of(variant_ids=[less.pk, more.pk])
    assert [(one.quantity, one.expected_on) for one in found[less.pk]] == [(8, date(2026, 12, 5))]
    assert [(one.quantity, one.expected_on) for one in found[more.pk]] == [(6, date(2026, 12, 10))]
    assert all(finding.holds for finding in verify(names=["purchasing.order_total_equals_lines"]))
    with pytest.raises(InvalidTransition):
        confirm_purchase_order(order_id=order.pk, actor=sender)


def test_a_strange_line_a_wrong_number_and_a_missing_right_change_nothing():
    order, other = make_purchase_order((make_variant(), 3)), make_purchase_order((make_variant(), 3))
    with pytest.raises(InvalidInput):
        confirm_purchase_order(order_id=order.pk, lines={other.lines.get().pk: ConfirmedLine(quantity=1)})
    with pytest.raises(InvalidInput):
        confirm_purchase_order(order_id=order.pk, lines={order.lines.get().pk: ConfirmedLine(quantity=-1)})
    with pytest.raises(InvalidInput, match="Cancel"):
        confirm_purchase_order(order_id=order.pk, lines={order.lines.get().pk: ConfirmedLine(quantity=0)})
    with pytest.raises(NotAllowed):
        confirm_purchase_order(order_id=order.pk, actor=make_user(permissions=["purchasing.add_purchaseorder"]))
    order.refresh_from_db()
    assert (order.state, order.lines.get().given_up) == ("sent", 0)


def test_who_drafts_cancels_before_it_went_out_and_who_sends_afterwards():
    buyer = make_user(permissions=["purchasing.add_purchaseorder", "purchasing.view_costs"])
    draft = make_purchase_order((make_variant(), 1), state="draft", approved_at=None, sent_at=None)
    sent = make_purchase_order((make_variant(), 1))
    with pytest.raises(InvalidInput):
        cancel_purchase_order(order_id=draft.pk, reason=" ", actor=buyer)
    assert cancel_purchase_order(order_id=draft.pk, reason="Twice", actor=buyer).close_reason == "Twice"
    with pytest.raises(NotAllowed):
        cancel_purchase_order(order_id=sent.pk, reason="Twice", actor=buyer)
    sent.refresh_from_db()
    assert sent.state == "sent"
    assert cancel_purchase_order(order_id=sent.pk, reason="Twice", actor=make_user(permissions=SENDER)).closed_at
    partly = make_purchase_order((make_variant(), 2), state="partly_received")
    with pytest.raises(InvalidTransition):
        cancel_purchase_order(order_id=partly.pk, reason="Twice")


def test_a_remainder_is_given_up_on_purpose():
    variant = make_variant()
    order = make_purchase_order((variant, 10), (make_variant(), 4), state="partly_received")
    order.lines.filter(variant=variant).update(received=7)
    with pytest.raises(InvalidInput):
        close_purchase_order(order_id=order.pk, reason="")
    closed = close_purchase_order(order_id=order.pk, reason="Sold out there", actor=make_user(permissions=SENDER))
    assert (closed.state, closed.close_reason) == ("closed", "Sold out there")
    assert list(order.lines.order_by("pk").values_list("received", "given_up")) == [(7, 3), (0, 4)]
    assert arrivals_of(variant_ids=[variant.pk]) == {}
    with pytest.raises(InvalidTransition):
        close_purchase_order(order_id=order.pk, reason="Again")
    assert all(finding.holds for finding in verify(names=["purchasing.order_state_follows_lines"]))
