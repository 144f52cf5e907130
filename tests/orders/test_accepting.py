"""New orders are checked, unknown lines matched."""

import pytest

from catalog.models import VariantCode
from core.errors import Conflict, DomainError, InvalidInput, NotAllowed
from orders.models import Order, OrderLine, OrderStatus
from orders.services import accept_order, accept_orders, confirm_orders, match_line
from tests.factories import make_order, make_stock, make_user, make_variant
from tests.orders.stories import sentences

pytestmark = pytest.mark.django_db


def new_order(*lines, **over):
    return make_order(*lines, status=OrderStatus.NEW, to_check="no_address,unknown_sku", **over)


def test_a_checked_order_goes_to_confirm_or_waits_for_its_payment():
    variant = make_variant()
    on_account, prepaid, free = (
        new_order((variant, 1)),
        new_order((variant, 1), is_prepaid=True),
        new_order((variant, 1), unit_price=0, is_prepaid=True),
    )

    report = accept_orders(order_ids=[on_account.pk, prepaid.pk, free.pk])

    assert (report.done, report.refused) == ([on_account.pk, prepaid.pk, free.pk], [])
    assert list(Order.objects.order_by("pk").values_list("status", "to_check")) == [
        ("to_confirm", ""),
        ("awaiting_payment", ""),
        ("to_confirm", ""),
    ]
    assert sentences(prepaid) == ["Checked and accepted"]


def test_what_is_not_new_or_has_unknown_lines_is_refused():
    known, unknown = make_order((make_variant(), 1)), new_order((None, 1))

    report = accept_orders(order_ids=[known.pk, unknown.pk])

    assert [refusal.reason for refusal in report.refused] == [
        "It is checked already.",
        "A line has no product yet. Match it first.",
    ]
    with pytest.raises(DomainError, match="Match it first"):
        accept_order(order_id=unknown.pk)
    assert Order.objects.get(pk=unknown.pk).to_check == "no_address,unknown_sku"


def test_matching_is_remembered_for_the_channel():
    order, variant = new_order((None, 1)), make_variant()
    line = order.lines.get()

    match_line(line_id=line.pk, sku=f" {variant.sku} ")

    order.refresh_from_db()
    assert OrderLine.objects.get(pk=line.pk).variant == variant
    assert order.to_check == "no_address"
    assert VariantCode.objects.values_list("code", "sales_channel", "variant").get() == (
        "?",
        order.sales_channel_id,
        variant.pk,
    )
    assert sentences(order) == [f"Line matched to {variant.sku}"]
    assert accept_order(order_id=order.pk).status == OrderStatus.TO_CONFIRM


def test_matching_may_be_for_this_line_only():
    order, variant = new_order((None, 1), (None, 1)), make_variant()

    match_line(line_id=order.lines.first().pk, sku=variant.sku, remember=False)

    assert not VariantCode.objects.exists()
    assert Order.objects.get(pk=order.pk).to_check == "no_address,unknown_sku"


def test_a_code_that_means_something_else_is_a_conflict_and_changes_nothing():
    order = new_order((None, 1))
    VariantCode.objects.create(variant=make_variant(), sales_channel=order.sales_channel, code="?")

    with pytest.raises(Conflict):
        match_line(line_id=order.lines.get().pk, sku=make_variant().sku)

    assert order.lines.get().variant is None
    assert sentences(order) == []


def test_matching_is_refused_for_unknown_skus_other_lines_and_held_orders():
    item = make_stock()
    held = make_order((item.variant, 1), shipping=1)
    confirm_orders(order_ids=[held.pk])
    order = new_order((None, 1), shipping=1)

    with pytest.raises(InvalidInput, match="nonsense"):
        match_line(line_id=order.lines.first().pk, sku="nonsense")
    with pytest.raises(InvalidInput, match="Only product lines"):
        match_line(line_id=order.lines.last().pk, sku=item.variant.sku)
    with pytest.raises(DomainError, match="no longer change"):
        match_line(line_id=held.lines.first().pk, sku=make_variant().sku)

    assert order.lines.first().variant is None
    assert held.lines.first().variant == item.variant


def test_the_right_is_needed():
    order, stranger = new_order((None, 1)), make_user(permissions=["orders.change_order"])
    with pytest.raises(NotAllowed):
        accept_orders(order_ids=[order.pk], actor=stranger)
    with pytest.raises(NotAllowed):
        match_line(line_id=order.lines.get().pk, sku="x", actor=stranger)
