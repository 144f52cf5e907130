"""Long work: claimed once, seen while it runs, taken up again after a crash, ended by whoever may."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation

from core import jobs
from core.errors import Conflict, InvalidTransition, NotAllowed
from core.models import Heartbeat, Job, JobState
from core.schedule import Every, periodic, sync_schedule
from core.tasks import heartbeat, run_job, sweep_jobs
from staff.models import User
from tests.admin.pressing import press, said
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    known = {}
    monkeypatch.setattr(jobs, "_kinds", known)
    return known


@pytest.fixture
def woken(monkeypatch):
    ids = []
    monkeypatch.setattr(jobs, "wake", ids.append)
    return ids


def make_job(function=lambda run: None, **over):
    jobs.job("test")(function)
    return Job.objects.create(**{"kind": "test", "title": "A job", **over})


def test_a_job_is_written_and_woken_after_the_commit(woken, django_capture_on_commit_callbacks):
    jobs.job("test")(lambda run: None)
    with django_capture_on_commit_callbacks(execute=True):
        row = jobs.enqueue(kind="test", title="Export", parameters={"ids": [1]}, owner=make_user())
        assert woken == []

    assert woken == [row.pk]
    assert (row.state, row.parameters) == (JobState.QUEUED, {"ids": [1]})


def test_an_unknown_kind_is_refused():
    with pytest.raises(LookupError):
        jobs.enqueue(kind="nope", title="x")
    assert not Job.objects.exists()


def test_a_job_runs_to_its_outcome_and_file():
    def work(run):
        run.progress(1, 4)
        return jobs.JobResult({"created": run.parameters["n"]}, "result.csv", b"a,b")

    row = make_job(work, parameters={"n": 3})

    assert run_job(row.pk) == "done"

    row.refresh_from_db()
    assert (row.state, row.outcome, row.done_count, row.percent) == (JobState.DONE, {"created": 3}, 4, 100)
    assert row.file.read() == b"a,b"
    assert row.file.name.startswith("jobs/")
    row.file.delete(save=False)


def test_only_one_worker_gets_it():
    runs = []
    row = make_job(lambda run: runs.append(jobs.run(row.pk)))

    jobs.run(row.pk)

    assert runs == [None]
    assert jobs.run(row.pk) is None


def test_progress_is_seen_while_it_runs():
    seen = []

    def work(run):
        run.progress(25, 100)
        seen.append(Job.objects.get(pk=row.pk).percent)

    row = make_job(work)
    jobs.run(row.pk)

    assert seen == [25]


@pytest.mark.django_db(transaction=True)
def test_progress_is_seen_before_the_job_commits_and_stays_when_it_rolls_back():
    def work(run):
        with transaction.atomic():
            run.progress(40, 100)
            raise Conflict("Stop.")

    row = make_job(work)
    assert jobs.run(row.pk) == JobState.FAILED

    row.refresh_from_db()
    assert (row.done_count, row.total_count, row.error) == (40, 100, "Stop.")


def test_progress_is_written_once_a_second_and_at_the_end(monkeypatch):
    moment = timezone.now()
    monkeypatch.setattr(jobs.timezone, "now", lambda: moment)
    seen = []

    def work(run):
        for done in (10, 20, 100):
            run.progress(done, 100)
            seen.append(Job.objects.get(pk=row.pk).done_count)

    row = make_job(work)
    jobs.run(row.pk)

    assert seen == [10, 10, 100]


def test_a_sign_of_life_counts_nothing():
    seen = []

    def work(run):
        Job.objects.filter(pk=row.pk).update(done_count=7, seen_at=None)
        run.alive()
        seen.append(Job.objects.filter(seen_at__isnull=False).values_list("done_count", flat=True).get(pk=row.pk))

    row = make_job(work)
    assert jobs.run(row.pk) == JobState.DONE
    assert seen == [7]


def test_a_kind_that_this_version_does_not_know_fails_in_words(kinds):
    row = make_job()
    kinds.clear()
    assert jobs.run(row.pk) == JobState.FAILED
    row.refresh_from_db()
    assert row.error == "LookupError"


def test_the_owner_is_who_asked_unless_the_account_is_closed():
    person, system = make_user(), make_job()
    asked = make_job(owner=person)

    def owner(row):
        return jobs.owner_of(jobs.JobRun(row.pk, {}, row.owner_id, 1))

    assert (owner(system), owner(asked)) == (None, person)
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert owner(asked) is None


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING, JobState.DONE])
def test_only_what_ended_badly_starts_again(woken, state):
    row = make_job(state=state)
    with pytest.raises(InvalidTransition, match="Only a job that failed"):
        jobs.retry_job(job_id=row.pk)
    row.refresh_from_db()
    assert (row.state, woken) == (state, [])


def test_nobody_starts_somebody_elses_job(woken):
    row = make_job(state=JobState.FAILED, error="x", owner=make_user())
    with pytest.raises(NotAllowed, match="belongs to somebody else"):
        jobs.retry_job(job_id=row.pk, actor=make_user())
    row.refresh_from_db()
    assert (row.state, row.error, woken) == (JobState.FAILED, "x", [])


def test_a_refusal_is_shown_and_a_bug_shows_its_class_only():
    def refuse(run):
        raise Conflict("The file is empty.")

    def break_down(run):
        raise ValueError("010-1234-5678")

    refused, broken = make_job(refuse), None
    jobs.run(refused.pk)
    broken = make_job(break_down)
    jobs.run(broken.pk)

    refused.refresh_from_db()
    broken.refresh_from_db()
    assert (refused.state, refused.error) == (JobState.FAILED, "The file is empty.")
    assert (broken.state, broken.error) == (JobState.FAILED, "ValueError")


def test_it_speaks_the_owners_language():
    said_in = []
    row = make_job(lambda run: said_in.append(translation.get_language()), owner=make_user(language="ja"))

    jobs.run(row.pk)

    assert said_in == ["ja"]


def test_a_cancelled_job_stops_at_its_next_report():
    reached = []

    def work(run):
        jobs.cancel_job(job_id=run.job_id)
        run.alive()
        reached.append("too far")

    row = make_job(work)

    assert jobs.run(row.pk) == JobState.CANCELLED
    row.refresh_from_db()
    assert (row.state, reached) == (JobState.CANCELLED, [])


def test_who_may_cancel():
    owner, other = make_user(), make_user()
    everybody = make_user(permissions=["core.view_all_jobs"])
    row = make_job(owner=owner)

    with pytest.raises(NotAllowed):
        jobs.cancel_job(job_id=row.pk, actor=other)
    row.refresh_from_db()
    assert row.state == JobState.QUEUED
    jobs.cancel_job(job_id=row.pk, actor=everybody)
    with pytest.raises(InvalidTransition):
        jobs.cancel_job(job_id=row.pk, actor=owner)


def test_a_lost_message_is_sent_again_once_in_the_grace_time(woken):
    row = make_job()
    later = timezone.now() + timedelta(minutes=1)

    assert [jobs.sweep(now=later), jobs.sweep(now=later)] == [1, 0]
    assert woken == [row.pk]


def test_a_job_whose_worker_died_starts_again(woken):
    row = make_job(state=JobState.RUNNING, attempts=1, seen_at=timezone.now() - timedelta(minutes=6))
    alive = make_job(state=JobState.RUNNING, attempts=1, seen_at=timezone.now())

    jobs.sweep(now=timezone.now() + timedelta(minutes=1))

    row.refresh_from_db()
    alive.refresh_from_db()
    assert (row.state, woken, alive.state) == (JobState.QUEUED, [row.pk], JobState.RUNNING)


def test_an_old_attempt_that_wakes_up_changes_nothing(woken):
    def work(run):
        Job.objects.filter(pk=run.job_id).update(attempts=2)  # the sweep gave it to another worker
        return {"created": 1}

    row = make_job(work)

    assert jobs.run(row.pk) is None
    row.refresh_from_db()
    assert (row.state, row.outcome) == (JobState.RUNNING, {})


def test_a_job_that_kills_its_worker_each_time_fails_in_the_end(woken):
    old = timezone.now() - timedelta(minutes=6)
    row = make_job(state=JobState.RUNNING, attempts=jobs.MAX_ATTEMPTS, seen_at=old)

    sweep_jobs()

    row.refresh_from_db()
    assert (row.state, woken) == (JobState.FAILED, [])


# --- pages


def test_people_see_their_own_jobs_or_all_with_the_right(client):
    mine, boss = (
        make_user(permissions=["core.view_job"]),
        make_user(permissions=["core.view_job", "core.view_all_jobs"]),
    )
    make_job(owner=mine, title="Mine")
    make_job(owner=boss, title="Theirs")

    client.force_login(mine)
    own = client.get(reverse("admin:core_job_changelist")).content.decode()
    client.force_login(boss)
    every = client.get(reverse("admin:core_job_changelist")).content.decode()

    assert ("Mine" in own, "Theirs" in own) == (True, False)
    assert ("Mine" in every, "Theirs" in every) == (True, True)


def test_the_page_asks_for_progress_until_the_job_has_ended(client):
    user = make_user(permissions=["core.view_job"])
    client.force_login(user)
    row = make_job(owner=user, state=JobState.RUNNING, done_count=30, total_count=120)
    url = reverse("admin:core_job_progress", args=[row.pk])

    running = client.get(url).content.decode()
    Job.objects.filter(pk=row.pk).update(state=JobState.DONE)
    ended = client.get(url).content.decode()

    assert 'aria-valuenow="25"' in running
    assert "every 2s" in running
    assert "every 2s" not in ended
    assert 'aria-valuenow="100"' in ended


def test_buttons_cancel_and_start_again(client, woken, django_capture_on_commit_callbacks):
    user = make_user(permissions=["core.view_job"])
    client.force_login(user)
    row = make_job(owner=user)

    assert said(press(client, row, "cancel")) == ["The job is cancelled."]
    with django_capture_on_commit_callbacks(execute=True):
        assert said(press(client, row, "retry"))[-1] == "The job starts again."
    row.refresh_from_db()
    assert (row.state, woken) == (JobState.QUEUED, [row.pk])


# --- schedule


def test_the_schedule_is_written_once_and_an_operators_switch_stays(monkeypatch):
    from django_celery_beat.models import PeriodicTask  # noqa: PLC0415 a library's table, only looked at here

    sync_schedule()
    assert sync_schedule() == 0
    PeriodicTask.objects.filter(name="core.sweep_jobs").update(enabled=False)
    monkeypatch.setattr("core.schedule._schedule", {"core.sweep_jobs": Every(90)})
    periodic("core.other", Every(5))

    assert sync_schedule() > 0
    names = set(PeriodicTask.objects.filter(description="from code").values_list("name", flat=True))
    assert names == {"core.sweep_jobs", "core.other"}
    kept = PeriodicTask.objects.get(name="core.sweep_jobs")
    assert (kept.enabled, kept.interval.every) == (False, 90)


def test_the_heartbeat_says_that_beat_and_worker_live():
    heartbeat()
    heartbeat()

    assert sorted(Heartbeat.objects.values_list("name", flat=True)) == ["beat", "worker"]
