"""The bell: missed and nearly missed duties, each once, to who keeps them, in the reader's words."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import translation

from compliance.models import ClockEvent, LegalClock
from compliance.services import Start, judge_clocks, start_clocks, stop_clock, warn_of_clocks
from compliance.services.clocks.telling import APART
from compliance.tasks import warn_of_all_clocks
from staff.models import Notification, Role, User
from staff.selectors.notifications import lines_of
from tests.compliance.making import make_legal_rule
from tests.factories import make_user

pytestmark = pytest.mark.django_db

DUE = datetime(2026, 11, 20, 14, 59, 59, 999999, tzinfo=UTC)  # the end of the 20th in Seoul
VIEW = "compliance.view_legalclock"


@pytest.fixture
def rule():
    return make_legal_rule(name_ko="환급", name_ja="返金")


def make_keeper(role, *permissions):
    user = make_user(permissions=list(permissions or [VIEW]))
    user.groups.add(Group.objects.get_or_create(name=role.value)[0])
    return user


def begin(count=1):
    starts = [
        Start(
            subject_id=make_user().pk, label=f"R-{i}", jurisdiction="KR", country="KR", contract_on=date(2026, 11, 1),
            at=datetime(2026, 11, 17, 1, tzinfo=UTC), amount=30_000, currency="KRW",
        )
        for i in range(count)
    ]  # fmt: skip
    start_clocks(event=ClockEvent.RETURN_RECEIVED, model=User, starts=starts)
    return list(LegalClock.objects.order_by("pk"))


def told(user):
    return [
        (line.topic, line.text, line.url) for line in lines_of(Notification.objects.filter(user=user).order_by("pk"))
    ]


class TestMissed:
    def test_who_keeps_it_and_the_manager_hear_of_it_once(self, rule):
        lead, manager = make_keeper(Role.CS_LEAD), make_keeper(Role.EC_MANAGER)
        others = [make_keeper(Role.WAREHOUSE), make_keeper(Role.CS_LEAD, "compliance.view_legalrule")]
        [clock] = begin()

        judge_clocks(now=DUE + timedelta(hours=1))
        judge_clocks(now=DUE + timedelta(days=2))

        url = reverse("admin:compliance_legalclock_change", args=[clock.pk])
        assert told(lead) == told(manager) == [("overdue", "R-0: Legal deadline missed: Refund", url)]
        assert [told(user) for user in others] == [[], []]

    def test_it_is_said_in_the_readers_language(self, rule):
        lead = make_keeper(Role.CS_LEAD)
        begin()
        judge_clocks(now=DUE + timedelta(hours=1))
        with translation.override("ja"):
            assert "返金" in told(lead)[0][1]

    def test_many_at_once_are_a_number(self, rule):
        lead = make_keeper(Role.CS_LEAD)
        begin(APART + 1)

        judge_clocks(now=DUE + timedelta(hours=1))

        url = reverse("admin:compliance_legalclock_changelist")
        assert told(lead) == [("overdue", "6 legal deadlines missed: Refund", url)]

    def test_what_was_done_in_time_rings_nothing(self, rule):
        lead = make_keeper(Role.CS_LEAD)
        [clock] = begin()
        stop_clock(clock_id=clock.pk, evidence="Receipt 4711", at=DUE - timedelta(days=1))

        judge_clocks(now=DUE + timedelta(hours=1))

        assert told(lead) == []


class TestNear:
    def test_each_clock_is_told_of_once(self, rule):
        lead, manager = make_keeper(Role.CS_LEAD), make_keeper(Role.EC_MANAGER)
        begin(2)

        assert warn_of_clocks(now=DUE - timedelta(days=2, seconds=1)) == 0
        assert warn_of_clocks(now=DUE - timedelta(days=2)) == 2
        assert warn_of_clocks(now=DUE - timedelta(days=1)) == 0

        url = reverse("admin:compliance_legalclock_changelist")
        assert told(lead) == [("due_soon", "2 legal deadlines end within two days: Refund", url)]
        assert told(manager) == []

    def test_one_leads_to_itself(self, rule):
        lead = make_keeper(Role.CS_LEAD)
        [clock] = begin()

        warn_of_clocks(now=DUE - timedelta(days=1))

        url = reverse("admin:compliance_legalclock_change", args=[clock.pk])
        assert told(lead) == [("due_soon", "R-0: 1 legal deadline ends within two days: Refund", url)]

    def test_a_window_of_the_customer_and_what_has_passed_ring_nothing(self, rule):
        make_keeper(Role.CS_LEAD)
        begin()
        assert warn_of_clocks(now=DUE + timedelta(hours=1)) == 0
        type(rule).objects.update(kind="window", interest_percent=None)
        assert warn_of_clocks(now=DUE - timedelta(days=1)) == 0
        assert warn_of_all_clocks() == 0
        assert not Notification.objects.exists()
