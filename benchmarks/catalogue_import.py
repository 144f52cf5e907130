"""A catalogue of 50,000 SKUs through the product file, against COPY into staging and merges of the same tables.

    python -m benchmarks catalogue_import [--rows 50000] [--rounds 1] [--prices]

Twelve columns with two references, Korean and Japanese text: five SKUs a product, a title in two languages. Ours checks
every row and every rule, tells what became of it, writes the undo data, keeps search texts and records events; the limit
does nothing of that but keeps search texts in its merges. Creating, updating and repeating the same rows, in one
transaction that is rolled back. Then the same rows as files, each read and imported in a process of its own.
``--prices`` adds a thirteenth column, a price for each SKU through the service that sets them: told, not limited.
"""

# ruff: noqa: E501  statements stay whole
import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import tablib
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection, transaction

from benchmarks.order_list import database_seconds
from benchmarks.report import Figure, largest_memory, publish
from catalog.admin.product_file import ProductFileResource
from catalog.models import Category, ProductType, SalesChannel
from core.models import TableImport
from core.resources import Choices
from core.resources.transfer import read_table
from core.resources.writing import FILE_KINDS

HEADERS = ["code", "name", "category", "product_type", "brand", "maker", "title_ko", "title_ja", "sku", "weight_g",
           "hs_code", "origin_country"]  # fmt: skip
PRICE = "price[bench]"
OF_PRODUCT = 5
RATIO, XLSX, MEGABYTES = 3.5, 1.3, 300
Rows = list[list[str]]
Seconds = tuple[float, float, float]  # by the clock, of Python's processor, of PostgreSQL's


def rows_of(count: int, generation: int, *, with_prices: bool = False) -> Rows:
    """Return the rows of the file; another generation changes most cells."""
    rows = []
    for n in range(count):
        product = n // OF_PRODUCT
        row = [
            f"BENCH-P{product:06}", f"린넨 셔츠 {product} {generation}", f"의류 > 분류 {product % 20}", f"type-{product % 5}",
            f"브랜드{product % 40}", "株式会社 青空", f"여름 린넨 셔츠 {product}, {generation}차", f"夏のリネンシャツ {product} 第{generation}版",
            f"BENCH-{n:07}", str(100 + (n * 7 + generation) % 800), "620520", "KR" if n % 2 else "JP",
        ]  # fmt: skip
        rows.append([*row, str(1000 + n % 500 + generation)] if with_prices else row)
    return rows


def prepare() -> None:
    """Make what the rows refer to."""
    root = Category.objects.create(name="의류")
    Category.objects.bulk_create([Category(parent=root, name=f"분류 {n}") for n in range(20)])
    ProductType.objects.bulk_create([ProductType(code=f"type-{n}", name_en=f"Type {n}") for n in range(5)])
    SalesChannel.objects.create(code="bench", name="Bench", kind="own", currency="JPY", country="JP", language="ja")


