"""Deadlines: begun once, stopped once with proof, moved only by law, late to the day and to the won."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.utils import timezone

from compliance.models import ClockEvent, LegalClock, LegalRule
from compliance.selectors.clocks import clocks_of, duties_of, is_in_time, late, near, running_duties, standing
from compliance.services import (
    Start,
    Stop,
    extend_clock,
    judge_clocks,
    restart_clock,
    settle_clocks,
    start_clock,
    start_clocks,
    stop_clock,
    stop_clocks,
)
from compliance.tasks import judge_all_clocks
from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from core.events import sentences_of
from core.models import EventRecord
from staff.models import Role, User
from tests.compliance.making import make_legal_rule
from tests.factories import make_user

pytestmark = pytest.mark.django_db

SEOUL = ZoneInfo("Asia/Seoul")
RECEIVED = datetime(2026, 11, 17, 10, tzinfo=SEOUL)  # a Tuesday: due on Friday the 20th
DUE = datetime(2026, 11, 20, 23, 59, 59, 999999, tzinfo=SEOUL)


def day(text, hour=12):
    return datetime.fromisoformat(text).replace(hour=hour, tzinfo=SEOUL)


def begin(*subjects, event=ClockEvent.RETURN_RECEIVED, **over):
    """Start clocks for users (any row will do), as for returns of 30,000 won."""
    defaults = {
        "jurisdiction": "KR", "country": "KR", "contract_on": date(2026, 11, 1), "at": RECEIVED,
        "amount": 30_000, "currency": "KRW",
    }  # fmt: skip
    starts = [Start(subject_id=one.pk, label=f"R-{one.pk}", **{**defaults, **over}) for one in subjects]
    return start_clocks(event=event, model=User, starts=starts)


def the_clock():
    return LegalClock.objects.select_related("rule").get()


def said():
    return sentences_of(list(EventRecord.objects.order_by("pk")))


class TestStarting:
    def test_an_event_starts_what_the_law_of_the_place_says(self):
        rule = make_legal_rule()
        make_legal_rule(code="jp-test", jurisdiction="JP")
        make_legal_rule(code="kr-else", duty="ship_prepaid", starts_by="paid")
        user = make_user()

        assert begin(user) == 1

        clock = the_clock()
        assert (clock.rule, clock.subject_id, clock.subject_label) == (rule, user.pk, f"R-{user.pk}")
        assert (clock.started_at, clock.due_at, clock.country) == (RECEIVED, DUE, "KR")
        assert (clock.amount, clock.currency, clock.settled, clock.stopped_at) == (30_000, "KRW", 0, None)

    def test_again_changes_nothing(self):
        make_legal_rule()
        user = make_user()
        begin(user)

        assert begin(user, at=RECEIVED + timedelta(days=3), amount=5) == 0
        assert (the_clock().due_at, the_clock().amount) == (DUE, 30_000)

    def test_the_day_of_the_contract_chooses_the_version(self):
        old = make_legal_rule(valid_until=date(2026, 10, 31))
        new = make_legal_rule(code="kr-new", count=5, valid_from=date(2026, 11, 1))
        first, second, third = make_user(), make_user(), make_user()

        begin(first, contract_on=date(2026, 10, 31))
        begin(second, contract_on=date(2026, 11, 1))
        begin(third, jurisdiction="")

        rules = dict(LegalClock.objects.values_list("subject_id", "rule_id"))
        assert rules == {first.pk: old.pk, second.pk: new.pk}

    def test_a_rule_changed_later_leaves_running_clocks_alone(self):
        make_legal_rule()
        begin(make_user())
        LegalRule.objects.update(count=10)
        assert the_clock().due_at == DUE

    def test_a_window_follows_the_last_parcel(self):
        make_legal_rule(duty="withdrawal", kind="window", count=7, unit="day", starts_by="delivered",
                        stops_by="withdrawal_stated", interest_percent=None)  # fmt: skip
        user = make_user()
        begin(user, event=ClockEvent.DELIVERED, at=day("2026-11-10"))

        assert begin(user, event=ClockEvent.DELIVERED, at=day("2026-11-12")) == 1
        assert begin(user, event=ClockEvent.DELIVERED, at=day("2026-11-11")) == 0
        assert the_clock().due_at == day("2026-11-20", 0) - timedelta(microseconds=1)

    def test_the_number_of_statements_does_not_grow(self, django_assert_num_queries):
        make_legal_rule()
        ContentType.objects.get_for_model(User)
        users = [make_user() for _ in range(12)]
        with django_assert_num_queries(5):
            begin(*users[:2])
        with django_assert_num_queries(5):
            begin(*users[2:])

    def test_by_hand_it_needs_evidence_and_the_right(self):
        rule = make_legal_rule()
        start = Start(subject_id=make_user().pk, label="O-1", jurisdiction="KR", country="KR",
                      contract_on=date(2026, 11, 1), at=RECEIVED)  # fmt: skip
        keeper = make_user(permissions=["compliance.stop_legalclock"])
        with pytest.raises(NotAllowed):
            start_clock(rule_id=rule.pk, model=User, start=start, evidence="Mail", actor=make_user())
        with pytest.raises(InvalidInput):
            start_clock(rule_id=rule.pk, model=User, start=start, evidence=" ", actor=keeper)
        other = make_legal_rule(code="jp-test", jurisdiction="JP")
        with pytest.raises(InvalidInput):
            start_clock(rule_id=other.pk, model=User, start=start, evidence="Mail", actor=keeper)
        assert (LegalClock.objects.count(), said()) == (0, [])

        clock = start_clock(rule_id=rule.pk, model=User, start=start, evidence="Mail", actor=keeper)

        assert start_clock(rule_id=rule.pk, model=User, start=start, evidence="Mail", actor=keeper) == clock
        assert said() == ["Refund after a return: runs until 2026-11-20 (Mail)"]


class TestStopping:
    def test_in_time_it_costs_nothing_and_says_nothing(self):
        make_legal_rule()
        user = make_user()
        begin(user)

        stops = {user.pk: Stop(at=DUE, evidence="Refund 7")}
        assert stop_clocks(event=ClockEvent.REFUND_PAID, model=User, stops=stops) == 1
        assert stop_clocks(event=ClockEvent.REFUND_PAID, model=User, stops=stops) == 0

        clock = the_clock()
        assert (clock.stopped_at, clock.evidence, clock.breach_cost) == (DUE, "Refund 7", 0)
        assert said() == []

    def test_another_event_stops_nothing(self):
        make_legal_rule()
        user = make_user()
        begin(user)
        stops = {user.pk: Stop(at=DUE, evidence="S-1")}
        assert stop_clocks(event=ClockEvent.DISPATCHED, model=User, stops=stops) == 0

    def test_a_late_one_keeps_its_interest_and_tells_it(self):
        make_legal_rule()
        user = make_user()
        begin(user)

        stop_clocks(
            event=ClockEvent.REFUND_PAID, model=User, stops={user.pk: Stop(at=day("2026-11-24"), evidence="Refund 7")}
        )

        assert the_clock().breach_cost == 49  # 30,000 × 15 % × 4 days of 365
        assert said() == ["Refund after a return: done (Refund 7), 4 days late, interest of ₩49"]

    def test_money_in_parts_bears_the_interest_of_its_own_days(self):
        make_legal_rule()
        begin(make_user(), amount=1_000_000)
        clock = the_clock()

        part = Stop(at=day("2026-11-24"), evidence="Refund 7")
        assert settle_clocks(clock_ids=[clock.pk], amount=400_000, stop=part) == 0
        clock = the_clock()
        assert (clock.settled, clock.stopped_at) == (400_000, None)
        at_ten = standing(clock, day("2026-11-30"))
        assert (at_ten.owed, at_ten.cost, at_ten.per_day) == (600_000, 3_123, 247)  # 400,000 × 4 + 600,000 × 10 days

        rest = Stop(at=day("2026-11-30"), evidence="Refund 8")
        assert settle_clocks(clock_ids=[clock.pk], amount=650_000, stop=rest) == 50_000
        clock = the_clock()
        assert (clock.settled, clock.breach_cost, clock.evidence) == (1_000_000, 3_123, "Refund 8")
        assert standing(clock).cost == 3_123

    def test_money_goes_to_the_earliest_due_first(self):
        make_legal_rule()
        first, second = make_user(), make_user()
        begin(second, at=RECEIVED + timedelta(days=1))
        begin(first)
        ids = list(LegalClock.objects.values_list("pk", flat=True))

        settle_clocks(clock_ids=ids, amount=40_000, stop=Stop(at=DUE, evidence="Refund 7"))

        settled = dict(LegalClock.objects.values_list("subject_id", "settled"))
        assert settled == {first.pk: 30_000, second.pk: 10_000}

    def test_by_hand_it_needs_evidence_a_true_moment_and_the_right(self):
        make_legal_rule()
        begin(make_user(), at=timezone.now() - timedelta(days=1))
        pk = the_clock().pk
        keeper = make_user(permissions=["compliance.stop_legalclock"])
        with pytest.raises(NotAllowed):
            stop_clock(clock_id=pk, evidence="Receipt", actor=make_user())
        with pytest.raises(InvalidInput):
            stop_clock(clock_id=pk, evidence=" ", actor=keeper)
        for moment in (timezone.now() - timedelta(days=2), timezone.now() + timedelta(hours=1)):
            with pytest.raises(InvalidInput):
                stop_clock(clock_id=pk, evidence="Receipt", at=moment, actor=keeper)
        assert (the_clock().stopped_at, said()) == (None, [])

        stop_clock(clock_id=pk, evidence="Receipt", actor=keeper)

        assert (the_clock().evidence, the_clock().breach_cost) == ("Receipt", 0)
        assert said() == ["Refund after a return: done (Receipt)"]
        with pytest.raises(Conflict):
            stop_clock(clock_id=pk, evidence="Again", actor=keeper)


class TestMoving:
    def test_what_the_law_does_not_let_be_moved_stays(self):
        make_legal_rule()
        begin(make_user())
        pk = the_clock().pk
        with pytest.raises(InvalidTransition):
            extend_clock(clock_id=pk, reason="Please")
        with pytest.raises(InvalidTransition):
            restart_clock(clock_id=pk, at=RECEIVED + timedelta(hours=1), reason="Please")
        assert (the_clock().due_at, said()) == (DUE, [])

    def test_an_agreed_day_overrides_and_must_be_later(self):
        make_legal_rule(duty="ship_prepaid", extension="agreed", interest_percent=None)
        begin(make_user(), amount=None)
        pk = the_clock().pk
        for reason, until in ((" ", day("2026-12-01")), ("By phone", None), ("By phone", day("2026-11-20"))):
            with pytest.raises(InvalidInput):
                extend_clock(clock_id=pk, reason=reason, until=until)
        assert the_clock().due_at == DUE
        with pytest.raises(NotAllowed):
            extend_clock(clock_id=pk, reason="By phone", until=day("2026-12-01"), actor=make_user())

        extend_clock(clock_id=pk, reason="By phone", until=day("2026-12-01"))

        assert the_clock().due_at == day("2026-12-02", 0) - timedelta(microseconds=1)
        assert said() == ["Ship what is paid: runs until 2026-12-01 now (By phone)"]

    def test_what_the_law_grants_once_it_grants_once(self):
        make_legal_rule(
            code="eu-test", jurisdiction="EU", duty="withdrawal", kind="window", count=14, unit="day",
            extension="fixed", extension_count=12, extension_unit="month", interest_percent=None
        )  # fmt: skip
        begin(make_user(), jurisdiction="EU", country="DE", amount=None)
        pk = the_clock().pk

        extend_clock(clock_id=pk, reason="Not informed")

        berlin = ZoneInfo("Europe/Berlin")
        assert the_clock().due_at == datetime(2027, 12, 1, 23, 59, 59, 999999, tzinfo=berlin)
        with pytest.raises(InvalidTransition):
            extend_clock(clock_id=pk, reason="Not informed")

    def test_a_hindered_customer_begins_anew(self):
        make_legal_rule(duty="withdrawal", kind="window", count=7, unit="day", may_restart=True, interest_percent=None)
        begin(make_user(), at=day("2026-11-10"), amount=None)
        pk = the_clock().pk
        for at in (day("2026-11-10"), timezone.now() + timedelta(days=1)):
            with pytest.raises(InvalidInput):
                restart_clock(clock_id=pk, at=at, reason="The address was missing")

        restart_clock(clock_id=pk, at=day("2026-11-15"), reason="The address was missing")

        clock = the_clock()
        assert (clock.started_at, clock.moved_because) == (day("2026-11-15"), "The address was missing")
        assert clock.due_at == day("2026-11-23", 0) - timedelta(microseconds=1)


class TestJudging:
    def test_a_missed_duty_is_said_once(self):
        make_legal_rule()
        begin(make_user())

        assert judge_clocks(now=DUE) == 0
        assert judge_clocks(now=DUE + timedelta(microseconds=1)) == 1
        assert judge_clocks(now=DUE + timedelta(days=3)) == 0
        assert said() == ["Legal deadline missed: Refund after a return; interest runs on ₩30,000"]

    def test_a_window_that_passed_is_no_breach(self):
        make_legal_rule(kind="window", interest_percent=None)
        begin(make_user())
        assert judge_clocks(now=DUE + timedelta(days=1)) == 0

    def test_the_task_goes_through_all(self):
        make_legal_rule()
        begin(make_user(), make_user(), at=timezone.now() - timedelta(days=30))
        assert judge_all_clocks() == 2
        assert judge_all_clocks() == 0


class TestReading:
    def test_what_is_near_and_what_is_late(self):
        make_legal_rule()
        make_legal_rule(code="kr-window", duty="withdrawal", kind="window", interest_percent=None)
        begin(make_user())

        def found(condition):
            return LegalClock.objects.filter(condition).count()

        assert [found(near(now)) for now in (day("2026-11-18"), day("2026-11-19"), DUE)] == [0, 1, 1]
        after = DUE + timedelta(seconds=1)
        assert (found(near(after)), found(late(DUE)), found(late(after))) == (0, 0, 1)
        assert running_duties().count() == 1

    def test_each_role_sees_what_it_keeps(self):
        make_legal_rule()
        begin(make_user())
        assert [running_duties([role]).count() for role in (Role.ACCOUNTANT, Role.WAREHOUSE, Role.EC_MANAGER)] == [
            1,
            0,
            1,
        ]
        assert duties_of([Role.DESIGNER]) == []
        assert duties_of([Role.WAREHOUSE]) == ["ship_prepaid", "ship_ordered"]

    def test_the_clocks_of_a_row_show_those_that_run_first(self):
        make_legal_rule()
        make_legal_rule(code="kr-else", duty="refund_statement", count=1)
        user = make_user()
        begin(user)
        first = LegalClock.objects.order_by("due_at").first()
        stop_clock(clock_id=first.pk, evidence="x", at=RECEIVED)
        assert [clock.rule.code for clock in clocks_of({User: [user.pk]})] == ["kr-test", "kr-else"]

    def test_a_statement_of_the_last_moment_is_in_time(self):
        make_legal_rule()
        begin(make_user())
        clock = the_clock()
        answers = [is_in_time(clock, moment) for moment in (DUE, DUE + timedelta(microseconds=1))]
        assert [*answers, is_in_time(None, DUE + timedelta(days=900))] == [True, False, True]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"due_at": RECEIVED - timedelta(seconds=1)}, "forward"),
        ({"stopped_at": RECEIVED}, "stop_proved"),
        ({"evidence": "x"}, "stop_proved"),
        ({"stopped_at": RECEIVED - timedelta(days=1), "evidence": "x"}, "stop_proved"),
        ({"settled": 30_001}, "money_fits"),
        ({"currency": "XXX"}, "money_fits"),
        ({"amount": 0}, "money_fits"),
    ],
)
def test_the_database_refuses(change, name):
    make_legal_rule()
    begin(make_user())
    with pytest.raises(IntegrityError, match=f"compliance_legalclock_{name}"), transaction.atomic():
        LegalClock.objects.update(**change)


def test_a_subject_has_one_clock_of_a_rule():
    make_legal_rule()
    begin(make_user())
    clock = the_clock()
    clock.pk = None
    with pytest.raises(IntegrityError, match="compliance_legalclock_once"), transaction.atomic():
        clock.save(force_insert=True)
