"""How fast order files come in, against COPY into a staging table plus a set-based SQL merge of the same file.

    python benchmarks/imports.py [--lines 320705] [--source FILE.csv] [--skip-xlsx] [--json FILE]

Starts a PostgreSQL of its own in a temporary folder, migrates it with the product's migrations, and gives every run a
fresh copy of that database and a process of its own (so that peak memory is the run's). Runs alternate; the table shows
each. Without a source file of the UCI Online Retail columns it makes one of the same shape.

What the reference does: COPY of the file as it is, casts, and a merge into products, variants, orders and lines with
the same keys, idempotent (ON CONFLICT ... WHERE IS DISTINCT FROM), searchable texts and totals included. What it leaves
out and the product does: raw rows with an outcome each, customers and identities, returns apart from orders, shipments
of past orders, events, refusals by name, resuming after a kill. So the ratio is an upper bound of what the engine
costs.
"""

import argparse
import contextlib
import csv
import json
import lzma
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
REAL = ROOT.parent / "shared" / "data" / "uci-online-retail" / "online_retail_2010-12_to_2011-08.csv.xz"
HEADER = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
DEFINITION = {
    "fields": {
        "external_number": "InvoiceNo",
        "sku": "StockCode",
        "name": "Description",
        "quantity": "Quantity",
        "placed_at": "InvoiceDate",
        "unit_price": "UnitPrice",
        "customer_code": "CustomerID",
        "country": "Country",
    },
    "constants": {"currency": "GBP"},
    "rules": [
        {"when": {"external_number": "^C"}, "set": {"row_kind": "return"}},
        {"when": {"external_number": "^A"}, "refuse": "orders.bookkeeping"},
        {"when": {"quantity": "^-", "external_number": "^[0-9]"}, "refuse": "orders.stock_correction"},
        {
            "when": {"unit_price": r"^0(\.0+)?$", "customer_code": "^$", "external_number": "^[0-9]"},
            "refuse": "orders.stock_correction",
        },
        {"when": {"sku": "^(POST|DOT|C2)$"}, "set": {"line_kind": "shipping"}},
        {"when": {"sku": "^(M|m|AMAZONFEE|BANK CHARGES|S|CRUK)$"}, "set": {"line_kind": "fee"}},
    ],
}
REFERENCE = """
CREATE TEMP TABLE stage (no bigint GENERATED ALWAYS AS IDENTITY, invoice text, sku text, name text, quantity int,
    placed_at timestamp, price numeric, customer text, country text);
"""
MERGE = """
ANALYZE stage;
INSERT INTO catalog_product (code, name, brand, status, image_path, search_text, updated_at)
SELECT DISTINCT ON (sku) sku, coalesce(nullif(name, ''), sku), '', 'draft', '',
    lower(sku || ' ' || coalesce(name, '')), now()
FROM stage ORDER BY sku, no ON CONFLICT (code) DO NOTHING;
INSERT INTO catalog_variant (product_id, sku, name, barcode, is_active, search_text)
SELECT id, code, '', '', true, search_text FROM catalog_product ON CONFLICT (sku) DO NOTHING;
INSERT INTO orders_order (number, sales_channel_id, external_number, status, to_check, placed_at, ship_by, currency,
    goods_total, extras_total, total, paid_total, line_count, payment_method, is_prepaid, buyer_name, buyer_email,
    buyer_phone, recipient_name, recipient_kana, recipient_phone, postcode, region, city, address_1, address_2, country,
    customer_note, staff_note, search_text, channel_values, cancel_reason, updated_at)
SELECT 'R-' || invoice, %(channel)s, invoice, 'shipped', '', min(placed_at), min(placed_at) + interval '2 days', 'GBP',
    sum(round(abs(quantity) * price * 100)), 0, sum(round(abs(quantity) * price * 100)), 0, count(*), '', false,
    '', '', '', '', '', '', '', '', '', '', '', '', '', '', lower(invoice), '{}', '', now()
FROM stage WHERE quantity <> 0 AND price >= 0 GROUP BY invoice
ON CONFLICT (sales_channel_id, external_number) WHERE NOT external_number = '' DO UPDATE
SET goods_total = excluded.goods_total, total = excluded.total, line_count = excluded.line_count, updated_at = now()
WHERE (orders_order.goods_total, orders_order.line_count) IS DISTINCT FROM (excluded.goods_total, excluded.line_count);
INSERT INTO orders_orderline (order_id, kind, external_id, position, variant_id, sku, name, options, quantity,
    unit_price, total, shipped_count, cancelled_count, returned_count)
SELECT o.id, 'product',
    s.sku || '#' || row_number() OVER (PARTITION BY s.invoice, s.sku ORDER BY s.price, s.quantity, s.no),
    row_number() OVER (PARTITION BY s.invoice ORDER BY s.no), v.id, s.sku, coalesce(nullif(s.name, ''), s.sku), '',
    abs(s.quantity), s.price, round(abs(s.quantity) * s.price * 100), abs(s.quantity), 0, 0
FROM stage s JOIN orders_order o ON o.sales_channel_id = %(channel)s AND o.external_number = s.invoice
JOIN catalog_variant v ON v.sku = s.sku WHERE s.quantity <> 0 AND s.price >= 0
ON CONFLICT (order_id, external_id) WHERE NOT external_id = '' DO UPDATE
SET quantity = excluded.quantity, unit_price = excluded.unit_price, total = excluded.total, name = excluded.name
WHERE (orders_orderline.quantity, orders_orderline.unit_price, orders_orderline.total, orders_orderline.name)
    IS DISTINCT FROM (excluded.quantity, excluded.unit_price, excluded.total, excluded.name);
"""


