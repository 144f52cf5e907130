"""What the proofing page is given, and who loads which file."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation

from core.models import Job
from staff.models import Leave, WorkProfile
from staff.selectors.proofs import proof_of
from staff.services import add_pin, decide, resolve_pin, send_to_review
from staff.services.proofs import checking
from tests.factories import make_user
from tests.staff.making import make_colleague, make_started_task
from tests.staff.proofing import make_banner, make_reviewed_task, make_slot, png, upload, worker_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_storage(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


def test_a_designer_sees_what_is_asked_and_what_is_missing():
    slot = make_slot(safe_top=50, safe_left=86, text_limit=20, note="Logo at the left")
    task = make_started_task(slot_ids=[slot.pk])

    proof = proof_of(task, worker_of(task))

    [deliverable] = proof.deliverables
    view = deliverable.slot
    assert (view.size, view.rule, view.max_kb, view.formats, view.text_limit, view.note) == (
        "860 × 500 px",
        "Exactly this size",
        500,
        "PNG or JPEG",
        20,
        "Logo at the left",
    )
    assert (view.safe_px, view.safe_percent) == ((50, 0, 0, 86), (10.0, 0.0, 0.0, 10.0))
    assert (deliverable.versions, deliverable.latest, deliverable.takes_text_only) == ([], None, False)
    assert proof.obstacles == [f"{deliverable.title}: Nothing is uploaded yet."]
    assert (proof.may_upload, proof.may_send, proof.may_take_back, proof.may_decide) == (True, True, False, False)
    assert [(step.label, step.state) for step in proof.steps] == [("EC manager", "waiting")]


def test_versions_come_newest_first_with_findings_in_the_readers_language():
    task = make_banner()
    upload(task, png(10, 10))
    upload(task)
    with translation.override("en"):
        [deliverable] = proof_of(task, worker_of(task)).deliverables
    assert [(row.number, row.state, row.is_latest) for row in deliverable.versions] == [
        (2, "fits", True),
        (1, "misfit", False),
    ]
    first = deliverable.versions[1]
    assert [(row.is_ok, row.sentence) for row in first.findings] == [
        (False, "Needs 860 × 500 px, the file has 10 × 10 px."),
        (True, "1 KB of at most 500 KB."),
        (True, "The file is a PNG, as needed."),
    ]
    assert first.preview_url.startswith("/files/previews/")
    assert first.thumbnail_url.endswith("-320.webp")
    assert first.download_url.startswith("/files/creatives/")


def test_a_reviewer_sees_what_waits_for_him():
    task, [first, second], manager = make_reviewed_task(slots=2, roles=("ec_manager", "merchandiser"))
    pin = add_pin(revision_id=second.pk, x=1234, y=10_000, text="Here", actor=manager)
    decide(task_id=task.pk, verdict="approved", revision_ids=[first.pk], note="Good", actor=manager)

    proof = proof_of(task, manager)
    assert (proof.may_decide, proof.asked_ids, proof.round, proof.needs_reason) == (True, [second.pk], 1, False)
    assert [(step.state, step.people, step.approved_count) for step in proof.steps] == [
        ("current", [str(manager)], 1),
        ("waiting", [], 0),
    ]
    [decision] = proof.deliverables[0].versions[0].decisions
    assert (decision.step, decision.is_approved, decision.note, decision.by) == (
        "EC manager",
        True,
        "Good",
        str(manager),
    )
    [shown] = proof.deliverables[1].versions[0].pins
    assert (shown.x, shown.y, shown.may_change, shown.may_resolve, proof.open_pins) == (12.34, 100, True, True, 1)

    resolve_pin(pin_id=pin.pk, is_resolved=True, actor=worker_of(task))
    seen_by_worker = proof_of(task, worker_of(task))
    assert (seen_by_worker.may_decide, seen_by_worker.may_take_back, seen_by_worker.open_pins) == (False, True, 0)
    [shown] = seen_by_worker.deliverables[1].versions[0].pins
    assert (shown.is_resolved, shown.resolved_by, shown.may_change) == (True, str(worker_of(task)), False)


def test_a_delegate_reads_for_whom_he_stands_in():
    task, _revisions, manager = make_reviewed_task()
    delegate = make_colleague("cs_lead")
    WorkProfile.objects.create(user=manager, delegate=delegate)
    today = timezone.localdate()
    Leave.objects.create(user=manager, starts_on=today, ends_on=today + timedelta(days=1))
    proof = proof_of(task, delegate)
    assert (proof.may_decide, proof.stands_in_for) == (True, str(manager))


def test_a_passed_step_reads_so_and_a_rejected_version_too():
    task, [revision], manager = make_reviewed_task()
    decide(task_id=task.pk, verdict="changes_requested", revision_ids=[revision.pk], note="No", actor=manager)
    task.refresh_from_db()
    proof = proof_of(task, worker_of(task))
    assert proof.deliverables[0].versions[0].is_rejected
    assert "Changes were requested of version 1" in proof.obstacles[0]
    second = upload(task)
    task = send_to_review(task_id=task.pk, actor=worker_of(task))
    task = decide(task_id=task.pk, verdict="approved", revision_ids=[second.pk], actor=manager)
    proof = proof_of(task, worker_of(task))
    assert [step.state for step in proof.steps] == ["passed"]
    assert not proof.may_upload


def test_a_running_check_shows_how_far_it_is(monkeypatch):
    monkeypatch.setattr(checking, "LIGHT_BYTES", 0)
    task = make_banner()
    upload(task)
    Job.objects.update(state="running", done_count=2, total_count=4)
    proof = proof_of(task, worker_of(task))
    assert (proof.is_checking, proof.deliverables[0].latest.percent) == (True, 50)


def test_the_number_of_queries_does_not_depend_on_what_there_is(django_assert_num_queries):
    small, _revisions, manager = make_reviewed_task()
    large, revisions, _manager = make_reviewed_task(slots=4, by=manager, roles=("ec_manager", "merchandiser"))
    for revision in revisions:
        for place in range(5):
            add_pin(revision_id=revision.pk, x=place, y=place, text="Here", actor=manager)
        decide(
            task_id=large.pk,
            verdict="approved",
            revision_ids=[revision.pk],
            accept_open_pins=True,
            actor=manager,
        ) if revision != revisions[-1] else None
    proof_of(small, manager)
    for task in (small, large):
        with django_assert_num_queries(10):
            proof_of(task, manager)


def headers_of(client, path):
    response = client.get(f"/files/{path}")
    assert b"".join(response.streaming_content)
    return response.headers


def test_originals_are_downloads_with_a_telling_name_and_previews_are_shown():
    task = make_banner()
    revision, bad = upload(task, name="배너.png"), upload(task, b"MZ program", name="tool.png")
    client = Client()
    client.force_login(worker_of(task))
    original = headers_of(client, revision.file.name)
    assert original["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert original["Content-Disposition"].endswith(f"{task.number}-1-v1-%EB%B0%B0%EB%84%88.png")
    assert original["Content-Type"] == "application/octet-stream"
    assert f'filename="{task.number}-1-v2-tool.png.bin"' in headers_of(client, bad.file.name)["Content-Disposition"]
    assert headers_of(client, revision.preview_path)["Content-Type"] == "image/webp"

    client.force_login(make_user())
    assert client.get(f"/files/{revision.file.name}").status_code == 403
    assert client.get(f"/files/{revision.preview_path}").status_code == 403
