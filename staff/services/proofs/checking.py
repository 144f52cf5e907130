"""The automatic check of a version: what the file is, whether it fits its slot, how it looks small. Once for each."""

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from io import BytesIO
from typing import Any, BinaryIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.jobs import JobRun, enqueue, job
from core.models import Job, JobState
from staff.adapters.file_types import DOCUMENTS, sniff
from staff.adapters.headers import read_header
from staff.adapters.pictures import (
    MAX_MEGAPIXELS,
    Finding,
    Measured,
    PictureRefused,
    SlotSpec,
    check_against,
    check_text,
    measure,
    render,
)
from staff.models import CreativeSlot, Deliverable, Revision, RevisionState, User
from staff.services.proofs.storing import store_again

logger = logging.getLogger(__name__)

KIND = "staff.check_revision"
PREVIEW_EDGE, THUMBNAIL_EDGE = 1600, 320
STUCK_AFTER = timedelta(minutes=10)
MOST_JOBS = 3  # jobs that failed for one version before it counts as unreadable
# What is checked while the uploader waits: a second at most, so that a phone shows the answer at once.
LIGHT_BYTES, LIGHT_PIXELS = 2 * 1024 * 1024, 12_000_000
_STAGES = 4


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What the check says; the names are those of the columns."""

    state: RevisionState
    findings: list[dict[str, Any]]
    problem: str = ""
    format: str = ""
    width_px: int | None = None
    height_px: int | None = None
    preview_path: str = ""
    thumbnail_path: str = ""

    def columns(self) -> dict[str, Any]:
        """Return the columns to write, with the moment of the check."""
        return {**vars(self), "checked_at": timezone.now()}


def spec_of(slot: CreativeSlot) -> SlotSpec:
    """Return what the slot demands, as the check reads it."""
    return SlotSpec(
        width_px=slot.width_px,
        height_px=slot.height_px,
        size_rule=slot.size_rule,
        max_kb=slot.max_kb,
        formats=tuple(slot.formats),
        text_limit=slot.text_limit,
    )


def check_words(text: str, slot: CreativeSlot | None) -> Checked:
    """Return the check of a version that is a text only."""
    return _judged(check_text(text, spec_of(slot)) if slot else [])


def check_light(*, path: str, filename: str, size_bytes: int, text: str, slot: CreativeSlot | None) -> Checked | None:
    """Return the check of a stored file that takes no time; None when it is work for a job."""
    if size_bytes > LIGHT_BYTES:
        return None
    with _opened(path) as file:
        try:
            if not _is_light(file.read()):
                return None
            return _measured(file, path, measure(file, filename), text, slot)
        except PictureRefused as error:
            return _refused(error)


@transaction.atomic
def check_revision(revision_id: int, run: JobRun | None = None) -> Revision | None:
    """Measure a version, compare it with its slot, draw it small; return it. None when another worker is at it.

    1. The row's lock is the claim: it ends with the transaction, so a kill leaves the version as it was.
    2. Previews have names that follow from the file's, so the next attempt writes over what this one left.
    3. What was found is written once; the database refuses a second time. A hostile file ends as unreadable.
    """
    with connection.cursor() as cursor:  # a busy machine may need more than a minute for a large document
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '10min'")
    revision = (
        Revision.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .select_related("deliverable__slot")
        .filter(pk=revision_id)
        .first()
    )
    if revision is None or revision.state != RevisionState.CHECKING:
        return revision
    return _write(revision, _check(revision, run))


@job(KIND, label=gettext_lazy("Check of a file"))
def run_check(run: JobRun) -> dict[str, str]:
    """Check one version as a job; started again after a crash it begins anew, and finds nothing to do when done."""
    revision = check_revision(int(run.parameters["revision"]), run)
    return {"state": revision.state if revision else RevisionState.CHECKING.value}


def enqueue_check(revision: Revision, owner: User | None = None) -> None:
    """Let a worker check the version."""
    title = _("Check of “%(file)s”") % {"file": revision.filename}
    enqueue(kind=KIND, title=title, parameters={"revision": revision.pk}, owner=owner)


@transaction.atomic
def recheck_stuck() -> int:
    """Enqueue the check of versions that wait for it too long without a job, and return how many.

    A version whose jobs failed too often ends as unreadable, so that the uploader learns of it.
    """
    old = Revision.objects.filter(state=RevisionState.CHECKING, uploaded_at__lt=timezone.now() - STUCK_AFTER)
    stuck = list(old.select_for_update(no_key=True, skip_locked=True).order_by("pk")[:100])
    jobs = Job.objects.filter(kind=KIND, parameters__revision__in=[revision.pk for revision in stuck])
    states: dict[int, list[str]] = {}
    for parameters, state in jobs.values_list("parameters", "state"):
        states.setdefault(parameters["revision"], []).append(state)
    enqueued = 0
    for revision in stuck:
        known = states.get(revision.pk, [])
        if {JobState.QUEUED, JobState.RUNNING} & set(known):
            continue  # the sweep of jobs sees to it
        if known.count(JobState.FAILED) >= MOST_JOBS:
            _write(revision, _unreadable(_("This file could not be checked. Export it again and upload it.")))
            continue
        enqueue_check(revision)
        enqueued += 1
    return enqueued


def fits_now(revision: Revision, slot: CreativeSlot | None) -> bool:
    """Tell whether a measured version that did not fit would fit today: the slot may have been corrected."""
    if revision.state != RevisionState.MISFIT or slot is None:
        return False
    if not revision.file:
        return check_words(revision.text, slot).state == RevisionState.FITS
    measured = Measured(
        format=revision.format,
        width=revision.width_px,
        height=revision.height_px,
        size_bytes=revision.size_bytes,
        sha256=revision.sha256,
    )
    return all(finding.is_ok for finding in check_against(measured, spec_of(slot), revision.text))


def _is_light(data: bytes) -> bool:
    """Tell whether decoding takes no time and little memory, by what the bytes say of themselves."""
    kind = sniff(data)
    if kind in DOCUMENTS:
        return False
    try:
        header = read_header(data, kind)
    except (KeyError, ValueError):
        return True  # refused before anything is decoded, as are too many pixels
    pixels = header.width * header.height
    return pixels <= LIGHT_PIXELS or pixels > MAX_MEGAPIXELS * 1_000_000


def _opened(path: str) -> Any:
    return default_storage.open(path)


def _check(revision: Revision, run: JobRun | None) -> Checked:
    deliverable: Deliverable = revision.deliverable
    if not revision.file:
        return check_words(revision.text, deliverable.slot)
    path = str(revision.file.name)
    try:
        with _opened(path) as file:
            _tell(run, 0)
            measured = measure(file, revision.filename)
            if measured.sha256 != revision.sha256:
                return _unreadable(_("The stored file was damaged. Upload it again."))
            return _measured(file, path, measured, revision.text, deliverable.slot, run)
    except PictureRefused as error:
        return _refused(error)
    except FileNotFoundError:
        return _unreadable(_("The stored file is gone. Upload it again."))


def _measured(
    file: BinaryIO, path: str, measured: Measured, text: str, slot: CreativeSlot | None, run: JobRun | None = None
) -> Checked:
    _tell(run, 1)
    checked = replace(
        _judged(check_against(measured, spec_of(slot), text) if slot else []),
        format=measured.format,
        width_px=measured.width,
        height_px=measured.height,
    )
    preview = render(file, measured, long_edge=PREVIEW_EDGE)
    if preview is None:
        return checked
    _tell(run, 2)
    # drawn from the preview: the original is decoded once
    small = render(BytesIO(preview), replace(measured, format="webp", name="preview.webp"), long_edge=THUMBNAIL_EDGE)
    _tell(run, 3)
    stem = path.replace("creatives/", "previews/", 1).rpartition(".")[0]
    return replace(
        checked,
        preview_path=store_again(f"{stem}.webp", ContentFile(preview)),
        thumbnail_path=store_again(f"{stem}-{THUMBNAIL_EDGE}.webp", ContentFile(small or preview)),
    )


def _judged(findings: list[Finding]) -> Checked:
    fits = all(finding.is_ok for finding in findings)
    return Checked(
        state=RevisionState.FITS if fits else RevisionState.MISFIT, findings=[finding.as_dict() for finding in findings]
    )


def _refused(error: PictureRefused) -> Checked:
    return replace(_unreadable(str(error)), findings=[error.finding.as_dict()])


def _unreadable(problem: str) -> Checked:
    return Checked(state=RevisionState.UNREADABLE, findings=[], problem=problem[:300])


def _write(revision: Revision, checked: Checked) -> Revision:
    columns = checked.columns()
    for name, value in columns.items():
        setattr(revision, name, value)
    revision.save(update_fields=sorted(columns))
    logger.info("revision checked revision=%s state=%s", revision.pk, checked.state)
    return revision


def _tell(run: JobRun | None, stage: int) -> None:
    if run is not None:
        run.progress(stage, _STAGES)