def make_source(path: Path, lines: int, source: Path | None) -> None:
    """Write a file of ``lines`` rows: the real one, repeated with other invoice numbers as often as needed."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        written = 0
        for copy in range(1000):
            for row in _rows(source, lines):
                writer.writerow([f"{row[0]}{'x' * bool(copy)}{copy or ''}", *row[1:]])
                written += 1
                if written == lines:
                    return


def _rows(source: Path | None, lines: int):
    found = source or (REAL if REAL.exists() else None)
    if found is None:
        yield from _invented(lines)
        return
    with lzma.open(found, "rt", encoding="utf-8") if found.suffix == ".xz" else found.open(encoding="utf-8") as file:
        yield from list(csv.reader(file))[1:]


def _invented(lines: int):
    dice = random.Random(7)
    invoice, left = 500_000, 0
    for _line in range(lines):
        if not left:
            invoice, left = invoice + 1, dice.randint(1, 40)
        left -= 1
        sku = f"{dice.randint(10_000, 14_000)}"
        yield [
            str(invoice), sku, f"ARTICLE {sku}", str(dice.randint(1, 24)), f"2011-03-{1 + invoice % 28:02d} 10:00:00",
            f"{dice.randint(1, 2000) / 100}", f"{12_000 + invoice % 4000}.0", "United Kingdom",
        ]  # fmt: skip


def make_workbook(csv_path: Path, path: Path) -> None:
    """Write the same rows as a workbook, numbers as numbers."""
    import xlsxwriter  # noqa: PLC0415

    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        with csv_path.open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.reader(file)):
                cells = row if not number else [*row[:3], int(row[3]), row[4], float(row[5]), *row[6:]]
                sheet.write_row(number, 0, cells)


def cpu_seconds() -> float:
    """Return the CPU time of this process and the whole server so far: on a busy machine it says more than a clock."""
    spent = time.process_time()
    postmaster = psutil.Process(int(os.environ["BENCH_POSTMASTER"]))
    for process in (postmaster, *postmaster.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            spent += sum(process.cpu_times()[:2])
    return spent + sum(postmaster.cpu_times()[2:4])  # backends that have ended


def run_reference(path: Path, connection: dict[str, str], *, twice: bool) -> dict[str, float]:
    """COPY and merge."""
    import psycopg  # noqa: PLC0415

    took = {}
    with psycopg.connect(**connection) as database:
        channel = database.execute(
            "INSERT INTO catalog_saleschannel"
            " (code, name, kind, currency, country, time_zone, ship_within_days, is_active)"
            " VALUES ('uci', 'UCI', 'own', 'GBP', 'GB', 'Europe/London', 2, true) RETURNING id"
        ).fetchone()[0]
        database.commit()
        for name in ("create", "again") if twice else ("create",):
            started, spent = time.perf_counter(), cpu_seconds()
            database.execute(REFERENCE)
            columns = "invoice, sku, name, quantity, placed_at, price, customer, country"
            with (
                database.cursor().copy(f"COPY stage ({columns}) FROM STDIN (FORMAT csv, HEADER)") as copy,
                path.open("rb") as f,
            ):
                while block := f.read(1 << 20):
                    copy.write(block)
            for statement in MERGE.split(";\n"):
                if statement.strip():
                    database.execute(statement, {"channel": channel} if "%(" in statement else None)
            database.execute("DROP TABLE stage")
            database.commit()
            took[name], took[f"{name}_cpu"] = time.perf_counter() - started, cpu_seconds() - spent
    return took


def run_product(path: Path, *, twice: bool) -> dict[str, float]:
    """Upload, stage and import through the services."""
    os.environ["LOG_LEVEL"] = "WARNING"
    os.environ["DJANGO_SETTINGS_MODULE"] = "backoffice.settings"
    import django  # noqa: PLC0415

    django.setup()
    from django.core.files import File  # noqa: PLC0415

    from catalog.models import SalesChannel  # noqa: PLC0415
    from core.imports import selectors, services  # noqa: PLC0415
    from core.imports.running import run_import  # noqa: PLC0415

    channel = SalesChannel.objects.create(
        code="uci", name="UCI", kind="own", currency="GBP", country="GB", time_zone="Europe/London"
    )
    options = {"sales_channel": channel.pk, "as_history": True, "create_missing_variants": True}
    took = {}
    for name in ("create", "again") if twice else ("create",):
        started, spent = time.perf_counter(), cpu_seconds()
        with path.open("rb") as file:
            batch = services.upload_file(
                target="orders.lines", file=File(file, name=path.name), options=options, actor=None
            )
        services.set_mapping(batch_id=batch.pk, definition=DEFINITION, actor=None)
        services.start_import(batch_id=batch.pk, actor=None)
        batch = run_import(batch_id=batch.pk)
        took[name], took[f"{name}_cpu"] = time.perf_counter() - started, cpu_seconds() - spent
        found = selectors.reconciliation(batch)
        assert found.agrees, found
        took[f"{name}_outcomes"] = batch.counts
    return took


def child(arguments: argparse.Namespace) -> None:
    """Do one run in this process and print what it took as JSON."""
    path = Path(arguments.source)
    if arguments.child == "reference":
        took = run_reference(path, json.loads(os.environ["BENCH_CONNECTION"]), twice=True)
    else:
        took = run_product(path, twice=arguments.child == "product")
    # not ru_maxrss: that begins with the parent's, from before the exec
    status = Path("/proc/self/status").read_text(encoding="ascii")
    took["peak_mb"] = int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
    print(json.dumps(took))


def spawn(kind: str, path: Path, environment: dict[str, str]) -> dict[str, float]:
    """Run one child and return what it printed."""
    done = subprocess.run(
        [sys.executable, __file__, "--child", kind, "--source", str(path)],
        env={**os.environ, **environment}, check=True, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    return json.loads(done.stdout.strip().splitlines()[-1])


def main(arguments: argparse.Namespace) -> None:
    """Run everything and print the table."""
    import psycopg  # noqa: PLC0415

    from backoffice.postgres import Cluster  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        base = Path(folder)
        base.chmod(0o755)
        cluster = Cluster(base / "postgres", say=lambda _sentence: None)
        cluster.ensure_running()
        try:
            environment = {"BACKOFFICE_DATA_DIR": folder, "BACKOFFICE_NO_POOL": "1"}
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "-v0"], env={**os.environ, **environment}, check=True, cwd=ROOT
            )
            source = base / "lines.csv"
            make_source(source, arguments.lines, Path(arguments.source) if arguments.source else None)
            sheet = base / "lines.xlsx"
            if not arguments.skip_xlsx:
                make_workbook(source, sheet)
            admin = {**cluster.connection_kwargs("superuser"), "dbname": "postgres"}

            def fresh(name: str) -> dict[str, str]:
                with psycopg.connect(**admin, autocommit=True) as server:
                    server.execute(f"CREATE DATABASE {name} TEMPLATE backoffice OWNER backoffice_owner")
                kwargs = {**cluster.connection_kwargs("app"), "dbname": name}
                url = cluster.url("app").replace("/backoffice?", f"/{name}?")
                owner = {**kwargs, "user": "postgres"}
                postmaster = (base / "postgres" / "postmaster.pid").read_text(encoding="ascii").split()[0]
                return {
                    **environment,
                    "BENCH_POSTMASTER": postmaster,
                    "DATABASE_URL": url,
                    "BENCH_CONNECTION": json.dumps(owner),
                }

            results: dict[str, list[dict[str, float]]] = {}
            kinds = [("reference", source), ("product", source)] + ([] if arguments.skip_xlsx else [("sheet", sheet)])
            for turn in range(arguments.rounds):
                for kind, path in kinds:
                    took = spawn(kind, path, fresh(f"{kind}{turn}"))
                    results.setdefault(kind, []).append(took)
                    print(f"  {kind}: {took}", file=sys.stderr)
                    with psycopg.connect(**admin, autocommit=True) as server:
                        server.execute(f"DROP DATABASE {kind}{turn} WITH (FORCE)")
            report(arguments, results)
        finally:
            cluster.release()


def report(arguments: argparse.Namespace, results: dict[str, list[dict[str, float]]]) -> None:
    """Print the table, and the JSON where asked for."""

    def best(kind: str, name: str) -> float:
        return min(run[name] for run in results[kind])

    rows = [
        ("COPY + SQL merge", "reference", "create"),
        ("import, CSV", "product", "create"),
        ("COPY + SQL merge, nothing new", "reference", "again"),
        ("import, CSV, nothing new", "product", "again"),
    ]
    if "sheet" in results:
        rows.insert(2, ("import, XLSX", "sheet", "create"))
    print(f"\n{arguments.lines:,} order lines, best of {arguments.rounds}, load {os.getloadavg()[0]:.1f}")
    print(
        "| run | seconds | x reference | CPU seconds | x reference | peak MB |\n| --- | --- | --- | --- | --- | --- |"
    )
    for label, kind, name in rows:
        seconds, cpu = best(kind, name), best(kind, f"{name}_cpu")
        ratio, cpu_ratio = seconds / best("reference", name), cpu / best("reference", f"{name}_cpu")
        peak = max(run["peak_mb"] for run in results[kind])
        print(f"| {label} | {seconds:.1f} | {ratio:.2f} | {cpu:.1f} | {cpu_ratio:.2f} | {peak:.0f} |")
    if "sheet" in results:
        clock = best("sheet", "create") / best("product", "create")
        cpu = best("sheet", "create_cpu") / best("product", "create_cpu")
        print(f"\nXLSX against CSV: {clock:.2f} by the clock, {cpu:.2f} by CPU time")
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} CPUs")
    if arguments.json:
        Path(arguments.json).write_text(json.dumps({"lines": arguments.lines, "runs": results}, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=320_705)
    parser.add_argument("--source", default="")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--skip-xlsx", action="store_true")
    parser.add_argument("--json", default="")
    parser.add_argument("--child", default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given)
    else:
        main(given)
