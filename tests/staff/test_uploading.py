"""Versions: stored once, numbered, checked against the slot, refused with a sentence."""

import hashlib
import re
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.db import ProgrammingError, transaction
from PIL import Image

from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.models import EventRecord, Job
from staff.models import Revision, TaskDependency
from staff.selectors.revisions import sentences_of
from staff.services import assign_task, decide, hold_task, upload_revision
from tests.staff.making import make_colleague, make_started_task, make_task
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
from tests.staff.storage import stored_files

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_storage(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


def content_of(path: str) -> bytes:
    with default_storage.open(path) as file:
        return file.read()


def noise(width: int, height: int) -> bytes:
    """Return a PNG that no compression makes small."""
    out = BytesIO()
    Image.effect_noise((width, height), 90).save(out, "PNG")
    return out.getvalue()


def test_a_version_that_fits_is_stored_measured_and_drawn_at_once():
    task = make_banner()
    content = png()

    revision = upload(task, content, name="../../배너 1.PNG")

    revision.refresh_from_db()
    assert (revision.number, revision.state, revision.filename) == (1, "fits", "배너 1.png")
    assert (revision.sha256, revision.size_bytes) == (hashlib.sha256(content).hexdigest(), len(content))
    assert (revision.format, revision.width_px, revision.height_px) == ("png", 860, 500)
    assert sentences_of(revision)[0] == "860 × 500 px, as needed."
    assert re.fullmatch(r"creatives/\d{4}/\d\d/[0-9a-f]{32}\.png", revision.file.name)
    assert content_of(revision.file.name) == content
    with default_storage.open(revision.preview_path) as file, Image.open(file) as preview:
        assert (preview.format, preview.size) == ("WEBP", (860, 500))
    with default_storage.open(revision.thumbnail_path) as file, Image.open(file) as thumbnail:
        assert (thumbnail.format, thumbnail.size) == ("WEBP", (320, 186))
    assert len(stored_files()) == 3
    assert EventRecord.objects.filter(name="staff.revision_uploaded").count() == 1
    assert not Job.objects.exists()


def test_a_version_that_does_not_fit_says_so_in_numbers():
    revision = upload(make_banner(), png(800, 500))
    assert revision.state == "misfit"
    assert sentences_of(revision, only_failed=True) == ["Needs 860 × 500 px, the file has 800 × 500 px."]


def test_without_a_slot_it_is_enough_that_the_file_is_readable():
    task = make_started_task(kind="photo", slot_ids=[])
    assert (upload(task, png(17, 4000)).state, upload(task, b"\x89PNG no", name="a.png").state) == (
        "fits",
        "unreadable",
    )


def test_versions_are_numbered_and_the_same_bytes_are_no_new_version():
    task = make_banner()
    content = png()
    assert upload(task, content).number == 1
    with pytest.raises(InvalidInput, match="same as version 1"):
        upload(task, content)
    assert upload(task, png()).number == 2
    assert upload(task, content).number == 3  # back to an earlier one
    assert len(stored_files()) == 9


def test_the_same_bytes_count_again_once_the_slot_was_corrected():
    task = make_banner()
    content = png(900, 500)
    assert upload(task, content).state == "misfit"
    slot = deliverable_of(task).slot
    slot.width_px = 900
    slot.save()
    assert (again := upload(task, content)).state == "fits"
    assert again.number == 2


def test_uploading_starts_work_that_was_only_assigned():
    manager, designer = make_colleague("ec_manager"), make_colleague("designer")
    task = make_task(by=manager, slot_ids=[make_slot().pk])
    task = assign_task(task_id=task.pk, assignee_id=designer.pk, actor=manager)
    upload(task)
    task.refresh_from_db()
    assert (task.status, task.started_at is not None) == ("in_progress", True)


def test_nothing_is_kept_of_uploads_that_are_refused():
    task = make_banner()
    stranger = make_colleague("designer")
    with pytest.raises(NotAllowed):
        upload(task, actor=stranger)
    for content, words in [(b"", "is empty"), (b"x" * (60 * 1024 * 1024 + 1), "at most 60 MB")]:
        with pytest.raises(InvalidInput, match=words):
            upload(task, content)
    with pytest.raises(InvalidInput, match="A picture is asked for"):
        upload_revision(deliverable_id=deliverable_of(task).pk, text="words", actor=worker_of(task))
    with pytest.raises(InvalidInput, match="Choose a file"):
        upload_revision(deliverable_id=deliverable_of(task).pk, actor=worker_of(task))
    assert (Revision.objects.count(), stored_files()) == (0, [])
    assert not EventRecord.objects.filter(name="staff.revision_uploaded").exists()


def test_in_review_and_when_approved_nothing_comes_in():
    task, [revision], manager = make_reviewed_task()
    with pytest.raises(InvalidTransition, match="Take it back first"):
        upload(task)
    decide(task_id=task.pk, verdict="approved", revision_ids=[revision.pk], actor=manager)
    with pytest.raises(InvalidTransition, match="taken up again first"):
        upload(task)
    assert Revision.objects.count() == 1
    assert len(stored_files()) == 3


def test_words_are_checked_against_the_limit_of_their_slot():
    slot = make_slot(text_limit=10)
    task = make_started_task(kind="copy", slot_ids=[slot.pk])
    place = deliverable_of(task).pk
    long = upload_revision(deliverable_id=place, text="elf Zeichen", actor=worker_of(task))
    assert (long.state, sentences_of(long)) == ("misfit", ["At most 10 characters, the text has 11."])
    short = upload_revision(deliverable_id=place, text=" 열 글자보다 짧다\x00 ", actor=worker_of(task))
    assert (short.state, short.number, short.text) == ("fits", 2, "열 글자보다 짧다")
    with pytest.raises(InvalidInput, match="same as version 2"):
        upload_revision(deliverable_id=place, text="열 글자보다 짧다", actor=worker_of(task))


def test_words_too_long_to_keep_are_refused():
    task = make_started_task(kind="copy")
    with pytest.raises(InvalidInput, match="20,000"):
        upload_revision(deliverable_id=deliverable_of(task).pk, text="x" * 20_001, actor=worker_of(task))


@pytest.mark.usefixtures("run_tasks_at_once")
def test_a_heavy_file_is_checked_by_a_job(django_capture_on_commit_callbacks):
    task = make_banner()
    content = noise(2000, 1300)
    assert len(content) > 2 * 1024 * 1024
    with django_capture_on_commit_callbacks(execute=True):
        revision = upload(task, content)
        assert (revision.state, revision.checked_at) == ("checking", None)
    job = Job.objects.get()
    assert (job.kind, job.state, job.outcome, job.title) == (
        "staff.check_revision",
        "done",
        {"state": "misfit"},
        "Check of “banner.png”",
    )
    revision.refresh_from_db()
    assert (revision.state, revision.width_px) == ("misfit", 2000)
    assert revision.thumbnail_path


def test_the_database_keeps_bytes_and_measures_as_they_are():
    task = make_banner()
    checked = upload(task)
    waiting = upload(task, noise(2000, 1300))
    for change in [{"state": "misfit"}, {"width_px": 1}, {"findings": []}, {"file": "x"}]:
        with pytest.raises(ProgrammingError), transaction.atomic():
            Revision.objects.filter(pk=checked.pk).update(**change)
    for change in [{"sha256": "0"}, {"file": "creatives/x"}, {"number": 9}, {"text": "x"}, {"uploaded_by": None}]:
        with pytest.raises(ProgrammingError), transaction.atomic():
            Revision.objects.filter(pk=waiting.pk).update(**change)
    with pytest.raises(ProgrammingError), transaction.atomic():
        Revision.objects.filter(pk=waiting.pk).delete()


def test_a_deliverable_that_is_gone_and_work_on_hold_take_nothing():
    task = make_banner()
    with pytest.raises(InvalidInput, match="gone"):
        upload_revision(deliverable_id=0, file=upload_of(png()), actor=worker_of(task))
    hold_task(task_id=task.pk, reason="Price is open", actor=task.requester)
    with pytest.raises(InvalidTransition, match="while the task is “On hold”"):
        upload(task)
    assert (Revision.objects.count(), stored_files()) == (0, [])


def test_many_pixels_in_few_bytes_are_work_for_a_job():
    revision = upload(make_banner(), png(5000, 4000))
    assert (revision.state, Job.objects.count()) == ("checking", 1)


def test_only_assigned_work_that_waits_for_other_work_is_not_begun_by_an_upload():
    manager, designer = make_colleague("ec_manager"), make_colleague("designer")
    before = make_task(by=manager)
    task = make_task(by=manager, slot_ids=[make_slot().pk])
    TaskDependency.objects.create(task=task, depends_on=before)
    task = assign_task(task_id=task.pk, assignee_id=designer.pk, actor=manager)
    with pytest.raises(InvalidTransition, match=before.number):
        upload(task)
    assert (Revision.objects.count(), stored_files()) == (0, [])


def test_words_beside_a_picture_count_too():
    slot = make_slot(text_limit=5)
    task = make_started_task(slot_ids=[slot.pk])
    revision = upload(task, text="Summer sale")
    assert (revision.state, sentences_of(revision, only_failed=True)) == (
        "misfit",
        ["At most 5 characters, the text has 11."],
    )
    assert upload(task, text="Sale").state == "fits"
