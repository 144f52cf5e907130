"""Refunds: granted within what was paid, approved by a second person, sent once, or withdrawn."""

import pytest
from django.db import IntegrityError, transaction

from core.errors import DomainError, InvalidInput, InvalidTransition, NotAllowed
from core.models import EventRecord
from orders.models import Order, Payment
from orders.services import record_payment, record_refund
from payments.models import Refund, RefundLimit, RefundLine
from payments.services import approve_refund, grant_refund, send_refund, withdraw_refund
from staff.models import Notification
from tests.factories import make_order, make_user, make_variant
from tests.orders.stories import assert_sound, sentences

pytestmark = pytest.mark.django_db
ALL = ["payments.grant_refund", "payments.grant_large_refund", "payments.send_refund", "orders.record_payment"]


@pytest.fixture(params=["KRW", "JPY", "USD", "EUR"])
def currency(request):
    return request.param


@pytest.fixture
def order(request):
    code = request.getfixturevalue("currency") if "currency" in request.fixturenames else "KRW"
    made = make_order((make_variant(), 2), (make_variant(), 1), currency=code, is_prepaid=True)
    RefundLimit.objects.create(currency=code, agent_amount=1000, alone_amount=2000)
    record_payment(order_id=made.pk, amount=made.total)
    return made


def counts():
    return Refund.objects.count(), RefundLine.objects.count(), Payment.objects.count(), EventRecord.objects.count()


def paid(order):
    return Order.objects.values_list("paid_total", flat=True).get(pk=order.pk)


def test_granted_is_not_sent_and_sent_is_in_the_ledger(order, currency):
    line = order.lines.first()
    refund = grant_refund(order_id=order.pk, amount=700, lines={line.pk: 500}, reason="damaged", key="g")
    assert (refund.state, refund.currency, refund.needs_approval) == ("granted", currency, False)
    assert list(refund.lines.values_list("order_line", "amount", "line_total")) == [(line.pk, 500, line.total)]
    assert paid(order) == order.total

    sent = send_refund(refund_id=refund.pk, method="Bank transfer", key="s")

    assert (sent.state, sent.payment.amount, sent.payment.kind) == ("sent", 700, "refund")
    assert paid(order) == order.total - 700
    assert_sound()


def test_all_open_and_sent_refunds_stay_within_what_was_paid(order):
    send_refund(refund_id=grant_refund(order_id=order.pk, amount=1000).pk)
    grant_refund(order_id=order.pk, amount=1500)
    before = counts()
    with pytest.raises(InvalidInput, match="₩500"):
        grant_refund(order_id=order.pk, amount=501)
    assert counts() == before
    grant_refund(order_id=order.pk, amount=500)
    assert_sound()


@pytest.mark.parametrize("amount", [0, -5, 3001])
def test_nothing_and_more_than_was_paid_are_refused(order, amount):
    before = counts()
    with pytest.raises(InvalidInput):
        grant_refund(order_id=order.pk, amount=amount)
    assert counts() == before


def test_a_line_is_refunded_up_to_its_amount_and_a_withdrawn_promise_is_free_again(order):
    line = order.lines.last()
    first = grant_refund(order_id=order.pk, amount=600, lines={line.pk: 600})
    before = counts()
    with pytest.raises(InvalidInput, match="₩400"):
        grant_refund(order_id=order.pk, amount=900, lines={line.pk: 401})
    with pytest.raises(InvalidInput, match="add up to more"):
        grant_refund(order_id=order.pk, amount=300, lines={line.pk: 301})
    other = make_order((make_variant(), 1))
    with pytest.raises(InvalidInput, match="does not belong"):
        grant_refund(order_id=order.pk, amount=900, lines={other.lines.get().pk: 1})
    assert counts() == before

    withdraw_refund(refund_id=first.pk, note="granted twice")
    grant_refund(order_id=order.pk, amount=1000, lines={line.pk: 1000})
    assert sentences(order)[-2] == "Refund RF-0000001 of ₩600 withdrawn: granted twice"
    assert_sound()


