"""Photos that prove something: kept privately, read by who may see cases."""

import uuid
from collections.abc import Sequence
from io import BytesIO
from pathlib import PurePosixPath

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from core.errors import InvalidInput, NotAllowed
from core.events import record
from core.files import permission_reader, register_files
from returns.events import PhotosAdded
from returns.models import RequestPhoto, ReturnRequest
from returns.policies import can_inspect_returns, can_open_returns
from staff.models import User

MAX_BYTES = 20 * 1024 * 1024
MAX_PHOTOS = 40
_ENDINGS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}

register_files("returns", permission_reader("returns.view_returnrequest"))


@transaction.atomic
def add_photos(
    *,
    request_id: int,
    files: "Sequence[File[bytes]]",
    line_id: int | None = None,
    is_inspection: bool = False,
    actor: User | None = None,
) -> int:
    """Keep pictures with a case and return how many; their names are made harmless, their places are unguessable.

    InvalidInput for what is no JPEG, PNG or WebP, is larger than 20 MB, or is one too many; NotAllowed unless one opens
    or inspects cases.
    """
    if actor is not None and not (can_open_returns(actor) or can_inspect_returns(actor)):
        raise NotAllowed(_("Your role does not include this. Ask an administrator if you need it."))
    request = ReturnRequest.objects.select_for_update(no_key=True, of=("self",)).get(pk=request_id)
    if request.photos.count() + len(files) > MAX_PHOTOS:
        raise InvalidInput(_("A case keeps at most %(count)d photos.") % {"count": MAX_PHOTOS})
    if line_id is not None and not request.lines.filter(pk=line_id).exists():
        raise InvalidInput(_("A line is of another case. Reload the page."))
    kinds = [_kind(file) for file in files]
    for file, kind in zip(files, kinds, strict=True):
        name = PurePosixPath(str(file.name or "").replace("\\", "/")).name[:200] or f"photo.{_ENDINGS[kind]}"
        photo = RequestPhoto(
            request=request, line_id=line_id, filename=name, is_inspection=is_inspection, created_by=actor
        )
        photo.file.save(f"{uuid.uuid4().hex}.{_ENDINGS[kind]}", file, save=False)
        photo.save(force_insert=True)
    if files:
        fact = PhotosAdded(request_id=request.pk, number=request.number, count=len(files))
        record(fact, subject=request, actor=actor)
    return len(files)


def _kind(file: "File[bytes]") -> str:
    name = str(file.name or "")
    if not 0 < (file.size or 0) <= MAX_BYTES:
        raise InvalidInput(_("“%(name)s” is empty or larger than 20 MB.") % {"name": name})
    file.seek(0)
    try:
        with Image.open(BytesIO(file.read())) as picture:
            kind = str(picture.format)
            picture.verify()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InvalidInput(_("“%(name)s” is no picture that can be read.") % {"name": name}) from error
    finally:
        file.seek(0)
    if kind not in _ENDINGS:
        raise InvalidInput(_("“%(name)s” is no JPEG, PNG or WebP picture.") % {"name": name})
    return kind
