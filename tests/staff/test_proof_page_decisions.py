"""The proofing page: remarks and decisions, and what it refuses of them."""

import pytest

from staff.models import Decision, Pin, Task
from staff.services import add_pin, resolve_pin, send_to_review, take_back
from tests.staff.making import make_colleague
from tests.staff.proof_pages import browser_of, counts, page_of, press, refused, status_of, told, url_of
from tests.staff.proofing import (
    deliverable_of,
    make_reviewed_task,
    upload,
    worker_of,
)

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _own_storage(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


# --- remarks


def test_a_remark_is_set_where_the_reviewer_pressed():
    task, [revision], manager = make_reviewed_task()
    response = press(
        manager, task, "pin", headers=HTMX, revision=revision.pk, left="12.34", top="100", text="Larger\x00 please"
    )
    pin = Pin.objects.get()
    assert (pin.x, pin.y, pin.text, pin.author) == (1234, 10_000, "Larger please", manager)
    part = response.content.decode()
    assert "left: 12.34%; top: 100.00%" in part
    assert "<html" not in part  # only the page's own part is replaced
    plain = press(manager, task, "pin", revision=revision.pk, left="1", top="1", text="Plain form")
    assert plain["Location"].endswith(f"&v=1#pin-{Pin.objects.last().pk}")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"left": "100.01"}, "The remark lies outside the picture. Set it again."),
        ({"top": "-1"}, "The remark lies outside the picture. Set it again."),
        ({"left": "here"}, "Say where the remark belongs: from 0 to 100 percent of the picture."),
        ({"left": "1e999"}, "Say where the remark belongs: from 0 to 100 percent of the picture."),
        ({"top": ""}, "Say where the remark belongs: from 0 to 100 percent of the picture."),
        ({"text": " \x00"}, "Write a remark of at most 2,000 characters."),
        ({"text": "x" * 2001}, "Write a remark of at most 2,000 characters."),
    ],
)
def test_remarks_that_cannot_be_kept_come_back_with_their_words(change, sentence):
    task, [revision], manager = make_reviewed_task()
    data = {"revision": revision.pk, "left": "10", "top": "10", "text": "Larger please", **change}
    response = press(manager, task, "pin", headers=HTMX, **data)
    assert refused(response) == sentence
    assert data["text"].strip(" \x00") in response.content.decode()
    assert counts() == (1, 0, 0)


def test_an_old_version_takes_no_remarks():
    task, [revision], manager = make_reviewed_task()
    take_back(task_id=task.pk, actor=worker_of(task))
    upload(task)
    response = press(manager, task, "pin", revision=revision.pk, left="1", top="1", text="Here")
    assert refused(response) == "A newer version was uploaded. Look at it first."
    assert "data-pin-form" not in page_of(manager, task, "?v=1")
    assert not Pin.objects.exists()


def test_the_designer_ticks_remarks_and_others_do_not():
    task, [revision], manager = make_reviewed_task()
    pin = add_pin(revision_id=revision.pk, x=1, y=1, text="Here", actor=manager)
    stranger = make_colleague("warehouse")
    assert refused(press(stranger, task, "resolve", pin=pin.pk, is_resolved="1")) == (
        "Only who set the remark, has the task, or judges it may resolve it."
    )
    assert "Remark 1 is resolved" not in page_of(stranger, task)
    response = press(worker_of(task), task, "resolve", headers=HTMX, pin=pin.pk, is_resolved="1")
    assert "Open remark 1 again" in response.content.decode()
    pin.refresh_from_db()
    assert pin.resolved_by == worker_of(task)
    press(worker_of(task), task, "resolve", pin=pin.pk, is_resolved="0")
    pin.refresh_from_db()
    assert pin.resolved_at is None


def test_a_remark_is_corrected_by_who_wrote_it():
    task, [revision], manager = make_reviewed_task()
    pin = add_pin(revision_id=revision.pk, x=1, y=1, text="Heer", actor=manager)
    assert refused(press(worker_of(task), task, "edit_pin", pin=pin.pk, text="No")) == (
        "Only who wrote a remark may change it."
    )
    press(manager, task, "edit_pin", pin=pin.pk, text="Here")
    pin.refresh_from_db()
    assert pin.text == "Here"
    assert press(manager, task, "remove_pin", pin=pin.pk).status_code == 302
    assert not Pin.objects.exists()
    assert refused(press(manager, task, "remove_pin", pin=pin.pk)) == "This remark is gone. Reload the page."


# --- decisions


def test_approval_leads_to_the_next_decision_that_waits():
    task, [revision], manager = make_reviewed_task()
    following, _revisions, _other = make_reviewed_task(by=manager)
    response = press(manager, task, "decide", verdict="approved", revision_ids=[revision.pk])
    [sentence] = told(response)
    assert sentence.startswith("Approved: the work is done. <a href=")
    assert url_of(following) in sentence
    assert status_of(task) == "approved"
    assert url_of(following) in page_of(manager, task)


