"""Pictures in an archive that was uploaded beside a file: read by name, never unpacked to the disk."""

import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import File
from django.utils.translation import gettext as _

from core.errors import InvalidInput

MOST_ENTRIES = 5_000
MOST_UNPACKED = 2 * 1024**3
MOST_BYTES = 20 * 1024 * 1024  # of one picture, as catalog.services.pictures.storing takes
MOST_RATIO = 100  # pictures are packed already
SMALL = 1024 * 1024
SUFFIXES = {".png", ".jpg", ".jpeg", ".webp"}


class PictureArchive:
    """The pictures of a zip by name; InvalidInput for what is none, is a bomb, or has names that lead elsewhere."""

    def __init__(self, file: Any) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
            entries = [
                entry for entry in self._zip.infolist() if not entry.is_dir() and not _is_clutter(entry.filename)
            ]
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
            raise InvalidInput(_("This is not a zip file of pictures.")) from None
        _check(entries)
        self._by_path = {entry.filename.casefold(): entry for entry in entries}
        self._by_name: dict[str, list[zipfile.ZipInfo]] = {}
        for entry in entries:
            self._by_name.setdefault(PurePosixPath(entry.filename).name.casefold(), []).append(entry)

    def close(self) -> None:
        """Let go of the file."""
        self._zip.close()

    def has(self, source: str) -> bool:
        """Tell whether a picture is called so."""
        return bool(self._found(source))

    def fetch(self, source: str) -> "File[bytes]":
        """Return the picture of this path or name; InvalidInput when there is none, or several of the name."""
        found = self._found(source)
        if not found:
            raise InvalidInput(_("There is no picture “%(name)s” in the zip file.") % {"name": source[:100]})
        if len(found) > 1:
            raise InvalidInput(
                _("The zip file has several pictures “%(name)s”. Write the folder too.") % {"name": source[:100]}
            )
        try:
            with self._zip.open(found[0]) as opened:
                content = opened.read(MOST_BYTES + 1)
        except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError):
            raise InvalidInput(_("“%(name)s” cannot be read from the zip file.") % {"name": source[:100]}) from None
        if len(content) > MOST_BYTES:
            raise InvalidInput(_("The file is larger than %(limit)s MB.") % {"limit": MOST_BYTES // 1024**2})
        return File(BytesIO(content), name=PurePosixPath(found[0].filename).name[-100:])

    def _found(self, source: str) -> Sequence[zipfile.ZipInfo]:
        name = source.replace("\\", "/").strip("/").casefold()
        exact = self._by_path.get(name)
        return [exact] if exact else self._by_name.get(PurePosixPath(name).name, [])


def _is_clutter(name: str) -> bool:
    """Tell whether an entry is what systems add to folders."""
    path = PurePosixPath(name)
    return path.name.startswith(".") or "__MACOSX" in path.parts or path.name in {"Thumbs.db", "desktop.ini"}


def _check(entries: Sequence[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES:
        raise InvalidInput(_("The zip file has more than %(limit)s files. Split it.") % {"limit": MOST_ENTRIES})
    unpacked, packed = sum(one.file_size for one in entries), sum(one.compress_size for one in entries)
    if unpacked > MOST_UNPACKED or (unpacked > SMALL and unpacked > MOST_RATIO * max(1, packed)):
        raise InvalidInput(_("The zip file unpacks to far more than pictures need. It is not taken."))
    for entry in entries:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0] or "\x00" in entry.filename:
            raise InvalidInput(_("The zip file has names that lead out of it. It is not taken."))
        if entry.flag_bits & 1:
            raise InvalidInput(_("The zip file is protected with a password."))
        if path.suffix.lower() not in SUFFIXES:
            raise InvalidInput(
                _("“%(name)s” is no picture. Put only PNG, JPEG and WebP files into the zip file.")
                % {"name": path.name[:100]}
            )
