"""Uploaded creative files that are refused, and with which words."""

import io
import struct
import zlib

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.errors import InvalidInput
from staff.adapters import measuring
from staff.adapters.pictures import (
    PictureRefused,
    measure,
    render,
    sentence,
)
from tests.staff.pictures import (
    gif,
    measured_from,
    pdf,
    phone_photo,
    picture,
    png_header,
    psd,
    refusal,
    saved,
    zip_file,
)

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # what Pillow mutters about broken files


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
