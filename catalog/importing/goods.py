"""Parts of a product file whose rows are a table's: products, their texts, their variants."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from catalog.importing.columns import PRODUCT, TEXT, VALUES, VARIANT, with_channel, with_language
from catalog.importing.known import variants_by_sku
from catalog.importing.touched import Touched
from catalog.models import SalesChannel
from catalog.selectors.options import SEPARATOR
from core.copying import array_literal
from core.resources import BulkPart, BulkResource, PartRow, PartRun
from core.resources.choices import is_blank

NAME_LENGTH = 160


class TouchingPart(BulkPart):
    """A part whose resource waits with its consequences; ``key`` is what of the product it is about."""

    def __init__(self, name: str, resource: type[BulkResource], *, touched: Touched, key: str, **kwargs: Any) -> None:
        super().__init__(name, resource, **kwargs)
        self.touched = touched
        self.key = key

    def made(self, user: Any) -> BulkResource:
        """Return the resource, tied to the file."""
        resource = super().made(user)
        resource.touched, resource.part = self.touched, self.key
        return resource


def product_part(resource: type[BulkResource], touched: Touched, *, may_create: bool) -> TouchingPart:
    """Return the part of the products, keyed by code."""
    columns = {name: name for name in (*PRODUCT, "status")}
    return TouchingPart("product", resource, touched=touched, key="name", columns=columns, may_create=may_create)


def text_parts(
    resource: type[BulkResource], touched: Touched, languages: Sequence[str], channels: Sequence[SalesChannel]
) -> list[TouchingPart]:
    """Return the parts of the texts: one for each language, and one for each channel in its customers' language."""
    everywhere = [
        (f"text_{language}", language, "", {with_language(column, language): column for column in TEXT})
        for language in languages
    ]
    own = [
        (f"text[{one.code}]", one.language, one.code, {with_channel(column, one.code): column for column in TEXT})
        for one in channels
    ]
    return [
        TouchingPart(
            name,
            resource,
            touched=touched,
            key=f"texts_{language}",
            columns={"code": "product", **columns},
            constants={"language": language, "sales_channel": channel},
        )
        for name, language, channel, columns in [*everywhere, *own]
    ]


class VariantPart(TouchingPart):
    """The variants, keyed by SKU; a new one that has no name is called by its options."""

    def __init__(self, resource: type[BulkResource], touched: Touched, *, may_create: bool) -> None:
        own = {name: name for name in VARIANT} | {"variant_name": "name"}
        columns = {"code": "product", **own, **{name: name for name in VALUES}}
        super().__init__("variant", resource, touched=touched, key="variants", columns=columns, may_create=may_create)

    def wants(self, given: Collection[str]) -> bool:
        """Tell whether the file speaks of variants; the product's code alone does not."""
        return bool(set(given) - {"product", *VALUES} - {"sku"}) or {"sku", "product"} <= set(given)

    def concerns(self, cells: Mapping[str, Any]) -> bool:
        """Tell whether the row speaks of a variant."""
        return any(not is_blank(cell) for name, cell in cells.items() if name != "product")

    def prepare(self, run: PartRun) -> None:
        """Refuse SKUs of other products, and give names to variants without one."""
        rows = run.good_rows()
        skus = [_sku(row) for row in rows]
        stored = _stored(skus)
        has_options = bool(rows) and not rows[0].cells.keys().isdisjoint(VALUES)
        named = {row.index for row in rows if _is_named_by_options(row)} if has_options else set()
        usual = _usual_names([sku for row, sku in zip(rows, skus, strict=True) if row.index in named and sku in stored])
        for row, sku in zip(rows, skus, strict=True):
            if not sku:
                run.refuse(row, "sku", _("Every variant needs an SKU."))
                continue
            code, name = stored.get(sku, ("", ""))
            wanted = str(row.cells.get("product") or "").strip()
            if sku in stored and wanted and wanted != code:
                sentence = _("The SKU %(sku)s belongs to the product %(code)s.") % {"sku": sku, "code": code}
                run.refuse(row, "sku", sentence)
            if row.index in named and name in {"", usual.get(sku, "")}:
                values = [str(row.cells[column]).strip() for column in VALUES if not is_blank(row.cells.get(column))]
                row.cells["name"] = SEPARATOR.join(values)[:NAME_LENGTH]


def _sku(row: PartRow) -> str:
    return str(row.cells.get("sku") or "").strip()


def _is_named_by_options(row: PartRow) -> bool:
    return is_blank(row.cells.get("name")) and any(not is_blank(row.cells.get(column)) for column in VALUES)


def _stored(skus: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return SKU -> (code of the product, name of the variant)."""
    # two statements: while a file is written the planner knows little of either table, and joins them in minutes
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sku, product_id, name FROM catalog_variant WHERE sku = ANY(%s::text[])", [array_literal(set(skus))]
        )
        rows = cursor.fetchall()
        products = array_literal({product for _sku, product, _name in rows})
        cursor.execute("SELECT id, code FROM catalog_product WHERE id = ANY(%s::bigint[])", [products])
        codes = dict(cursor.fetchall())
    return {sku: (codes[product], name) for sku, product, name in rows}


def _usual_names(skus: Sequence[str]) -> dict[str, str]:
    """Return what variants are called by the options they have."""
    if not skus:
        return {}
    of_variant = {pk: sku for sku, (pk, _product) in variants_by_sku(skus).items()}
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.variant_id, v.name FROM catalog_variantoption o JOIN catalog_optionaxis a ON a.id = o.axis_id"
            " JOIN catalog_optionvalue v ON v.id = o.value_id WHERE o.variant_id = ANY(%s::bigint[])"
            " ORDER BY o.variant_id, a.position, a.id",
            [array_literal(of_variant)],
        )
        for variant, value in cursor.fetchall():
            found.setdefault(of_variant[variant], []).append(value)
    return {sku: SEPARATOR.join(values)[:NAME_LENGTH] for sku, values in found.items()}
