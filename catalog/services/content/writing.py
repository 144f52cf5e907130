"""What is written about products: titles, descriptions, keywords, what search engines show."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from catalog.models import Product, ProductText
from catalog.policies import can_change_products
from catalog.services.products.searching import refresh_search_text
from catalog.services.review.reviewing import content_changed
from core.copying import update_rows
from core.errors import Conflict, InvalidInput, NotAllowed
from core.html import clean_html
from staff.models import Language, User

COLUMNS = ("title", "description", "keywords", "seo_title", "seo_description", "slug")
_FIELDS = {field.name: field for field in ProductText._meta.concrete_fields if field.name in COLUMNS}


@dataclass(frozen=True, slots=True, kw_only=True)
class TextChange:
    """Some columns of one text; without a channel it is the text of every channel that has none of its own."""

    product_id: int
    language: str
    sales_channel_id: int | None = None
    values: Mapping[str, str]

    @property
    def key(self) -> tuple[int, str, int | None]:
        """Return what there is one text of."""
        return self.product_id, self.language, self.sales_channel_id


@transaction.atomic
def set_texts(*, changes: Sequence[TextChange], actor: User | None = None) -> int:
    """Write the given columns and return how many texts differ now; the others stay as they are.

    Descriptions are sanitised, addresses become slugs. A number of statements that does not grow with the changes.
    InvalidInput for an unknown column or language, a new text without a title and what is too long; Conflict for an
    address that another product has; NotAllowed without the right. Then nothing is written.
    """
    if actor is not None and not can_change_products(actor):
        raise NotAllowed(_("You may not change products."))
    tidy = {change.key: _tidy(change) for change in changes}
    # the product is the lock of its texts
    ids = sorted({pk for pk, _language, _channel in tidy})
    list(Product.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=ids).order_by("pk"))
    known = {
        (text.product_id, text.language, text.sales_channel_id): text
        for text in ProductText.objects.filter(product__in=ids)
    }
    new, changed = [], []
    for key, values in tidy.items():
        text = known.get(key)
        if text is None:
            new.append(_new(key, values))
        elif any(getattr(text, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(text, name, value)
            _check_title(text)
            changed.append(text)
    if not new and not changed:
        return 0
    _refuse_taken_slugs([*new, *changed])
    ProductText.objects.bulk_create(new)
    written = [name for name in COLUMNS if any(name in values for values in tidy.values())]
    rows = [(text.pk, *(getattr(text, name) for name in written)) for text in changed]
    update_rows(ProductText, [(name, "text") for name in written], rows)
    touched = sorted({text.product_id for text in [*new, *changed]})
    refresh_search_text(product_ids=touched)
    content_changed(product_ids=touched, parts=_parts(text.language for text in [*new, *changed]), actor=actor)
    return len(new) + len(changed)


def set_text(
    *,
    product_id: int,
    language: str,
    values: Mapping[str, str],
    sales_channel_id: int | None = None,
    actor: User | None = None,
) -> ProductText:
    """Write one text and return it; refuses what ``set_texts`` refuses."""
    change = TextChange(product_id=product_id, language=language, sales_channel_id=sales_channel_id, values=values)
    set_texts(changes=[change], actor=actor)
    return ProductText.objects.get(product=product_id, language=language, sales_channel=sales_channel_id)


@transaction.atomic
def remove_text(
    *, product_id: int, language: str, sales_channel_id: int | None = None, actor: User | None = None
) -> None:
    """Remove one text; a channel then shows the text that holds everywhere. Conflict while that leaves it nothing."""
    if actor is not None and not can_change_products(actor):
        raise NotAllowed(_("You may not change products."))
    Product.objects.select_for_update(no_key=True, of=("self",)).get(pk=product_id)
    texts = ProductText.objects.filter(product=product_id, language=language)
    if sales_channel_id is None and texts.exclude(sales_channel=None).exists():
        raise Conflict(_("Channels have texts of their own in this language. Remove those first."))
    if texts.filter(sales_channel=sales_channel_id).delete()[0]:
        refresh_search_text(product_ids=[product_id])
        content_changed(product_ids=[product_id], parts=_parts([language]), actor=actor)


def _parts(languages: Iterable[str]) -> list[str]:
    return sorted({f"texts_{language}" for language in languages})


def _tidy(change: TextChange) -> dict[str, str]:
    unknown = set(change.values) - set(COLUMNS)
    if unknown or change.language not in Language.values:
        raise InvalidInput(_("There is no such text."))
    values = {name: _column(name, value) for name, value in change.values.items()}
    for name, value in values.items():
        longest = getattr(_FIELDS[name], "max_length", None)
        if longest is not None and len(value) > longest:
            raise InvalidInput(
                _("“%(field)s” takes at most %(count)s characters; these are %(found)s.")
                % {"field": _FIELDS[name].verbose_name, "count": longest, "found": len(value)}
            )
    return values


def _column(name: str, value: str) -> str:
    if name == "description":
        return clean_html(value)
    if name == "slug":
        return slugify(value, allow_unicode=True)
    return " ".join(value.replace("\x00", "").split())


def _new(key: tuple[int, str, int | None], values: Mapping[str, str]) -> ProductText:
    product_id, language, channel_id = key
    text = ProductText(product_id=product_id, language=language, sales_channel_id=channel_id, **values)
    _check_title(text)
    return text


def _check_title(text: ProductText) -> None:
    if not text.title:
        raise InvalidInput(_("A text needs a title."))


def _refuse_taken_slugs(texts: Sequence[ProductText]) -> None:
    wanted: dict[Any, ProductText] = {}
    for text in texts:
        if text.slug:
            other = wanted.setdefault((text.language, text.sales_channel_id, text.slug), text)
            if other is not text:
                raise Conflict(_("The address “%(slug)s” would belong to two products.") % {"slug": text.slug})
    if not wanted:
        return
    same = ProductText.objects.filter(slug__in={slug for _language, _channel, slug in wanted}).select_related("product")
    for found in same:
        mine = wanted.get((found.language, found.sales_channel_id, found.slug))
        if mine is not None and mine.product_id != found.product_id:
            raise Conflict(
                _("The address “%(slug)s” belongs to %(product)s already.")
                % {"slug": found.slug, "product": found.product.code}
            )
