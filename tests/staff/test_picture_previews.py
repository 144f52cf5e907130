"""Previews of uploaded creative files: small, upright, without what the camera wrote."""

import io

import pytest
from PIL import Image, ImageCms

from staff.adapters import rendering
from staff.adapters.pdf_page import draw_first_page
from staff.adapters.pictures import (
    PictureRefused,
    measure,
    render,
)
from tests.staff.pictures import drawn, measured_from, near, pdf, phone_photo, picture, psd, saved

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # what Pillow mutters about broken files


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