def test_one_step_of_two_says_that_it_is_kept():
    task, [revision], manager = make_reviewed_task(roles=("ec_manager", "merchandiser"))
    response = press(manager, task, "decide", verdict="approved", revision_ids=[revision.pk])
    assert told(response) == ["Your approval is saved."]
    assert status_of(task) == "in_review"


def test_changes_are_requested_with_a_note_and_beyond_the_limit_with_a_reason():
    task, [revision], manager = make_reviewed_task()
    Task.objects.filter(pk=task.pk).update(revision_limit=1)
    response = press(manager, task, "decide", verdict="changes_requested", revision_ids=[revision.pk])
    assert refused(response) == "Say what should change: write a note, or set a pin on the picture."
    response = press(
        manager, task, "decide", verdict="changes_requested", revision_ids=[revision.pk], note="Warmer\x00 please"
    )
    assert told(response) == [f"Changes are requested of {worker_of(task)}."]
    assert Decision.objects.get().note == "Warmer please"
    again = upload(task)
    send_to_review(task_id=task.pk, actor=worker_of(task))
    assert 'name="over_limit_reason"' in page_of(manager, task)
    data = {"verdict": "changes_requested", "revision_ids": [again.pk], "note": "Still cold"}
    response = press(manager, task, "decide", **data)
    assert refused(response) == "1 round of changes was agreed. Give a reason for another one."
    assert "Still cold" in response.content.decode()
    told(press(manager, task, "decide", over_limit_reason="New\x00 brand colours", **data))
    assert Decision.objects.last().note == "Still cold\nNew brand colours"


def test_a_version_that_came_meanwhile_is_shown_and_the_note_stays():
    task, [old], manager = make_reviewed_task()
    take_back(task_id=task.pk, actor=worker_of(task))
    new = upload(task)
    send_to_review(task_id=task.pk, actor=worker_of(task))
    browser = browser_of(manager)
    response = browser.post(
        url_of(task, f"?d={deliverable_of(task).pk}&v=1"),
        {"do": "decide", "verdict": "approved", "revision_ids": [old.pk], "note": "Lovely light"},
    )
    assert refused(response) == "A newer version was uploaded. Look at it first."
    page = response.content.decode()
    assert "Your words are kept." in page
    assert ">Lovely light</textarea>" in page
    assert f'src="/files/{new.preview_path}"' in page  # the newer one is on the stage
    assert f'name="revision_ids" value="{new.pk}">' in page  # and is ticked by who has seen it
    assert (Decision.objects.count(), status_of(task)) == (0, "in_review")


def test_a_note_outlives_its_form():
    task, [revision], manager = make_reviewed_task()
    take_back(task_id=task.pk, actor=worker_of(task))
    response = press(manager, task, "decide", verdict="approved", revision_ids=[revision.pk], note="Lovely light")
    assert refused(response) == "This task is not in review any more. Reload the page to see its state."
    page = response.content.decode()
    assert 'id="decide-form"' not in page
    assert "readonly>Lovely light</textarea>" in page


def test_who_looks_at_an_old_version_is_told_what_the_decision_is_about():
    task, _revisions, manager = make_reviewed_task()
    take_back(task_id=task.pk, actor=worker_of(task))
    upload(task)
    send_to_review(task_id=task.pk, actor=worker_of(task))
    assert "You are looking at version 1. Your decision is about version 2." in page_of(manager, task, "?v=1")
    assert "You are looking at" not in page_of(manager, task)


def test_open_remarks_hold_an_approval_until_it_is_meant():
    task, [revision], manager = make_reviewed_task()
    add_pin(revision_id=revision.pk, x=1, y=1, text="Here", actor=manager)
    data = {"verdict": "approved", "revision_ids": [revision.pk]}
    assert refused(press(manager, task, "decide", **data)).startswith("1 remark is not resolved.")
    assert "Approve in spite of 1 open remark" in page_of(manager, task)
    told(press(manager, task, "decide", accept_open_pins="1", **data))
    assert status_of(task) == "approved"


def test_an_open_remark_on_an_older_version_is_not_forgotten():
    task, [revision], manager = make_reviewed_task()
    pin = add_pin(revision_id=revision.pk, x=1, y=1, text="Logo is missing", actor=manager)
    take_back(task_id=task.pk, actor=worker_of(task))
    upload(task)
    assert "Still open on other versions" in page_of(manager, task)
    resolve_pin(pin_id=pin.pk, is_resolved=True, actor=manager)
    assert "Still open on other versions" not in page_of(manager, task)


def test_the_wrong_person_decides_nothing():
    task, [revision], manager = make_reviewed_task()
    data = {"verdict": "approved", "revision_ids": [revision.pk]}
    assert refused(press(worker_of(task), task, "decide", **data)) == "Nobody judges his own work. Ask a colleague."
    assert refused(press(make_colleague("warehouse"), task, "decide", **data)) == "You may not judge work."
    assert refused(press(make_colleague("merchandiser"), task, "decide", **data)).startswith("It is the turn of")
    assert refused(press(manager, task, "decide", verdict="approved")) == "Choose the versions to decide about."
    assert (Decision.objects.count(), status_of(task)) == (0, "in_review")
