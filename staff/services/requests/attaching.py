"""Files of a brief: sketches, former banners, a supplier's sheet. Kept privately, each content once per task."""

import hashlib
import io
import uuid
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import InvalidInput, NotAllowed
from core.events import record
from core.files import permission_reader, register_files
from staff.adapters.pictures import PictureRefused, measure, render, safe_name
from staff.events import TaskEdited
from staff.models import TaskAttachment, User
from staff.policies import may_attach
from staff.services.proofs.storing import discard
from staff.services.work.moving import lock_task

MAX_BYTES = 60 * 1024 * 1024
MAX_FILES = 50
_DRAWN_BYTES = 10 * 1024 * 1024  # larger ones would keep the uploader waiting
_PREVIEW_EDGE = 640

register_files("briefs", permission_reader("staff.view_task"))


@transaction.atomic
def attach_file(*, task_id: int, file: File, actor: User) -> TaskAttachment:  # type: ignore[type-arg]
    """Keep a file with the task and return it; the same content again returns what is there.

    Its name is made harmless, its place on disk is unguessable, and only who may see tasks reads it. NotAllowed unless
    one requested the task, has it or directs; InvalidInput for an empty file, one above 60 MB, the 51st.
    """
    size = file.size or 0
    if not 0 < size <= MAX_BYTES:
        raise InvalidInput(_("“%(name)s” is empty or larger than 60 MB.") % {"name": safe_name(file.name or "")})
    task = lock_task(task_id)
    if not may_attach(actor, task):
        raise NotAllowed(_("Only who requested the task, who has it, or who directs the work, may add files."))
    digest = _digest(file)
    known = task.attachments.filter(sha256=digest).first()
    if known is not None:
        return known
    if task.attachments.count() >= MAX_FILES:
        raise InvalidInput(_("A task keeps at most %(count)s files.") % {"count": MAX_FILES})
    name = safe_name(file.name or "")
    attachment = TaskAttachment(task=task, filename=name, size_bytes=size, sha256=digest, uploaded_by=actor)
    attachment.file.save(f"{uuid.uuid4().hex}/{name}", file, save=False)
    path = str(attachment.file.name)
    attachment.preview_path = _preview(file, path, size)
    attachment.save(force_insert=True)
    record(TaskEdited(task_id=task.pk, fields=["attachments"]), subject=task, actor=actor)
    return attachment


@transaction.atomic
def remove_attachment(*, attachment_id: int, actor: User) -> TaskAttachment:
    """Take a file off the task; its bytes go when the transaction is through. NotAllowed as for adding."""
    attachment = TaskAttachment.objects.filter(pk=attachment_id).first()
    if attachment is None:
        raise InvalidInput(_("This file is gone. Reload the page."))
    task = lock_task(attachment.task_id)
    if not may_attach(actor, task):
        raise NotAllowed(_("Only who requested the task, who has it, or who directs the work, may remove files."))
    paths = [path for path in (attachment.file.name, attachment.preview_path) if path]
    attachment.delete()
    record(TaskEdited(task_id=task.pk, fields=["attachments"]), subject=task, actor=actor)
    transaction.on_commit(partial(discard, *paths))
    return attachment


def _digest(file: Any) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _preview(file: Any, path: str, size: int) -> str:
    """Draw a small picture beside the file and return its path; empty for what is no picture, or one too large."""
    if size > _DRAWN_BYTES:
        return ""
    file.seek(0)
    content = io.BytesIO(file.read())
    try:
        measured = measure(content, path)
    except PictureRefused:
        return ""
    drawn = render(content, measured, long_edge=_PREVIEW_EDGE)
    if drawn is None:
        return ""
    place = PurePosixPath(path).parent / f"{uuid.uuid4().hex}.webp"
    return default_storage.save(str(place), ContentFile(drawn))
