"""Pictures that two people add, order and remove at the same time."""

from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from catalog.models import MediaFile, Product
from catalog.services import add_image, move_image, remove_image
from tests.concurrency.race import race
from tests.factories import make_variant
from tests.staff.pictures import picture, saved

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def media(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def file(shade: int = 9) -> ContentFile:
    return ContentFile(saved(picture(400, 400, colour=(shade, 9, 9)), "JPEG"), name="a.jpg")


def test_two_people_who_reorder_at_once_leave_one_order():
    product = make_variant().product
    images = [add_image(product_id=product.pk, file=file(40 * shade)) for shade in range(5)]

    moves = [(images[4].pk, 0), (images[3].pk, 1), (images[0].pk, 4)]
    results = race(*(lambda pk=pk, place=place: move_image(image_id=pk, position=place).pk for pk, place in moves))

    assert [result.kind for result in results] == ["done"] * 3, results
    assert list(product.images.values_list("position", flat=True)) == [0, 1, 2, 3, 4]
    product.refresh_from_db()
    assert product.image_path == product.images.first().file.name


def test_the_same_bytes_that_arrive_at_once_are_stored_once(media):
    products = [make_variant().product for _ in range(4)]

    results = race(*(lambda pk=each.pk: add_image(product_id=pk, file=file()).media_id for each in products))

    assert [result.kind for result in results] == ["done"] * 4, results
    assert {result.value for result in results} == {MediaFile.objects.get().pk}
    assert len([path for path in media.rglob("*") if path.is_file()]) == 2


def test_a_file_that_is_removed_here_and_added_there_at_once_is_there(media):
    old, new = make_variant().product, make_variant().product
    image = add_image(product_id=old.pk, file=file())

    results = race(
        lambda: remove_image(image_id=image.pk, reason="Wrong product"),
        lambda: add_image(product_id=new.pk, file=file()).pk,
    )

    assert [result.kind for result in results] == ["done"] * 2, results
    shown = new.images.get()
    assert (media / shown.file.name).is_file()
    assert (media / shown.media.thumbnail_path).is_file()
    assert Product.objects.get(pk=new.pk).image_path == shown.file.name
