"""Facts: recorded with their transaction, delivered once and in order, parked for a person in the end."""

from dataclasses import dataclass
from typing import ClassVar

import pgtrigger
import pytest
from django.db import OperationalError, ProgrammingError, connection, transaction
from django.utils import timezone
from psycopg.errors import DeadlockDetected

from core import events
from core.models import Delivery, EventRecord
from core.tasks import deliver_events
from core.ui.timeline import timeline
from staff.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def isolated(monkeypatch):
    monkeypatch.setattr(events, "_types", dict(events._types))
    monkeypatch.setattr(events, "_handlers", events.defaultdict(dict))
    monkeypatch.setattr(events, "wake", lambda: None)


@pytest.fixture
def happened():
    @dataclass(frozen=True, kw_only=True)
    class Happened(events.Event):
        name: ClassVar[str] = "tests.happened"
        step: int

        def sentence(self):
            return f"Step {self.step}"

    return Happened


def test_a_fact_needs_the_transaction_that_made_it_true(happened, transactional_db):
    user = make_user()
    with pytest.raises(RuntimeError):
        events.record(happened(step=1), subject=user)
    assert not EventRecord.objects.exists()


def test_a_fact_and_what_it_owes_are_written_together(happened):
    events.handles(happened)(lambda event: None)
    user = make_user()

    with transaction.atomic():
        events.record(happened(step=1), subject=user, actor=user)

    record = EventRecord.objects.get()
    assert (record.name, record.data, record.subject_id, record.actor) == ("tests.happened", {"step": 1}, user.pk, user)
    assert record.deliveries.count() == 1


def test_triggers_know_what_is_ignored_without_an_error(happened):
    """Unset, the question raises within a subtransaction for each row, in time that grows with the transaction."""
    user = make_user()
    told = "SELECT current_setting('pgtrigger.ignore'), _pgtrigger_should_ignore('any')"
    with connection.cursor() as cursor:
        cursor.execute(told)
        assert cursor.fetchone() == ("{}", False)
        with transaction.atomic(), pgtrigger.ignore("core.EventRecord:core_event_append_only"):
            events.record(happened(step=1), subject=user)
            EventRecord.objects.update(data={"step": 2})
        cursor.execute(told)
        assert cursor.fetchone() == ("{}", False)
    with pytest.raises(ProgrammingError, match="Cannot update or delete rows"), transaction.atomic():
        EventRecord.objects.update(data={"step": 3})
    assert EventRecord.objects.get().data == {"step": 2}


def test_delivered_in_order_and_once(happened):
    seen = []

    @events.handles(happened)
    def see(event):
        seen.append(event.step)

    user = make_user()
    with transaction.atomic():
        events.record_many([(happened(step=i), user.pk) for i in range(3)], model=type(user))

    assert deliver_events() == 3  # one after the other, none left to the next sweep

    assert seen == [0, 1, 2]
    assert not Delivery.objects.filter(done_at=None).exists()


def test_a_failure_undoes_only_itself_and_holds_back_later_ones_of_the_subject(happened):
    other = make_user()

    @events.handles(happened)
    def stumble(event):
        make_user(username=f"made-{event.step}")
        if event.step == 1:
            raise ValueError("010-1234-5678")

    first, second = make_user(), make_user()
    with transaction.atomic():
        events.record(happened(step=1), subject=first)
        events.record(happened(step=2), subject=first)
        events.record(happened(step=3), subject=second)

    events.deliver_due()
    events.deliver_due()

    names = set(type(other).objects.filter(username__startswith="made-").values_list("username", flat=True))
    assert names == {"made-3"}
    failed = Delivery.objects.get(record__data__step=1)
    assert (failed.attempts, failed.error, failed.parked_at) == (1, "ValueError", None)
    assert failed.due_at > timezone.now()
    assert Delivery.objects.get(record__data__step=2).attempts == 0


def test_after_the_last_attempt_a_person_is_asked(happened):
    @events.handles(happened)
    def fail(event):
        raise ValueError

    with transaction.atomic():
        events.record(happened(step=1), subject=make_user())
    Delivery.objects.update(attempts=events.ATTEMPTS_BEFORE_PARKING - 1)

    events.deliver_due()

    owed = Delivery.objects.get()
    assert owed.parked_at is not None
    assert events.deliver_due() == 0
    assert events.retry_deliveries(delivery_ids=[owed.pk]) == 1
    assert events.deliver_due() == 1


@pytest.mark.django_db(transaction=True)
def test_a_delivery_is_committed_before_the_next_one_begins(happened):
    """Locks go down the floors within one handler; the next one, on top of them, would go up again into deadlocks."""
    done_before = []

    @events.handles(happened)
    def look(event):
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM core_delivery WHERE done_at IS NOT NULL")
            done_before.append(cursor.fetchone()[0])
        other.close()

    with transaction.atomic():
        for step in range(3):
            events.record(happened(step=step), subject=make_user())

    assert events.deliver_due() == 3
    assert done_before == [0, 1, 2]