def copy_and_merge(rows: Rows) -> None:
    """The limit: staging and one merge for each table; no checks, no outcome, nothing to undo."""
    columns = ", ".join(f"{name} text" for name in HEADERS)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE limit_rows ({columns})")
        with cursor.copy("COPY limit_rows FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute("ANALYZE limit_rows")
        # rows of this transaction are not in the statistics yet: the planner would take each table for empty
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(
            "WITH paths AS (SELECT c.id, p.name || ' > ' || c.name AS path FROM catalog_category c JOIN catalog_category p ON p.id = c.parent_id) "
            "MERGE INTO catalog_product t USING (SELECT i.code, min(i.name) AS name, min(paths.id) AS category, min(k.id) AS kind, min(i.brand) AS brand, "
            "min(i.maker) AS maker, lower(concat_ws(' ', i.code, min(i.name), min(i.brand), min(title_ja), min(title_ko), string_agg(sku, ' ' ORDER BY sku))) AS words "
            "FROM limit_rows i JOIN paths ON paths.path = i.category JOIN catalog_producttype k ON k.code = i.product_type GROUP BY i.code) i ON t.code = i.code "
            "WHEN MATCHED AND (t.name, t.category_id, t.product_type_id, t.brand, t.maker) IS DISTINCT FROM (i.name, i.category, i.kind, i.brand, i.maker) THEN "
            "UPDATE SET name = i.name, category_id = i.category, product_type_id = i.kind, brand = i.brand, maker = i.maker, search_text = i.words, updated_at = now() "
            "WHEN NOT MATCHED THEN INSERT (code, name, category_id, product_type_id, brand, maker, status, image_path, search_text, updated_at) "
            "VALUES (i.code, i.name, i.category, i.kind, i.brand, i.maker, 'draft', '', i.words, now())"
        )
        for language in ("ko", "ja"):
            cursor.execute(
                f"MERGE INTO catalog_producttext t USING (SELECT p.id, min(i.title_{language}) AS title FROM limit_rows i JOIN catalog_product p ON p.code = i.code "
                f"GROUP BY p.id) i ON t.product_id = i.id AND t.language = '{language}' AND t.sales_channel_id IS NULL "
                "WHEN MATCHED AND t.title IS DISTINCT FROM i.title THEN UPDATE SET title = i.title "
                f"WHEN NOT MATCHED THEN INSERT (product_id, language, title, description) VALUES (i.id, '{language}', i.title, '')"
            )
        cursor.execute(
            "MERGE INTO catalog_variant t USING (SELECT i.sku, p.id, i.weight_g::int AS weight, i.hs_code, i.origin_country, "
            "lower(concat_ws(' ', i.sku, p.name, i.title_ja, i.title_ko)) AS words FROM limit_rows i JOIN catalog_product p ON p.code = i.code) i ON t.sku = i.sku "
            "WHEN MATCHED AND (t.weight_g, t.hs_code, t.origin_country, t.search_text) IS DISTINCT FROM (i.weight, i.hs_code, i.origin_country, i.words) THEN "
            "UPDATE SET weight_g = i.weight, hs_code = i.hs_code, origin_country = i.origin_country, search_text = i.words "
            "WHEN NOT MATCHED THEN INSERT (sku, product_id, name, barcode, weight_g, hs_code, origin_country, is_active, search_text) "
            "VALUES (i.sku, i.id, '', '', i.weight, i.hs_code, i.origin_country, true, i.words)"
        )
        cursor.execute("DROP TABLE limit_rows")
        cursor.execute("SET LOCAL enable_nestloop = on")


def by_file(rows: Rows) -> None:
    """Ours, with the outcome of every row and undo data."""
    headers = [*HEADERS, PRICE][: len(rows[0])]
    kept = TableImport.objects.create(model="catalog.product", filename="bench.csv")
    result = ProductFileResource().import_data(
        tablib.Dataset(*rows, headers=headers), use_transactions=True, choices=Choices(table_import=kept.pk)
    )
    assert not result.base_errors, result.base_errors[0].error
    assert not result.invalid_rows, result.invalid_rows[0].error_dict


def timed(run: Callable[[Rows], None], count: int, rounds: int, *, with_prices: bool = False) -> dict[str, Seconds]:
    """Return seconds (clock, Python's and PostgreSQL's processor) for creating, updating and repeating, the best rounds."""
    best: dict[str, Seconds] = {}
    for _round in range(rounds):
        with transaction.atomic():
            prepare()
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = '10min'")
            for phase, generation in (("create", 1), ("update", 2), ("repeat", 2)):
                rows = rows_of(count, generation, with_prices=with_prices)
                began, python, database = time.perf_counter(), time.process_time(), database_seconds()
                run(rows)
                spent = (
                    time.perf_counter() - began,
                    time.process_time() - python,
                    database_seconds() - database,
                )
                best[phase] = min(best.get(phase, spent), spent)
            transaction.set_rollback(True)
    return best


def import_file(path: Path) -> None:
    """Import a file of new rows; print seconds (clock, processor) and MB: before, and the most since the process began."""
    with transaction.atomic(), path.open("rb") as file:
        prepare()
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '10min'")
        name = default_storage.save(f"tables/bench{path.suffix}", File(file))
        kept = TableImport.objects.create(model="catalog.product", filename=path.name)
        before = largest_memory()
        try:
            began, spent = time.perf_counter(), time.process_time() + database_seconds()
            table = read_table(name=name)
            result = ProductFileResource().import_data(
                table.dataset, use_transactions=True, choices=Choices(table_import=kept.pk)
            )
            clock, processor = time.perf_counter() - began, time.process_time() + database_seconds() - spent
        finally:
            default_storage.delete(name)
        assert result.totals["new"] == result.total_rows, result.totals
        transaction.set_rollback(True)
    print(clock, processor, before, largest_memory())


def of_files(count: int) -> list[Figure]:
    """Return seconds and memory of whole files."""
    found = {}
    for kind in ("csv", "xlsx"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"rows.{kind}"
            FILE_KINDS[kind].write(path, HEADERS, rows_of(count, 1))
            command = [sys.executable, "-m", "benchmarks", "catalogue_import", "--file", str(path)]
            answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-4:]
        found[kind] = [float(number) for number in answer]
    dearer = found["xlsx"][1] / found["csv"][1]
    return [
        Figure("CSV file, read and imported", found["csv"][0], "s"),
        Figure("XLSX against CSV", found["xlsx"][0] / found["csv"][0], "x", XLSX, f"processor {dearer:.2f} x", dearer),
        *(
            Figure(f"largest memory, {kind.upper()}", most, "MB", MEGABYTES, f"{before:.0f} MB of it before the import")
            for kind, (_clock, _processor, before, most) in found.items()
        ),
    ]


def main() -> int:
    """Measure and publish."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks catalogue_import")
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--prices", action="store_true")
    parser.add_argument("--file", type=Path)
    options = parser.parse_args()
    if options.file:
        import_file(options.file)
        return 0
    least = timed(copy_and_merge, options.rows, options.rounds)
    ours = timed(by_file, options.rows, options.rounds)
    figures = []
    for phase, (clock, python, database) in ours.items():
        limit_clock, *limit_parts = least[phase]
        processor = (python + database) / sum(limit_parts)
        note = (
            f"{clock:.1f} s against {limit_clock:.1f} s, {options.rows / clock:,.0f} rows a second; processor "
            f"{python:.1f} + {database:.1f} s against {sum(limit_parts):.1f} s: {processor:.2f} x"
        )
        figures.append(Figure(f"{phase}: times the limit", clock / limit_clock, "x", RATIO, note, processor))
    if options.prices:
        priced = timed(by_file, options.rows, options.rounds, with_prices=True)
        figures += [Figure(f"{phase} with prices", seconds[0], "s") for phase, seconds in priced.items()]
    figures += of_files(options.rows)
    title = f"{options.rows} rows of {len(HEADERS)} columns, {OF_PRODUCT} SKUs a product, best of {options.rounds}"
    return publish("catalogue_import", figures, title)
