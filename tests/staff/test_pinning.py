"""Remarks on versions."""

import pytest

from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from staff.models import Notification, Pin
from staff.services import add_pin, decide, edit_pin, remove_pin, resolve_pin, take_back
from tests.factories import make_user
from tests.staff.making import make_colleague
from tests.staff.proofing import make_banner, make_reviewed_task, upload, worker_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_storage(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


def pin_on(revision, actor, **over):
    return add_pin(**{"revision_id": revision.pk, "x": 2500, "y": 10_000, "text": "Larger", "actor": actor, **over})


def test_pins_are_numbered_and_their_people_told_once_for_each_version():
    task, [revision], manager = make_reviewed_task()
    pins = [pin_on(revision, manager), pin_on(revision, manager, x=0, y=0, text=" Logo\x00 ")]
    assert [(pin.number, pin.x, pin.y, pin.text) for pin in pins] == [(1, 2500, 10_000, "Larger"), (2, 0, 0, "Logo")]
    assert list(Notification.objects.filter(topic="commented").values_list("user", flat=True)) == [task.assignee_id]


def test_what_cannot_be_pinned():
    task, [revision], manager = make_reviewed_task()
    for wrong in [{"x": -1}, {"y": 10_001}, {"text": " "}, {"text": "x" * 2001}, {"revision_id": 0}]:
        with pytest.raises(InvalidInput):
            pin_on(revision, manager, **wrong)
    with pytest.raises(NotAllowed):
        pin_on(revision, make_user())
    take_back(task_id=task.pk, actor=worker_of(task))
    unreadable = upload(task, b"MZ", name="a.png")
    with pytest.raises(Conflict, match="newer version"):
        pin_on(revision, manager)
    with pytest.raises(InvalidInput, match="cannot be shown"):
        pin_on(unreadable, manager)
    assert not Pin.objects.exists()


def test_done_work_takes_no_more_remarks():
    task, [revision], manager = make_reviewed_task()
    decide(task_id=task.pk, verdict="approved", revision_ids=[revision.pk], actor=manager)
    with pytest.raises(InvalidTransition, match="This work is done"):
        pin_on(revision, manager)


def test_resolved_by_whoever_dealt_with_it():
    task, [revision], manager = make_reviewed_task()
    pin = pin_on(revision, manager)
    with pytest.raises(NotAllowed):
        resolve_pin(pin_id=pin.pk, is_resolved=True, actor=make_colleague("designer"))
    resolved = resolve_pin(pin_id=pin.pk, is_resolved=True, actor=worker_of(task))
    again = resolve_pin(pin_id=pin.pk, is_resolved=True, actor=manager)
    assert (again.resolved_by, again.resolved_at) == (worker_of(task), resolved.resolved_at)
    reopened = resolve_pin(pin_id=pin.pk, is_resolved=False, actor=manager)
    assert (reopened.resolved_by, reopened.resolved_at) == (None, None)


def test_ones_own_remark_is_corrected_until_somebody_acts_on_it():
    task, [revision], manager = make_reviewed_task()
    first, second, third = (pin_on(revision, manager) for _ in range(3))
    assert edit_pin(pin_id=first.pk, text="Smaller", actor=manager).text == "Smaller"
    with pytest.raises(NotAllowed):
        edit_pin(pin_id=first.pk, text="No", actor=worker_of(task))
    remove_pin(pin_id=third.pk, actor=manager)
    with pytest.raises(Conflict, match="gone"):
        remove_pin(pin_id=third.pk, actor=manager)
    resolve_pin(pin_id=second.pk, is_resolved=True, actor=manager)
    with pytest.raises(Conflict, match="acted on"):
        remove_pin(pin_id=second.pk, actor=manager)
    decide(task_id=task.pk, verdict="changes_requested", revision_ids=[revision.pk], actor=manager)
    with pytest.raises(Conflict, match="acted on"):
        edit_pin(pin_id=first.pk, text="Late", actor=manager)
    assert list(Pin.objects.values_list("number", "text")) == [(1, "Smaller"), (2, "Larger")]


def test_remarks_on_older_versions_stay_and_can_be_resolved():
    task = make_banner()
    first = upload(task)
    pin = pin_on(first, task.requester)
    upload(task)
    assert resolve_pin(pin_id=pin.pk, is_resolved=True, actor=worker_of(task)).resolved_at is not None
    assert [row.text for row in first.pins.all()] == ["Larger"]
