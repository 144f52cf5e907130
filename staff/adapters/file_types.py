"""What a file is by its bytes, and how its type is called."""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

PICTURES = ("png", "jpeg", "webp", "gif", "psd")
DOCUMENTS = ("pdf", "ai")
ACCEPTED = PICTURES + DOCUMENTS

# The first one is given to a file whose name has none.
EXTENSIONS: dict[str, tuple[str, ...]] = {
    "png": ("png", "apng"),
    "jpeg": ("jpg", "jpeg", "jpe", "jfif"),
    "webp": ("webp",),
    "gif": ("gif",),
    "psd": ("psd",),
    "pdf": ("pdf",),
    "ai": ("ai",),
}
FORMAT_BY_EXTENSION = {extension: format_ for format_, known in EXTENSIONS.items() for extension in known}

LABELS: dict[str, str] = {
    "png": "PNG",
    "jpeg": "JPEG",
    "webp": "WebP",
    "gif": "GIF",
    "psd": "PSD",
    "pdf": "PDF",
    "ai": "AI",
}

# As it stands in "the file is ..."; also for what is never taken, so that people learn what they chose.
PHRASES: dict[str, Any] = {
    "png": _("a PNG"),
    "jpeg": _("a JPEG"),
    "webp": _("a WebP"),
    "gif": _("a GIF"),
    "psd": _("a PSD"),
    "pdf": _("a PDF"),
    "ai": _("an AI"),
    "psb": _("a large Photoshop document (PSB)"),
    "eps": _("an EPS"),
    "tiff": _("a TIFF"),
    "bmp": _("a BMP"),
    "ico": _("an icon (ICO)"),
    "jp2": _("a JPEG 2000"),
    "heic": _("a HEIC"),
    "avif": _("an AVIF"),
    "video": _("a video"),
    "sound": _("a sound"),
    "svg": _("an SVG"),
    "html": _("a web page (HTML)"),
    "archive": _("an archive (ZIP or similar)"),
    "office": _("an office document"),
    "program": _("a program"),
    "text": _("a text"),
    "unknown": _("of an unknown type"),
}

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"8BPS\x00\x01", "psd"),
    (b"8BPS\x00\x02", "psb"),
    (b"%PDF-", "pdf"),
    (b"\xc5\xd0\xd3\xc6", "eps"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),
    (b"MM\x00+", "tiff"),
    (b"\x00\x00\x01\x00", "ico"),
    (b"\x00\x00\x00\x0cjP  ", "jp2"),
    (b"\xff\x4f\xff\x51", "jp2"),
    (b"\x1a\x45\xdf\xa3", "video"),
    (b"ID3", "sound"),
    (b"OggS", "sound"),
    (b"PK\x03\x04", "archive"),
    (b"PK\x05\x06", "archive"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"\xd0\xcf\x11\xe0", "office"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"\xfe\xed\xfa\xce", "program"),
    (b"\xfe\xed\xfa\xcf", "program"),
    (b"\xce\xfa\xed\xfe", "program"),
    (b"\xcf\xfa\xed\xfe", "program"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"#!", "program"),
    (b"BM", "bmp"),
)
_RIFF = {b"WEBP": "webp", b"AVI ": "video", b"WAVE": "sound"}
_WEB_PAGE = re.compile(rb"<(?:!doctype html|html|head|body|script|iframe)\b", re.IGNORECASE)
_DRAWING = re.compile(rb"<svg\b", re.IGNORECASE)
# Bytes that make a browser run something, wherever they stand; too long to turn up in pixels by chance.
_HIDDEN_PAGE = (b"<script", b"<!doctype html", b"<iframe", b"<?php ")


def sniff(data: bytes) -> str:
    """Return the type of a file by its first bytes: a key of PHRASES, "unknown" when none is certain."""
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if data.startswith(b"RIFF"):
        return _RIFF.get(data[8:12], "unknown")
    if data[4:8] == b"ftyp":
        return _boxed(data[8:12])
    if data.startswith(b"%!PS"):
        # Illustrator wrote PostScript before it wrote PDF
        return "ai" if b"Adobe Illustrator" in data[:4096] else "eps"
    return _text(data[:4096])


def hides_web_page(data: bytes) -> bool:
    """Say whether a picture carries what a browser would run if it took the file for a page."""
    lowered = data.lower()
    return any(mark in lowered for mark in _HIDDEN_PAGE)


def _boxed(brand: bytes) -> str:
    if brand in {b"avif", b"avis"}:
        return "avif"
    return "heic" if brand in {b"heic", b"heix", b"heim", b"hevc", b"mif1", b"msf1"} else "video"


def _text(start: bytes) -> str:
    if _DRAWING.search(start):
        return "svg"
    if _WEB_PAGE.search(start):
        return "html"
    try:
        # the cut may go through a character
        text = start[: max(1, len(start) - 3)].decode("utf-8") if len(start) == 4096 else start.decode("utf-8")
    except UnicodeDecodeError:
        return "unknown"
    return "text" if all(character.isprintable() or character in "\t\r\n\ufeff" for character in text) else "unknown"
