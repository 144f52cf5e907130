"""The list of legal deadlines and the page of one: tabs, what a delay costs, buttons, and who sees what."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from compliance.models import ClockEvent, LegalClock
from compliance.services import Start, start_clocks
from core.models import EventRecord
from staff.models import User
from tests.admin.pressing import press
from tests.compliance.making import make_legal_rule
from tests.factories import make_user

pytestmark = pytest.mark.django_db

LIST = "/admin/compliance/legalclock/"
VIEW, STOP, COSTS = "compliance.view_legalclock", "compliance.stop_legalclock", "compliance.see_clock_costs"


def begin(label="R-1", **over):
    """Start the clock of a refund of 30,000 won and return it."""
    start = Start(
        subject_id=make_user().pk, label=label, jurisdiction="KR", country="KR", contract_on=date(2026, 11, 1),
        at=timezone.now() - timedelta(days=10), amount=30_000, currency="KRW",
    )  # fmt: skip
    start_clocks(event=ClockEvent.RETURN_RECEIVED, model=User, starts=[start])
    clock = LegalClock.objects.get(subject_label=label)
    LegalClock.objects.filter(pk=clock.pk).update(**over)
    clock.refresh_from_db()
    return clock


@pytest.fixture
def rule(db):
    return make_legal_rule()


@pytest.fixture
def reader(client):
    user = make_user(permissions=[VIEW, STOP])
    client.force_login(user)
    return user


def shown(client, tab):
    return [row.subject_label for row in client.get(LIST, {"tab": tab}).context["cl"].result_list]


def page(client, clock):
    return client.get(reverse("admin:compliance_legalclock_change", args=[clock.pk])).content.decode()


def test_tabs_sort_by_what_is_urgent(client, reader, rule):
    now = timezone.now()
    begin("late", due_at=now - timedelta(days=2))
    begin("soon", due_at=now + timedelta(hours=20))
    begin("far", due_at=now + timedelta(days=9))
    begin("done", due_at=now, stopped_at=now, evidence="A-1")

    assert {tab: shown(client, tab) for tab in ("late", "near", "duties", "done")} == {
        "late": ["late"],
        "near": ["soon"],
        "duties": ["late", "soon", "far"],
        "done": ["done"],
    }


def test_what_a_delay_costs_is_for_those_who_may_see_it(client, reader, rule):
    now = timezone.now()
    clock = begin(started_at=now - timedelta(days=80), due_at=now - timedelta(days=73))

    plain = page(client, clock)
    client.force_login(make_user(permissions=[VIEW, COSTS]))
    rich = page(client, clock)

    assert "15 % interest a year runs" in plain
    assert ("30,000" in plain, "30,000" in rich) == (False, True)
    assert "Cost of the delay" in rich
    assert "900" in rich  # 15 % of 30,000 for 73 of 365 days


def test_done_needs_evidence_and_is_written_down_once(client, reader, rule):
    clock = begin(due_at=timezone.now() + timedelta(days=1))
    local = timezone.localtime()
    at = {"at_0": local.date().isoformat(), "at_1": local.time().isoformat("seconds")}
    before = EventRecord.objects.count()

    press(client, clock, "stop", evidence="", **at)

    clock.refresh_from_db()
    assert (clock.stopped_at, EventRecord.objects.count()) == (None, before)

    press(client, clock, "stop", evidence="Card company no. 4711", **at)

    clock.refresh_from_db()
    assert clock.evidence == "Card company no. 4711"
    assert clock.stopped_at is not None
    assert "Done in time" in page(client, clock)


def test_who_may_only_read_has_no_buttons(client, rule):
    clock = begin(due_at=timezone.now() + timedelta(days=1))
    client.force_login(make_user(permissions=[VIEW]))

    assert "/do/stop/" not in page(client, clock)
    press(client, clock, "stop", evidence="x")
    clock.refresh_from_db()
    assert clock.stopped_at is None
    client.force_login(make_user(permissions=["orders.view_order"]))
    assert client.get(LIST).status_code == 403


def test_the_home_page_counts_what_is_missed(client, reader, rule):
    begin(due_at=timezone.now() - timedelta(days=1))

    home = client.get("/admin/").content.decode()

    assert "Legal deadlines missed" in home
    assert "?tab=late" in home
