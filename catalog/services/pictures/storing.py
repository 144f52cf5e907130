"""Picture files: checked, stripped and made smaller before anything is written; the same bytes are stored once."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass, replace
from hashlib import sha256
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image

from catalog.adapters.stripping import strip
from catalog.models import MediaFile, ProductImage
from core.errors import InvalidInput
from staff.adapters.pictures import Measured, PictureRefused, measure, render
from staff.services.proofs.storing import discard

FORMATS = ("jpeg", "png", "webp")  # what a shop page shows and does not move
MAX_MEGABYTES = 20  # what the malls take at most
THUMBNAIL_EDGE, LARGE_EDGE = 320, 1200
WHITE = 245  # of 255; what JPEG leaves of pure white beside a product
_ENDINGS = {"jpeg": "jpg", "png": "png", "webp": "webp"}


@dataclass(frozen=True, kw_only=True)
class PreparedPicture:
    """A picture that may be stored: bytes without metadata, what they measure, smaller ones, percent of white edge."""

    content: bytes
    measured: Measured
    thumbnail: bytes
    large: bytes  # empty when the picture itself is not larger
    white_edge: int


def prepare_picture(*, file: Any, filename: str) -> PreparedPicture:
    """Return the picture ready to be stored; nothing is written.

    PictureRefused (an InvalidInput) with numbers for what is not a still PNG, JPEG or WebP by its content, is broken,
    has more than 20 MB or 40 megapixels.
    """
    measured = measure(file, filename)
    if measured.format not in FORMATS:
        raise PictureRefused("unusable_type", name=measured.name, actual=measured.format, formats=list(FORMATS))
    if measured.size_bytes > MAX_MEGABYTES * 1024**2:
        megabytes = -(-measured.size_bytes // 1024**2)
        raise PictureRefused("too_heavy", name=measured.name, mb=megabytes, limit=MAX_MEGABYTES)
    if measured.frame_count > 1:
        raise InvalidInput(
            _("“%(name)s” moves, it has %(count)s frames. Upload a picture that stands still.")
            % {"name": measured.name, "count": measured.frame_count}
        )
    file.seek(0)
    content = strip(file.read(), measured)
    measured = replace(measured, size_bytes=len(content), sha256=sha256(content).hexdigest())
    thumbnail = _smaller(content, measured, THUMBNAIL_EDGE)
    is_large = max(measured.width or 0, measured.height or 0) > LARGE_EDGE
    return PreparedPicture(
        content=content,
        measured=measured,
        thumbnail=thumbnail,
        large=_smaller(content, measured, LARGE_EDGE) if is_large else b"",
        white_edge=white_edge(thumbnail),
    )


def white_edge(picture: bytes) -> int:
    """Return how many percent of the outermost pixels are white and opaque, rounded down."""
    with Image.open(BytesIO(picture), formats=["WEBP"]) as opened:
        shown = opened.convert("RGBA")
    width, height = shown.size
    sides = ((0, 0, width, 1), (0, height - 1, width, height), (0, 0, 1, height), (width - 1, 0, width, height))
    edge = b"".join(shown.crop(side).tobytes() for side in sides)
    pixels = [edge[at : at + 4] for at in range(0, len(edge), 4)]
    return sum(min(pixel[:3]) >= WHITE and pixel[3] == 255 for pixel in pixels) * 100 // len(pixels)


@transaction.atomic
def store_media(*, prepared: PreparedPicture) -> MediaFile:
    """Return the row of these bytes, locked: the one that has them already, or a new one with its files.

    Whoever stores the same bytes at the same time gets the same row. A kill leaves files without a row at worst.
    """
    known = MediaFile.objects.select_for_update(no_key=True).filter(sha256=prepared.measured.sha256).first()
    if known is not None:
        return known
    paths: list[str] = []
    try:
        made = _written(prepared, paths)
        MediaFile.objects.bulk_create([made], ignore_conflicts=True)
        row = MediaFile.objects.select_for_update(no_key=True).get(sha256=made.sha256)
    except BaseException:
        discard(*paths)
        raise
    if row.file.name != made.file.name:
        discard(*paths)  # somebody was faster
    return row


@transaction.atomic
def drop_unused_media(*, media_ids: Collection[int]) -> int:
    """Delete those files that no picture shows any more, and return how many; files go after the commit.

    The row is locked first and looked at then, so a picture that begins to show it meanwhile keeps it.
    """
    locked = list(MediaFile.objects.select_for_update().filter(pk__in=media_ids).order_by("pk"))
    used = set(ProductImage.objects.filter(media__in=locked).values_list("media_id", flat=True))
    unused = [media for media in locked if media.pk not in used]
    MediaFile.objects.filter(pk__in=[media.pk for media in unused]).delete()
    paths = {path for media in unused for path in (media.file.name, media.thumbnail_path, media.large_path) if path}
    transaction.on_commit(lambda: discard(*sorted(paths)))
    return len(unused)


def _smaller(content: bytes, measured: Measured, edge: int) -> bytes:
    drawn = render(BytesIO(content), measured, long_edge=edge)
    if drawn is None:
        raise PictureRefused("unreadable", name=measured.name)
    return drawn


def _written(prepared: PreparedPicture, paths: list[str]) -> MediaFile:
    """Write the files and return the row to insert; ``paths`` grows with each file, for whoever must clean up."""
    measured, name = prepared.measured, uuid.uuid4().hex
    stored: dict[str, str] = {}
    files = {
        f"{name}.{_ENDINGS[measured.format]}": prepared.content,
        f"{name}_{THUMBNAIL_EDGE}.webp": prepared.thumbnail,
        f"{name}_{LARGE_EDGE}.webp": prepared.large,
    }
    for key, content in files.items():
        stored[key] = default_storage.save(f"products/{key}", ContentFile(content)) if content else ""
        paths.extend([stored[key]] if stored[key] else [])
    path, thumbnail, large = stored.values()
    return MediaFile(
        sha256=measured.sha256,
        file=path,
        thumbnail_path=thumbnail,
        large_path=large or path,
        format=measured.format,
        width=measured.width or 0,
        height=measured.height or 0,
        size_bytes=measured.size_bytes,
        white_edge=prepared.white_edge,
    )
