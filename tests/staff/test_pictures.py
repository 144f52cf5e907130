"""Uploaded creative files: what is taken, what is refused and with which words, what a slot says, previews."""

import hashlib
import io
import struct
import zipfile
import zlib

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw
from PIL.TiffImagePlugin import IFDRational

from core.errors import InvalidInput
from staff.adapters import measuring, rendering
from staff.adapters.pdf_page import draw_first_page
from staff.adapters.pictures import (
    Finding,
    Measured,
    PictureRefused,
    SlotSpec,
    check_against,
    check_text,
    measure,
    render,
    safe_name,
    sentence,
)

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # what Pillow mutters about broken files

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


SLOT = SlotSpec(width_px=860, height_px=500, size_rule="exact", max_kb=500, formats=("png", "jpeg"), text_limit=20)


class TestMeasure:
    def test_png(self):
        data = saved(picture(), "PNG")
        assert measured_from(data, "여름 배너.PNG") == Measured(
            format="png",
            width=860,
            height=500,
            size_bytes=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            frame_count=1,
            has_alpha=False,
            colour_mode="rgb",
            is_previewable=True,
            name="여름 배너.png",
        )

    @pytest.mark.parametrize(
        ("data", "name", "facts"),
        [
            (saved(picture(mode="RGBA", colour=(1, 2, 3, 4)), "PNG"), "a.png", ("png", 860, 500, 1, True, "rgb")),
            (saved(picture(mode="P", colour=3), "PNG", transparency=0), "a.png", ("png", 860, 500, 1, True, "indexed")),
            (saved(picture(mode="I;16", colour=900), "PNG"), "a.png", ("png", 860, 500, 1, False, "grey")),
            (saved(picture(), "JPEG"), "a.jpeg", ("jpeg", 860, 500, 1, False, "rgb")),
            (saved(picture(), "JPEG", progressive=True), "a.jpg", ("jpeg", 860, 500, 1, False, "rgb")),
            (saved(picture(mode="CMYK", colour=(9, 9, 9, 9)), "JPEG"), "a.jpg", ("jpeg", 860, 500, 1, False, "cmyk")),
            (saved(picture(mode="L", colour=9), "JPEG"), "a.jfif", ("jpeg", 860, 500, 1, False, "grey")),
            (saved(picture(3, 2), "JPEG"), "a.jpg", ("jpeg", 3, 2, 1, False, "rgb")),
            (saved(picture(), "WEBP"), "a.webp", ("webp", 860, 500, 1, False, "rgb")),
            (saved(picture(), "WEBP", lossless=True), "a.webp", ("webp", 860, 500, 1, False, "rgb")),
            (saved(picture(mode="RGBA", colour=(1, 2, 3, 4)), "WEBP"), "a.webp", ("webp", 860, 500, 1, True, "rgb")),
            (gif(3), "a.gif", ("gif", 20, 10, 3, False, "indexed")),
            (psd(), "a.psd", ("psd", 30, 20, 1, False, "rgb")),
            (psd(channels=4, layers=-1), "a.psd", ("psd", 30, 20, 1, True, "rgb")),
            (psd(channels=4, layers=1), "a.psd", ("psd", 30, 20, 1, False, "rgb")),
            (psd(channels=4, mode=4), "a.psd", ("psd", 30, 20, 1, False, "cmyk")),
            (pdf(), "a.pdf", ("pdf", None, None, 1, False, "")),
            (pdf(), "a.ai", ("ai", None, None, 1, False, "")),
        ],
    )
    def test_formats(self, data, name, facts):
        it = measured_from(data, name)
        assert (it.format, it.width, it.height, it.frame_count, it.has_alpha, it.colour_mode) == facts
        assert it.is_previewable
        assert it.name == name

    @pytest.mark.parametrize("format_", ["GIF", "PNG", "WEBP"])
    def test_frames_are_counted(self, format_):
        frames = [picture(40, 30, colour=(value, value, 0)) for value in (50, 100, 150, 200)]
        data = saved(frames[0], format_, save_all=True, append_images=frames[1:], duration=100)
        it = measured_from(data, f"a.{format_.lower()}")
        assert (it.width, it.height, it.frame_count) == (40, 30, 4)

    def test_a_photo_has_the_size_that_people_see(self):
        it = measured_from(phone_photo(), "photo.jpg")
        assert (it.width, it.height) == (200, 400)
        assert (measured_from(phone_photo(orientation=3), "photo.jpg").width) == 400

    @pytest.mark.parametrize("note", [b"MM\x00\x2a\xff\xff\xff\xffrubbish", b"rubbish!", b"", b"II\x2a\x00"])
    def test_a_broken_note_of_the_camera_does_no_harm(self, note):
        data = saved(picture(40, 20), "JPEG", exif=b"Exif\x00\x00" + note)
        assert measured_from(data, "a.jpg").width == 40

    def test_the_file_is_read_from_its_start_and_stays_open(self):
        file = io.BytesIO(saved(picture(), "PNG"))
        file.read(100)
        assert measure(file, "a.png").width == 860
        assert not file.closed

    def test_a_psd_that_pillow_cannot_read_is_taken_without_preview(self):
        data = psd(depth=16, channels=3)
        it = measured_from(data, "a.psd")
        assert (it.width, it.height, it.colour_mode, it.is_previewable) == (30, 20, "rgb", False)
        assert render(io.BytesIO(data), it, long_edge=100) is None

    def test_an_old_illustrator_file_is_taken_without_preview(self):
        data = b"%!PS-Adobe-3.0\n%%Creator: Adobe Illustrator(R) 8\n"
        it = measured_from(data, "logo.ai")
        assert (it.format, it.is_previewable) == ("ai", False)
        assert render(io.BytesIO(data), it, long_edge=100) is None


