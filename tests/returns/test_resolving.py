"""What customers get: exact money in four currencies, replacements that take what was kept, goods that go back."""

import pytest
from django.db.models import Sum

from compliance.models import LegalClock, RefusalGround
from compliance.services import sync_rules
from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from inventory.models import StockHold, StockItem
from orders.models import Order, OrderLine
from orders.services import cancel_order
from payments.models import Refund
from payments.services import approve_refund, send_refund
from returns.models import Finding, RequestKind, Resolution, ReturnRequest
from returns.services import (
    Outcome,
    Terms,
    approve_return,
    reject_pieces,
    reopen_for_cancelled,
    resolve_return,
    send_pieces_back,
)
from tests.factories import make_channel, make_stock, make_user, make_variant
from tests.orders.stories import assert_sound
from tests.returns.making import ask, came_back, make_rule, sold

pytestmark = pytest.mark.django_db
REFUND, EXCHANGE, REPAIR = Resolution.REFUND, Resolution.EXCHANGE, Resolution.REPAIR


@pytest.fixture(autouse=True)
def _rules(db):
    sync_rules()


@pytest.fixture
def item():
    return make_stock(on_hand=20)


@pytest.fixture
def order(item):
    return sold(item, jurisdiction="KR")


def stock(item):
    """Return (on hand, reserved, held)."""
    return StockItem.objects.values_list("on_hand", "reserved", "held").get(pk=item.pk)


def outcomes(request, *wanted, **over):
    """Give the findings of a case these outcomes, in their order."""
    rows = Finding.objects.filter(line__request=request, resolution="").order_by("pk")
    return [
        Outcome(finding_id=one.pk, resolution=what, quantity=one.quantity, **over)
        for one, what in zip(rows, wanted, strict=True)
    ]


@pytest.mark.parametrize(
    ("currency", "price", "total", "shipping", "granted"),
    [
        ("KRW", 10_000, 10_000, 3_000, [3_333, 3_667]),
        ("JPY", 500, 1_000, 300, [333, 367]),
        ("USD", 100, 1_001, 250, [333, 418]),
        ("EUR", 100, 1_999, 499, [666, 834]),
    ],
)
def test_the_share_of_the_line_less_the_way_back(item, currency, price, total, shipping, granted):
    """Of three pieces one is refunded first, without costs, then the other two less the way back."""
    channel = make_channel(currency=currency)
    order = sold(item, 3, sales_channel=channel, country="US", unit_price=price)
    OrderLine.objects.filter(order=order).update(total=total)
    Order.objects.filter(pk=order.pk).update(goods_total=total, total=total, paid_total=total)
    order.payments.update(amount=total)
    order.refresh_from_db()
    found = []
    for pieces, costs in ((1, 0), (2, shipping)):
        request = approve_return(request_id=ask(order, pieces).pk, terms=Terms(return_shipping=costs))
        came_back(request, (pieces, "good"))
        resolve_return(request_id=request.pk, outcomes=outcomes(request, REFUND))
        refund = Refund.objects.latest("pk")
        found.append(refund.amount)
        assert refund.currency == currency
        assert refund.lines.get().amount == refund.amount
    assert found == granted
    assert sum(found) == total - shipping
    assert_sound()


def test_one_good_one_spoiled_one_exchanged(order, item):
    make_rule(currency="KRW", return_shipping=3_000)
    request = came_back(ask(order, 3), (2, "good"), (1, "damaged"), evidence="photo 2: stain")
    good, bad = request.lines.get().findings.order_by("pk")

    resolve_return(
        request_id=request.pk,
        outcomes=[
            Outcome(finding_id=good.pk, resolution=REFUND, quantity=1),
            Outcome(finding_id=good.pk, resolution=EXCHANGE, quantity=1),
            Outcome(finding_id=bad.pk, resolution=REFUND, quantity=1, value_loss=4_000),
        ],
        key="k",
    )

    rows = Finding.objects.order_by("pk").values_list("condition", "resolution", "quantity", "value", "amount")
    assert list(rows) == [
        ("good", "refund", 1, 10_000, 8_125),
        ("damaged", "refund", 1, 10_000, 4_875),
        ("good", "exchange", 1, 10_000, 0),
    ]
    refund = Refund.objects.get()
    assert (refund.amount, refund.reason, refund.order) == (13_000, "changed_mind", order)
    replacement = Order.objects.get(original=order)
    assert (replacement.total, replacement.status, replacement.source) == (0, "to_ship", "replacement")
    assert Finding.objects.get(resolution="exchange").replacement == replacement
    clock = LegalClock.objects.get(rule__code="kr-refund-return")
    assert (clock.amount, clock.settled, clock.stopped_at) == (30_000, 17_000, None)
    assert stock(item) == (20, 1, 1)
    assert_sound()
    approve_refund(refund_id=refund.pk, actor=make_user(permissions=["payments.approve_refund"]))
    send_refund(refund_id=refund.pk)
    clock.refresh_from_db()
    assert clock.stopped_at is not None


def test_it_is_resolved_once(order):
    request = came_back(ask(order), (1, "good"))
    given = outcomes(request, REFUND)
    for _twice in range(2):
        resolve_return(request_id=request.pk, outcomes=given, key="k")
    with pytest.raises(Conflict):
        resolve_return(request_id=request.pk, outcomes=[], key="k")
    with pytest.raises(InvalidTransition):
        resolve_return(request_id=request.pk, outcomes=given)
    assert Refund.objects.count() == 1


