"""What customers may wish beside the variant: an engraving, a gift note, wrapping. Nothing of it is stock."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import CustomOption, Product, WishKind
from catalog.policies import can_change_products
from catalog.services.review.reviewing import content_changed
from core.errors import Conflict, InvalidInput, NotAllowed
from staff.models import User

MAX_WISHES, MAX_CHOICES, MAX_NAME, MAX_TEXT = 20, 50, 80, 1000


@transaction.atomic
def save_wish(
    *,
    product_id: int,
    name: str,
    kind: WishKind,
    wish_id: int | None = None,
    choices: Sequence[str] = (),
    max_length: int | None = None,
    is_required: bool = False,
    actor: User | None = None,
) -> CustomOption:
    """Let customers wish this with the product, or change the wish ``wish_id``, and return it; a new one stands last.

    Choices are kept of a choice, the longest text of a text. InvalidInput for a name that is missing or stands twice,
    fewer than two choices, a longest text outside 1 to 1000; Conflict when the wish is gone; NotAllowed without the
    right.
    """
    product = _locked(product_id, actor)
    wishes = list(product.custom_options.all())
    wish = _found(wishes, wish_id) if wish_id is not None else CustomOption(product=product, position=len(wishes))
    if wish_id is None and len(wishes) >= MAX_WISHES:
        raise InvalidInput(_("A product has at most %(count)s wishes.") % {"count": MAX_WISHES})
    wish.name = _name(name, [each for each in wishes if each.pk != wish.pk])
    wish.kind = kind
    wish.choices = _choices(choices) if kind == WishKind.CHOICE else []
    wish.max_length = _length(max_length) if kind == WishKind.TEXT else None
    wish.is_required = is_required
    wish.save()
    content_changed(product_ids=[product_id], parts=["wishes"], actor=actor)
    return wish


@transaction.atomic
def move_wish(*, wish_id: int, position: int, actor: User | None = None) -> None:
    """Let the wish stand at this place (from 0); the others close up. Conflict when it is gone."""
    product, wishes, wish = _located(wish_id, actor)
    wishes.remove(wish)
    wishes.insert(max(0, position), wish)
    for place, each in enumerate(wishes):
        each.position = place
    CustomOption.objects.bulk_update(wishes, ["position"])
    content_changed(product_ids=[product.pk], parts=["wishes"], actor=actor)


@transaction.atomic
def remove_wish(*, wish_id: int, actor: User | None = None) -> None:
    """Offer the wish no longer; Conflict when it is gone already, NotAllowed without the right."""
    product, _wishes, wish = _located(wish_id, actor)
    wish.delete()
    content_changed(product_ids=[product.pk], parts=["wishes"], actor=actor)


def _locked(product_id: int, actor: User | None) -> Product:
    if actor is not None and not can_change_products(actor):
        raise NotAllowed(_("You may not change products."))
    return Product.objects.select_for_update(no_key=True, of=("self",)).get(pk=product_id)


def _located(wish_id: int, actor: User | None) -> tuple[Product, list[CustomOption], CustomOption]:
    product_id = CustomOption.objects.filter(pk=wish_id).values_list("product_id", flat=True).first()
    product = _locked(product_id or 0, actor) if product_id else None
    wishes = list(product.custom_options.all()) if product else []
    wish = _found(wishes, wish_id)
    return wish.product, wishes, wish


def _found(wishes: Sequence[CustomOption], wish_id: int) -> CustomOption:
    wish = next((each for each in wishes if each.pk == wish_id), None)
    if wish is None:
        raise Conflict(_("This wish is gone. Reload the page."))
    return wish


def _name(name: str, others: Sequence[CustomOption]) -> str:
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > MAX_NAME:
        raise InvalidInput(_("Write a name of at most %(limit)s characters.") % {"limit": MAX_NAME})
    if tidy.casefold() in {each.name.casefold() for each in others}:
        raise InvalidInput(_("“%(name)s” stands twice.") % {"name": tidy})
    return tidy


def _choices(choices: Sequence[str]) -> list[str]:
    tidy = list(dict.fromkeys(" ".join(each.split()) for each in choices if each.strip()))
    if not 2 <= len(tidy) <= MAX_CHOICES or max(map(len, tidy)) > MAX_NAME:
        raise InvalidInput(_("Give 2 to %(count)s different choices.") % {"count": MAX_CHOICES})
    return tidy


def _length(max_length: int | None) -> int | None:
    if max_length is not None and not 1 <= max_length <= MAX_TEXT:
        raise InvalidInput(_("The longest text has 1 to %(limit)s characters.") % {"limit": MAX_TEXT})
    return max_length
