"""Approval in any order of uploads, sendings and decisions: approved exactly when every step approved every version."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import DomainError
from staff.models import Decision, Task
from staff.services import reopen_task, send_to_review, take_back, upload_revision
from staff.services.proofs.reviewing import current_step
from tests.staff.approving import approve, facts, want_changes
from tests.staff.making import make_colleague, make_started_task
from tests.staff.proofing import deliverable_of, worker_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_storage(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["upload", "send", "take_back", "approve", "approve", "approve_old", "changes", "reopen"]),
        st.integers(0, 1),
    ),
    max_size=14,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=ACTIONS)
def test_approved_if_and_only_if_every_step_approved_every_latest_version(actions):
    """After any sequence of uploads and decisions; judged here by the rows alone, without the code under test."""
    point = transaction.savepoint()
    task = make_started_task(kind="copy", slot_ids=[], review_roles=["merchandiser", "ec_manager"])
    task.deliverables.create(position=1)
    people = {"merchandiser": make_colleague("merchandiser"), "ec_manager": task.requester}
    # two thirds of the way, so that approval comes within reach
    start = [("upload", 0), ("upload", 1), ("send", 0), ("approve", 0), ("approve", 1), ("approve", 0)]
    for number, (action, place) in enumerate(start):
        act(action, task, place, people, -number)
    for number, (action, place) in enumerate(actions):
        try:
            with transaction.atomic():
                act(action, task, place, people, number)
        except DomainError:
            pass
        is_approved = Task.objects.get(pk=task.pk).status == "approved"
        # taken up again without a new version, it is approved by its decisions until one comes
        assert is_approved is wholly_approved(task) or facts(task)[-1] == "task_reopened", actions[: number + 1]
    transaction.savepoint_rollback(point)


def act(action, task, place, people, number):
    deliverable = deliverable_of(task, place)
    versions = list(deliverable.revisions.order_by("-number"))
    step = current_step(task)
    judge = people[step.role] if step else task.requester
    if action == "upload":
        upload_revision(deliverable_id=deliverable.pk, text=f"Words {number}", actor=worker_of(task))
    elif action == "send":
        send_to_review(task_id=task.pk, actor=worker_of(task))
    elif action == "take_back":
        take_back(task_id=task.pk, actor=worker_of(task))
    elif action == "approve":
        approve(task, versions[:1], judge)
    elif action == "approve_old":
        approve(task, versions[-1:], judge)
    elif action == "reopen":
        reopen_task(task_id=task.pk, reason="Another one", actor=task.requester)
    else:
        want_changes(task, versions[:1], judge, over_limit_reason="because")


def wholly_approved(task):
    return all(
        Decision.objects.filter(
            step=step, verdict="approved", revision__deliverable=deliverable, revision=deliverable.revisions.first()
        ).exists()
        for step in task.review_steps.all()
        for deliverable in task.deliverables.all()
    )
