"""The proofing page: what each side sees, what each press does, and what it refuses."""

from io import BytesIO
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from staff.models import Decision, Deliverable, Pin, Revision, Task, User
from staff.services import add_pin, decide, resolve_pin, send_to_review, start_task, take_back, upload_revision
from tests.factories import make_user
from tests.staff.making import make_colleague, make_started_task
from tests.staff.proofing import (
    deliverable_of,
    make_banner,
    make_reviewed_task,
    make_slot,
    png,
    upload,
    upload_of,
    worker_of,
)

pytestmark = pytest.mark.django_db
JSON = {"X-Requested-With": "XMLHttpRequest"}
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _own_storage(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


def url_of(task: Task, query: str = "") -> str:
    return reverse("admin:staff_proof", args=[task.pk]) + query


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page_of(user: User, task: Task, query: str = "") -> str:
    response = browser_of(user).get(url_of(task, query))
    assert response.status_code == 200
    return response.content.decode()


def press(user: User, task: Task, do: str, *, headers: Any = None, **data: Any) -> Any:
    return browser_of(user).post(url_of(task), {"do": do, **data}, headers=headers)


def told(response: Any) -> list[str]:
    """Return the messages to which the answer leads."""
    assert response.status_code == 302, response.content.decode()[:2000]
    return [str(message) for message in get_messages(response.wsgi_request)]


def refused(response: Any) -> str:
    """Return the sentence of a refusal; the page came back at once, with the forms."""
    assert response.status_code == 200
    page = response.content.decode()
    return page.split('id="refusal"')[1].split("<div>")[1].split("<")[0].strip()


def counts() -> tuple[int, int, int]:
    return Revision.objects.count(), Pin.objects.count(), Decision.objects.count()


def status_of(task: Task) -> str:
    return str(Task.objects.values_list("status", flat=True).get(pk=task.pk))


# --- what is seen


def test_the_designer_sees_what_is_asked_and_a_form_for_it():
    task = make_banner()
    page = page_of(worker_of(task), task)
    for words in (
        "860 × 500 px",
        "at most 500 KB",
        "PNG or JPEG",
        'name="file"',
        "Answer to headline",
        "No version yet",
    ):
        assert words in page
    assert 'id="send-form"' in page
    assert "Nothing is uploaded yet." in page  # why it cannot be sent
    assert 'id="decide-form"' not in page


def test_the_reviewer_sees_the_picture_and_a_decision_about_everything_undecided():
    task, revisions, manager = make_reviewed_task(slots=2)
    page = page_of(manager, task)
    assert f'src="/files/{revisions[0].preview_path}"' in page
    for revision in revisions:
        assert f'name="revision_ids" value="{revision.pk}" checked' in page
    assert 'id="decide-form"' in page
    assert 'name="file"' not in page
    assert "over_limit_reason" not in page


def test_who_only_looks_gets_no_forms_but_files_and_history():
    task, [revision], _manager = make_reviewed_task()
    page = page_of(make_colleague("warehouse"), task)
    for form in ("decide-form", "upload-form", "send-form", "take-back-form"):
        assert form not in page
    assert f'href="/files/{revision.file.name}"' in page
    assert revision.sha256[:12] in page
    history = reverse("admin:staff_proof_history", args=[task.pk])
    assert f'hx-get="{history}"' in page
    assert "Sent to review" in browser_of(make_colleague("warehouse")).get(history).content.decode()


def test_without_the_right_to_see_tasks_there_is_no_page_and_no_file():
    task, [revision], _manager = make_reviewed_task()
    stranger = browser_of(make_user(is_staff=True))
    assert stranger.get(url_of(task)).status_code == 403
    assert stranger.post(url_of(task), {"do": "send"}).status_code == 403
    assert stranger.get(reverse("admin:staff_proof_check", args=[task.pk, revision.pk])).status_code == 403
    assert stranger.get(reverse("admin:staff_proof_history", args=[task.pk])).status_code == 403
    for path in (revision.file.name, revision.preview_path, revision.thumbnail_path):
        assert stranger.get(f"/files/{path}").status_code == 403
        assert Client().get(f"/files/{path}").status_code == 302
        assert b"".join(browser_of(make_colleague("accountant")).get(f"/files/{path}").streaming_content)


def test_the_original_is_a_download_under_its_own_name():
    task = make_banner()
    revision = upload(task, name="배너 1.png")
    response = browser_of(worker_of(task)).get(f"/files/{revision.file.name}")
    assert response["Content-Disposition"].startswith("attachment")
    assert b"".join(response.streaming_content)[:4] == b"\x89PNG"


def test_an_approval_of_an_older_version_is_visibly_void():
    task, [first], manager = make_reviewed_task(roles=("ec_manager", "merchandiser"))
    decide(task_id=task.pk, verdict="approved", revision_ids=[first.pk], actor=manager)
    assert "Approved: 1 of 2" in page_of(manager, task)
    take_back(task_id=task.pk, actor=worker_of(task))
    upload(task)
    page = page_of(manager, task)
    assert "Approval void" in page
    assert "void: a newer version came" in page
    assert "Approved: 1 of 2" not in page


def test_versions_are_compared_under_a_slider_or_side_by_side():
    task = make_banner()
    first, second = upload(task), upload(task)
    slider = page_of(worker_of(task), task, "?v=2&with=1&view=slider")
    assert 'type="range"' in slider
    assert slider.index(first.preview_path) < slider.index(second.preview_path)  # the newer one lies on top
    beside = page_of(worker_of(task), task, "?v=2&with=1&view=side")
    assert beside.index(second.preview_path) < beside.index(first.preview_path)
    assert 'data-arrow="ArrowRight"' in beside


@pytest.mark.parametrize("query", ["?v=9", "?d=0", "?d=x", "?v=1&with=7"])
def test_what_is_not_there_is_not_found(query):
    task = make_banner()
    upload(task)
    assert browser_of(worker_of(task)).get(url_of(task, query)).status_code == 404
    assert browser_of(worker_of(task)).get(reverse("admin:staff_proof", args=[10**17])).status_code == 404
    assert browser_of(worker_of(task)).get(url_of(task, "?v=%00")).status_code == 400


@pytest.mark.parametrize(
    "data",
    [{}, {"do": "drop"}, {"do": "pin", "revision": "x"}, {"do": "decide", "verdict": "maybe"}, {"do": "resolve"}],
)
def test_what_no_form_sends_is_a_bad_request(data):
    task, _revisions, manager = make_reviewed_task()
    before = counts()
    assert browser_of(manager).post(url_of(task), data).status_code == 400
    assert counts() == before


def test_a_file_that_nobody_can_draw_says_so():
    task = make_started_task(kind="photo", slot_ids=[])
    upload(task, b"\x89PNG\r\n\x1a\nno", name="broken.png")
    page = page_of(worker_of(task), task)
    assert "This file cannot be shown" in page
    assert "cannot be read: it is damaged or incomplete" in page
    assert "data-canvas" not in page


def test_moving_and_tall_pictures_are_shown_themselves():
    task = make_started_task(kind="photo", slot_ids=[])
    moving, tall, flat = BytesIO(), png(430, 1900), png(1900, 430)
    frames = [Image.new("P", (60, 40), number) for number in range(3)]
    frames[0].save(moving, "GIF", save_all=True, append_images=frames[1:])
    shown = []
    for content, name in ((moving.getvalue(), "a.gif"), (tall, "b.png"), (flat, "c.png")):
        revision = upload(task, content, name=name)
        page = page_of(worker_of(task), task)
        own, preview = (f'src="/files/{path}"' in page for path in (revision.file.name, revision.preview_path))
        shown.append((own, preview, f'data-full="/files/{revision.file.name}"' in page))
    assert shown == [(True, False, True), (True, False, True), (False, True, True)]


def test_a_task_without_deliverables_says_where_it_is_completed():
    task = make_started_task(kind="banner", slot_ids=[])
    Deliverable.objects.filter(task=task).delete()
    assert "This task has no deliverables" in page_of(worker_of(task), task)


def test_the_check_of_a_big_file_tells_how_far_it_is():
    task = make_banner()
    noise = b"\x89PNG\r\n\x1a\n" + b"x" * (3 * 1024 * 1024)
    revision = upload(task, noise)
    assert revision.state == "checking"
    address = reverse("admin:staff_proof_check", args=[task.pk, revision.pk])
    assert f'hx-get="{address}"' in page_of(worker_of(task), task)
    answer = browser_of(worker_of(task)).get(address).content.decode()
    assert 'aria-valuenow="0"' in answer
    assert "This file is being checked" in answer
    fitting = upload(task)
    done = reverse("admin:staff_proof_check", args=[task.pk, fitting.pk])
    assert "data-checked" in browser_of(worker_of(task)).get(done).content.decode()
    assert browser_of(worker_of(task)).get(reverse("admin:staff_proof_check", args=[task.pk, 0])).status_code == 404


# --- uploading and sending


def test_a_version_comes_in_and_the_answer_names_the_numbers():
    task = make_banner()
    place = deliverable_of(task).pk
    response = press(worker_of(task), task, "upload", deliverable=place, file=upload_of(png(800, 500)))
    assert told(response) == [
        "Version 1 is uploaded, but cannot be used: Needs 860 × 500 px, the file has 800 × 500 px."
    ]
    assert response["Location"] == url_of(task, f"?d={place}&v=1#check")
    assert "Needs 860 × 500 px, the file has 800 × 500 px." in page_of(worker_of(task), task)
    response = press(worker_of(task), task, "upload", deliverable=place, file=upload_of(png()))
    assert told(response) == ["Version 2 is uploaded and fits."]


def test_the_script_is_answered_in_json():
    task = make_banner()
    data = {"deliverable": deliverable_of(task).pk}
    response = press(worker_of(task), task, "upload", headers=JSON, **data)
    assert (response.status_code, response.json()) == (422, {"error": "Choose a file of at most 60 MB."})
    response = press(worker_of(task), task, "upload", headers=JSON, file=upload_of(png()), **data)
    assert (response.status_code, response.json()) == (200, {"url": url_of(task, f"?d={data['deliverable']}&v=1")})


def test_uploads_that_are_refused_keep_what_was_typed():
    task = make_banner()
    other = make_colleague("designer")
    place = deliverable_of(task).pk
    assert refused(press(worker_of(task), task, "upload", deliverable=place)) == "Choose a file of at most 60 MB."
    response = press(other, task, "upload", deliverable=place, file=upload_of(png()))
    assert refused(response) == "Only who has the task may do this."
    slot = make_slot(text_limit=10)
    copy = make_started_task(kind="copy", slot_ids=[slot.pk])
    response = press(worker_of(copy), copy, "upload", deliverable=deliverable_of(copy).pk, text="x" * 20_001)
    assert refused(response) == "Write at most 20,000 characters."
    assert "x" * 20_001 in response.content.decode()
    assert counts() == (0, 0, 0)


def test_words_are_a_version_of_copy_with_their_limit_beside_them():
    copy = make_started_task(kind="copy", slot_ids=[make_slot(text_limit=10).pk])
    place = deliverable_of(copy).pk
    told(press(worker_of(copy), copy, "upload", deliverable=place, text="봄\x00 할인\r\n지금"))
    assert Revision.objects.get().text == "봄 할인\n지금"
    page = page_of(worker_of(copy), copy)
    assert 'data-limit="10"' in page
    assert "7 of at most 10 characters." in page


def test_work_is_sent_to_review_and_taken_back():
    task = make_banner()
    assert "Nothing is uploaded yet." in refused(press(worker_of(task), task, "send"))
    assert status_of(task) == "in_progress"
    upload(task)
    assert told(press(worker_of(task), task, "send")) == ["Sent to review."]
    assert status_of(task) == "in_review"
    assert refused(press(make_colleague("designer"), task, "take_back")) == "Only who has the task may do this."
    assert told(press(worker_of(task), task, "take_back")) == [
        "Taken back. Go on working, and send it to review again."
    ]
    assert status_of(task) == "in_progress"


def test_lines_of_the_check_list_are_ticked_here():
    task = make_banner(checklist=["Logo in place"])
    item = task.checklist.get()
    assert "Logo in place" in page_of(worker_of(task), task)
    assert press(worker_of(task), task, "tick", item=item.pk, is_done="1").status_code == 302
    item.refresh_from_db()
    assert item.done_by == worker_of(task)
    assert refused(press(make_colleague(), task, "tick", item=item.pk, is_done="0")) == (
        "Only who has the task may do this."
    )


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


# --- how much it asks the database


def grow(task: Task, manager: User, versions: int) -> None:
    for _ in range(versions):
        revision = upload(task)
        add_pin(revision_id=revision.pk, x=1, y=1, text="Here", actor=manager)
        send_to_review(task_id=task.pk, actor=worker_of(task))
        decide(task_id=task.pk, verdict="changes_requested", revision_ids=[revision.pk], note="More", actor=manager)
        start_task(task_id=task.pk, actor=worker_of(task))


def queries(user: User, task: Task) -> int:
    client = browser_of(user)
    client.get(url_of(task))
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url_of(task)).status_code == 200
    return len(captured)


def test_it_asks_as_often_for_ten_versions_as_for_one():
    manager = make_colleague("ec_manager")
    small, large = (make_banner(by=manager) for _ in range(2))
    Task.objects.update(revision_limit=20)
    for task, versions in ((small, 0), (large, 9)):
        grow(task, manager, versions)
        last = upload(task)
        add_pin(revision_id=last.pk, x=1, y=1, text="Here", actor=manager)
    for user in (manager, worker_of(small)):
        large_worker = worker_of(large) if user != manager else manager
        assert queries(user, small) == queries(large_worker, large) <= 20
    for task in (small, large):
        send_to_review(task_id=task.pk, actor=worker_of(task))
    assert queries(manager, small) == queries(manager, large) <= 20


def test_words_of_colleagues_are_words_and_nothing_else():
    task, [revision], manager = make_reviewed_task()
    add_pin(revision_id=revision.pk, x=1, y=1, text="<script>alert(1)</script>", actor=manager)
    copy = make_started_task(kind="copy")
    upload_revision(deliverable_id=deliverable_of(copy).pk, text="<b>x</b>", actor=worker_of(copy))
    assert "<script>alert" not in page_of(manager, task)
    assert "<b>x</b>" not in page_of(manager, copy)