class TestRefused:
    @pytest.mark.parametrize(
        ("data", "name", "told"),
        [
            (saved(picture(), "JPEG"), "banner.png", "“banner.png” is not a PNG, it is a JPEG."),
            (b"MZ\x90\x00" + b"\x00" * 200, "banner.png", "“banner.png” is not a PNG, it is a program."),
            (b'<svg xmlns="x"><script/></svg>', "banner.png", "“banner.png” is not a PNG, it is an SVG."),
            (b"<!DOCTYPE html><p>hi", "banner.jpg", "“banner.jpg” is not a JPEG, it is a web page (HTML)."),
            (zip_file(), "banner.psd", "“banner.psd” is not a PSD, it is an archive (ZIP or similar)."),
            (b"Hello", "banner.gif", "“banner.gif” is not a GIF, it is a text."),
            (b"\x00\x01\x02", "banner.webp", "“banner.webp” is not a WebP, it is of an unknown type."),
            (pdf(), "banner.png", "“banner.png” is not a PNG, it is a PDF."),
            (b"%!PS-Adobe-3.0 EPSF", "logo.ai", "“logo.ai” is not an AI, it is an EPS."),
        ],
    )
    def test_another_type_behind_a_right_ending(self, data, name, told):
        assert refusal(data, name) == f"{told} Export it in the right format and upload it again."

    @pytest.mark.parametrize(
        ("data", "name", "what"),
        [
            (b"<?xml version='1.0'?>\n<svg/>", "logo.svg", "an SVG"),
            (b"\n<html><body>", "page.html", "a web page (HTML)"),
            (zip_file(), "all.zip", "an archive (ZIP or similar)"),
            (b"MZ\x90", "setup.exe", "a program"),
            (b"#!/bin/sh\n", "run.sh", "a program"),
            (b"\x7fELF", "run", "a program"),
            (b"II*\x00", "scan.tif", "a TIFF"),
            (b"\x00\x00\x00\x18ftypheic", "IMG_1.HEIC", "a HEIC"),
            (b"\x00\x00\x00\x18ftypisom", "clip.mp4", "a video"),
            (b"8BPS\x00\x02", "wall.psb", "a large Photoshop document (PSB)"),
        ],
    )
    def test_types_that_are_never_taken(self, data, name, what):
        assert refusal(data, name) == f"“{name}” is {what}. Upload it as PNG, JPEG, WebP, GIF, PSD, PDF or AI."

    def test_a_long_name_is_told_in_short(self):
        assert refusal(b"", "x" * 100 + "_final_v2.png") == (
            f"“{'x' * 44}…xx_final_v2.png” is empty. Export it again and upload it."
        )

    def test_nothing_in_it(self):
        assert refusal(b"", "a.png") == "“a.png” is empty. Export it again and upload it."

    def test_too_heavy_is_known_without_reading(self):
        class Endless(io.BytesIO):
            def tell(self):
                return 60 * 1024 * 1024 + 1

            def read(self, *args):
                raise AssertionError("read")

        with pytest.raises(PictureRefused) as caught:
            measure(Endless(), "a.png")
        assert str(caught.value) == "“a.png” has 61 MB; at most 60 MB can be taken."

    @pytest.mark.parametrize(
        ("data", "name", "size"),
        [
            (png_header(30_000, 30_000), "a.png", (30_000, 30_000, 900)),
            (png_header(8_000, 5_001), "a.png", (8_000, 5_001, 41)),
            (gif(1, 20_000, 20_000), "a.gif", (20_000, 20_000, 400)),
            (psd(1, 1)[:14] + struct.pack(">II", 30_000, 20_000) + psd(1, 1)[22:], "a.psd", (20_000, 30_000, 600)),
            (
                b"RIFF\x16\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00" + b"\xff\x3f\x00" * 2,
                "a.webp",
                (16_384, 16_384, 269),
            ),
            (
                b"\xff\xd8\xff\xc0\x00\x11\x08" + struct.pack(">HH", 10_000, 50_000) + b"\x03" + b"\x01\x11\x00" * 3,
                "a.jpg",
                (50_000, 10_000, 500),
            ),
        ],
    )
    def test_too_many_pixels_by_the_header_alone(self, data, name, size, monkeypatch):
        monkeypatch.setattr(measuring, "open_picture", lambda *args: pytest.fail("decoded"))
        width, height, megapixels = size
        assert refusal(data, name) == (
            f"“{name}” has {width:,} × {height:,} px, {megapixels} megapixels; at most 40 can be taken."
        )

    def test_a_second_header_does_not_smuggle_pixels_in(self):
        small, huge = png_header(10, 10), png_header(30_000, 30_000)[8:]
        assert "30,000 × 30,000 px" in refusal(
            small + huge + png_header(1, 1, (b"IDAT", b"x"), (b"IEND", b""))[33:], "a.png"
        )

    def test_animated_bombs(self):
        assert refusal(gif(201), "a.gif") == (
            "“a.gif” has more than 200 frames. Shorten the animation and upload it again."
        )
        assert measured_from(gif(200), "a.gif").frame_count == 200
        assert refusal(gif(100, 3_000, 2_000), "a.gif") == (
            "“a.gif” has 100 frames of 3,000 × 2,000 px, 600 megapixels together; at most 400 megapixels can be taken. "
            "Shorten the animation or make it smaller."
        )

    @pytest.mark.parametrize(
        ("whole", "name"),
        [
            (saved(picture(), "JPEG"), "a.jpg"),
            (saved(picture(), "JPEG", progressive=True), "a.jpg"),
            (saved(picture(), "PNG"), "a.png"),
            (saved(picture(), "WEBP"), "a.webp"),
            (saved(picture(), "GIF"), "a.gif"),
            (psd(), "a.psd"),
            (pdf(), "a.pdf"),
        ],
    )
    @pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
    def test_cut_off(self, whole, name, kept):
        assert refusal(whole[: int(len(whole) * kept)], name) == (
            f"“{name}” cannot be read: it is damaged or incomplete. Export it again and upload it."
        )

    @pytest.mark.parametrize(
        ("data", "name"),
        [
            (png_header(1, 1, *[(b"aaAa", b"")] * 5_001), "a.png"),
            (png_header(1, 1, *[(b"IDAT", b"")] * 100_001), "a.png"),
            (b"\xff\xd8" + b"\xff\xe1\x00\x02" * 5_001, "a.jpg"),
            (gif(0)[:-1] + b"\x21\xfe\x00" * 5_001, "a.gif"),
            (b"8BPS" + struct.pack(">H6xHIIHHII", 1, 3, 1, 1, 8, 3, 0, 72_000) + b"8BIM" + b"\x00" * 72_000, "a.psd"),
            (b"\xff\xd8\xff\xc0\x00\x05\x08\x00\x01\x00\x01" + b"\xff\xda\x00\x02" * 101, "a.jpg"),
        ],
    )
    def test_floods_of_tiny_blocks(self, data, name, monkeypatch):
        monkeypatch.setattr(measuring, "open_picture", lambda *args: pytest.fail("decoded"))
        assert "cannot be read" in refusal(data, name)

    def test_a_picture_with_a_web_page_in_it(self):
        page = b"<script>alert(1)</script>"
        for data, name, what in (
            (saved(picture(), "GIF", comment=page), "a.gif", "a GIF"),
            (saved(picture(), "JPEG", comment=page), "a.jpg", "a JPEG"),
            (saved(picture(), "PNG") + b"<!DOCTYPE HTML>", "a.png", "a PNG"),
        ):
            assert refusal(data, name) == (
                f"“{name}” is {what} with a web page hidden in it. Export it again and upload it."
            )

    def test_colours_of_a_palette_that_is_missing(self):
        data = png_header(1, 1, (b"IDAT", zlib.compress(b"\x00\x00")), (b"IEND", b""), colour_type=3)
        assert "cannot be read" in refusal(data, "a.png")

    @settings(max_examples=150, deadline=None)
    @given(
        start=st.sampled_from(
            [
                b"",
                b"\x89PNG\r\n\x1a\n",
                b"\xff\xd8\xff",
                b"GIF89a",
                b"8BPS\x00\x01",
                b"%PDF-1.4",
                b"RIFF\x40\x00\x00\x00WEBP",
            ]
        ),
        rest=st.binary(max_size=300),
        name=st.text(max_size=30),
    )
    def test_random_bytes_are_refused_or_measured(self, start, rest, name):
        file = io.BytesIO(start + rest)
        try:
            measured = measure(file, name)
        except InvalidInput:
            return
        assert measured.size_bytes == len(start + rest)

    @settings(max_examples=150, deadline=None)
    @given(
        whole=st.sampled_from(
            [
                (saved(picture(40, 30), "PNG"), "a.png"),
                (phone_photo(), "a.jpg"),
                (saved(picture(40, 30, "RGBA", (1, 2, 3, 4)), "WEBP"), "a.webp"),
                (saved(picture(40, 30), "GIF"), "a.gif"),
                (psd(), "a.psd"),
            ]
        ),
        at=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=6),
    )
    def test_altered_pictures_are_refused_or_drawn(self, whole, at):
        data, name = bytearray(whole[0]), whole[1]
        for place, value in at:
            data[int(place * len(data))] = value
        file = io.BytesIO(bytes(data))
        try:
            out = render(file, measure(file, name), long_edge=50)
        except InvalidInput:
            return
        assert out is None or max(Image.open(io.BytesIO(out)).size) <= 50

    def test_the_refusal_is_told_to_readers_of_any_language(self):
        with pytest.raises(PictureRefused) as caught:
            measured_from(b"", "a.png")
        with translation.override("ko"):
            assert sentence(caught.value.finding) == str(
                translation.gettext("“%(name)s” is empty. Export it again and upload it.")
            ) % {"name": "a.png"}


