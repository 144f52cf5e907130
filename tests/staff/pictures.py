"""Picture files made by hand: right ones, odd ones, and how they are measured, refused and drawn."""

import io
import struct
import zipfile
import zlib

import pytest
from PIL import Image, ImageDraw
from PIL.TiffImagePlugin import IFDRational

from core.errors import InvalidInput
from staff.adapters.pictures import (
    Finding,
    PictureRefused,
    measure,
    render,
)

ORIENTATION, GPS, MAKE = 0x0112, 0x8825, 0x010F


def picture(width=860, height=500, mode="RGB", colour=(200, 30, 30)):
    image = Image.new(mode, (width, height), colour)
    if mode == "P":
        image.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255])
    ImageDraw.Draw(image).rectangle((0, 0, width // 2, height // 2), fill=(0, 0, 0, 255) if mode == "RGBA" else 0)
    return image


def saved(image, format_, **options):
    out = io.BytesIO()
    image.save(out, format_, **options)
    return out.getvalue()


def phone_photo(orientation=6):
    """A JPEG as a phone writes it: turned, with place and make; the black corner is at the top left as stored."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[MAKE] = "Testphone"
    exif[GPS] = {1: "N", 2: (IFDRational(37), IFDRational(33), IFDRational(58))}
    return saved(picture(400, 200), "JPEG", exif=exif, quality=90)


def png_header(width, height, *chunks, colour_type=2):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    ihdr = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + ihdr + b"".join(chunk(*item) for item in chunks)


def gif(frames, width=20, height=10):
    screen = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\x00\x00\x00\xff\x00\x00"
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return screen + frame * frames + b"\x3b"


def psd(width=30, height=20, *, mode=3, channels=3, depth=8, layers=0):
    header = b"8BPS" + struct.pack(">H6xHIIHH", 1, channels, height, width, depth, mode)
    planes = b"".join(bytes([value]) * (width * height) for value in (250, 120, 10, 0)[:channels])
    return header + struct.pack(">IIIIhxx", 0, 0, 8, 4, layers) + b"\x00\x00" + planes


def pdf(width=400, height=200, content=b"1 0 0 rg 0 0 400 200 re f"):
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents 4 0 R>>" % (width, height),
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
    ]
    body, offsets = b"%PDF-1.4\n", []
    for number, item in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj%s\nendobj\n" % (number, item)
    table = b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return body + table + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(body)


def zip_file():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("banner.png", b"x")
    return out.getvalue()


def measured_from(data, name):
    return measure(io.BytesIO(data), name)


def refusal(data, name):
    with pytest.raises(PictureRefused) as caught:
        measured_from(data, name)
    assert isinstance(caught.value, InvalidInput)
    assert Finding.from_dict(caught.value.finding.as_dict()) == caught.value.finding
    return str(caught.value)


def drawn(data, name, long_edge=100):
    file = io.BytesIO(data)
    out = render(file, measure(file, name), long_edge=long_edge)
    return Image.open(io.BytesIO(out))


def near(pixel, wanted, by=12):
    return all(abs(a - b) <= by for a, b in zip(pixel, wanted, strict=True))