def test_the_database_refuses_what_goes_past_the_service(order):
    row = {"order": order, "currency": "KRW", "reason": "other"}
    kept = Refund.objects.create(number="RF-8", amount=2900, **row)
    line = order.lines.last()
    for wrong in (
        lambda: Refund.objects.create(number="RF-9", amount=101, **row),
        lambda: Refund.objects.filter(pk=kept.pk).update(amount=1),
        lambda: RefundLine.objects.create(refund=kept, order_line=line, amount=1001, line_total=2000, reason="other"),
        lambda: Refund.objects.filter(pk=kept.pk).update(state="sent"),
        lambda: Refund.objects.filter(pk=kept.pk).update(needs_approval=True, state="sending"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()
    boss = make_user()
    with pytest.raises(IntegrityError), transaction.atomic():
        Refund.objects.filter(pk=kept.pk).update(granted_by=boss, approved_by=boss)


def test_the_same_key_and_a_second_sending_move_money_once(order):
    first = grant_refund(order_id=order.pk, amount=700, key="g")
    assert grant_refund(order_id=order.pk, amount=700, key="g") == first
    send_refund(refund_id=first.pk, key="s")
    before = counts()
    send_refund(refund_id=first.pk, key="s")
    send_refund(refund_id=first.pk, key="another")
    assert counts() == before
    assert paid(order) == 2300
    with pytest.raises(InvalidTransition):
        withdraw_refund(refund_id=first.pk)


def test_above_the_limit_somebody_else_approves(order):
    clerk, boss = make_user(permissions=ALL), make_user(permissions=[*ALL, "payments.approve_refund"])
    refund = grant_refund(order_id=order.pk, amount=2001, actor=clerk)
    assert refund.needs_approval
    assert list(Notification.objects.values_list("user", "topic")) == [(boss.pk, "review_asked")]
    before = paid(order)
    with pytest.raises(InvalidTransition, match="second person"):
        send_refund(refund_id=refund.pk, actor=clerk)
    with pytest.raises(NotAllowed):
        approve_refund(refund_id=refund.pk, actor=clerk)
    assert paid(order) == before

    approve_refund(refund_id=refund.pk, actor=boss)
    with pytest.raises(InvalidTransition):
        approve_refund(refund_id=refund.pk, actor=boss)
    assert Notification.objects.get(user=clerk).topic == "approved"
    assert send_refund(refund_id=refund.pk, actor=clerk).sent_by == clerk
    assert sentences(order)[-4:] == [
        "Refund RF-0000001 of ₩2,001 granted: Other; a second person has to approve it",
        "Refund RF-0000001 of ₩2,001 approved",
        "₩2,001 refunded: Other",
        "Refund RF-0000001 of ₩2,001 sent",
    ]


def test_nobody_approves_his_own_and_parts_are_no_way_around(order):
    boss = make_user(permissions=[*ALL, "payments.approve_refund"])
    assert not grant_refund(order_id=order.pk, amount=1500, actor=boss).needs_approval
    refund = grant_refund(order_id=order.pk, amount=501, actor=boss)
    assert refund.needs_approval
    with pytest.raises(NotAllowed, match="yourself"):
        approve_refund(refund_id=refund.pk, actor=boss)


def test_without_a_limit_every_refund_needs_a_second_person(order):
    RefundLimit.objects.all().delete()
    assert grant_refund(order_id=order.pk, amount=1).needs_approval


def test_agents_grant_up_to_their_limit_and_send_nothing(order):
    agent = make_user(permissions=["payments.grant_refund"])
    refund = grant_refund(order_id=order.pk, amount=800, actor=agent)
    before = counts()
    with pytest.raises(NotAllowed, match="₩1,000"):
        grant_refund(order_id=order.pk, amount=201, actor=agent)
    with pytest.raises(NotAllowed):
        send_refund(refund_id=refund.pk, actor=agent)
    with pytest.raises(NotAllowed):
        grant_refund(order_id=order.pk, amount=1, actor=make_user(permissions=["orders.record_payment"]))
    assert counts() == before


def test_money_that_went_back_otherwise_leaves_nothing_to_send(order):
    refund = grant_refund(order_id=order.pk, amount=2000)
    record_refund(order_id=order.pk, amount=1500, external_id="MALL-1")
    before = paid(order)
    with pytest.raises(DomainError):
        send_refund(refund_id=refund.pk)
    assert paid(order) == before
    assert Refund.objects.get().state == "granted"
