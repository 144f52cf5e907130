"""Words by which people group products."""

from collections.abc import Collection, Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Product
from catalog.policies import can_change_products
from catalog.services.review.reviewing import content_changed
from core.errors import InvalidInput, NotAllowed
from core.search import fold
from staff.models import User

MOST = 50
LONGEST = 60


def tidy_tags(words: Sequence[str]) -> list[str]:
    """Return the tags as they are stored: blanks tidied, each once whatever its case, in their order.

    InvalidInput for a tag of more than 60 characters or with a comma (lists are written with commas), and for more
    than 50 tags.
    """
    tags: dict[str, str] = {}
    for word in words:
        tag = " ".join(str(word).replace("\x00", "").split())
        if not tag:
            continue
        if len(tag) > LONGEST or "," in tag:
            raise InvalidInput(
                _("“%(tag)s” cannot be a tag: at most %(count)s characters and no comma.")
                % {"tag": tag[:80], "count": LONGEST}
            )
        tags.setdefault(fold(tag), tag)
    if len(tags) > MOST:
        raise InvalidInput(_("A product has at most %(count)s tags.") % {"count": MOST})
    return list(tags.values())


@transaction.atomic
def set_tags(*, tags: Mapping[int, Sequence[str]], actor: User | None = None) -> int:
    """Give each product (by id) exactly these tags and return how many differ now; refuses as ``tidy_tags``."""
    _check(actor)
    tidy = {pk: tidy_tags(words) for pk, words in tags.items()}
    products = _locked(tidy)
    return _save({product.pk: tidy[product.pk] for product in products}, products, actor)


def _check(actor: User | None) -> None:
    if actor is not None and not can_change_products(actor):
        raise NotAllowed(_("You may not change products."))


def _locked(ids: Collection[int]) -> list[Product]:
    return list(Product.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=ids).order_by("pk"))


def _save(wanted: Mapping[int, list[str]], products: Sequence[Product], actor: User | None) -> int:
    changed = [product for product in products if product.tags != wanted[product.pk]]
    for product in changed:
        product.tags = wanted[product.pk]
    Product.objects.bulk_update(changed, ["tags"], batch_size=1000)
    content_changed(product_ids=[product.pk for product in changed], parts=["tags"], actor=actor)
    return len(changed)
