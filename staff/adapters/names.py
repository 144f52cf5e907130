"""Names of uploaded files, harmless to show, to store and to download."""

import re
import unicodedata

from staff.adapters.file_types import EXTENSIONS, FORMAT_BY_EXTENSION

MAX_NAME_BYTES = 200  # file systems take 255; storage may add some characters

_FORBIDDEN = re.compile(r'[<>:"|?*%]')
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # NUL, direction overrides, half characters, line ends
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
# Endings that are dropped, because the content says what the file is.
_KNOWN = frozenset(FORMAT_BY_EXTENSION) | frozenset(
    "psb eps tif tiff bmp ico heic avif svg svgz htm html xhtml shtml php phtml js mjs css xml zip rar 7z gz tar "
    "exe com bat cmd scr pif msi dll jar vbs vbe jse wsf hta lnk ps1 sh py pl rb app apk dmg doc docx xls xlsx ppt hwp "
    "txt mp4 mov avi".split()
)


def safe_name(filename: str, format_: str = "") -> str:
    """Return a name without paths, hidden characters and tricks, at most 200 bytes long; never empty.

    With a format, all known endings are dropped ("a.png.exe", "a.exe.png") and one that fits the content is put on:
    the one that was there when it fits.
    """
    name = _printable(filename)
    wanted = ""
    if format_:
        given = extension(name)
        wanted = "." + (given if given in EXTENSIONS[format_] else EXTENSIONS[format_][0])
        name = _stem(name)
    else:
        stem, dot, given = name.rpartition(".")
        if dot and stem and len(given) <= 10:
            name, wanted = stem, f".{given}"
    name = name.strip(" .") or "file"
    if _DEVICES.fullmatch(name):
        name = f"_{name}"
    room = MAX_NAME_BYTES - len(wanted.encode())
    return name.encode()[:room].decode(errors="ignore").rstrip(" .") + wanted


def extension(filename: str) -> str:
    """Return what stands after the last dot, in small letters; empty without one."""
    stem, dot, last = _printable(filename).rpartition(".")
    return last.lower() if dot and stem else ""


def _printable(filename: str) -> str:
    last = re.split(r"[/\\]", filename)[-1]
    composed = unicodedata.normalize("NFC", last)  # macOS sends Korean in pieces
    shown = "".join(character for character in composed if unicodedata.category(character) not in _HIDDEN)
    return " ".join(_FORBIDDEN.sub("_", shown).split())


def _stem(name: str) -> str:
    while extension(name) in _KNOWN:
        name = name.rpartition(".")[0].rstrip(" .")
    return name
