"""Many products and variants are edited at once: columns are written, not rows, and history says what was what."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.events import GoodsEdited
from catalog.fields import parts_of_columns
from catalog.models import Product, Variant
from catalog.policies import can_change_products
from catalog.services.content.writing import TextChange, set_texts
from catalog.services.products.searching import refresh_search_text
from catalog.services.products.tagging import set_tags
from catalog.services.review.reviewing import content_changed
from core.copying import update_rows
from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import record_many
from staff.models import User

# column -> its type in the database; the only ones that are edited this way
PRODUCT_COLUMNS = {"name": "text", "brand": "text", "maker": "text", "category_id": "bigint"}
VARIANT_COLUMNS = {
    "name": "text",
    "barcode": "text",
    "weight_g": "integer",
    "length_mm": "integer",
    "width_mm": "integer",
    "height_mm": "integer",
    "is_active": "boolean",
}
MOST_TOLD = 12  # changes that one event quotes; the others are counted
LONGEST_TOLD = 60

Columns = Mapping[str, Mapping[int, Any]]  # column -> id -> its new value


@dataclass(frozen=True, kw_only=True)
class GoodsEdits:
    """What is to hold from now on; ``texts`` is (product id, language) -> column of the text -> value."""

    products: Columns = field(default_factory=dict)
    variants: Columns = field(default_factory=dict)
    tags: Mapping[int, Sequence[str]] = field(default_factory=dict)
    texts: Mapping[tuple[int, str], Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Edited:
    """One change as history quotes it: whose column (an empty SKU: the product's), and both values."""

    product_id: int
    column: str
    before: str
    after: str
    sku: str = ""


@transaction.atomic
def edit_goods(*, edits: GoodsEdits, told: Sequence[Edited] = (), actor: User | None = None) -> None:
    """Write the columns of these products and variants, a statement or two for each column however many rows.

    Search texts follow, approvals of what was changed are taken back, and each product's history says ``told``.
    InvalidInput for columns that are not edited this way; what ``set_tags`` and ``set_texts`` refuse; Conflict for a
    barcode that another variant has; NotAllowed without the right. Then nothing is written.
    """
    if actor is not None and not can_change_products(actor):
        raise NotAllowed(_("You may not change products."))
    if set(edits.products) - set(PRODUCT_COLUMNS) or set(edits.variants) - set(VARIANT_COLUMNS):
        raise InvalidInput(_("There is no such column. Reload the page."))
    variant_ids = {pk for values in edits.variants.values() for pk in values}
    changed = {pk for values in edits.products.values() for pk in values}
    owners = set(Variant.objects.filter(pk__in=variant_ids).values_list("product_id", flat=True))
    touched = sorted(changed | owners)
    described = {pk for pk, _language in edits.texts}
    lock_goods(product_ids={*touched, *described, *edits.tags}, variant_ids=variant_ids)
    _write(Product, PRODUCT_COLUMNS, edits.products)
    _write_variants(edits.variants)
    if edits.tags:
        set_tags(tags=edits.tags, actor=actor)
    if edits.texts:
        _write_texts(edits.texts, actor)
    Product.objects.filter(pk__in={*touched, *described, *edits.tags}).update(updated_at=timezone.now())
    if touched:
        refresh_search_text(product_ids=touched)
        content_changed(product_ids=touched, parts=_parts(edits), actor=actor)
    _record(told, actor)


def lock_goods(*, product_ids: Collection[int], variant_ids: Collection[int]) -> None:
    """Lock these products, then these variants, each in the order of their keys, until the transaction ends."""
    list(_rows(Product, product_ids))
    list(_rows(Variant, variant_ids))


def _rows(model: type[Product] | type[Variant], ids: Collection[int]) -> Any:
    rows = model._default_manager.select_for_update(no_key=True, of=("self",)).filter(pk__in=ids)
    return rows.order_by("pk").values_list("pk", flat=True)


def _write(model: type[Product] | type[Variant], kinds: Mapping[str, str], columns: Columns) -> None:
    for column, values in columns.items():
        update_rows(model, [(column, kinds[column])], list(values.items()))


def _write_variants(columns: Columns) -> None:
    barcodes = columns.get("barcode", {})
    # two variants may exchange their barcodes: each is free before it is taken
    Variant.objects.filter(pk__in=barcodes).exclude(barcode="").update(barcode="")
    try:
        with transaction.atomic():
            _write(Variant, VARIANT_COLUMNS, columns)
    except IntegrityError as error:
        if "catalog_variant_barcode" not in str(error):
            raise
        raise Conflict(_("One of these barcodes belongs to another variant already.")) from error


def _write_texts(texts: Mapping[tuple[int, str], Mapping[str, str]], actor: User | None) -> None:
    changes = [
        TextChange(product_id=product_id, language=language, values=values)
        for (product_id, language), values in texts.items()
    ]
    set_texts(changes=changes, actor=actor)


def _parts(edits: GoodsEdits) -> list[str]:
    """Return what tags and texts do not tell of themselves."""
    parts = parts_of_columns([column.removesuffix("_id") for column in edits.products])
    return [*parts, *(["variants"] if edits.variants else [])]


def _record(told: Sequence[Edited], actor: User | None) -> None:
    of_product: dict[int, list[Edited]] = {}
    for one in told:
        of_product.setdefault(one.product_id, []).append(one)
    record_many(
        [
            (
                GoodsEdited(
                    product_id=pk,
                    changes=[
                        [one.sku, one.column, one.before[:LONGEST_TOLD], one.after[:LONGEST_TOLD]]
                        for one in changes[:MOST_TOLD]
                    ],
                    count=len(changes),
                ),
                pk,
            )
            for pk, changes in of_product.items()
        ],
        model=Product,
        actor=actor,
    )
