"""From the first word to the inspection: what may be asked, what is kept, what the law makes of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from compliance.models import LegalClock, RefusalGround
from compliance.services import sync_rules
from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from core.models import EventRecord
from inventory.models import StockHold, StockItem
from orders.models import Return, ReturnCondition, Withdrawal
from orders.services import record_return
from returns.models import Finding, RequestKind, RequestLine, Resolution, ReturnRequest
from returns.services import (
    Found,
    LineWish,
    RequestRefusal,
    Terms,
    approve_return,
    call_off_return,
    cancel_exchange,
    inspect_return,
    note_return_sent,
    open_return,
    receive_return,
    refuse_return,
    release_late_exchanges,
)
from tests.factories import make_stock, make_user, make_variant
from tests.orders.stories import assert_sound
from tests.returns.making import ask, came_back, make_reason, make_rule, sold

pytestmark = pytest.mark.django_db


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


class TestAsking:
    def test_a_change_of_mind_in_time_is_a_withdrawal(self, order):
        request = ask(order, 2)

        assert (request.number, request.state, request.currency) == ("RC-0000001", "requested", "KRW")
        stated = request.withdrawal
        assert (stated.is_in_time, stated.piece_count, stated.total, stated.way) == (True, 2, 20_000, "phone")
        assert_sound()

    def test_an_exchange_and_a_country_without_a_right_state_nothing(self, item):
        assert ask(sold(item, jurisdiction="KR"), wish=Resolution.EXCHANGE).withdrawal is None
        assert ask(sold(item, country="US")).withdrawal is None

    def test_never_more_than_the_customer_has_and_no_case_speaks_for(self, order):
        ask(order, 2)
        for pieces in (0, 2, 4):
            with pytest.raises(InvalidInput):
                ask(order, pieces)
        record_return(order_id=order.pk, quantities={order.lines.get().pk: 1})
        with pytest.raises(InvalidInput, match="Only 0 pieces"):
            ask(order, 1)
        assert ReturnRequest.objects.count() == 1

    def test_the_same_key_opens_once(self, order):
        wish = LineWish(line_id=order.lines.get().pk, quantity=1, reason_id=make_reason().pk)
        given = {"order_id": order.pk, "asked_at": timezone.now(), "asked_through": "phone", "key": "k"}
        first = open_return(lines=[wish], **given)

        assert open_return(lines=[wish], **given) == first
        with pytest.raises(Conflict):
            open_return(lines=[LineWish(line_id=wish.line_id, quantity=2, reason_id=wish.reason_id)], **given)
        assert ReturnRequest.objects.count() == 1

    def test_the_rule_is_pinned_and_asked_for_what_the_law_leaves_open(self, item):
        rule = make_rule(allows_refund=False)
        late = sold(item, jurisdiction="KR", days_ago=20)

        with pytest.raises(InvalidInput, match=r"“Everything” does not allow this: Refund\."):
            ask(late)
        assert ask(late, wish=Resolution.EXCHANGE).lines.get().rule == rule
        assert ask(sold(item, jurisdiction="KR")).lines.get().rule == rule  # in time the law gives the money

    def test_the_right_is_needed(self, order):
        with pytest.raises(NotAllowed):
            ask(order, actor=make_user())
        assert not ReturnRequest.objects.exists()
        assert ask(order, actor=make_user(permissions=["returns.open_returnrequest"])).opened_by is not None


class TestDeciding:
    def test_in_time_it_is_refused_only_by_a_ground_of_the_law(self, order):
        request = ask(order)
        for refusal in (
            RequestRefusal(reason="We do not like to"),
            RequestRefusal(reason="Worn", ground=RefusalGround.USED),  # not told before the order
            RequestRefusal(reason="Shown", ground=RefusalGround.SHOWN_TERM, was_told=True),  # the Japanese one
        ):
            with pytest.raises(InvalidInput):
                refuse_return(request_id=request.pk, refusal=refusal)
        assert ReturnRequest.objects.get().state == "requested"

        refuse_return(
            request_id=request.pk, refusal=RequestRefusal(reason="Worn", ground=RefusalGround.USED, was_told=True)
        )

        assert ReturnRequest.objects.values_list("state", "refusal", "ground").get() == ("refused", "Worn", "used")
        assert Withdrawal.objects.values_list("decision", "ground", "evidence").get() == ("refused", "used", "Worn")

    def test_too_late_a_reason_is_enough_and_the_pieces_are_free_again(self, item):
        order = sold(item, jurisdiction="KR", days_ago=30)
        request = ask(order, 3)
        refuse_return(request_id=request.pk, refusal=RequestRefusal(reason="Thirty days"))
        assert ask(order, 3).number == "RC-0000002"

    def test_costs_are_those_of_the_rule_and_never_against_the_law(self, order):
        make_rule(currency="KRW", return_shipping=3_000, fee=1_000)
        request = ask(order)
        with pytest.raises(InvalidInput, match="no fee may be kept"):
            approve_return(request_id=request.pk, terms=Terms(fee=500))

        request = approve_return(request_id=request.pk)

        assert (request.state, request.return_shipping, request.fee) == ("approved", 3_000, 0)
        assert request.withdrawal.decision == "accepted"
        ours = ask(order, reason="late", at=timezone.now())
        with pytest.raises(InvalidInput, match="not at fault"):
            approve_return(request_id=ours.pk, terms=Terms(return_shipping=3_000))
        assert approve_return(request_id=ours.pk).return_shipping == 0

    def test_photos_are_asked_before_it_is_approved(self, order):
        request = ask(order, reason="defective")
        with pytest.raises(InvalidInput, match="needs photos"):
            approve_return(request_id=request.pk)
        assert ReturnRequest.objects.get().state == "requested"

    def test_called_off_the_pieces_may_be_asked_back_again(self, order):
        request = approve_return(request_id=ask(order, 3).pk)
        note_return_sent(request_id=request.pk, carrier="CJ", tracking_number="123")
        call_off_return(request_id=request.pk, note="phone: it fits")

        assert ReturnRequest.objects.get(pk=request.pk).state == "called_off"
        assert ask(order, 3).state == "requested"
        with pytest.raises(InvalidTransition):
            call_off_return(request_id=request.pk, note="again")


class TestExchange:
    def test_the_pieces_are_kept_from_the_promise_on(self, order, item):
        request = approve_return(request_id=ask(order, 2, wish=Resolution.EXCHANGE).pk)

        hold = StockHold.objects.get()
        assert (hold.kind, hold.quantity, hold.reference) == ("exchange", 2, request.number)
        assert stock(item) == (17, 0, 2)
        assert_sound()

    def test_what_is_not_there_is_not_promised(self, order, item):
        other = make_stock(make_variant(product=item.variant.product), on_hand=1)
        request = ask(order, 2, wish=Resolution.EXCHANGE, exchange_variant_id=other.variant_id)
        with pytest.raises(InvalidInput, match="1 available"):
            approve_return(request_id=request.pk)
        assert ReturnRequest.objects.get().state == "requested"
        assert not StockHold.objects.exists()

    def test_goods_that_do_not_come_free_it_again(self, order, item):
        request = approve_return(request_id=ask(order, 2, wish=Resolution.EXCHANGE).pk, terms=Terms(days=3))
        assert release_late_exchanges() == 0
        assert release_late_exchanges(now=timezone.now() + timedelta(days=4)) == 1
        assert release_late_exchanges(now=timezone.now() + timedelta(days=4)) == 0
        assert stock(item) == (17, 0, 0)
        assert ReturnRequest.objects.get().state == "approved"
        assert request.lines.get().held_until is None

    def test_money_instead_frees_it(self, order, item):
        request = approve_return(request_id=ask(order, 2, wish=Resolution.EXCHANGE).pk)
        line = cancel_exchange(line_id=request.lines.get().pk)
        assert (line.wish, line.held_until, stock(item)) == ("refund", None, (17, 0, 0))
        with pytest.raises(InvalidInput):
            cancel_exchange(line_id=line.pk)
        assert EventRecord.objects.filter(name="returns.exchange_ended").count() == 1

    def test_money_instead_needs_the_right_and_an_open_case(self, order, item):
        request = approve_return(request_id=ask(order, 2, wish=Resolution.EXCHANGE).pk)
        pk = request.lines.get().pk
        with pytest.raises(NotAllowed):
            cancel_exchange(line_id=pk, actor=make_user(permissions=["returns.open_returnrequest"]))
        call_off_return(request_id=request.pk, note="it fits")
        with pytest.raises(InvalidTransition):
            cancel_exchange(line_id=pk)
        assert (RequestLine.objects.get().wish, stock(item)) == ("exchange", (17, 0, 0))

    def test_money_instead_of_what_came_and_not_of_what_is_replaced(self, order, item):
        request = came_back(ask(order, 2, wish=Resolution.EXCHANGE), (2, "good"))
        Finding.objects.update(replacement=sold(item, jurisdiction="KR"))
        line = request.lines.get()
        with pytest.raises(InvalidInput, match="ordered already"):
            cancel_exchange(line_id=line.pk)
        Finding.objects.update(replacement=None)
        assert RequestLine.objects.get().wish == "exchange"
        assert cancel_exchange(line_id=line.pk).wish == "refund"


class TestComingBack:
    def test_received_pieces_wait_in_quarantine_and_the_law_counts(self, order, item):
        request = approve_return(request_id=ask(order, 3).pk)
        line = request.lines.get()

        receive_return(request_id=request.pk, counts={line.pk: 2}, key="k")
        receive_return(request_id=request.pk, counts={line.pk: 2}, key="k")

        line = RequestLine.objects.get()
        assert (line.received_count, Return.objects.get()) == (2, line.return_record)
        assert stock(item) == (19, 0, 2)
        clock = LegalClock.objects.get(rule__code="kr-refund-return")
        assert (clock.amount, clock.stopped_at) == (20_000, None)
        assert ask(order, 1).number == "RC-0000002"  # the third piece never came
        assert_sound()

    def test_each_piece_goes_where_its_condition_says(self, order, item):
        request = came_back(ask(order, 3), (1, "good"), (1, "damaged"), (1, "not_kept"), evidence="see photos")

        assert request.state == "inspected"
        assert list(Finding.objects.values_list("quantity", "condition", "value")) == [
            (1, "good", 10_000), (1, "damaged", 10_000), (1, "not_kept", 10_000),
        ]  # fmt: skip
        assert stock(item) == (19, 0, 1)
        assert [hold.kind for hold in StockHold.objects.all() if hold.held] == ["damaged"]
        assert_sound()

    def test_the_rule_says_as_what_good_pieces_come_back(self, order, item):
        make_rule(restocks_as=ReturnCondition.OPENED)
        came_back(ask(order, 2), (2, "good"))
        assert stock(item) == (19, 0, 2)
        assert [hold.kind for hold in StockHold.objects.all() if hold.held] == ["opened"]

    def test_every_piece_is_looked_at_once(self, order):
        request = approve_return(request_id=ask(order, 3).pk)
        line = request.lines.get()
        with pytest.raises(InvalidInput, match="Receive the goods first"):
            inspect_return(request_id=request.pk, findings=[])
        receive_return(request_id=request.pk, counts={line.pk: 3})
        for quantity in (2, 4):
            found = Found(line_id=line.pk, quantity=quantity, condition=ReturnCondition.GOOD)
            with pytest.raises(InvalidInput, match="3 came back"):
                inspect_return(request_id=request.pk, findings=[found])
        assert not Finding.objects.exists()

    def test_the_right_to_inspect_is_enough(self, order):
        request = approve_return(request_id=ask(order).pk)
        counts = {request.lines.get().pk: 1}
        with pytest.raises(NotAllowed):
            receive_return(
                request_id=request.pk, counts=counts, actor=make_user(permissions=["returns.decide_returnrequest"])
            )
        receive_return(
            request_id=request.pk, counts=counts, actor=make_user(permissions=["returns.inspect_returnrequest"])
        )
        assert Return.objects.count() == 1


def test_a_claim_needs_no_goods_and_its_value_is_the_lines_share(order):
    with pytest.raises(InvalidInput, match="no reason to claim"):
        ask(order, kind=RequestKind.CLAIM)
    request = ask(order, 2, kind=RequestKind.CLAIM, reason="lost-in-transit")
    request = approve_return(request_id=request.pk)
    assert request.state == "inspected"
    assert Finding.objects.values_list("quantity", "condition", "value").get() == (2, "not_kept", 20_000)
    with pytest.raises(InvalidInput, match="Only 1 pieces"):
        ask(order, 2)
    assert not Return.objects.exists()
    assert_sound()
