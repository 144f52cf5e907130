"""Pictures of products."""

from django.core.files.base import File
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from catalog.models import Product, ProductImage
from catalog.policies import can_add_pictures
from core.errors import InvalidInput, NotAllowed
from staff.models import User


@transaction.atomic
def add_image(
    *,
    product_id: int,
    file: "File[bytes]",
    alt_text: str = "",
    variant_id: int | None = None,
    actor: User | None = None,
) -> ProductImage:
    """Add a picture after the others and return it; the first one becomes the product's face in lists.

    InvalidInput when the variant is of another product; NotAllowed without the right to add pictures.
    """
    if actor is not None and not can_add_pictures(actor):
        raise NotAllowed(_("You may not add pictures."))
    product = Product.objects.select_for_update(no_key=True, of=("self",)).get(pk=product_id)
    if variant_id is not None and not product.variants.filter(pk=variant_id).exists():
        raise InvalidInput(_("The variant belongs to another product."))
    last = product.images.aggregate(last=Max("position"))["last"]
    image = ProductImage.objects.create(
        product=product,
        variant_id=variant_id,
        file=file,
        alt_text=alt_text,
        position=0 if last is None else last + 1,
    )
    if last is None:
        product.image_path = str(image.file.name)
        product.save(update_fields=["image_path", "updated_at"])
    return image


@transaction.atomic
def replace_image(*, image_id: int, file: "File[bytes]", alt_text: str, actor: User | None = None) -> ProductImage:
    """Show ``file`` in the place of this picture and return it; lists follow when it is the product's face.

    NotAllowed without the right to add pictures.
    """
    if actor is not None and not can_add_pictures(actor):
        raise NotAllowed(_("You may not add pictures."))
    found = ProductImage.objects.only("product_id").get(pk=image_id)
    product = Product.objects.select_for_update(no_key=True, of=("self",)).get(pk=found.product_id)
    image = ProductImage.objects.get(pk=image_id)
    before = str(image.file.name)
    image.alt_text = alt_text
    image.file.save(str(file.name), file, save=False)
    image.save(update_fields=["file", "alt_text"])
    if product.image_path == before:
        product.image_path = str(image.file.name)
        product.save(update_fields=["image_path", "updated_at"])
    return image