class TestNames:
    @pytest.mark.parametrize(
        ("given_name", "format_", "safe"),
        [
            ("banner.png", "png", "banner.png"),
            ("Banner.JPG", "jpeg", "Banner.jpg"),
            ("banner", "png", "banner.png"),
            ("banner.v2", "png", "banner.v2.png"),
            ("banner.v2.final.png", "png", "banner.v2.final.png"),
            ("banner.png.exe", "png", "banner.png"),
            ("banner.exe.png", "png", "banner.png"),
            ("../../etc/passwd", "png", "passwd.png"),
            ("C:\\fakepath\\배너.png", "png", "배너.png"),
            ("banner.png\x00.exe", "png", "banner.png"),
            ("banner\u202egnp.exe", "png", "bannergnp.png"),
            ("a\nb\t<c>|d?.gif", "gif", "ab_c__d_.gif"),
            ("\u1107\u1162\u1102\u1165.png", "png", "배너.png"),
            ("", "png", "file.png"),
            ("...", "png", "file.png"),
            (".png", "png", "png.png"),
            ("nul.png", "png", "_nul.png"),
            ("배" * 300 + ".png", "png", "배" * 65 + ".png"),
            ("a" * 300, "", "a" * 200),
            ("../x\u202e.exe", "", "x.exe"),
            ("", "", "file"),
        ],
    )
    def test_tricks(self, given_name, format_, safe):
        assert safe_name(given_name, format_) == safe

    @given(st.text(max_size=300), st.sampled_from(["", "png", "jpeg", "ai"]))
    def test_any_name_becomes_harmless(self, given_name, format_):
        name = safe_name(given_name, format_)
        assert 0 < len(name.encode()) <= 200
        assert not set(name) & set('/\\\x00\n\r<>:"|?*\u202e')
        assert name not in {".", ".."}
        assert safe_name(name, format_) == name


