"""Importing variants: BulkResource against COPY and merge (the limit) and import-export's own way, same rows.

    python benchmarks/resources.py [rows for bulk, default 10000] [rows for the stock way, default 2000]

Runs inside one transaction that is rolled back, on the database of the settings. Times are the best of three (stock: one).
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


def copy_and_merge(rows: list[list[str]]) -> None:
    """The limit: no checks, no result, three statements."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE limit_rows (sku text, product text, name text, barcode text, weight_g int, is_active bool)"
        )
        with cursor.copy("COPY limit_rows FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            "INSERT INTO catalog_variant (sku, product_id, name, barcode, weight_g, is_active, search_text) "
            "SELECT i.sku, p.id, i.name, i.barcode, i.weight_g, i.is_active, '' FROM limit_rows i JOIN catalog_product p ON p.code = i.product "
            "ON CONFLICT (sku) DO UPDATE SET product_id = excluded.product_id, name = excluded.name, barcode = excluded.barcode, "
            "weight_g = excluded.weight_g, is_active = excluded.is_active WHERE (catalog_variant.product_id, catalog_variant.name, "
            "catalog_variant.barcode, catalog_variant.weight_g, catalog_variant.is_active) IS DISTINCT FROM "
            "(excluded.product_id, excluded.name, excluded.barcode, excluded.weight_g, excluded.is_active)"
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
    limit = timed(copy_and_merge, bulk_count, 3)
    bulk = timed(through(VariantResource), bulk_count, 3)
    stock = timed(through(StockResource), stock_count, 1)
    print(f"{'':8}{'limit us/row':>14}{'bulk us/row':>14}{'x limit':>10}{'stock us/row':>14}{'stock / bulk':>14}")
    for phase in limit:
        print(
            f"{phase:8}{limit[phase] * 1e6:14.1f}{bulk[phase] * 1e6:14.1f}{bulk[phase] / limit[phase]:10.2f}"
            f"{stock[phase] * 1e6:14.1f}{stock[phase] / bulk[phase]:14.1f}"
        )


if __name__ == "__main__":
    main()
