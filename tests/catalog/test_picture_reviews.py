"""An approval is of the pictures that were seen: whatever changes them takes it back; what changes nothing does not."""

import pytest
from django.core.files.base import ContentFile

from catalog.models import Product, ProductStatus
from catalog.services import add_image, assign_image, describe_image, move_image, remove_image, replace_image
from core.errors import NotAllowed
from tests.catalog.making import make_approved
from tests.factories import make_user
from tests.staff.pictures import picture, saved

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def product():
    """Return an approved product with a red and a blue picture; the second has words."""
    made = make_approved()
    for colour, words in (("red", ""), ("blue", "Blue")):
        add_image(product_id=made.pk, file=file_of(colour), alt_text=words, is_judged=True)
    return made


def file_of(colour):
    tones = {"red": (200, 0, 0), "blue": (0, 0, 200), "green": (0, 200, 0)}
    return ContentFile(saved(picture(100, 100, colour=tones[colour]), "PNG"), name=f"{colour}.png")


def status(product):
    return Product.objects.values_list("status", flat=True).get(pk=product.pk)


CHANGES = {
    "added": lambda product, image: add_image(product_id=product.pk, file=file_of("green")),
    "replaced": lambda _product, image: replace_image(image_id=image.pk, file=file_of("green"), alt_text=""),
    "moved": lambda _product, image: move_image(image_id=image.pk, position=0),
    "shows a variant": lambda product, image: assign_image(
        image_id=image.pk, variant_id=product.variants.values_list("pk", flat=True).get()
    ),
    "described": lambda _product, image: describe_image(image_id=image.pk, alt_texts={"en": "Navy"}),
    "removed": lambda _product, image: remove_image(image_id=image.pk, reason="blurred"),
}
NOTHING = {
    "moved to its place": lambda image: move_image(image_id=image.pk, position=1),
    "still of the whole product": lambda image: assign_image(image_id=image.pk, variant_id=None),
    "the same words": lambda image: describe_image(image_id=image.pk, alt_texts={"en": "Blue"}),
    "rights only": lambda image: describe_image(image_id=image.pk, alt_texts={"en": "Blue"}, usage_rights="one year"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_picture_takes_the_approval_back(product, change):
    assert status(product) == ProductStatus.APPROVED
    change(product, product.images.get(position=1))
    assert status(product) == ProductStatus.DRAFT


@pytest.mark.parametrize("change", NOTHING.values(), ids=NOTHING)
def test_what_nobody_sees_leaves_the_approval(product, change):
    change(product.images.get(position=1))
    assert status(product) == ProductStatus.APPROVED


def test_a_refused_change_leaves_the_approval(product):
    with pytest.raises(NotAllowed):
        remove_image(image_id=product.images.first().pk, reason="blurred", actor=make_user())
    assert (status(product), product.images.count()) == (ProductStatus.APPROVED, 2)


def test_a_picture_that_somebody_judged_already_leaves_the_approval(product):
    replace_image(image_id=product.images.first().pk, file=file_of("green"), alt_text="", is_judged=True)
    assert status(product) == ProductStatus.APPROVED