class TestAgainstSlot:
    def facts(self, **over):
        return Measured(**{"format": "png", "width": 860, "height": 500, "size_bytes": 512_000, "sha256": ""} | over)

    def told(self, measured, spec=SLOT, text=""):
        return [(item.is_ok, sentence(item)) for item in check_against(measured, spec, text)]

    def test_everything_fits(self):
        assert self.told(self.facts(), text="여름 세일") == [
            (True, "860 × 500 px, as needed."),
            (True, "500 KB of at most 500 KB."),
            (True, "The file is a PNG, as needed."),
            (True, "5 of at most 20 characters."),
        ]

    def test_nothing_fits(self):
        measured = self.facts(format="psd", width=800, size_bytes=831_000)
        assert self.told(measured, text="x" * 25) == [
            (False, "Needs 860 × 500 px, the file has 800 × 500 px."),
            (False, "At most 500 KB, the file has 812 KB."),
            (False, "Takes PNG or JPEG, the file is a PSD."),
            (False, "At most 20 characters, the text has 25."),
        ]

    def test_a_byte_too_many_does_not_read_as_fitting(self):
        assert self.told(self.facts(size_bytes=512_001))[1] == (False, "At most 500 KB, the file has 501 KB.")

    def test_without_limits_only_size_and_format_are_checked(self):
        spec = SlotSpec(
            width_px=1000, height_px=1000, size_rule="at_least", max_kb=None, formats=("gif",), text_limit=None
        )
        assert self.told(self.facts(format="gif", width=2000, height=2000), spec, "x" * 999) == [
            (True, "2,000 × 2,000 px, as needed: at least 1,000 × 1,000 px in these proportions."),
            (True, "The file is a GIF, as needed."),
        ]
        assert not check_against(self.facts(width=2000, height=1000), spec)[0].is_ok
        assert self.told(self.facts(format="webp"), spec) == [
            (False, "Needs at least 1,000 × 1,000 px in these proportions, the file has 860 × 500 px."),
            (False, "Takes GIF, the file is a WebP."),
        ]

    @pytest.mark.parametrize(
        ("width", "height", "fits"),
        [
            (1720, 1000, True),
            (1000, 576, True),
            (1000, 575, False),
            (1000, 587, True),
            (1000, 588, False),
            (17, 10, True),
        ],
    )
    def test_proportions_within_one_per_cent(self, width, height, fits):
        spec = SlotSpec(width_px=860, height_px=500, size_rule="ratio", max_kb=None, formats=("png",), text_limit=None)
        (size, _) = check_against(self.facts(width=width, height=height), spec)
        assert size.is_ok is fits
        assert sentence(size) == (
            f"{width:,} × {height:,} px, in the proportions of 860 × 500 px."
            if fits
            else f"Needs the proportions of 860 × 500 px, the file has {width:,} × {height:,} px."
        )

    def test_any_height_at_a_width(self):
        spec = SlotSpec(width_px=860, height_px=1, size_rule="width", max_kb=None, formats=("png",), text_limit=None)
        assert self.told(self.facts(height=12_000), spec)[0] == (True, "860 px wide, as needed.")
        assert self.told(self.facts(width=1_200), spec)[0] == (
            False,
            "Needs a width of 860 px, the file has 1,200 px.",
        )

    def test_the_right_size_is_right_by_every_rule(self):
        for rule in ("exact", "at_least", "ratio", "width"):
            spec = SlotSpec(width_px=860, height_px=500, size_rule=rule, max_kb=None, formats=("png",), text_limit=None)
            assert check_against(self.facts(), spec)[0].is_ok

    def test_a_document_has_no_pixels(self):
        document = self.facts(format="pdf", width=None, height=None)
        assert self.told(document)[0] == (
            False,
            "Needs 860 × 500 px, the file is a PDF and has no size in pixels.",
        )
        takes_pdf = SlotSpec(
            width_px=860, height_px=500, size_rule="exact", max_kb=None, formats=("pdf",), text_limit=None
        )
        assert self.told(document, takes_pdf)[0] == (
            True,
            "The file is a PDF and has no size in pixels: look yourself whether it suits 860 × 500 px.",
        )

    def test_a_text_alone(self):
        assert [item.as_dict() for item in check_text(" 가나다\r\n라 ", SLOT)] == [
            {"code": "text", "is_ok": True, "params": {"limit": 20, "length": 5}}
        ]
        assert check_text("\u1107\u1162" * 20, SLOT)[0].is_ok  # typed on macOS: twenty characters in forty pieces

    def test_findings_come_back_from_the_database_as_they_were(self):
        for finding in check_against(self.facts(format="pdf", width=None, height=None), SLOT, "x" * 30):
            assert Finding.from_dict(finding.as_dict()) == finding

    def test_a_finding_of_an_older_release_is_shown_by_its_code(self):
        assert sentence(Finding.from_dict({"code": "gone", "is_ok": True, "params": {}})) == "gone"


