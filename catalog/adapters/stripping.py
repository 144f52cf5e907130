"""A product picture as it is stored: upright, in screen colours, without place, camera and author.

What needs no change of pixels is done without decoding: PNG, JPEG and WebP lose everything that is not the picture.
Only a turned picture, and one in other colours than sRGB, is encoded again.
"""

import re
from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageCms

from staff.adapters.decoding import decoding, open_picture, orientation, upright
from staff.adapters.pictures import Measured

JPEG_QUALITY = 95
WEBP_QUALITY = 95

_SRGB = ImageCms.createProfile("sRGB")
_MANAGED = {"L", "RGB", "RGBA", "CMYK"}
_PNG_KEPT = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs"}
)
_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH"})
_WEBP_SAID = 0x20 | 0x08 | 0x04  # colour profile, EXIF, XMP: what the header says is there
_END_OF_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)


def strip(data: bytes, measured: Measured) -> bytes:
    """Return a PNG, JPEG or WebP as it is stored, in its own format; PictureRefused when it is broken."""
    picture = open_picture(data, measured.format, measured.name)
    with decoding(measured.name):
        turned = orientation(picture)
        if turned == 1 and not _has_other_colours(picture):
            return _BARE[measured.format](data)
        shown = upright(_in_srgb(picture), turned)
        return _encoded(shown, measured.format, is_lossless=b"VP8L" in data[:64])


def _has_other_colours(picture: Image.Image) -> bool:
    profile = picture.info.get("icc_profile")
    if picture.mode == "CMYK":
        return True
    if not profile or picture.mode.startswith("I"):
        return False
    return "srgb" not in _name_of(profile).lower()


def _name_of(profile: bytes) -> str:
    try:
        return str(ImageCms.getProfileDescription(ImageCms.getOpenProfile(BytesIO(profile))))
    except (ImageCms.PyCMSError, OSError):
        return "sRGB"  # unreadable: every viewer takes such a picture for sRGB


def _in_srgb(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    picture.load()
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    if picture.mode in {"P", "PA", "LA", "1"}:
        picture = picture.convert(mode)
    if profile and picture.mode in _MANAGED:
        try:
            source = ImageCms.getOpenProfile(BytesIO(profile))
            return ImageCms.profileToProfile(picture, source, _SRGB, outputMode=mode) or picture
        except ImageCms.PyCMSError:  # the profile is of other colours than the picture
            pass
    return picture.convert(mode) if picture.mode == "CMYK" else picture


def _encoded(picture: Image.Image, format_: str, *, is_lossless: bool) -> bytes:
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    out = BytesIO()
    if format_ == "jpeg":
        bare.save(out, "JPEG", quality=JPEG_QUALITY, subsampling=0, optimize=True)
    elif format_ == "png":
        bare.save(out, "PNG")
    else:
        bare.save(out, "WEBP", quality=WEBP_QUALITY, lossless=is_lossless, method=4)
    return out.getvalue()


def _bare_png(data: bytes) -> bytes:
    kept, at = [data[:8]], 8
    while at + 12 <= len(data):
        kind = data[at + 4 : at + 8]
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if kind in _PNG_KEPT:
            kept.append(data[at:end])
        if kind == b"IEND":
            break
        at = end
    return b"".join(kept)


def _bare_jpeg(data: bytes) -> bytes:
    """Return tables and scans up to the end of the first picture: phones append films and small copies with EXIF."""
    kept, at = [data[:2]], 2
    while at < len(data):
        at = data.index(b"\xff", at)
        while data[at + 1] == 0xFF:  # padding
            at += 1
        marker = data[at + 1]
        if marker == 0xD9:
            break
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if _is_picture(marker, data[at + 4 : at + 9]):
            kept.append(data[at:end])
        if marker == 0xDA:
            start, found = end, _END_OF_SCAN.search(data, end)
            end = found.start() if found else len(data)
            kept.append(data[start:end])
        at = end
    return b"".join([*kept, b"\xff\xd9"])


def _is_picture(marker: int, start: bytes) -> bool:
    if marker == 0xE0:
        return start == b"JFIF\x00"
    if marker == 0xEE:
        return start == b"Adobe"  # says how the colours are stored
    return marker != 0xFE and not 0xE1 <= marker <= 0xEF


def _bare_webp(data: bytes) -> bytes:
    kept, at, last = [b"WEBP"], 12, min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while at + 8 <= last:
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + size + size % 2
        chunk = bytearray(data[at:end])
        if kind == b"VP8X":
            chunk[8] &= ~_WEBP_SAID & 0xFF
        if kind in _WEBP_KEPT:
            kept.append(bytes(chunk))
        at = end
    body = b"".join(kept)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


_BARE: dict[str, Callable[[bytes], bytes]] = {"png": _bare_png, "jpeg": _bare_jpeg, "webp": _bare_webp}