def test_nothing_is_kept_of_a_customer_who_is_not_at_fault(order):
    request = came_back(ask(order, reason="late"), (1, "damaged"))
    for over in ({"value_loss": 1, "evidence": "seen"}, {"value_loss": 10_001}, {"refund": 1}):
        with pytest.raises(InvalidInput):
            resolve_return(request_id=request.pk, outcomes=outcomes(request, REFUND, **over))
    with pytest.raises(InvalidInput, match="each of the pieces"):
        resolve_return(request_id=request.pk, outcomes=[])
    assert not Refund.objects.exists()
    assert ReturnRequest.objects.get().state == "inspected"


def test_a_loss_of_value_needs_its_proof(order):
    request = came_back(ask(order), (1, "opened"))
    with pytest.raises(InvalidInput, match="proves"):
        resolve_return(request_id=request.pk, outcomes=outcomes(request, REFUND, value_loss=1_000))
    resolve_return(request_id=request.pk, outcomes=outcomes(request, REFUND, value_loss=1_000, evidence="worn"))
    assert Refund.objects.get().amount == 9_000


def test_the_eu_refund_of_a_whole_order_includes_its_delivery(item):
    order = sold(item, 2, country="DE", jurisdiction="EU", sales_channel=make_channel(currency="EUR"), shipping=590)
    first = came_back(ask(order), (1, "good"))
    resolve_return(request_id=first.pk, outcomes=outcomes(first, REFUND))
    assert Refund.objects.get().amount == 10_000
    second = came_back(ask(order), (1, "good"))
    resolve_return(request_id=second.pk, outcomes=outcomes(second, REFUND))

    refund = Refund.objects.latest("pk")
    assert refund.amount == 10_590
    assert sorted(refund.lines.values_list("order_line__kind", "amount")) == [("product", 10_000), ("shipping", 590)]
    assert_sound()


class TestExchange:
    def test_it_takes_what_was_kept_although_nothing_else_is_there(self, order, item):
        other = make_stock(make_variant(product=item.variant.product), on_hand=1)
        request = ask(order, wish=EXCHANGE, exchange_variant_id=other.variant_id)
        came_back(approve_return(request_id=request.pk), (1, "good"))
        assert stock(other) == (1, 0, 1)

        resolve_return(request_id=request.pk, outcomes=outcomes(request, EXCHANGE))

        replacement = Order.objects.get(original=order)
        assert (replacement.status, replacement.lines.get().variant) == ("to_ship", other.variant)
        assert stock(other) == (1, 1, 0)
        assert not Refund.objects.exists()
        assert LegalClock.objects.get(rule__code="kr-refund-return").stopped_at is not None
        assert_sound()

    def test_a_cancelled_replacement_is_owed_again(self, order, item):
        request = came_back(ask(order, wish=EXCHANGE), (1, "good"))
        resolve_return(request_id=request.pk, outcomes=outcomes(request, EXCHANGE))
        replacement = Order.objects.get(original=order)
        assert reopen_for_cancelled(order_id=replacement.pk) == 0  # it is not cancelled
        cancel_order(order_id=replacement.pk, reason="wants money")

        assert [reopen_for_cancelled(order_id=replacement.pk) for _twice in range(2)] == [1, 0]

        assert ReturnRequest.objects.get().state == "inspected"
        resolve_return(request_id=request.pk, outcomes=outcomes(request, REFUND))
        assert Refund.objects.get().amount == 10_000
        assert stock(item) == (18, 0, 0)
        assert_sound()


class TestGoesBack:
    def test_rejected_by_quality_with_proof_and_ground_it_is_owed_to_the_customer(self, order, item):
        request = came_back(ask(order, 2), (1, "quarantine"), (1, "good"))
        worn = Finding.objects.get(condition="quarantine")
        for over in ({"evidence": ""}, {"evidence": "worn"}, {"evidence": "worn", "ground": RefusalGround.SHOWN_TERM}):
            with pytest.raises(InvalidInput):
                reject_pieces(finding_id=worn.pk, **over)
        with pytest.raises(NotAllowed):
            reject_pieces(
                finding_id=worn.pk, evidence="worn", actor=make_user(permissions=["returns.resolve_returnrequest"])
            )
        reject_pieces(finding_id=worn.pk, evidence="photo 3: worn", ground=RefusalGround.DAMAGED)
        resolve_return(request_id=request.pk, outcomes=outcomes(request, REFUND))

        assert Refund.objects.get().amount == 10_000
        assert ReturnRequest.objects.to_send_back().get() == request
        assert stock(item) == (19, 0, 1)
        send_pieces_back(finding_id=worn.pk, carrier="CJ 77")
        assert stock(item) == (18, 0, 0)
        assert not ReturnRequest.objects.to_send_back().exists()
        with pytest.raises(Conflict):
            send_pieces_back(finding_id=worn.pk)
        assert_sound()

    def test_repaired_goods_go_back_and_no_money(self, order, item):
        request = came_back(ask(order, reason="late", wish=REPAIR), (1, "damaged"))
        resolve_return(request_id=request.pk, outcomes=outcomes(request, REPAIR))
        assert not Refund.objects.exists()
        assert ReturnRequest.objects.to_send_back().count() == 1
        good = came_back(ask(order), (1, "good"))
        with pytest.raises(InvalidInput):
            resolve_return(request_id=good.pk, outcomes=outcomes(good, REPAIR))


def test_a_claim_may_get_money_and_a_replacement(order, item):
    request = ask(order, 2, kind=RequestKind.CLAIM, reason="lost-in-transit")
    request = approve_return(request_id=request.pk)
    resolve_return(request_id=request.pk, outcomes=outcomes(request, EXCHANGE, refund=5_000))
    assert Refund.objects.aggregate(total=Sum("amount"))["total"] == 5_000
    assert Order.objects.get(original=order).lines.get().quantity == 2
    assert not StockHold.objects.exists()
    assert_sound()
