"""Products, their texts and variants in the grid: what is read, and what becomes of changed cells."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from catalog.admin.grid_columns import (
    PRODUCT_FIELDS,
    VARIANT_FIELDS,
    goods_columns,
    is_text,
    text_column,
)
from catalog.admin.grid_registry import catalog_grid
from catalog.policies import can_change_products
from catalog.selectors.grid import base_texts, category_paths, goods_values, taken_barcodes
from catalog.services.products.editing import Edited, GoodsEdits, edit_goods
from core.ui.grid import REFUSED, CellChange, GridColumn, Outcome, PartSheet, Place, Rows, Wanted

TEXT_FIELDS = ("title", "description", "keywords")


@dataclass(frozen=True)
class GoodsPart:
    """SKU, what the product is called and grouped by, its texts per language, codes and sizes of the variant."""

    def read(self, *, rows: Rows, wanted: Wanted, user: Any) -> PartSheet:
        """Read variants with products, texts and categories in one statement each, those that are wanted."""
        paths = category_paths() if wanted.keys is None or "category" in wanted.keys else {}
        columns = [
            column for column in goods_columns(paths, may_change=can_change_products(user)) if _may_see(column, user)
        ]
        chosen = wanted.some(columns)
        values = _values(rows, [column for column in chosen if not is_text(column.key)])
        values.update(_texts(rows, [column for column in chosen if is_text(column.key)]))
        return PartSheet(columns, values)

    def write(self, *, changes: Sequence[CellChange], rows: Rows, user: Any) -> Mapping[Place, Outcome]:
        """Write all columns at once; barcodes that others have and texts without a title are refused cell by cell."""
        refused = {**_taken(changes), **_untitled(changes)}
        kept = [change for change in changes if change.place not in refused]
        if kept:
            edit_goods(edits=_edits(kept), told=_told(kept, rows), actor=user)
        return refused


def _may_see(column: GridColumn, user: Any) -> bool:
    if is_text(column.key):
        return bool(user.has_perm("catalog.view_producttext"))
    return not column.per_group or bool(user.has_perm("catalog.view_product"))


def _values(rows: Rows, columns: Sequence[GridColumn]) -> dict[str, dict[int, Any]]:
    paths = {column.key: (PRODUCT_FIELDS if column.per_group else VARIANT_FIELDS)[column.key] for column in columns}
    values: dict[str, dict[int, Any]] = {column.key: {} for column in columns}
    if not columns:
        return values
    for row in goods_values(variant_ids=rows.row_ids, fields=sorted(set(paths.values()))):
        for column in columns:
            values[column.key][row["product_id"] if column.per_group else row["id"]] = row[paths[column.key]]
    return values


def _texts(rows: Rows, columns: Sequence[GridColumn]) -> dict[str, dict[int, Any]]:
    if not columns:
        return {}
    wanted = [(column.key, *text_column(column.key)) for column in columns]
    texts = base_texts(product_ids=rows.group_ids, fields=sorted({name for _key, name, _language in wanted}))
    return {
        key: {pk: texts[pk, language][name] for pk in rows.group_ids if (pk, language) in texts}
        for key, name, language in wanted
    }


def _taken(changes: Sequence[CellChange]) -> dict[Place, Outcome]:
    mine = [change for change in changes if change.column.key == "barcode"]
    wished = Counter(change.value for change in mine if change.value)
    if not wished:
        return {}
    # whoever gives a barcode away in this save leaves it free for another
    others = taken_barcodes(barcodes=list(wished), except_ids=[change.owner_id for change in mine])
    refused: dict[Place, Outcome] = {}
    for change in mine:
        if change.value in others:
            sentence = _("%(sku)s has this barcode already.") % {"sku": others[change.value]}
            refused[change.place] = Outcome(REFUSED, sentence)
        elif wished[change.value] > 1:
            refused[change.place] = Outcome(REFUSED, _("Several rows would have this barcode."))
    return _with_the_kept(refused, mine)


def _with_the_kept(refused: dict[Place, Outcome], mine: Sequence[CellChange]) -> dict[Place, Outcome]:
    """Refuse also who wants a barcode that a refused cell keeps; one refusal may bring the next."""
    while True:
        kept = {change.before for change in mine if change.place in refused and change.before}
        more = [change for change in mine if change.place not in refused and change.value in kept]
        if not more:
            return refused
        for change in more:
            refused[change.place] = Outcome(REFUSED, _("The variant that has this barcode could not give it away."))


def _untitled(changes: Sequence[CellChange]) -> dict[Place, Outcome]:
    of_text: dict[tuple[int, str], dict[str, CellChange]] = defaultdict(dict)
    for change in changes:
        if is_text(change.column.key):
            name, language = text_column(change.column.key)
            of_text[change.owner_id, language][name] = change
    if not of_text:
        return {}
    known = base_texts(product_ids=sorted({pk for pk, _language in of_text}), fields=["title"])
    refused = {}
    for key, columns in of_text.items():
        title = columns["title"].value if "title" in columns else known.get(key, {}).get("title", "")
        if not title:
            sentence = _("A text needs a title. Write the title in this language, too.")
            refused.update({change.place: Outcome(REFUSED, sentence) for change in columns.values()})
    return refused


def _edits(changes: Sequence[CellChange]) -> GoodsEdits:
    products: dict[str, dict[int, Any]] = defaultdict(dict)
    variants: dict[str, dict[int, Any]] = defaultdict(dict)
    texts: dict[tuple[int, str], dict[str, str]] = defaultdict(dict)
    tags: dict[int, Sequence[str]] = {}
    for change in changes:
        key = change.column.key
        if key == "tags":
            tags[change.owner_id] = change.value
        elif is_text(key):
            name, language = text_column(key)
            texts[change.owner_id, language][name] = change.value
        elif change.column.per_group:
            products["category_id" if key == "category" else key][change.owner_id] = change.value
        else:
            variants[VARIANT_FIELDS[key]][change.owner_id] = change.value
    return GoodsEdits(products=products, variants=variants, tags=tags, texts=texts)


def _told(changes: Sequence[CellChange], rows: Rows) -> list[Edited]:
    variant_ids = [change.owner_id for change in changes if not change.column.per_group]
    skus = {row["id"]: row["sku"] for row in goods_values(variant_ids=variant_ids, fields=["sku"])}
    return [
        Edited(
            product_id=change.owner_id if change.column.per_group else rows.groups[change.owner_id],
            sku="" if change.column.per_group else skus[change.owner_id],
            column=_told_column(change.column),
            before=change.column.show(change.before),
            after=change.column.show(change.value),
        )
        for change in changes
    ]


def _told_column(column: GridColumn) -> str:
    if is_text(column.key):
        name, language = text_column(column.key)
        return f"text.{language}.{name}"
    return f"product.{column.key}" if column.per_group else f"variant.{VARIANT_FIELDS[column.key]}"


catalog_grid.register(GoodsPart())