def test_skipping_lets_later_facts_go_on(happened, monkeypatch, django_capture_on_commit_callbacks):
    seen = []

    @events.handles(happened)
    def fail_first(event):
        if event.step == 1:
            raise ValueError
        seen.append(event.step)

    user = make_user()
    with transaction.atomic():
        events.record_many([(happened(step=1), user.pk), (happened(step=2), user.pk)], model=type(user))
    events.deliver_due()

    woken = []
    monkeypatch.setattr(events, "wake", lambda: woken.append(True))
    with django_capture_on_commit_callbacks(execute=True):
        assert events.skip_deliveries(delivery_ids=[Delivery.objects.get(record__data__step=1).pk]) == 1
    events.deliver_due()
    assert (seen, woken) == ([2], [True])


def test_the_timeline_tells_who_did_what(happened):
    user = make_user(first_name="Ann", last_name="Lee")
    with transaction.atomic():
        events.record(happened(step=1), subject=user, actor=user)
        events.record(happened(step=2), subject=user)
    EventRecord.objects.create(
        name="tests.gone", subject_type_id=EventRecord.objects.first().subject_type_id, subject_id=user.pk, data={}
    )

    shown = timeline(user, limit=2)
    older = timeline(user)

    assert [(entry.sentence, entry.who) for entry in shown["entries"]] == [("tests.gone", ""), ("Step 2", "")]
    assert shown["has_more"]
    assert [(entry.sentence, entry.who) for entry in older["entries"]][-1] == ("Step 1", "Ann Lee")


def test_a_lost_race_is_no_failure(happened):
    tries = []

    def unlucky_once(event):
        tries.append(event.step)
        if len(tries) == 1:
            deadlock = OperationalError("deadlock detected")
            deadlock.__cause__ = DeadlockDetected()
            raise deadlock

    events.handles(happened)(unlucky_once)
    with transaction.atomic():
        events.record(happened(step=1), subject=make_user())

    assert events.deliver_due() == 1
    owed = Delivery.objects.get()
    assert (owed.done_at, owed.attempts, owed.error) == (None, 0, "")

    Delivery.objects.update(due_at=timezone.now())
    assert events.deliver_due() == 1
    owed.refresh_from_db()
    assert owed.done_at is not None
    assert tries == [1, 1]


def test_bulk_loads_wake_nobody(happened, monkeypatch):
    monkeypatch.undo()
    sent = []
    monkeypatch.setattr(events.current_app, "send_task", lambda name, **options: sent.append(name))
    with events.without_waking():
        events.wake()
    assert sent == []
    events.wake()
    assert sent == ["core.deliver_events"]


def test_the_first_filling_of_a_shop_is_history_that_nobody_is_owed(happened):
    events.handles(happened)(lambda event: None)
    user = make_user()
    with events.owing_nobody():
        events.record(happened(step=1), subject=user)
    events.record(happened(step=2), subject=user)

    assert [record.data for record in EventRecord.objects.order_by("id")] == [{"step": 1}, {"step": 2}]
    assert [owed.record.data for owed in Delivery.objects.all()] == [{"step": 2}]


def test_two_facts_of_one_name_are_a_mistake(happened):
    with pytest.raises(TypeError, match=r"two events are called tests\.happened"):
        type("Other", (events.Event,), {"name": "tests.happened"})
    assert events._types["tests.happened"] is happened


def test_a_fact_of_another_version_is_read_as_far_as_it_goes(happened):
    record = EventRecord(name="tests.happened", data={"step": 3, "colour": "red"})
    assert events.fact(record) == happened(step=3)
    assert events.fact(EventRecord(name="tests.happened", data={"colour": "red"})) is None
    assert events.fact(EventRecord(name="tests.gone", data={"step": 3})) is None


def test_a_handler_that_is_gone_is_an_error_that_a_person_can_read(happened):
    events.handles(happened)(lambda event: None)
    with transaction.atomic():
        events.record(happened(step=1), subject=make_user())
    events._handlers.clear()

    assert events.deliver_due() == 1

    owed = Delivery.objects.get()
    assert (owed.done_at, owed.attempts) == (None, 1)
    assert owed.error.startswith("LookupError: ")
    assert owed.error.endswith("for tests.happened in this version")


def test_an_error_of_the_database_is_the_handlers_own(happened):
    @events.handles(happened)
    def clash(event):
        make_user(username="one")
        make_user(username="one")

    with transaction.atomic():
        events.record(happened(step=1), subject=make_user())

    assert events.deliver_due() == 1
    owed = Delivery.objects.get()
    assert (owed.done_at, owed.attempts, owed.error) == (None, 1, "IntegrityError")
    assert not User.objects.filter(username="one").exists()


def test_what_is_done_already_is_neither_retried_nor_skipped(happened, monkeypatch, django_capture_on_commit_callbacks):
    events.handles(happened)(lambda event: None)
    with transaction.atomic():
        events.record(happened(step=1), subject=make_user())
    events.deliver_due()
    before = Delivery.objects.values().get()

    woken = []
    monkeypatch.setattr(events, "wake", lambda: woken.append(True))
    with django_capture_on_commit_callbacks(execute=True):
        assert events.retry_deliveries(delivery_ids=[before["id"]]) == 0
        assert events.skip_deliveries(delivery_ids=[before["id"]]) == 0
    assert (Delivery.objects.values().get(), woken) == (before, [])
