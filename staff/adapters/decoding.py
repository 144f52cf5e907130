"""Opening pictures with the decoder of their own type, within limits, whatever the bytes do to it."""

import logging
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from PIL import Image
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.PsdImagePlugin import PsdImageFile
from PIL.WebPImagePlugin import WebPImageFile

from staff.adapters.findings import PictureRefused

MAX_MEGAPIXELS = 40

logger = logging.getLogger(__name__)

_DECODERS: dict[str, type[ImageFile]] = {
    "png": PngImageFile,
    "jpeg": JpegImageFile,
    "webp": WebPImageFile,
    "gif": GifImageFile,
    "psd": PsdImageFile,
}
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
LYING = frozenset({5, 6, 7, 8})  # shown with width and height exchanged


@contextmanager
def decoding(name: str) -> Iterator[None]:
    """Turn whatever a decoder raises into the refusal "unreadable"."""
    try:
        yield
    except Exception as error:  # decoders raise a dozen kinds on hostile bytes, MemoryError among them
        logger.info("picture unreadable error=%s", type(error).__name__)
        raise PictureRefused("unreadable", name=name) from error


def open_picture(data: bytes, format_: str, name: str) -> ImageFile:
    """Return the picture, not decoded yet; PictureRefused when broken or above the limit of pixels.

    The decoder is called directly: ``Image.open`` would try forty others.
    """
    with decoding(name):
        picture = _DECODERS[format_](BytesIO(data))
    refuse_too_many_pixels(name, *picture.size)  # decoder and header may disagree about a hostile file
    return picture


def refuse_too_many_pixels(name: str, width: int, height: int) -> None:
    """Raise PictureRefused above the limit."""
    if width * height > MAX_MEGAPIXELS * 1_000_000:
        raise PictureRefused(
            "too_many_pixels",
            name=name,
            width=width,
            height=height,
            megapixels=-(-width * height // 1_000_000),
            limit=MAX_MEGAPIXELS,
        )


def orientation(picture: Image.Image) -> int:
    """Return how the camera was held, 1 to 8; 1 when the note is missing or broken."""
    try:
        value = picture.getexif().get(_ORIENTATION, 1)
    except (SyntaxError, ValueError, TypeError, LookupError, OSError, struct.error):
        return 1
    return value if value in _TURNS else 1


def upright(picture: Image.Image, turned: int) -> Image.Image:
    """Return the picture as people see it, given its orientation."""
    return picture.transpose(_TURNS[turned]) if turned in _TURNS else picture
