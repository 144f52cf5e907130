"""Withdrawals: in time by their own moment, decided once, refused only by a ground of the law."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from compliance.models import RefusalGround
from compliance.services import sync_rules
from core.errors import Conflict, InvalidInput, NotAllowed
from orders.models import Order, Shipment, Withdrawal, WithdrawalWay
from orders.services import (
    WithdrawalRefusal,
    accept_withdrawal,
    record_return,
    record_withdrawal,
    refuse_withdrawal,
)
from tests.factories import make_order, make_stock, make_user
from tests.orders.lawful import PLACED, at, clock, line_of, make_received
from tests.orders.stories import sentences

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _rules(db):
    sync_rules()


@pytest.fixture
def item():
    return make_stock(on_hand=50)


@pytest.fixture
def shipped(item):
    return make_received(item)


def withdraw(order, moment, **over):
    return record_withdrawal(order_id=order.pk, stated_at=moment, way=WithdrawalWay.WRITTEN, **over)


class TestWithdrawals:
    def test_the_moment_of_the_statement_decides(self, shipped):
        inside = withdraw(shipped, at(12, 0) - timedelta(microseconds=1), quantities={line_of(shipped).pk: 1})
        outside = withdraw(shipped, at(12, 0), quantities={line_of(shipped).pk: 1})

        assert [inside.is_in_time, outside.is_in_time] == [True, False]
        assert (inside.total, inside.piece_count, inside.due_at) == (10_000, 1, clock("kr-withdrawal").due_at)
        assert clock("kr-withdrawal").stopped_at == inside.stated_at
        assert sentences(shipped)[-2:] == [
            "The customer withdraws (In writing), in time",
            "The customer withdraws (In writing), after the window",
        ]

    def test_before_the_delivery_it_is_always_in_time(self, item):
        order = make_order((item.variant, 1), placed_at=PLACED, country="KR")
        assert withdraw(order, timezone.now() - timedelta(minutes=1)).is_in_time is True

    def test_where_no_right_is_known_nothing_is_claimed(self, item):
        order = make_order((item.variant, 1), placed_at=PLACED, country="US")
        assert withdraw(order, at(3)).is_in_time is None

    def test_impossible_ones_are_refused(self, shipped):
        line = line_of(shipped)
        for moment, pieces in (
            (PLACED - timedelta(seconds=1), None),
            (timezone.now() + timedelta(hours=1), None),
            (at(5), {line.pk: 4}),
            (at(5), {}),
            (at(5), {line.pk + 999: 1}),
        ):
            with pytest.raises(InvalidInput):
                withdraw(shipped, moment, quantities=pieces)
        with pytest.raises(NotAllowed):
            withdraw(shipped, at(5), actor=make_user())
        assert (Withdrawal.objects.count(), clock("kr-withdrawal").stopped_at) == (0, None)

    def test_the_same_key_is_the_same_withdrawal(self, shipped):
        assert withdraw(shipped, at(5), key="w").pk == withdraw(shipped, at(5), key="w").pk

    @pytest.mark.parametrize(
        ("refusal", "sentence"),
        [
            ({}, "Only the law's exceptions count"),
            ({"ground": RefusalGround.SHOWN_TERM}, "Only the law's exceptions count"),
            ({"ground": RefusalGround.USED}, "Without clear notice"),
            ({"ground": RefusalGround.CUSTOM_MADE, "was_told": True}, "written consent"),
            ({"ground": RefusalGround.DAMAGED, "evidence": " "}, "Say what proves it"),
        ],
    )
    def test_one_in_time_is_not_refused_without_a_ground_of_the_law(self, shipped, refusal, sentence):
        withdrawal = withdraw(shipped, at(5))
        told = len(sentences(shipped))

        with pytest.raises(InvalidInput, match=sentence):
            refuse_withdrawal(
                withdrawal_id=withdrawal.pk, refusal=WithdrawalRefusal(**{"evidence": "Photos", **refusal})
            )

        withdrawal.refresh_from_db()
        assert (withdrawal.decision, withdrawal.ground, len(sentences(shipped))) == ("open", "", told)

    @pytest.mark.parametrize(
        "refusal",
        [
            {"ground": RefusalGround.DAMAGED},
            {"ground": RefusalGround.USED, "was_told": True},
            {"ground": RefusalGround.CUSTOM_MADE, "was_told": True, "has_consent": True},
        ],
    )
    def test_the_laws_own_grounds_hold_with_their_conditions(self, shipped, refusal):
        withdrawal = withdraw(shipped, at(5))
        refused = refuse_withdrawal(
            withdrawal_id=withdrawal.pk, refusal=WithdrawalRefusal(evidence="Photos", **refusal), actor=None
        )
        assert (refused.decision, refused.ground, refused.evidence) == ("refused", refusal["ground"], "Photos")
        with pytest.raises(Conflict):
            accept_withdrawal(withdrawal_id=withdrawal.pk)

    def test_in_the_eu_we_know_of_no_exception(self, item):
        order = make_order((item.variant, 1), placed_at=PLACED, country="FR")
        withdrawal = withdraw(order, at(5))
        with pytest.raises(InvalidInput, match="no exception there"):
            refuse_withdrawal(
                withdrawal_id=withdrawal.pk,
                refusal=WithdrawalRefusal(evidence="Photos", ground=RefusalGround.DAMAGED, was_told=True),
            )

    def test_one_that_came_too_late_needs_only_its_proof(self, shipped):
        withdrawal = withdraw(shipped, at(13))
        refuse_withdrawal(withdrawal_id=withdrawal.pk, refusal=WithdrawalRefusal(evidence="Mail of the 13th"))
        assert sentences(shipped)[-1] == "Withdrawal refused: after the window (Mail of the 13th)"

    def test_accepting_needs_the_right_and_is_said(self, shipped):
        withdrawal = withdraw(shipped, at(5))
        with pytest.raises(NotAllowed):
            accept_withdrawal(withdrawal_id=withdrawal.pk, actor=make_user())
        accept_withdrawal(withdrawal_id=withdrawal.pk, actor=make_user(permissions=["orders.decide_withdrawal"]))
        assert sentences(shipped)[-1] == "Withdrawal accepted"

    @pytest.mark.parametrize(("stated", "came", "answer"), [(5, 20, True), (13, 20, False), (None, 20, None)])
    def test_a_return_is_in_time_by_its_statement(self, shipped, stated, came, answer):
        if stated:
            withdraw(shipped, at(stated))
        record_return(order_id=shipped.pk, quantities={line_of(shipped).pk: 1}, at=at(came))
        said = sentences(shipped)[-1]
        assert said.endswith("(after the window to withdraw)") == (answer is False)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"decision": "refused", "decided_at": PLACED, "evidence": "x"}, "refused_lawfully"),
        ({"decision": "refused", "decided_at": PLACED, "ground": "used"}, "refused_lawfully"),
        ({"decision": "accepted"}, "decided"),
        ({"ground": "used"}, "decided"),
        ({"ground": "mood", "decision": "accepted", "decided_at": PLACED}, "ground_valid"),
        ({"way": "pigeon"}, "way_valid"),
        ({"decision": "maybe", "decided_at": PLACED}, "decision_valid"),
        ({"piece_count": 0}, "pieces_positive"),
    ],
)
def test_the_database_refuses_withdrawals(shipped, change, name):
    withdraw(shipped, at(5))
    with pytest.raises(IntegrityError, match=f"orders_withdrawal_{name}"), transaction.atomic():
        Withdrawal.objects.update(**change)


def test_the_database_refuses_a_delivery_that_nobody_told(shipped):
    for change, name in (
        ({"delivery_source": ""}, "delivery_told"),
        ({"delivered_at": None}, "delivery_told"),
        ({"delivery_source": "rumour"}, "source_valid"),
    ):
        with pytest.raises(IntegrityError, match=f"orders_shipment_{name}"), transaction.atomic():
            Shipment.objects.update(**change)
    with pytest.raises(IntegrityError, match="orders_order_jurisdiction_valid"), transaction.atomic():
        Order.objects.update(jurisdiction="US")
