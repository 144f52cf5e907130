"""Bytes of mails as text: what senders call their charset, and what they really mean by it."""

import codecs
import re
from collections.abc import Sequence

# Japanese and Korean programs name the narrow standard and write the wide one (①, ㈱, 髙, 똠)
_MEANT = {
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932",
    "ms932": "cp932", "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "ksc5601": "cp949",
    "ks_c_5601-1989": "cp949", "uhc": "cp949", "windows-949": "cp949", "gb2312": "gb18030", "gbk": "gb18030",
    "iso-8859-1": "cp1252", "latin-1": "cp1252", "us-ascii": "utf-8", "ascii": "utf-8", "ansi_x3.4-1968": "utf-8",
    "x-unknown": "utf-8", "unknown-8bit": "utf-8", "default": "utf-8", "cp-850": "cp850",
}  # fmt: skip
_JIS = {"iso-2022-jp", "iso-2022-jp-ms", "iso-2022-jp-1", "iso-2022-jp-2", "iso-2022-jp-3", "cp50220", "cp50221"}
_ESCAPE = re.compile(rb"(\x1b(?:\$@|\$B|\$\(D|\(B|\(J|\(I))")
LIKELY = ("cp949", "cp932")


def text_from(data: bytes, charset: str = "", *, likely: Sequence[str] = LIKELY) -> str:
    """Return the text of these bytes; what cannot be read becomes a replacement sign, and nothing raises.

    A charset that reads without a mistake is believed. Without one: UTF-8, ISO-2022-JP by its escapes, then the
    ``likely`` ones in order.
    """
    name = charset.strip().strip("\"'").lower()
    if name in _JIS or (b"\x1b$" in data and (not name or name in {"us-ascii", "utf-8"})):
        return _jis_text(data)
    meant = _MEANT.get(name, name)
    for candidate in dict.fromkeys([meant, "utf-8", *likely]):
        if not _is_known(candidate):
            continue
        try:
            return data.decode(candidate)
        except (UnicodeDecodeError, ValueError):
            continue
    return data.decode(meant if _is_known(meant) else "utf-8", errors="replace")


def _is_known(name: str) -> bool:
    try:
        return bool(name) and codecs.lookup(name)._is_text_encoding  # noqa: SLF001 "base64" and the like decode no text
    except (LookupError, ValueError):
        return False


def _jis_text(data: bytes) -> str:
    """Read ISO-2022-JP as mail programs write it: with the signs of Windows, and half-width kana.

    Python's own codecs know neither, so each run between two escapes is moved to where CP932 has it.
    """
    written, state = [], b"\x1b(B"
    for piece in _ESCAPE.split(data):
        if _ESCAPE.fullmatch(piece):
            state = piece
        elif state in {b"\x1b$@", b"\x1b$B"}:
            written.append(_double(piece))
        elif state == b"\x1b$(D":
            written.append(b"?" * (len(piece) // 2))
        elif state == b"\x1b(I":
            written.append(bytes(byte | 0x80 for byte in piece).decode("cp932", errors="replace").encode("cp932", "?"))
        else:
            written.append(piece)
    return b"".join(written).decode("cp932", errors="replace")


def _double(piece: bytes) -> bytes:
    """Move pairs of JIS rows to those of CP932; a stray byte (a line end within the run) stays."""
    moved, place = bytearray(), 0
    while place < len(piece):
        high = piece[place]
        if not 0x21 <= high <= 0x7E or place + 1 >= len(piece):
            moved.append(high)
            place += 1
            continue
        moved += _shifted(high, piece[place + 1])
        place += 2
    return bytes(moved)


def _shifted(high: int, low: int) -> bytes:
    lead = (high + 1) // 2 + (0x70 if high <= 0x5E else 0xB0)
    trail = low + (0x7E if high % 2 == 0 else 0x20 if low >= 0x60 else 0x1F)
    return bytes((lead & 0xFF, trail & 0xFF))
