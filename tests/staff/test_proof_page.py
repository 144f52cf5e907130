"""The proofing page: what each side sees, and how work comes in."""

from io import BytesIO

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from staff.models import Deliverable, Revision, Task, User
from staff.services import add_pin, decide, send_to_review, start_task, take_back, upload_revision
from tests.factories import make_user
from tests.staff.making import make_colleague, make_started_task
from tests.staff.proof_pages import browser_of, counts, page_of, press, refused, status_of, told, url_of
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
