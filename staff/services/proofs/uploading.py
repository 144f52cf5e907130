"""New versions of a deliverable: stored once, numbered, checked."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.events import record
from core.files import permission_reader, register_files
from staff.adapters.pictures import MAX_BYTES
from staff.events import RevisionUploaded
from staff.models import Deliverable, Revision, RevisionState, Task, TaskStatus, User
from staff.policies import may_work_on
from staff.selectors.proofs import UPLOADABLE, takes_text_only
from staff.selectors.revisions import download_name
from staff.services.proofs.checking import Checked, check_light, check_words, enqueue_check, fits_now
from staff.services.proofs.storing import StoredFile, discard, store_upload
from staff.services.work.moving import lock_task, touched
from staff.services.work.working import start_task

register_files("creatives", permission_reader("staff.view_task"), name_of=download_name)
register_files("previews", permission_reader("staff.view_task"))

MAX_TEXT = 20_000
FOLDER = "creatives"


def upload_revision(
    *, deliverable_id: int, file: Any = None, filename: str = "", text: str = "", actor: User
) -> Revision:
    """Add a version to a deliverable and return it: checked already when that takes no time, else a job checks it.

    1. The file is written and, when small, measured before anything is locked. 2. Under the task's lock the version
    gets its number; a kill in between leaves a file without a version, never a version without its file.

    Decisions about older versions say nothing about this one. Work that was only assigned counts as started.
    NotAllowed unless one has the task or directs; InvalidTransition in review and when approved; InvalidInput for
    nothing, too much, and the same as the version before.
    """
    text = text.replace("\x00", "").strip()
    deliverable = Deliverable.objects.select_related("task", "slot").filter(pk=deliverable_id).first()
    if deliverable is None:
        raise InvalidInput(_("This deliverable is gone. Reload the page."))
    _check_may_upload(deliverable.task, actor)
    _check_content(deliverable, file, text)
    if file is None:
        return _add(deliverable, actor, check_words(text, deliverable.slot), text=text)
    stored = store_upload(file=file, filename=filename or getattr(file, "name", ""), folder=FOLDER)
    paths = [stored.path]
    try:
        checked = check_light(
            path=stored.path,
            filename=stored.filename,
            size_bytes=stored.size_bytes,
            text=text,
            slot=deliverable.slot,
        )
        paths += [checked.preview_path, checked.thumbnail_path] if checked and checked.preview_path else []
        return _add(deliverable, actor, checked, text=text, stored=stored)
    except BaseException:
        discard(*paths)
        raise


@transaction.atomic
def _add(
    deliverable: Deliverable, actor: User, checked: Checked | None, *, text: str, stored: StoredFile | None = None
) -> Revision:
    task = lock_task(deliverable.task_id)
    _check_may_upload(task, actor)
    if not task.deliverables.filter(pk=deliverable.pk).exists():  # taken off the task while the file was written
        raise InvalidInput(_("This deliverable is gone. Reload the page."))
    last = deliverable.revisions.order_by("-number").first()
    _refuse_the_same(last, deliverable, text, stored)
    if task.status == TaskStatus.ASSIGNED:
        task = start_task(task_id=task.pk, actor=actor)
    revision = Revision.objects.create(
        deliverable=deliverable,
        number=last.number + 1 if last else 1,
        text=text,
        uploaded_by=actor,
        **(checked.columns() if checked else {"state": RevisionState.CHECKING}),
        **(
            {
                "file": stored.path,
                "filename": stored.filename,
                "sha256": stored.sha256,
                "size_bytes": stored.size_bytes,
            }
            if stored
            else {}
        ),
    )
    touched(task)
    fact = RevisionUploaded(
        task_id=task.pk, revision_id=revision.pk, deliverable=str(deliverable), number=revision.number
    )
    record(fact, subject=task, actor=actor)
    if checked is None:
        enqueue_check(revision, actor)
    return revision


def _check_may_upload(task: Task, actor: User) -> None:
    if not may_work_on(actor, task):
        raise NotAllowed(_("Only who has the task may do this."))
    if task.status in UPLOADABLE:
        return
    if task.status == TaskStatus.IN_REVIEW:
        raise InvalidTransition(_("This task is in review. Take it back first, then upload."))
    if task.status in {TaskStatus.APPROVED, TaskStatus.DELIVERED, TaskStatus.LIVE}:
        raise InvalidTransition(_("This task is approved already. Have it taken up again first, then upload."))
    raise InvalidTransition(
        _("Nothing can be uploaded while the task is “%(state)s”.") % {"state": task.get_status_display()}
    )


def _check_content(deliverable: Deliverable, file: Any, text: str) -> None:
    if len(text) > MAX_TEXT:
        raise InvalidInput(_("Write at most %(limit)s characters.") % {"limit": f"{MAX_TEXT:,}"})
    if file is None and not text:
        raise InvalidInput(_("Choose a file of at most %(limit)s MB.") % {"limit": MAX_BYTES // 1024**2})
    if file is None and not takes_text_only(deliverable.task.kind, deliverable.slot_id):
        raise InvalidInput(_("A picture is asked for here. Choose a file."))


def _refuse_the_same(last: Revision | None, deliverable: Deliverable, text: str, stored: StoredFile | None) -> None:
    if last is None or (last.sha256, last.text) != (stored.sha256 if stored else "", text):
        return
    if not fits_now(last, deliverable.slot):
        raise InvalidInput(_("This is the same as version %(number)s. Upload a changed one.") % {"number": last.number})
