"""Pictures of products: what is stored of a file, order, words, sharing, rights, and what channels say."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageCms

from catalog.models import MediaFile, Product, ProductImage
from catalog.selectors import check_pictures
from catalog.services import (
    add_image,
    assign_image,
    describe_image,
    drop_unused_media,
    move_image,
    remove_image,
    replace_image,
)
from catalog.services.pictures.storing import white_edge
from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import fact
from core.models import EventRecord
from staff.models import CreativeSlot
from staff.services import sync_task_seeds
from tests.factories import make_channel, make_user, make_variant
from tests.staff.pictures import phone_photo, picture, png_header, saved

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def product() -> Product:
    return make_variant(sku="S").product


def square(colour="white", side=1000, kind="JPEG") -> bytes:
    return saved(Image.new("RGB", (side, side), colour), kind)


def add(product: Product, data: bytes = b"", name: str = "a.jpg", **over) -> ProductImage:
    return add_image(product_id=product.pk, file=ContentFile(data or square(), name=name), **over)


def order(product: Product) -> list[tuple[int, int]]:
    return list(product.images.values_list("pk", "position"))


def files(media: Path) -> list[str]:
    return sorted(path.name for path in media.rglob("*") if path.is_file())


def test_a_picture_is_stored_with_smaller_ones_and_becomes_the_face(product, media):
    image = add(product, square(side=1500), name="../my photo.JPG", alt_text="앞모습")
    product.refresh_from_db()
    stored = image.media
    assert (stored.format, stored.width, stored.height, stored.white_edge) == ("jpeg", 1500, 1500, 100)
    assert (product.image_path, product.thumbnail_path) == (stored.file.name, stored.thumbnail_path)
    assert image.file.name == stored.file.name
    with Image.open(media / stored.thumbnail_path) as small, Image.open(media / stored.large_path) as large:
        assert (small.size, large.size, small.format, large.format) == ((320, 320), (1200, 1200), "WEBP", "WEBP")
    assert (image.alt_text_ko, image.alt_text_en, image.alt_text_ja) == ("앞모습", "", "")
    assert stored.size_bytes == image.file.size
    assert (media / stored.file.name).parent == media / "products"
    assert "photo" not in "".join(files(media))


def test_a_phone_photo_stands_upright_and_says_nothing_of_place_and_camera(product, media):
    image = add(product, phone_photo())
    data = (media / image.file.name).read_bytes()
    with Image.open(io.BytesIO(data)) as stored:
        assert (stored.size, dict(stored.getexif()), stored.info.get("icc_profile")) == ((200, 400), {}, None)
        assert max(stored.convert("RGB").getpixel((190, 10))) < 20  # the black corner, turned to the right
    assert b"Exif" not in data
    assert b"Testphone" not in data
    assert (image.media.width, image.media.height) == (200, 400)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_metadata_goes_without_touching_a_pixel(product, media, kind):
    exif = Image.Exif()
    exif[0x010F] = "Testphone"
    exif[0x8825] = {1: "N", 2: (37.0, 33.0, 58.0)}
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    lossless = {"lossless": True} if kind == "WEBP" else {}
    original = saved(picture(200, 100), kind, exif=exif, icc_profile=srgb, **lossless)
    if kind == "JPEG":
        original += b"\xff\xd8 a small copy with Exif at the end"
    image = add(product, original, name="")
    data = (media / image.file.name).read_bytes()
    assert b"Testphone" in original
    for trace in (b"Testphone", b"Exif", b"EXIF", b"eXIf", b"ICC", b"small copy"):
        assert trace not in data
    with Image.open(io.BytesIO(original)) as before, Image.open(io.BytesIO(data)) as after:
        assert before.convert("RGB").tobytes() == after.convert("RGB").tobytes()
        assert not after.getexif()


def test_other_colours_become_screen_colours(product, media):
    cmyk = saved(Image.new("CMYK", (300, 300), (0, 255, 255, 0)), "JPEG")
    image = add(product, cmyk)
    with Image.open(media / image.file.name) as stored:
        red, green, blue = stored.getpixel((150, 150))
    assert stored.mode == "RGB"
    assert (red > 200, green < 60, blue < 60) == (True, True, True)


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", "is an SVG"),
        (b"MZ\x90\x00" + b"\x00" * 100, "a.jpg", "it is a program"),
        (png_header(50_000, 50_000), "a.png", "2,500 megapixels"),
        (saved(picture(20, 20), "GIF"), "a.gif", "Upload it as JPEG, PNG or WebP"),
        (square()[:-200], "a.jpg", "damaged or incomplete"),
        (b"", "a.jpg", "is empty"),
        (
            saved(picture(20, 20), "WEBP", save_all=True, append_images=[picture(20, 20, colour=(1, 2, 3))]),
            "a.webp",
            "2 frames",
        ),
    ],
)
def test_what_is_no_still_picture_is_refused_and_nothing_is_left(product, media, data, name, words):
    with pytest.raises(InvalidInput, match=words):
        add_image(product_id=product.pk, file=ContentFile(data, name=name))
    kept = add(product)
    before = files(media)
    with pytest.raises(InvalidInput, match=words):
        replace_image(image_id=kept.pk, file=ContentFile(data, name=name), alt_text="")
    assert (files(media), ProductImage.objects.count(), MediaFile.objects.count()) == (before, 1, 1)
    product.refresh_from_db()
    assert product.image_path == kept.file.name


def test_a_variant_of_another_product_is_refused_and_nothing_is_left(product, media):
    stranger = make_variant()
    with pytest.raises(InvalidInput, match="another product"):
        add(product, variant_id=stranger.pk)
    assert (files(media), ProductImage.objects.count(), MediaFile.objects.count()) == ([], 0, 0)
    image = add(product)
    with pytest.raises(InvalidInput, match="another product"):
        assign_image(image_id=image.pk, variant_id=stranger.pk)
    own = product.variants.get()
    assert assign_image(image_id=image.pk, variant_id=own.pk).variant == own
    assert assign_image(image_id=image.pk, variant_id=None).variant is None


def test_the_same_bytes_are_stored_once_and_stay_while_somebody_shows_them(
    product, media, django_capture_on_commit_callbacks
):
    other = make_variant().product
    one, two = add(product), add(other)
    assert (one.media, one.file.name, MediaFile.objects.count()) == (two.media, two.file.name, 1)
    assert len(files(media)) == 2  # 1000 px: the picture itself is the large one
    with django_capture_on_commit_callbacks(execute=True):
        remove_image(image_id=one.pk, reason="Wrong product")
    assert len(files(media)) == 2
    assert drop_unused_media(media_ids=[two.media_id]) == 0
    with django_capture_on_commit_callbacks(execute=True):
        replace_image(image_id=two.pk, file=ContentFile(square("teal"), name="b.jpg"), alt_text="")
    assert (MediaFile.objects.count(), len(files(media))) == (1, 2)
    with django_capture_on_commit_callbacks(execute=True):
        remove_image(image_id=two.pk, reason="Ended")
    assert (MediaFile.objects.count(), files(media)) == (0, [])


def test_the_same_picture_twice_on_one_product_is_refused_when_only_new_ones_are_wanted(product):
    add(product, square("teal"))
    add(product)
    with pytest.raises(Conflict, match=r"it is number 2\."):
        add(product, only_new=True)
    assert product.images.count() == 2


def test_pictures_are_moved_and_the_first_is_the_face(product):
    one, two, three = (add(product, square(colour)) for colour in ("white", "teal", "navy"))
    move_image(image_id=three.pk, position=0)
    product.refresh_from_db()
    assert order(product) == [(three.pk, 0), (one.pk, 1), (two.pk, 2)]
    assert (product.image_path, product.thumbnail_path) == (three.file.name, three.media.thumbnail_path)
    move_image(image_id=three.pk, position=99)
    product.refresh_from_db()
    assert order(product) == [(one.pk, 0), (two.pk, 1), (three.pk, 2)]
    assert product.image_path == one.file.name


def test_a_removed_picture_leaves_its_place_to_the_next_and_its_reason_in_the_history(product):
    one, two = add(product), add(product, square("teal"))
    with pytest.raises(InvalidInput, match="Say why"):
        remove_image(image_id=one.pk, reason="  ")
    assert order(product) == [(one.pk, 0), (two.pk, 1)]
    remove_image(image_id=one.pk, reason="Shows the old label")
    product.refresh_from_db()
    assert (order(product), product.image_path) == ([(two.pk, 0)], two.file.name)
    assert [fact(event).sentence() for event in EventRecord.objects.filter(name="catalog.picture_removed")] == [
        "Picture 1 removed: Shows the old label"
    ]
    with pytest.raises(Conflict, match="gone"):
        move_image(image_id=one.pk, position=0)
    remove_image(image_id=two.pk, reason="Sold out")
    product.refresh_from_db()
    assert (product.image_path, product.thumbnail_path) == ("", "")


def test_words_and_rights_of_a_picture(product):
    image = add(product, alt_text="front")
    until = timezone.localdate() - timedelta(days=1)
    texts = {"en": " Front ", "ja": "正面"}
    image = describe_image(image_id=image.pk, alt_texts=texts, usage_rights="Agency", rights_until=until)
    image.refresh_from_db()
    assert (image.alt_text_en, image.alt_text_ko, image.alt_text_ja) == ("Front", "", "正面")
    assert (image.usage_rights, image.rights_until) == ("Agency", until)
    for refused in ({"fr": "devant"}, {"en": "x" * 201}):
        with pytest.raises(InvalidInput):
            describe_image(image_id=image.pk, alt_texts=refused)
    image.refresh_from_db()
    assert image.alt_text_en == "Front"


def test_without_the_right_nothing_changes(product):
    image = add(product)
    nobody = make_user(permissions=["catalog.view_product"])
    designer = make_user(permissions=["catalog.add_productimage", "catalog.change_productimage"])
    file = ContentFile(square("teal"), name="b.jpg")
    refused = [
        lambda: add_image(product_id=product.pk, file=file, actor=nobody),
        lambda: replace_image(image_id=image.pk, file=file, alt_text="", actor=nobody),
        lambda: move_image(image_id=image.pk, position=0, actor=nobody),
        lambda: assign_image(image_id=image.pk, variant_id=None, actor=nobody),
        lambda: describe_image(image_id=image.pk, alt_texts={"en": "x"}, actor=nobody),
        lambda: remove_image(image_id=image.pk, reason="x", actor=designer),
    ]
    for attempt in refused:
        with pytest.raises(NotAllowed):
            attempt()
    image.refresh_from_db()
    assert (product.images.count(), MediaFile.objects.count(), image.alt_text) == (1, 1, "")
    assert add_image(product_id=product.pk, file=file, actor=designer).position == 1


def test_a_stored_file_has_measures(product):
    image = add(product)
    with pytest.raises(IntegrityError, match="catalog_mediafile_measured"):
        MediaFile.objects.filter(pk=image.media_id).update(white_edge=101)


def test_the_white_edge_is_counted_in_percent():
    half = Image.new("RGB", (100, 100), "white")
    half.paste((0, 0, 0), (0, 0, 100, 50))
    assert white_edge(saved(half, "WEBP", lossless=True)) == 50
    assert white_edge(saved(Image.new("RGBA", (10, 10), (255, 255, 255, 0)), "WEBP", lossless=True)) == 0


def test_channels_say_whether_the_main_picture_fits(product):
    sync_task_seeds()
    for kind in ("coupang", "rakuten", "other"):
        make_channel(kind=kind, code=kind, name=kind)
    make_channel(kind="naver", code="closed", is_active=False)
    images = lambda: list(product.images.select_related("media"))  # noqa: E731
    assert [(check.channel.kind, check.problems) for check in check_pictures(images=[])] == [
        ("coupang", ["There is no picture yet."]),
        ("rakuten", ["There is no picture yet."]),
    ]
    add(product, square("teal", side=600, kind="PNG"), name="a.png")
    add(product, square())
    coupang, rakuten = check_pictures(images=images())
    assert coupang.problems == ["Needs a white background: 0 % of the edge is white."]
    assert rakuten.problems == [
        "Needs at least 700 × 700 px in these proportions, the file has 600 × 600 px.",
        "Takes JPEG, the file is a PNG.",
    ]
    assert (coupang.fitting, rakuten.fitting) == (2, 2)
    move_image(image_id=images()[1].pk, position=0)
    assert [check.problems for check in check_pictures(images=images())] == [[], []]
    CreativeSlot.objects.filter(platform_code="coupang").update(is_active=False)
    assert [check.channel.kind for check in check_pictures(images=images())] == ["rakuten"]


# --- pages


@pytest.fixture
def designer(client):
    user = make_user(
        permissions=[
            "catalog.view_product",
            "catalog.view_variant",
            "catalog.view_saleschannel",
            "catalog.view_productimage",
            "catalog.add_productimage",
            "catalog.change_productimage",
            "staff.add_task",
        ]
    )
    client.force_login(user)
    return user


def page_of(product: Product) -> str:
    return reverse("admin:catalog_product_change", args=[product.pk])


def test_many_files_at_once_each_with_its_answer(client, designer, product):
    files = [ContentFile(square("teal"), name="front.jpg"), ContentFile(b"<svg/>", name="back.svg")]
    files += [ContentFile(square(), name="side.jpg"), ContentFile(square(), name="again.jpg")]
    answer = client.post(reverse("admin:catalog_pictures_add", args=[product.pk]), {"files": files}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == [
        "“front.jpg” is picture 1 now.",
        "back.svg: “back.svg” is an SVG. Upload it as PNG, JPEG, WebP, GIF, PSD, PDF or AI.",
        "“side.jpg” is picture 2 now.",
        "again.jpg: The product has this picture already, it is number 2.",
    ]
    assert product.images.count() == 2


def test_a_drop_and_a_button_move_a_picture(client, designer, product):
    one, two = add(product), add(product, square("teal"))
    url = reverse("admin:catalog_picture_move", args=[two.pk])
    answer = client.post(url, {"position": "0"}, headers={"accept": "application/json"})
    assert (answer.status_code, answer.json(), order(product)[0]) == (
        200,
        {"sentence": "The pictures stand in the new order."},
        (two.pk, 0),
    )
    assert client.post(url, {"position": "1"}).url == page_of(product) + "#panel-pictures"
    assert order(product)[0] == (one.pk, 0)
    assert client.post(url, {"position": "-1"}).status_code == 400
    remove_image(image_id=two.pk, reason="x")
    assert client.post(url, {"position": "0"}, headers={"accept": "application/json"}).status_code == 422


def test_the_page_of_a_picture_describes_replaces_and_refuses(client, designer, product):
    image = add(product)
    image.rights_until = timezone.localdate() - timedelta(days=1)
    image.save(update_fields=["rights_until"])
    url = reverse("admin:catalog_picture", args=[image.pk])
    assert "The usage rights ended on" in client.get(url).content.decode()
    assert "Rights are over" in client.get(page_of(product)).content.decode()
    variant = product.variants.get()
    client.post(url, {"do": "describe", "alt_en": "Front", "alt_ko": "앞", "variant": variant.pk})
    image.refresh_from_db()
    assert (image.alt_text_en, image.alt_text_ko, image.variant, image.rights_until) == ("Front", "앞", variant, None)
    before = image.media_id
    client.post(url, {"do": "replace", "file": ContentFile(square("navy"), name="n.jpg")})
    image.refresh_from_db()
    assert (image.media_id != before, image.alt_text_ko) == (True, "앞")
    refused = client.post(url, {"do": "remove", "reason": "Old"})
    assert "You may not remove pictures." in [str(m) for m in refused.context["messages"]]
    assert client.post(url, {"do": "fly"}).status_code == 400
    assert product.images.count() == 1


def test_a_photo_is_requested_from_the_check_list(client, designer, product):
    sync_task_seeds()
    make_channel(kind="coupang", code="c", name="Coupang")
    page = client.get(page_of(product)).content.decode()
    url = f"{reverse('admin:staff_task_request')}?about=catalog.product%3A{product.pk}&amp;kind=photo"
    assert url in page
    assert client.get(url.replace("&amp;", "&")).status_code == 200


def test_the_product_page_asks_as_often_for_many_pictures_as_for_few(client, designer, product):
    sync_task_seeds()
    add(product, variant_id=product.variants.get().pk)
    make_channel(kind="coupang")

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(page_of(product)).status_code == 200
        return len(asked)

    queries()
    few = queries()
    for shade in range(9):
        add(product, square((shade, 9, 9), side=400), variant_id=product.variants.get().pk)
        make_channel(kind="naver", code=f"n{shade}")
    assert queries() == few
