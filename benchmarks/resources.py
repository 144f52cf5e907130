"""Importing variants: BulkResource against COPY and merge (the limit) and import-export's own way, same rows.

    python benchmarks/resources.py [rows for bulk, default 10000] [rows for the stock way, default 2000]

Ours writes the undo data and the outcome of every row; the limit writes neither. Two tables: the machinery alone, and
with the search texts of variants and products kept as the shop needs them (the limit then keeps them too; import-export
by itself cannot, so it has no column there). Then the same rows as files, each read and imported in a process of its own,
with its largest memory. Runs inside one transaction that is rolled back, on the database of the settings. Times are the
best of three (stock: one).
"""

# ruff: noqa: E402, E501  settings come before models; statements stay whole
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")

import django

django.setup()

import tablib
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection, transaction
from import_export import resources
from import_export.fields import Field
from import_export.widgets import ForeignKeyWidget

from benchmarks.report import largest_memory
from catalog.admin.resources import VariantResource
from catalog.models import Product, Variant
from core.models import TableImport
from core.resources import Choices
from core.resources.transfer import read_table
from core.resources.writing import FILE_KINDS

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

    derives = ()

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
        cursor.execute("ANALYZE limit_rows")  # else the planner misjudges it, and the limit is no limit
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


def kept_for_undo() -> Choices:
    """Return choices as a real import has them."""
    return Choices(table_import=TableImport.objects.create(model="catalog.variant", filename="bench.csv").pk)


def ours(resource: type[VariantResource]) -> Callable[[list[list[str]]], None]:
    """Return our import with undo data."""

    def run(rows: list[list[str]]) -> None:
        result = resource().import_data(
            tablib.Dataset(*rows, headers=HEADERS), use_transactions=True, choices=kept_for_undo()
        )
        assert not result.has_errors(), result.base_errors
        assert not result.invalid_rows, result.invalid_rows[:3]

    return run


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
    if sys.argv[1:2] == ["--file"]:
        import_file(sys.argv[2], int(sys.argv[3]))
        return
    bulk_count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    stock_count = int(sys.argv[2]) if len(sys.argv) > 2 else 2_000
    stock = timed(through(StockResource), stock_count, 1)
    show("machinery", timed(plain_limit, bulk_count, 3), timed(ours(PlainResource), bulk_count, 3), stock)
    show("with search texts", timed(copy_and_merge, bulk_count, 3), timed(ours(VariantResource), bulk_count, 3), {})
    show_files(bulk_count)


def show_files(count: int) -> None:
    """Print seconds and memory of whole files: read, imported, undo data written."""
    print(f"files of {count} rows, read and imported\n{'':8}{'seconds':>14}{'x csv':>14}{'largest MB':>14}")
    csv_seconds = 0.0
    for kind in ("csv", "xlsx"):
        answers = []
        for _ in range(3):
            command = [sys.executable, __file__, "--file", kind, str(count)]
            answers.append(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-2:])
        seconds, memory = min(float(answer[0]) for answer in answers), max(float(answer[1]) for answer in answers)
        csv_seconds = csv_seconds or seconds
        print(f"{kind:8}{seconds:14.2f}{seconds / csv_seconds:14.2f}{memory:14.0f}")


def import_file(kind: str, count: int) -> None:
    """Import one file of new rows, and print seconds and the process's largest memory in MB."""
    with tempfile.TemporaryDirectory() as folder, transaction.atomic():
        path = Path(folder) / f"rows.{kind}"
        FILE_KINDS[kind].write(path, HEADERS, rows_of(count, 1))
        Product.objects.bulk_create([Product(code=f"BENCH-P{n}", name=f"상품 {n}") for n in range(500)])
        name = default_storage.save(f"tables/bench.{kind}", File(path.open("rb")))
        try:
            began = time.perf_counter()
            table = read_table(name=name)
            result = PlainResource().import_data(table.dataset, use_transactions=True, choices=kept_for_undo())
            seconds = time.perf_counter() - began
        finally:
            default_storage.delete(name)
        assert result.totals["new"] == count, result.totals
        transaction.set_rollback(True)
    print(seconds, largest_memory())


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
