"""Deadlines that people start and end on the order's page, and those of returns that a file tells of."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from compliance.models import ClockEvent, LegalClock
from compliance.services import sync_rules
from core.errors import InvalidInput, NotAllowed
from orders.models import Order, OrderStatus, Return
from orders.services import start_heard_clocks
from orders.services.intake.drafts import LineDraft, OrderDraft, ReturnDraft, SourceState
from orders.services.intake.placing import place_orders
from orders.services.intake.returns import link_returns, place_returns
from tests.admin.pressing import press, said
from tests.factories import make_channel, make_order, make_user
from tests.orders.stories import sentences

pytestmark = pytest.mark.django_db

RIGHTS = ["orders.view_order", "compliance.stop_legalclock", "compliance.view_legalclock"]


@pytest.fixture(autouse=True)
def _rules(db):
    sync_rules()


@pytest.fixture
def clerk(client):
    user = make_user(permissions=RIGHTS)
    client.force_login(user)
    return user


def clocks():
    rows = LegalClock.objects.select_related("rule").order_by("rule__position", "pk")
    return {clock.rule.duty: clock for clock in rows}


def moment(name, at):
    local = timezone.localtime(at)
    return {f"{name}_0": local.date().isoformat(), f"{name}_1": local.time().isoformat("seconds")}


class TestOnTheOrdersPage:
    def test_a_complaint_starts_both_terms_and_the_answer_ends_one(self, client, clerk):
        order = make_order(country="KR", placed_at=timezone.now() - timedelta(days=3))
        heard = timezone.now() - timedelta(days=1)

        answer = press(
            client,
            order,
            "start_deadline",
            event="complaint_received",
            evidence="Mail of yesterday",
            **moment("at", heard),
        )

        assert said(answer) == ["2 deadlines run."]
        running = clocks()
        assert set(running) == {"complaint_progress", "complaint_result"}
        told = [line.partition(": runs until ")[0] for line in sentences(order) if line.endswith("(Mail of yesterday)")]
        assert told == ["Complaint: tell the progress", "Complaint: tell the result"]

        progress = running["complaint_progress"]
        done = {"clock": progress.pk, "evidence": "Answer sent", **moment("at", timezone.now() - timedelta(minutes=1))}
        assert said(press(client, order, "end_deadline", **done))[-1:] == ["Noted as done."]
        assert [(duty, clock.stopped_at is None) for duty, clock in clocks().items()] == [
            ("complaint_progress", False),
            ("complaint_result", True),
        ]

    def test_a_defect_starts_the_customers_thirty_days(self, client, clerk):
        order = make_order(country="KR", placed_at=timezone.now() - timedelta(days=3))
        known = timezone.now() - timedelta(days=1)
        press(client, order, "start_deadline", event="defect_known", evidence="Photos", **moment("at", known))
        assert list(clocks()) == ["defect_known"]

    def test_where_no_law_is_known_there_is_no_button(self, client, clerk):
        order = make_order(country="US")
        press(client, order, "start_deadline", event="defect_known", evidence="Photos", **moment("at", timezone.now()))
        assert not LegalClock.objects.exists()


class TestStarting:
    @pytest.fixture
    def order(self):
        return make_order(country="KR", placed_at=timezone.now() - timedelta(days=3))

    @pytest.mark.parametrize(
        ("event", "days", "evidence"),
        [
            (ClockEvent.PAID, -1, "Mail"),
            (ClockEvent.COMPLAINT_RECEIVED, 1, "Mail"),
            (ClockEvent.COMPLAINT_RECEIVED, -9, "Mail"),
            (ClockEvent.COMPLAINT_RECEIVED, -1, " "),
        ],
    )
    def test_what_is_refused_starts_nothing(self, order, event, days, evidence):
        at = timezone.now() + timedelta(days=days)
        with pytest.raises(InvalidInput):
            start_heard_clocks(order_id=order.pk, event=event, at=at, evidence=evidence)
        assert not LegalClock.objects.exists()

    def test_it_needs_the_right(self, order):
        with pytest.raises(NotAllowed):
            start_heard_clocks(
                order_id=order.pk, event=ClockEvent.COMPLAINT_RECEIVED, at=order.placed_at, evidence="Mail",
                actor=make_user(),
            )  # fmt: skip
        assert not LegalClock.objects.exists()

    def test_the_law_there_must_know_it(self):
        order = make_order(country="JP", placed_at=timezone.now() - timedelta(days=3))
        with pytest.raises(InvalidInput):
            start_heard_clocks(
                order_id=order.pk, event=ClockEvent.COMPLAINT_RECEIVED, at=timezone.now(), evidence="Mail"
            )

    def test_again_answers_with_the_one_that_runs(self, order):
        wanted = {"event": ClockEvent.DEFECT_KNOWN, "at": order.placed_at, "evidence": "Mail"}
        first = start_heard_clocks(order_id=order.pk, **wanted)
        assert start_heard_clocks(order_id=order.pk, **wanted) == first
        assert LegalClock.objects.count() == 1


class TestReturnsOfAFile:
    """Shipped and paid in Korea, and the mall's file tells what came back."""

    RECEIVED = datetime(2026, 11, 17, 10, tzinfo=UTC)

    @pytest.fixture
    def channel(self):
        return make_channel(currency="KRW", country="KR")

    def bring(self, channel, **link):
        line = LineDraft(external_id="1", sku="SHIRT", quantity=2, unit_price=10_000, total=20_000)
        order = OrderDraft(
            external_number="A-1", placed_at=self.RECEIVED - timedelta(days=9), currency="KRW", country="KR",
            is_paid=True, state=SourceState.SHIPPED, customer_code="77", lines=[line],
        )  # fmt: skip
        place_orders(drafts=[order], sales_channel_id=channel.pk, as_history=True, create_missing_variants=True)
        back = LineDraft(external_id="1", sku="SHIRT", quantity=1, unit_price=10_000, total=10_000)
        came = ReturnDraft(
            external_number="R-1", returned_at=self.RECEIVED, currency="KRW", customer_code="77", lines=[back]
        )
        place_returns(drafts=[came], sales_channel_id=channel.pk)
        return link_returns(sales_channel_id=channel.pk, **link)

    def test_the_refund_clock_starts_with_the_receipt_once(self, channel):
        assert self.bring(channel) == 1
        assert link_returns(sales_channel_id=channel.pk) == 0

        document = Return.objects.get()
        clock = LegalClock.objects.select_related("rule").get(rule__duty="refund_return")
        assert (clock.subject_id, clock.started_at, clock.amount) == (document.pk, self.RECEIVED, 10_000)
        assert Order.objects.get().status == OrderStatus.SHIPPED

    def test_what_a_source_tells_of_the_past_runs_no_clock(self, channel):
        assert self.bring(channel, as_history=True) == 1
        assert not LegalClock.objects.exists()
