"""Proofs under real concurrency: versions are numbered once, decisions never about a version that is gone."""

import multiprocessing
import os
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from core.models import EventRecord, Job
from staff.models import Decision, Revision, Task
from staff.services import decide, send_to_review, take_back
from staff.services.proofs import checking, uploading
from staff.services.proofs.checking import check_revision
from tests.concurrency.race import PATIENCE, barrier_of, race
from tests.staff.making import make_colleague
from tests.staff.proofing import make_banner, make_reviewed_task, png, upload, worker_of
from tests.staff.storage import stored_files

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_storage(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


def killed(task: Callable[[], Any]) -> int:
    """Run a task in a process that ends as by a kill, nothing tidied up; return its exit code."""
    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=task, daemon=True)
    process.start()
    process.join(PATIENCE)
    return process.exitcode if process.exitcode is not None else -1


def test_two_uploads_at_once_get_two_numbers():
    task = make_banner()
    first, second = png(), png()

    results = race(lambda: upload(task, first).number, lambda: upload(task, second).number)

    assert sorted(result.value for result in results) == [1, 2]
    assert list(Revision.objects.order_by("number").values_list("number", "state")) == [(1, "fits"), (2, "fits")]


def test_the_same_file_sent_twice_at_once_is_one_version():
    task = make_banner()
    content = png()

    results = race(*[lambda: upload(task, content).number] * 2)

    assert sorted(result.kind for result in results) == ["done", "refused"]
    assert Revision.objects.count() == 1
    assert len(stored_files()) == 3  # nothing is left of the one that was refused


def test_of_two_reviewers_who_decide_at_once_one_is_heard():
    task, [revision], manager = make_reviewed_task()
    other = make_colleague("ec_manager")

    def say(verdict: str, actor: Any) -> Any:
        return decide(task_id=task.pk, verdict=verdict, revision_ids=[revision.pk], note="!", actor=actor).status

    results = race(lambda: say("approved", manager), lambda: say("changes_requested", other))

    [heard] = [result for result in results if result.kind == "done"]
    [refused] = [result for result in results if result.kind == "refused"]
    assert "not in review any more" in refused.value
    assert Task.objects.get(pk=task.pk).status == heard.value
    assert Decision.objects.count() == 1


def test_a_version_that_comes_in_during_a_decision_is_never_approved_unseen():
    for _round in range(4):
        task, [seen], manager = make_reviewed_task()
        worker = worker_of(task)

        def approve(task: Task = task, seen: Revision = seen, manager: Any = manager) -> str:
            return decide(task_id=task.pk, verdict="approved", revision_ids=[seen.pk], actor=manager).status

        def replace(task: Task = task, worker: Any = worker) -> str:
            take_back(task_id=task.pk, actor=worker)
            upload(task)
            return send_to_review(task_id=task.pk, actor=worker).status

        approval, replacement = race(approve, replace)

        assert (approval.kind, replacement.kind) in [("done", "refused"), ("refused", "done")]
        task.refresh_from_db()
        latest = Revision.objects.filter(deliverable__task=task).latest("number")
        is_approved = Decision.objects.filter(revision=latest, verdict="approved").exists()
        assert (task.status == "approved") is is_approved
        assert task.status in {"approved", "in_review"}


def test_two_workers_check_a_version_once(monkeypatch):
    monkeypatch.setattr(checking, "LIGHT_BYTES", 0)
    revision = upload(make_banner())
    first_is_measuring = barrier_of(2)
    measure = checking.measure

    def slow_measure(*args: Any) -> Any:
        first_is_measuring.wait(PATIENCE)
        return measure(*args)

    def first() -> str:
        monkeypatch.setattr(checking, "measure", slow_measure)
        checked = check_revision(revision.pk)
        return checked.state if checked else "somebody else"

    def second() -> str:
        first_is_measuring.wait(PATIENCE)
        checked = check_revision(revision.pk)
        return checked.state if checked else "somebody else"

    results = race(first, second)

    assert results[0].value == "fits"
    assert results[1].value in {"somebody else", "fits"}  # fits: the first one had ended by then
    assert len(stored_files()) == 3


def test_a_kill_between_storing_and_the_version_leaves_no_version_without_its_file():
    task = make_banner()

    def upload_and_die() -> None:
        uploading._add = lambda *args, **kwargs: os._exit(9)
        upload(task)

    assert killed(upload_and_die) == 9
    assert (Revision.objects.count(), len(stored_files())) == (0, 3)  # files that nothing points to
    assert upload(task).number == 1


def test_a_worker_killed_in_the_middle_of_a_check_is_replaced(monkeypatch):
    monkeypatch.setattr(checking, "LIGHT_BYTES", 0)
    revision = upload(make_banner())
    assert Job.objects.count() == 1

    def check_and_die() -> None:
        checking._write = lambda *args: os._exit(9)
        check_revision(revision.pk)

    assert killed(check_and_die) == 9
    assert (Revision.objects.get().state, len(stored_files())) == ("checking", 3)
    checked = check_revision(revision.pk)
    assert (checked.state if checked else "", len(stored_files())) == ("fits", 3)
    assert EventRecord.objects.filter(name="staff.revision_uploaded").count() == 1
