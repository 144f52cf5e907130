"""Deliverables that are added to a task, or taken off it, after it was asked for."""

import pytest
from django.urls import reverse

from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.models import EventRecord
from staff.models import Deliverable
from staff.services import (
    add_deliverable,
    cancel_task,
    hold_task,
    remove_deliverable,
    send_to_review,
    upload_revision,
)
from tests.staff.making import make_colleague, make_task
from tests.staff.proofing import deliverable_of, make_banner, make_slot, png, upload, upload_of, worker_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def slots_of(task):
    return list(task.deliverables.values_list("slot", "position"))


def edits():
    return [row.data["fields"] for row in EventRecord.objects.filter(name="staff.task_edited").order_by("pk")]


def test_one_more_picture_is_asked_for_once():
    task, slot = make_banner(), make_slot()
    first = deliverable_of(task)

    added = add_deliverable(task_id=task.pk, slot_id=slot.pk, actor=task.requester)
    again = add_deliverable(task_id=task.pk, slot_id=slot.pk, actor=task.requester)

    assert again == added
    assert slots_of(task) == [(first.slot_id, 0), (slot.pk, 1)]
    assert edits() == [["deliverables"]]
    assert task.review_steps.count() == 1


def test_work_that_needed_no_approval_needs_one_with_its_first_picture():
    task = make_task(kind="general")

    add_deliverable(task_id=task.pk, slot_id=make_slot().pk, actor=task.requester)

    assert [(step.role, step.position) for step in task.review_steps.all()] == [("ec_manager", 0)]


def test_a_slot_that_is_not_offered_is_refused():
    task, old = make_banner(), make_slot(is_active=False)
    before = slots_of(task)

    for slot_id in (old.pk, 2**40):
        with pytest.raises(InvalidInput, match="not offered"):
            add_deliverable(task_id=task.pk, slot_id=slot_id, actor=task.requester)

    assert (slots_of(task), edits()) == (before, [])


@pytest.mark.parametrize("role", ["designer", "merchandiser", "cs_agent", "warehouse", "marketer"])
def test_only_who_asked_or_directs_changes_what_a_task_yields(role):
    task, slot, other = make_banner(slots=2), make_slot(), make_colleague(role)
    before = slots_of(task)

    for actor in (other, worker_of(task)):
        with pytest.raises(NotAllowed):
            add_deliverable(task_id=task.pk, slot_id=slot.pk, actor=actor)
        with pytest.raises(NotAllowed):
            remove_deliverable(deliverable_id=deliverable_of(task).pk, actor=actor)

    assert (slots_of(task), edits()) == (before, [])


def test_what_nobody_uploaded_is_taken_off():
    task = make_banner(slots=2)
    upload(task, place=0)
    kept, gone = deliverable_of(task, 0), deliverable_of(task, 1)

    remove_deliverable(deliverable_id=gone.pk, actor=task.requester)

    assert slots_of(task) == [(kept.slot_id, 0)]
    assert edits() == [["deliverables"]]
    with pytest.raises(InvalidInput, match="is gone"):
        remove_deliverable(deliverable_id=gone.pk, actor=task.requester)


def test_versions_and_the_last_one_stay():
    task = make_banner(slots=2)
    upload(task, place=0)

    with pytest.raises(InvalidInput, match="versions are kept"):
        remove_deliverable(deliverable_id=deliverable_of(task, 0).pk, actor=task.requester)
    remove_deliverable(deliverable_id=deliverable_of(task, 1).pk, actor=task.requester)
    alone = make_banner()
    with pytest.raises(InvalidInput, match="only one"):
        remove_deliverable(deliverable_id=deliverable_of(alone).pk, actor=alone.requester)

    assert (task.deliverables.count(), alone.deliverables.count()) == (1, 1)


def test_nothing_changes_while_somebody_judges_or_when_it_is_over():
    task, slot = make_banner(), make_slot()
    upload(task)
    send_to_review(task_id=task.pk, actor=worker_of(task))
    before = slots_of(task)

    with pytest.raises(InvalidTransition):
        add_deliverable(task_id=task.pk, slot_id=slot.pk, actor=task.requester)
    hold_task(task_id=task.pk, reason="Waits", actor=task.requester)
    with pytest.raises(InvalidTransition):
        add_deliverable(task_id=task.pk, slot_id=slot.pk, actor=task.requester)
    cancel_task(task_id=task.pk, reason="Off", actor=task.requester)
    with pytest.raises(NotAllowed):
        add_deliverable(task_id=task.pk, slot_id=slot.pk, actor=task.requester)
    with pytest.raises(InvalidTransition):
        add_deliverable(task_id=task.pk, slot_id=slot.pk)

    assert slots_of(task) == before


def test_an_upload_to_what_was_just_taken_off_is_refused(monkeypatch):
    """The file is written before the task is locked: meanwhile the manager takes the deliverable off."""
    task = make_banner(slots=2)
    gone = deliverable_of(task, 1)

    class Slow:
        """A file during whose reading the deliverable goes."""

        name = "banner.png"

        def __init__(self):
            self.file = upload_of(png())

        def seek(self, place):
            return self.file.seek(place)

        def read(self, size=-1):
            Deliverable.objects.filter(pk=gone.pk).delete()
            return self.file.read(size)

    with pytest.raises(InvalidInput, match="deliverable is gone"):
        upload_revision(deliverable_id=gone.pk, file=Slow(), actor=worker_of(task))


def test_the_page_of_the_task_adds_and_removes(client):
    task, slot = make_banner(), make_slot(placement_en="Footer")
    client.force_login(task.requester)
    address = reverse("admin:staff_task_change", args=[task.pk])

    assert f'<option value="{slot.pk}">' in client.get(address).content.decode()
    client.post(reverse("admin:staff_task_part", args=[task.pk, "add-deliverable"]), {"slot": slot.pk})
    added = task.deliverables.get(slot=slot)
    page = client.get(address).content.decode()
    assert f'name="item" value="{added.pk}"' in page
    assert f'<option value="{slot.pk}">' not in page
    client.post(reverse("admin:staff_task_part", args=[task.pk, "remove-deliverable"]), {"item": added.pk})
    assert task.deliverables.count() == 1


def test_deliverables_of_another_task_and_nonsense_are_not_found(client):
    task, other = make_banner(slots=2), make_banner(slots=2)
    client.force_login(task.requester)
    url = reverse("admin:staff_task_part", args=[task.pk, "remove-deliverable"])

    for item in (deliverable_of(other).pk, "x", "9" * 5000, ""):
        assert client.post(url, {"item": item}).status_code == 404

    assert other.deliverables.count() == 2


def test_a_designer_is_not_offered_to_change_what_is_asked(client):
    task = make_banner(slots=2)
    client.force_login(worker_of(task))
    page = client.get(reverse("admin:staff_task_change", args=[task.pk])).content.decode()
    assert ("add-deliverable" in page, "remove-deliverable" in page) == (False, False)
