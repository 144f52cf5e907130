"""Previews of uploaded files: small, upright, in screen colours, without anything the file carried along."""

import logging
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageCms

from staff.adapters.decoding import decoding, open_picture, orientation, upright
from staff.adapters.file_types import DOCUMENTS
from staff.adapters.measuring import Measured, read_whole, shows_through
from staff.adapters.names import safe_name

MAX_EDGE = 4000  # 4000 x 4000 px are the 16 megapixels that no preview exceeds
DOCUMENT_SECONDS = 30
QUALITY = 88
STRIP = 64  # lines of the result

logger = logging.getLogger(__name__)

_PAGE_PROGRAM = Path(__file__).with_name("pdf_page.py")
_SCREEN = ImageCms.createProfile("sRGB")
_MANAGED = {"L", "RGB", "RGBA", "CMYK", "LAB"}


def render(file: BinaryIO, measured: Measured, *, long_edge: int) -> bytes | None:
    """Return the first frame or page as WebP whose longer side has ``long_edge`` px, at most 4000.

    Pictures are never enlarged. None when nothing here can draw the file: the page then says so. PictureRefused when a
    picture is broken.
    """
    if not measured.is_previewable:
        return None
    edge = min(long_edge, MAX_EDGE)
    name = measured.name or safe_name("", measured.format)
    data: bytes | None = read_whole(file, name)
    format_ = measured.format
    if format_ in DOCUMENTS:
        data, format_ = _first_page(data or b"", edge), "png"
    if data is None:
        return None
    picture = open_picture(data, format_, name)
    with decoding(name):
        return _as_webp(_shrunk(picture, edge, has_alpha=shows_through(picture, measured)))


def _shrunk(picture: Image.Image, edge: int, *, has_alpha: bool) -> Image.Image:
    profile = picture.info.get("icc_profile")
    longer = max(picture.size)
    width, height = (max(1, side * edge // longer) for side in picture.size)
    picture.draft(None, (2 * width, 2 * height))  # a JPEG is decoded at the smallest scale that suffices
    picture.load()
    turned = orientation(picture)
    small = _reduced(picture, max(1, max(picture.size) // (2 * edge)), has_alpha=has_alpha)
    small.thumbnail((edge, edge))
    return upright(_in_screen_colours(small, profile, "RGBA" if has_alpha else "RGB"), turned)


def _reduced(picture: Image.Image, factor: int, *, has_alpha: bool) -> Image.Image:
    """Return the picture ready to be mixed, its sides divided by ``factor``.

    Strip by strip: the copies that colours and transparency need are those of a strip and not of 40 megapixels.
    """
    if factor == 1:
        return _blendable(picture, has_alpha=has_alpha)
    strips = []
    for top in range(0, picture.height, STRIP * factor):
        strip = picture.crop((0, top, picture.width, min(top + STRIP * factor, picture.height)))
        strip.info = picture.info  # transparent colours
        strips.append(_blendable(strip, has_alpha=has_alpha).reduce(factor))
    whole = Image.new(strips[0].mode, (strips[0].width, sum(strip.height for strip in strips)))
    for number, strip in enumerate(strips):
        whole.paste(strip, (0, number * STRIP))
    return whole


def _blendable(picture: Image.Image, *, has_alpha: bool) -> Image.Image:
    """Return the picture in a mode whose pixels can be mixed: palettes and transparent colours resolved."""
    if picture.mode.startswith("I"):  # 16 bits of grey
        return picture.point(lambda value: value / 256).convert("L")
    if has_alpha:
        return picture if picture.mode == "RGBA" else picture.convert("RGBA")
    return picture.convert("RGB") if picture.mode in {"1", "P", "PA", "RGBA"} else picture


def _in_screen_colours(picture: Image.Image, profile: bytes | None, mode: str) -> Image.Image:
    source = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")) if picture.mode == "LAB" else None
    if source is None and profile and picture.mode in _MANAGED:
        try:
            source = ImageCms.getOpenProfile(BytesIO(profile))
        except ImageCms.PyCMSError:
            logger.info("colour profile unreadable")
    if source is not None:
        try:
            converted = ImageCms.profileToProfile(picture, source, _SCREEN, outputMode=mode)
        except ImageCms.PyCMSError:  # the profile is of other colours than the picture
            logger.info("colour profile unusable mode=%s", picture.mode)
        else:
            return converted or picture
    return picture if picture.mode == mode else picture.convert(mode)


def _as_webp(picture: Image.Image) -> bytes:
    out = BytesIO()
    bare = Image.new(picture.mode, picture.size)  # knows nothing of place, camera and author
    bare.paste(picture)
    bare.save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()


def _first_page(data: bytes, edge: int) -> bytes | None:
    """Return the first page as PNG, None when PDFium cannot draw it.

    In a process of its own: a document can keep PDFium busy for hours, ask for any amount of memory or crash it.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_PAGE_PROGRAM), str(edge)],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=DOCUMENT_SECONDS,
            check=True,
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        logger.info("document not drawn error=%s", type(error).__name__)
        return None
    return done.stdout or None
