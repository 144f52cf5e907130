"""Uploaded creative files: what is taken, under which name, and what a slot says."""

import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staff.adapters.pictures import (
    Finding,
    Measured,
    SlotSpec,
    check_against,
    check_text,
    measure,
    render,
    safe_name,
    sentence,
)
from tests.staff.pictures import (
    gif,
    measured_from,
    pdf,
    phone_photo,
    picture,
    psd,
    saved,
)

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # what Pillow mutters about broken files

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