class TestRender:
    def test_smaller_upright_and_without_what_the_camera_wrote(self):
        image = drawn(phone_photo(), "photo.jpg")
        assert (image.format, image.mode, image.size) == ("WEBP", "RGB", (50, 100))
        # stored at the top left, seen at the top right
        assert near(image.getpixel((40, 10)), (0, 0, 0))
        assert near(image.getpixel((10, 10)), (200, 30, 30))
        assert not image.getexif()
        assert set(image.info) & {"exif", "icc_profile", "xmp"} == set()

    def test_the_file_carries_no_words_of_the_original(self):
        data = phone_photo()
        assert b"Testphone" in data
        file = io.BytesIO(data)
        out = render(file, measure(file, "photo.jpg"), long_edge=100)
        assert b"Testphone" not in out
        assert b"Exif" not in out

    @pytest.mark.parametrize(
        ("image", "options"),
        [
            (picture(1_203, 3_001), {}),
            (picture(1_203, 3_001, "RGBA", (200, 30, 30, 0)), {}),
            (picture(1_203, 3_001, "P", 1), {"transparency": 1}),
            (picture(1_203, 3_001, "P", 1), {}),
        ],
    )
    def test_large_pictures_are_shrunk_in_strips_without_seams(self, image, options):
        out = drawn(saved(image, "PNG", **options), "a.png", 300)
        assert out.size == (120, 300)
        for y in (*range(145), *range(155, 300)):
            pixel = out.convert("RGBA").getpixel((20, y))
            if y < 150:
                assert near(pixel, (0, 0, 0, 255))
            elif out.mode == "RGBA":
                assert pixel[3] == 0
            else:
                assert pixel[0] >= 190

    def test_small_pictures_are_not_enlarged(self):
        assert drawn(saved(picture(30, 20), "PNG"), "a.png").size == (30, 20)

    def test_no_preview_exceeds_sixteen_megapixels(self):
        assert drawn(saved(picture(6_000, 3_000), "JPEG"), "a.jpg", 30_000).size == (4_000, 2_000)

    @pytest.mark.parametrize(
        ("image", "format_", "options"),
        [
            (picture(200, 100, "RGBA", (0, 200, 0, 0)), "PNG", {}),
            (picture(200, 100, "LA", (200, 0)), "PNG", {}),
            (picture(200, 100, "P", 3), "PNG", {"transparency": 3}),
            (picture(200, 100, "RGB", (7, 8, 9)), "PNG", {"transparency": (7, 8, 9)}),
            (picture(200, 100, "RGBA", (0, 200, 0, 0)), "WEBP", {}),
            (picture(200, 100, "P", 3), "GIF", {"transparency": 3}),
        ],
    )
    def test_transparency_stays(self, image, format_, options):
        out = drawn(saved(image, format_, **options), f"a.{format_.lower()}")
        assert (out.mode, out.size) == ("RGBA", (100, 50))
        assert out.getpixel((90, 40))[3] == 0

    @pytest.mark.parametrize(
        ("image", "format_", "wanted"),
        [
            (Image.new("L", (200, 100), 128), "PNG", (128, 128, 128)),
            (Image.new("1", (200, 100), 1), "PNG", (255, 255, 255)),
            (Image.new("I;16", (200, 100), 128 * 256), "PNG", (128, 128, 128)),
            (Image.new("CMYK", (200, 100), (0, 255, 255, 0)), "JPEG", (255, 0, 0)),
        ],
    )
    def test_other_colours_become_those_of_screens(self, image, format_, wanted):
        out = drawn(saved(image, format_), "a.png" if format_ == "PNG" else "a.jpg")
        assert out.mode == "RGB"
        assert near(out.getpixel((50, 25)), wanted)

    def test_a_colour_profile_is_applied_and_a_wrong_one_ignored(self):
        grey_scale = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
        for profile in (ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), b"rubbish", grey_scale):
            out = drawn(saved(Image.new("RGB", (200, 100), (200, 30, 30)), "PNG", icc_profile=profile), "a.png")
            assert near(out.getpixel((50, 25)), (200, 30, 30))
            assert "icc_profile" not in out.info

    def test_psd_by_its_composite(self):
        assert near(drawn(psd(), "a.psd").getpixel((5, 5)), (250, 120, 10))
        assert drawn(psd(mode=9), "a.psd").mode == "RGB"
        assert drawn(psd(channels=4, layers=-1), "a.psd").getpixel((5, 5))[3] == 0
        # the fourth channel is a saved selection
        assert near(drawn(psd(channels=4, layers=1), "a.psd").getpixel((5, 5)), (250, 120, 10))

    def test_first_frame_only(self):
        frames = [picture(40, 30, colour=(value, 0, 0)) for value in (250, 20)]
        out = drawn(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]), "a.gif")
        assert not getattr(out, "is_animated", False)
        assert near(out.getpixel((35, 25)), (250, 0, 0))

    @pytest.mark.parametrize("name", ["a.pdf", "a.ai"])
    def test_first_page_of_a_document(self, name):
        out = drawn(pdf(), name, 200)
        assert (out.format, out.size) == ("WEBP", (200, 100))
        assert near(out.getpixel((100, 50)), (255, 0, 0))

    def test_large_and_odd_pages_stay_within_limits(self):
        assert Image.open(io.BytesIO(draw_first_page(pdf(14_400, 14_400), 100_000))).size <= (4_000, 4_000)
        assert Image.open(io.BytesIO(draw_first_page(pdf(14_400, 1), 1_000))).size == (1_000, 1)

    def test_a_document_that_cannot_be_drawn_has_no_preview(self):
        data = b"%PDF-1.4\nnothing of use\n%%EOF\n"
        it = measured_from(data, "a.pdf")
        assert it.is_previewable
        assert render(io.BytesIO(data), it, long_edge=100) is None

    def test_a_document_that_takes_too_long_has_no_preview(self, monkeypatch):
        monkeypatch.setattr(rendering, "DOCUMENT_SECONDS", 0)
        data = pdf()
        assert render(io.BytesIO(data), measured_from(data, "a.pdf"), long_edge=100) is None

    def test_a_picture_that_broke_since_is_refused(self):
        data = saved(picture(), "JPEG")
        it = measured_from(data, "a.jpg")
        with pytest.raises(PictureRefused):
            render(io.BytesIO(data[: len(data) // 2]), it, long_edge=100)
