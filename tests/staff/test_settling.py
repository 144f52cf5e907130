"""What was asked of many is settled for all as soon as one has decided."""

import pytest

from staff.models import Notification, Topic
from staff.services import decide
from tests.staff.making import make_colleague
from tests.staff.proofing import make_reviewed_task

pytestmark = pytest.mark.django_db


def asked() -> list[bool]:
    """Return of each request for a decision, in order, whether it still stands unread."""
    rows = Notification.objects.filter(topic=Topic.REVIEW_ASKED).order_by("pk")
    return [row.read_at is None for row in rows]


def test_one_decision_settles_what_all_were_asked():
    make_colleague("ec_manager")
    task, [revision], manager = make_reviewed_task()
    assert asked() == [True, True]
    decide(task_id=task.pk, verdict="approved", revision_ids=[revision.pk], actor=manager)
    assert asked() == [False, False]


def test_the_next_step_is_asked_anew():
    make_colleague("quality_manager")
    task, [revision], manager = make_reviewed_task(roles=("ec_manager", "quality_manager"))
    decide(task_id=task.pk, verdict="approved", revision_ids=[revision.pk], actor=manager)
    assert asked() == [False, True]
