"""Which characters a file is written in: found with certainty, or asked."""

import codecs
from collections.abc import Iterable
from pathlib import Path

from core.imports.errors import FileRefused

BOMS = [(codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")]
CHOICES = ["utf-8", "cp949", "cp932", "utf-16", "euc-jp", "gb18030", "cp1252"]
BLOCK = 1 << 20


def find_encoding(path: Path, *, likely: Iterable[str] = ()) -> str:
    """Return the encoding by byte order mark, else strict UTF-8, else the first of ``likely`` that decodes it all.

    ``likely`` comes from the format or the channel's country and names one encoding: most Japanese cp932 text decodes
    as cp949 without an error, into nonsense, so a list of guesses is never tried blindly. FileRefused when nothing is
    certain.
    """
    with path.open("rb") as file:
        start = file.read(4)
    for mark, encoding in BOMS:
        if start.startswith(mark):
            check_encoding(path, encoding)
            return encoding
    for encoding in ("utf-8", *likely):
        if decodes(path, encoding):
            return encoding
    raise FileRefused("unknown_encoding")


def check_encoding(path: Path, encoding: str) -> None:
    """Refuse a file that is not written in ``encoding`` (FileRefused)."""
    if not decodes(path, encoding):
        raise FileRefused("wrong_encoding", encoding=encoding)


def decodes(path: Path, encoding: str) -> bool:
    """Tell whether the whole file is strictly ``encoding``; reads it in blocks."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True
