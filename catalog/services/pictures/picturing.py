"""Pictures of products: which, in which order, of which variant, with which words."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from catalog.events import PictureRemoved
from catalog.models import MediaFile, Product, ProductImage
from catalog.policies import can_add_pictures, can_change_pictures, can_remove_pictures
from catalog.services.pictures.storing import drop_unused_media, prepare_picture, store_media
from catalog.services.review.reviewing import content_changed
from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import record
from staff.models import Language, User

MAX_ALT_TEXT = 200
_HANGUL, _JAPANESE = re.compile("[가-힣ㄱ-ㅎ]"), re.compile("[ぁ-ヿ一-鿿]")


def add_image(
    *,
    product_id: int,
    file: "File[bytes]",
    alt_text: str = "",
    variant_id: int | None = None,
    only_new: bool = False,
    is_judged: bool = False,
    actor: User | None = None,
) -> ProductImage:
    """Add a picture after the others and return it; the first one becomes the product's face in lists.

    1. The file is checked, stripped and made smaller before anything is locked or written. 2. Under the product's lock
    it is stored, once for the same bytes. ``alt_text`` is kept for the language it is written in. 3. An approval of the
    product is taken back, unless somebody judged this picture before it came (``is_judged``: a designer's work).
    InvalidInput when the file cannot be taken, or the variant is of another product; Conflict with ``only_new`` when
    the product shows these bytes already; NotAllowed without the right to add pictures.
    """
    _refuse_unless(can_add_pictures, actor, _("You may not add pictures."))
    prepared = prepare_picture(file=file, filename=str(file.name or ""))
    with transaction.atomic():
        product = _locked(product_id)
        _refuse_foreign_variant(product, variant_id)
        images = list(product.images.select_related("media"))
        if only_new:
            _refuse_known(images, prepared.measured.sha256)
        media = store_media(prepared=prepared)
        image = ProductImage.objects.create(
            product=product,
            variant_id=variant_id,
            media=media,
            file=media.file.name,
            position=max((each.position for each in images), default=-1) + 1,
            **{f"alt_text_{_language_of(alt_text)}": alt_text},
        )
        if not images:
            _show_face(product)
        if not is_judged:
            _reopen(product, actor)
    return image


def replace_image(
    *, image_id: int, file: "File[bytes]", alt_text: str, is_judged: bool = False, actor: User | None = None
) -> ProductImage:
    """Show ``file`` in the place of this picture and return it; lists follow when it is the product's face.

    ``alt_text`` takes the place of the text of its language; empty leaves all texts. The old file goes when no other
    picture shows it. An approval is taken back as in ``add_image``. InvalidInput as there; NotAllowed without the right
    to add pictures.
    """
    _refuse_unless(can_add_pictures, actor, _("You may not add pictures."))
    prepared = prepare_picture(file=file, filename=str(file.name or ""))
    with transaction.atomic():
        product, image = _locked_image(image_id)
        before = image.media_id
        media = store_media(prepared=prepared)
        _show(image, media)
        if alt_text:
            setattr(image, f"alt_text_{_language_of(alt_text)}", alt_text)
        image.save(update_fields=["media", "file", "alt_text_en", "alt_text_ko", "alt_text_ja"])
        _show_face(product)
        _forget(before if before != media.pk else None)
        if not is_judged:
            _reopen(product, actor)
    return image


@transaction.atomic
def move_image(*, image_id: int, position: int, actor: User | None = None) -> ProductImage:
    """Move the picture to this place (0 is the face; beyond the last is the last) and return it.

    The others close up, so places are 0, 1, 2 ... again; an approval is taken back. NotAllowed without the right to
    change pictures.
    """
    _refuse_unless(can_change_pictures, actor, _("You may not change pictures."))
    product, image = _locked_image(image_id)
    before = list(product.images.all())
    images = [each for each in before if each.pk != image.pk]
    images.insert(max(0, position), image)
    for place, each in enumerate(images):
        each.position = place
    ProductImage.objects.bulk_update(images, ["position"])
    _show_face(product)
    if images != before:
        _reopen(product, actor)
    return image


@transaction.atomic
def assign_image(*, image_id: int, variant_id: int | None, actor: User | None = None) -> ProductImage:
    """Let the picture show this variant, or with None the whole product, and return it; an approval is taken back.

    InvalidInput when the variant is of another product; NotAllowed without the right to change pictures.
    """
    _refuse_unless(can_change_pictures, actor, _("You may not change pictures."))
    product, image = _locked_image(image_id)
    _refuse_foreign_variant(product, variant_id)
    if image.variant_id != variant_id:
        image.variant_id = variant_id
        image.save(update_fields=["variant"])
        _reopen(product, actor)
    return image


@transaction.atomic
def describe_image(
    *,
    image_id: int,
    alt_texts: Mapping[str, str],
    usage_rights: str = "",
    rights_until: date | None = None,
    actor: User | None = None,
) -> ProductImage:
    """Set the alternative texts by language (one that is missing becomes empty) and the usage rights.

    What is told anew takes an approval back. InvalidInput for an unknown language or more than 200 characters;
    NotAllowed without the right to change pictures.
    """
    _refuse_unless(can_change_pictures, actor, _("You may not change pictures."))
    if set(alt_texts) - set(Language.values):
        raise InvalidInput(_("Choose a language of the list."))
    if max(map(len, [usage_rights, *alt_texts.values()])) > MAX_ALT_TEXT:
        raise InvalidInput(_("Write at most %(limit)s characters.") % {"limit": MAX_ALT_TEXT})
    product, image = _locked_image(image_id)
    changed: dict[str, Any] = {f"alt_text_{key}": alt_texts.get(key, "").strip() for key in Language.values}
    is_told_anew = any(getattr(image, name) != value for name, value in changed.items())
    changed |= {"usage_rights": usage_rights.strip(), "rights_until": rights_until}
    for name, value in changed.items():
        setattr(image, name, value)
    image.save(update_fields=list(changed))
    if is_told_anew:
        _reopen(product, actor)
    return image


@transaction.atomic
def remove_image(*, image_id: int, reason: str, actor: User | None = None) -> None:
    """Take the picture off its product; the next one becomes the face. The file stays while another picture shows it.

    An approval is taken back. InvalidInput without a reason; NotAllowed without the right to change products.
    """
    _refuse_unless(can_remove_pictures, actor, _("You may not remove pictures."))
    reason = reason.strip()
    if not reason:
        raise InvalidInput(_("Say why."))
    product, image = _locked_image(image_id)
    rest = [each for each in product.images.all() if each.pk != image.pk]
    number = 1 + sum((each.position, each.pk) < (image.position, image.pk) for each in rest)
    image.delete()
    for place, each in enumerate(rest):
        each.position = place
    ProductImage.objects.bulk_update(rest, ["position"])
    _show_face(product)
    _forget(image.media_id)
    record(PictureRemoved(product_id=product.pk, number=number, reason=reason), subject=product, actor=actor)
    _reopen(product, actor)


def _locked(product_id: int) -> Product:
    return Product.objects.select_for_update(no_key=True, of=("self",)).get(pk=product_id)


def _locked_image(image_id: int) -> tuple[Product, ProductImage]:
    """Return the product, locked, and its picture as it is now; Conflict when it was removed meanwhile."""
    product_id = ProductImage.objects.filter(pk=image_id).values_list("product_id", flat=True).first()
    product = _locked(product_id) if product_id else None
    image = ProductImage.objects.filter(pk=image_id).first()
    if product is None or image is None:
        raise Conflict(_("This picture is gone. Reload the page."))
    return product, image


def _reopen(product: Product, actor: User | None) -> None:
    content_changed(product_ids=[product.pk], parts=["pictures"], actor=actor)


def _show(image: ProductImage, media: MediaFile) -> None:
    image.media, image.file = media, media.file.name


def _show_face(product: Product) -> None:
    """Copy the first picture's paths to the product; the product is locked."""
    face = product.images.select_related("media").first()
    product.image_path = str(face.file.name) if face else ""
    product.thumbnail_path = face.thumbnail_path if face else ""
    product.save(update_fields=["image_path", "thumbnail_path", "updated_at"])


def _forget(media_id: int | None) -> None:
    """Drop the file after the commit, when nothing shows it: two locked files at once could lock each other out."""
    if media_id is not None:
        transaction.on_commit(lambda: drop_unused_media(media_ids=[media_id]))


def _language_of(text: str) -> str:
    """Return the language that the letters belong to."""
    if _HANGUL.search(text):
        return Language.KOREAN.value
    return Language.JAPANESE.value if _JAPANESE.search(text) else Language.ENGLISH.value


def _refuse_unless(may: Callable[[User], bool], actor: User | None, sentence: str) -> None:
    if actor is not None and not may(actor):
        raise NotAllowed(sentence)


def _refuse_foreign_variant(product: Product, variant_id: int | None) -> None:
    if variant_id is not None and not product.variants.filter(pk=variant_id).exists():
        raise InvalidInput(_("The variant belongs to another product."))


def _refuse_known(images: list[ProductImage], sha256: str) -> None:
    for number, image in enumerate(images, start=1):
        if image.media is not None and image.media.sha256 == sha256:
            raise Conflict(_("The product has this picture already, it is number %(number)s.") % {"number": number})
