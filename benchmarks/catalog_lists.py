"""Lists of the catalogue over 100,000 variants, refreshing collections, and exports of 100,000 rows.

    python -m benchmarks catalog_lists [--variants 100000] [--rounds 9]

Three prices a variant, 4,200 brands, every product live on a channel, one in ten of them not sellable, 500 table
imports. Server time is that of whole requests through every middleware, as an EC manager, warm; the median counts.
Exports run in processes of their own: their largest memory with all rows against that with a tenth.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

from django.test import Client
from django.urls import reverse

from benchmarks import catalog_grid
from benchmarks.order_list import page_cost, statements
from benchmarks.people import manager
from benchmarks.report import Figure, largest_memory, publish
from benchmarks.server import owner
from catalog.admin.product_file import ProductFileResource
from catalog.admin.resources import PriceResource, VariantResource
from catalog.models import Category, Collection, Price, Product, SalesChannel, Variant
from catalog.services.products.collecting import refresh_collection
from core.models import Job, TableImport
from core.resources.transfer import export_table

MS, QUERIES = 150, 12
BRANDS = 4_200
GROWTH = 1.3  # of memory, from a tenth of the rows to all
EXPORTS = {
    "variants, CSV": (VariantResource, Variant, "csv"),
    "variants, XLSX": (VariantResource, Variant, "xlsx"),
    "prices, CSV": (PriceResource, Price, "csv"),
    "product file, CSV": (ProductFileResource, Product, "csv"),
    "product file, XLSX": (ProductFileResource, Product, "xlsx"),
}


def prepare(count: int) -> None:
    """Make the catalogue with what its lists show, once."""
    catalog_grid.prepare(count)
    if Collection.objects.exists():
        return
    with owner() as database, database.cursor() as cursor:
        cursor.execute("UPDATE catalog_product SET brand = 'Brand ' || id %% %s", [BRANDS])
        cursor.execute(
            "INSERT INTO catalog_listing (product_id, sales_channel_id, state, external_code, reason, problems)"
            " SELECT id, (SELECT min(id) FROM catalog_saleschannel), 'live', '', '',"
            " CASE WHEN id % 10 = 0 THEN ARRAY['image'] ELSE '{}' END FROM catalog_product"
            " ON CONFLICT (product_id, sales_channel_id)"
            " DO UPDATE SET state = excluded.state, problems = excluded.problems"
        )
        cursor.execute("VACUUM ANALYZE")
    for number in range(500):
        TableImport.objects.create(
            model="catalog.variant", filename=f"{number}.csv", state="done", counts={"created": number}
        )
    for code, rules in {
        "bench-all": [("brand", "contains", "Brand")],
        "bench-brand": [("brand", "is", "Brand 7")],
    }.items():
        collection = Collection.objects.create(code=code, name_en=code)
        for subject, operator, value in rules:
            collection.rules.create(subject=subject, operator=operator, value=value)


def pages(count: int) -> dict[str, str]:
    """Return the addresses by what they show."""
    products, variants, prices = (f"/admin/catalog/{name}/" for name in ("product", "variant", "price"))
    shelf = Category.objects.order_by("pk").values_list("pk", flat=True)[0]
    channel = SalesChannel.objects.order_by("pk").values_list("pk", flat=True)[0]
    product = Product.objects.order_by("pk").values_list("pk", flat=True)[count // 10]
    variant = Variant.objects.order_by("pk").values_list("pk", flat=True)[count // 2]
    last = count // variants_of_a_product() // 50
    return {
        "products: first tab": products,
        "products: all": f"{products}?tab=all",
        "products: not sellable": f"{products}?tab=not_sellable",
        "products: a category": f"{products}?tab=all&category__id__exact={shelf}",
        "products: a brand": f"{products}?tab=all&brand=Brand 7",
        "products: by name": f"{products}?tab=all&o=2",
        "products: last page": f"{products}?tab=all&p={last}",
        "products: search, exact": f"{products}?q=hoodie",
        "products: search, mistyped": f"{products}?q=hoddie",
        "a product": f"{products}{product}/change/",
        "variants: first tab": variants,
        "variants: search, an SKU": f"{variants}?q=BS-000100-1",
        "variants: search, mistyped": f"{variants}?q=원피쓰",
        "a variant": f"{variants}{variant}/change/",
        "prices": prices,
        "prices: a channel": f"{prices}?sales_channel__id__exact={channel}",
        "scheduled prices": reverse("admin:catalog_scheduled_prices"),
        "why not sellable": reverse("admin:catalog_obstacles"),
        "prices waiting": "/admin/catalog/priceproposal/",
        "collections": "/admin/catalog/collection/",
        "table imports": "/admin/core/tableimport/",
    }


def variants_of_a_product() -> int:
    """Return how many variants a product has."""
    return Variant.objects.count() // Product.objects.count()


def page_figures(client: Client, count: int, rounds: int) -> list[Figure]:
    """Return server time of each page, and the most statements of one."""
    figures, most = [], 0
    for name, url in pages(count).items():
        cost, attempts = page_cost(client, url, rounds)
        number = statements(client, url)
        most = max(most, number)
        processor = cost.python + cost.database
        note = f"{processor:.0f} ({cost.python:.0f} + {cost.database:.0f}), {number} statements"
        note = note if attempts == 1 else f"{note}, try {attempts}"
        figures.append(Figure(name, cost.clock, "ms", MS, note, processor))
        print(name, round(cost.clock), note, flush=True)
    return [*figures, Figure("most statements of a page", most, "", QUERIES)]


def collection_figures() -> list[Figure]:
    """Return seconds of finding the members of a small collection again, and of one with every product."""
    figures = []
    for collection in Collection.objects.order_by("code"):
        began = time.perf_counter()
        found = refresh_collection(collection_id=collection.pk)
        note = f"{found} products belong to it"
        figures.append(Figure(f"refreshing {collection.code}", time.perf_counter() - began, "s", None, note))
    return figures


def export_figures(count: int) -> list[Figure]:
    """Return seconds and memory of each export, with all rows and with a tenth of them."""
    figures = []
    for name in EXPORTS:
        measured = {}
        for rows in (count // 10, count):
            command = [sys.executable, "-m", "benchmarks", "catalog_lists", "--export", name, "--variants", str(rows)]
            answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-3:]
            measured[rows] = [float(word) for word in answer]
        (_few, _s, small), (written, seconds, large) = measured.values()
        note = f"{large:.0f} MB with {written:,.0f} rows, {small:.0f} MB with a tenth; {seconds:.1f} s"
        print(name, note, flush=True)
        figures.append(Figure(f"export, {name}: memory", large / small, "x", GROWTH, note))
    return figures


def export(name: str, rows: int) -> None:
    """Write the file of the first rows and print their number, seconds, and the process's largest memory in MB."""
    kind_of, model, kind = EXPORTS[name]
    user, _client = manager()
    job = Job.objects.create(kind="bench", title=name, parameters={}, owner=user)
    some = rows // (variants_of_a_product() if model is Product else 1)
    chosen = model._default_manager.filter(
        pk__lte=model._default_manager.order_by("pk").values_list("pk", flat=True)[some - 1]
    )
    began = time.perf_counter()
    written = export_table(
        resource=kind_of(), queryset=chosen, names=[], kind=kind, reason="a benchmark", job=job, actor=user,
        deliver=_looked_at,
    )  # fmt: skip
    print(written, time.perf_counter() - began, largest_memory())


def _looked_at(path: Path) -> None:
    assert path.stat().st_size > 0


def main() -> int:
    """Measure and publish."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks catalog_lists")
    parser.add_argument("--variants", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--export", default="")
    options = parser.parse_args()
    if options.export:
        export(options.export, options.variants)
        return 0
    prepare(options.variants)
    _user, client = manager()
    figures = page_figures(client, options.variants, options.rounds)
    figures += collection_figures() + export_figures(options.variants)
    about = f"{options.variants:,} variants, {BRANDS:,} brands, medians of {options.rounds}, warm"
    return publish("catalog_lists", figures, about, "processor ms (Python + PostgreSQL), statements")
