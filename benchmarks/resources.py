"""Importing variants: BulkResource against COPY and merge (the limit) and import-export's own way, same rows.

    python benchmarks/resources.py [rows for bulk, default 10000] [rows for the stock way, default 2000]

Two tables: the machinery alone, and with the search texts of variants and products kept as the shop needs them (the
limit then keeps them too; import-export by itself cannot, so it has no column there). Runs inside one transaction that is rolled back, on the database of the settings. Times are the best of three (stock: one).
"""

# ruff: noqa: E402, E501  settings come before models; statements stay whole
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")

import django

django.setup()

import tablib
from django.db import connection, transaction
from import_export import resources
from import_export.fields import Field
from import_export.widgets import ForeignKeyWidget

from catalog.admin.resources import VariantResource
from catalog.models import Product, Variant

HEADERS = ["sku", "product", "name", "barcode", "weight_g", "is_active"]


class StockResource(resources.ModelResource):
    """What import-export makes of the model by itself."""

    product = Field(attribute="product", column_name="product", widget=ForeignKeyWidget(Product, field="code"))

    class Meta:
        model = Variant
        import_id_fields = ["sku"]
        fields = HEADERS

    def after_import(self, dataset: object, result: object, **kwargs: object) -> None:
        """The application's role may not reset sequences."""


def rows_of(count: int, generation: int) -> list[list[str]]:
    chance = random.Random(count)
    return [
        [f"BENCH-{n:07}", f"BENCH-P{n % 500}", f"블랙 / {n % 7} {generation}", "", str(chance.randrange(50, 900)), "1"]
        for n in range(count)
    ]


class PlainResource(VariantResource):
    """The same without search texts."""

    def after_merge(self, *, created: list[int], updated: list[int]) -> None:
        """Leave search texts alone."""


def plain_limit(rows: list[list[str]]) -> None:
    """The limit without search texts: no checks, no result, three statements."""
    copy_and_merge(rows, words="''", with_products=False)


def copy_and_merge(
    rows: list[list[str]], *, words: str = "lower(concat_ws(' ', i.sku, i.name, p.name))", with_products: bool = True
) -> None:
    """The limit: no checks, no result; leaves the tables as findable as an import has to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE limit_rows (sku text, product text, name text, barcode text, weight_g int, is_active bool)"
        )
        with cursor.copy("COPY limit_rows FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            "INSERT INTO catalog_variant (sku, product_id, name, barcode, weight_g, is_active, search_text) "
            "SELECT i.sku, p.id, i.name, i.barcode, i.weight_g, i.is_active, " + words + " "
            "FROM limit_rows i JOIN catalog_product p ON p.code = i.product "
            "ON CONFLICT (sku) DO UPDATE SET product_id = excluded.product_id, name = excluded.name, barcode = excluded.barcode, "
            "weight_g = excluded.weight_g, is_active = excluded.is_active, search_text = excluded.search_text WHERE (catalog_variant.product_id, catalog_variant.name, "
            "catalog_variant.barcode, catalog_variant.weight_g, catalog_variant.is_active) IS DISTINCT FROM "
            "(excluded.product_id, excluded.name, excluded.barcode, excluded.weight_g, excluded.is_active)"
        )
        if with_products:
            cursor.execute(
                "UPDATE catalog_product p SET search_text = lower(concat_ws(' ', p.code, p.name, v.skus)) FROM (SELECT product_id, "
                "string_agg(sku, ' ' ORDER BY sku) AS skus FROM catalog_variant GROUP BY 1) v WHERE v.product_id = p.id "
                "AND p.search_text IS DISTINCT FROM lower(concat_ws(' ', p.code, p.name, v.skus))"
            )
        cursor.execute("DROP TABLE limit_rows")


def through(resource: type[resources.ModelResource]) -> Callable[[list[list[str]]], None]:
    def run(rows: list[list[str]]) -> None:
        result = resource().import_data(tablib.Dataset(*rows, headers=HEADERS), use_transactions=True)
        assert not result.has_errors(), result.base_errors or result.row_errors()
        assert not result.invalid_rows, result.invalid_rows[:3]

    return run


def timed(run: Callable[[list[list[str]]], None], count: int, repeat: int) -> dict[str, float]:
    """Return seconds a row for creating, updating and repeating, the best of ``repeat``."""
    best: dict[str, float] = {}
    for _ in range(repeat):
        with transaction.atomic():
            Product.objects.bulk_create([Product(code=f"BENCH-P{n}", name=f"상품 {n}") for n in range(500)])
            for phase, generation in (("create", 1), ("update", 2), ("repeat", 2)):
                rows = rows_of(count, generation)
                began = time.perf_counter()
                run(rows)
                best[phase] = min(best.get(phase, 1e9), (time.perf_counter() - began) / count)
            transaction.set_rollback(True)
    return best


def main() -> None:
    bulk_count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    stock_count = int(sys.argv[2]) if len(sys.argv) > 2 else 2_000
    stock = timed(through(StockResource), stock_count, 1)
    show("machinery", timed(plain_limit, bulk_count, 3), timed(through(PlainResource), bulk_count, 3), stock)
    show("with search texts", timed(copy_and_merge, bulk_count, 3), timed(through(VariantResource), bulk_count, 3), {})


def show(title: str, limit: dict[str, float], bulk: dict[str, float], stock: dict[str, float]) -> None:
    """Print microseconds a row and the ratios."""
    print(
        f"{title}\n{'':8}{'limit us/row':>14}{'bulk us/row':>14}{'x limit':>10}{'stock us/row':>14}{'stock / bulk':>14}"
    )
    for phase, least in limit.items():
        line = f"{phase:8}{least * 1e6:14.1f}{bulk[phase] * 1e6:14.1f}{bulk[phase] / least:10.2f}"
        print(line + (f"{stock[phase] * 1e6:14.1f}{stock[phase] / bulk[phase]:14.1f}" if stock else ""))


if __name__ == "__main__":
    main()
