"""What an uploaded file is: type by content, size, frames, colours; or why it cannot be taken."""

import hashlib
from dataclasses import dataclass, replace
from typing import BinaryIO

from PIL import Image
from PIL.PsdImagePlugin import MODES as READABLE_PSD

from staff.adapters.decoding import LYING, decoding, open_picture, orientation, refuse_too_many_pixels
from staff.adapters.file_types import ACCEPTED, DOCUMENTS, FORMAT_BY_EXTENSION, hides_web_page, sniff
from staff.adapters.findings import PictureRefused
from staff.adapters.headers import MAX_FRAMES, Header, read_header
from staff.adapters.names import extension, safe_name

MAX_BYTES = 60 * 1024 * 1024
MAX_ANIMATION_MEGAPIXELS = 400  # all frames together

_COLOURS = {"1": "bitmap", "P": "indexed", "PA": "indexed", "CMYK": "cmyk", "LAB": "lab"}
_PSD_COLOURS = {0: "bitmap", 1: "grey", 2: "indexed", 3: "rgb", 4: "cmyk", 7: "multichannel", 8: "duotone", 9: "lab"}


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Facts about one file. Width and height are those that people see (a camera's turn is applied); None for
    documents. ``colour_mode``: rgb, cmyk, grey, indexed, bitmap, lab, duotone, multichannel; empty for documents."""

    format: str
    width: int | None
    height: int | None
    size_bytes: int
    sha256: str
    frame_count: int = 1
    has_alpha: bool = False
    colour_mode: str = ""
    is_previewable: bool = True
    name: str = ""  # harmless, with an ending that fits the content


def measure(file: BinaryIO, filename: str) -> Measured:
    """Return what the file is; PictureRefused (an InvalidInput) says with numbers why it cannot be taken.

    Reads from the start, whatever was read before, and leaves the file open. Every pixel of the first frame is decoded,
    so an incomplete picture is found here and not by the mall.
    """
    name = safe_name(filename)
    data = read_whole(file, name)
    format_ = _format(data, filename, name)
    bare = Measured(
        format=format_,
        width=None,
        height=None,
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        name=safe_name(filename, format_),
    )
    if format_ in DOCUMENTS:
        return replace(bare, is_previewable=_is_readable_document(data, name))
    return _measure_picture(data, name, bare)


def read_whole(file: BinaryIO, name: str) -> bytes:
    """Return the bytes; PictureRefused when there are none or too many, known before they are read."""
    file.seek(0, 2)
    size = file.tell()
    if size > MAX_BYTES:
        raise PictureRefused("too_heavy", name=name, mb=-(-size // 1024**2), limit=MAX_BYTES // 1024**2)
    file.seek(0)
    data = file.read()
    if not data:
        raise PictureRefused("empty", name=name)
    return data


def _format(data: bytes, filename: str, name: str) -> str:
    kind = sniff(data)
    claimed = FORMAT_BY_EXTENSION.get(extension(filename), "")
    if kind == "pdf" and claimed == "ai":
        return "ai"  # today's AI is a PDF with more in it; only its name tells
    if claimed and claimed != kind:
        raise PictureRefused("other_type", name=name, claimed=claimed, actual=kind)
    if kind not in ACCEPTED:
        raise PictureRefused("unusable_type", name=name, actual=kind, formats=list(ACCEPTED))
    return kind


def _is_readable_document(data: bytes, name: str) -> bool:
    if not data.startswith(b"%PDF-"):
        return False  # Illustrator before PDF: PostScript is a program, and nothing here runs it
    if b"%%EOF" not in data[-4096:]:
        raise PictureRefused("unreadable", name=name)
    return True


def _measure_picture(data: bytes, name: str, bare: Measured) -> Measured:
    with decoding(name):
        header = read_header(data, bare.format)
    _refuse_bombs(name, header)
    if not header.is_complete:
        raise PictureRefused("unreadable", name=name)
    if bare.format != "psd" and hides_web_page(data):
        raise PictureRefused("hidden_page", name=name, actual=bare.format)
    measured = replace(bare, width=header.width, height=header.height, frame_count=header.frame_count)
    if bare.format == "psd":
        colours = _PSD_COLOURS.get(header.colour_code, "")
        measured = replace(measured, colour_mode=colours, has_alpha=header.is_transparent)
        if (header.colour_code, header.depth) not in READABLE_PSD:
            return replace(measured, is_previewable=False)
    return _decode(data, name, measured)


def _refuse_bombs(name: str, header: Header) -> None:
    refuse_too_many_pixels(name, header.width, header.height)
    if header.frame_count > MAX_FRAMES:
        raise PictureRefused("too_many_frames", name=name, limit=MAX_FRAMES)
    megapixels = -(-header.width * header.height * header.frame_count // 1_000_000)
    if megapixels > MAX_ANIMATION_MEGAPIXELS:
        raise PictureRefused(
            "animation_too_large",
            name=name,
            frames=header.frame_count,
            width=header.width,
            height=header.height,
            megapixels=megapixels,
            limit=MAX_ANIMATION_MEGAPIXELS,
        )


def _decode(data: bytes, name: str, measured: Measured) -> Measured:
    """Return the facts with what only the decoder knows; PictureRefused when a pixel is missing."""
    picture = open_picture(data, measured.format, name)
    width, height = picture.size
    with decoding(name):
        if measured.format == "jpeg":  # an eighth of the pixels, but all of the bytes
            picture.draft(None, (max(1, width // 8), max(1, height // 8)))
        picture.load()
        has_alpha = shows_through(picture, measured)
        if orientation(picture) in LYING:
            width, height = height, width
    return replace(
        measured,
        width=width,
        height=height,
        has_alpha=has_alpha,
        colour_mode=measured.colour_mode or _colour_mode(picture.mode),
    )


def shows_through(picture: Image.Image, measured: Measured) -> bool:
    """Say whether a picture has transparency; a PSD's fourth channel may as well be a saved selection."""
    return picture.has_transparency_data and (measured.format != "psd" or measured.has_alpha)


def _colour_mode(mode: str) -> str:
    return _COLOURS.get(mode, "grey" if mode[0] in "LI" else "rgb")
