"""Uploaded files on their way to the storage: written once, hashed meanwhile, never under their own name."""

import hashlib
import logging
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from staff.adapters.file_types import ACCEPTED, EXTENSIONS, FORMAT_BY_EXTENSION, sniff
from staff.adapters.names import extension
from staff.adapters.pictures import MAX_BYTES, safe_name

logger = logging.getLogger(__name__)

_PIECE = 256 * 1024


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """A file that lies in the storage: ``path`` is random, ``filename`` how people called it, made harmless."""

    path: str
    filename: str
    sha256: str
    size_bytes: int


class _Hashed(File):  # type: ignore[type-arg]  # generic in the stubs only
    """Passes a file on piece by piece, hashes and counts what passes, and stops above the limit."""

    def __init__(self, source: Any, filename: str) -> None:
        super().__init__(source, name=filename)
        self.source = source
        self.digest = hashlib.sha256()
        self.passed = 0

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        self.source.seek(0)
        if not self.source.read(1):
            raise InvalidInput(_("“%(name)s” is empty. Export it again and upload it.") % {"name": self.name})
        self.source.seek(0)
        while piece := self.source.read(chunk_size or _PIECE):
            self.passed += len(piece)
            if self.passed > MAX_BYTES:
                raise InvalidInput(
                    _("“%(name)s” is too large; at most %(limit)s MB can be taken.")
                    % {"name": self.name, "limit": MAX_BYTES // 1024**2}
                )
            self.digest.update(piece)
            yield piece


def store_upload(*, file: Any, filename: str, folder: str) -> StoredFile:
    """Write the file below ``folder`` under a random name and return where; InvalidInput when empty or too large.

    Nothing is left in the storage after a refusal. Whoever stores the path calls ``discard`` when that fails; a kill in
    between leaves a file that nothing points to, never a row without its file.
    """
    file.seek(0)
    kind = sniff(file.read(4096))
    shown = _shown_name(filename, kind)
    ending = EXTENSIONS[kind][0] if kind in ACCEPTED else "bin"
    path = f"{folder}/{timezone.now():%Y/%m}/{uuid.uuid4().hex}.{ending}"
    source = _Hashed(file, shown)
    try:
        stored = default_storage.save(path, source)
    except BaseException:
        discard(path)
        raise
    return StoredFile(path=stored, filename=shown, sha256=source.digest.hexdigest(), size_bytes=source.passed)


def store_again(path: str, content: File) -> str:  # type: ignore[type-arg]
    """Write a derived file under exactly this path, in place of what an attempt that was killed left there."""
    default_storage.delete(path)
    return default_storage.save(path, content)


def discard(*paths: str) -> None:
    """Remove files that nothing points to; one that is not there, or cannot be removed, is no reason to fail."""
    for path in paths:
        try:
            default_storage.delete(path)
        except OSError:
            logger.warning("file not removed path=%s", path)


def _shown_name(filename: str, kind: str) -> str:
    """Return the name without tricks; the ending follows the content unless it lies about it: the check sees that."""
    claimed = FORMAT_BY_EXTENSION.get(extension(filename), "")
    if kind == "pdf" and claimed == "ai":
        kind = "ai"
    agrees = kind in ACCEPTED and claimed in {"", kind}
    return safe_name(filename, kind if agrees else "")[:200]
