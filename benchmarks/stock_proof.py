"""Proving stock: the rules of `manage.py verify` about stock over ten million movements.

    python -m benchmarks stock_proof [--movements 10000000]

10,000 stock items were received once; then every piece was reserved and shipped, one after the other.
"""

import argparse

import psycopg
from django.conf import settings
from django.db import connection

from backoffice.postgres import Cluster
from benchmarks.crew import server_spent
from benchmarks.goods import stocked_variants
from benchmarks.report import Figure, publish
from core.verify import invariants, verify
from inventory.models import StockItem, StockMovement

ITEMS = 10_000
SECONDS = 60
_INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
WHERE i.indrelid = ANY (ARRAY['inventory_reservation', 'inventory_stockmovement']::regclass[])
  AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""
_RESERVATIONS = """
INSERT INTO inventory_reservation (stock_item_id, key, reference, quantity, per_unit, shipped, released)
SELECT id, 'proof:' || id || ':' || n, '', 1, 1, 1, 0
FROM generate_series(1, %(pieces)s) AS n CROSS JOIN inventory_stockitem WHERE id BETWEEN %(low)s AND %(high)s
"""
# reservations were made piece by piece over all items, and the movements of a piece follow each other
_MOVEMENTS = """
INSERT INTO inventory_stockmovement (stock_item_id, kind, on_hand_change, reserved_change, held_change, on_hand_after,
    reserved_after, held_after, reservation_id)
SELECT stock_item_id, step.kind, -step.gone, 1 - 2 * step.gone, 0,
       %(pieces)s - place + 1 - step.gone, 1 - step.gone, 0, id
FROM (SELECT id, stock_item_id, row_number() OVER (PARTITION BY stock_item_id ORDER BY id) AS place
      FROM inventory_reservation WHERE stock_item_id BETWEEN %(low)s AND %(high)s) r
CROSS JOIN (VALUES ('reserved', 0), ('shipped', 1)) AS step (kind, gone)
ORDER BY id, step.gone
"""


def load(pieces: int) -> None:
    """Receive ``pieces`` of each new stock item, reserve and ship them all."""
    variants = stocked_variants(ITEMS, on_hand=pieces)
    ids = StockItem.objects.filter(variant__in=variants).order_by("pk").values_list("pk", flat=True)
    values = {"pieces": pieces, "low": ids[0], "high": max(ids)}
    # the superuser may leave out what each of ten million rows would be checked for
    kwargs = Cluster(settings.DATA_DIR / "postgres").connection_kwargs("superuser")
    with psycopg.connect(**kwargs, autocommit=True) as database:  # type: ignore[arg-type]
        database.execute("SET session_replication_role = replica")
        database.execute("SET maintenance_work_mem = '1GB'")
        indexes = database.execute(_INDEXES).fetchall()
        for name, _definition in indexes:
            database.execute(f"DROP INDEX {name}")  # type: ignore[arg-type]
        database.execute(_RESERVATIONS, values)
        database.execute(_MOVEMENTS, values)
        database.execute("UPDATE inventory_stockitem SET on_hand = 0 WHERE id BETWEEN %(low)s AND %(high)s", values)
        for _name, definition in indexes:
            database.execute(definition)
        database.execute("VACUUM ANALYZE inventory_stockitem, inventory_reservation, inventory_stockmovement")


def main() -> int:
    """Measure and publish."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks stock_proof")
    parser.add_argument("--movements", type=int, default=10_000_000)
    wanted = parser.parse_args().movements
    missing = wanted - StockMovement.objects.count()
    if missing > 0:
        load(max(1, round(missing / ITEMS / 2)))
    names = [one.name for one in invariants() if one.name.startswith("inventory.")]
    before = server_spent()
    findings = verify(names=names)
    processor = server_spent() - before
    connection.close()
    seconds = sum(finding.seconds for finding in findings)
    broken = [finding.invariant.name for finding in findings if not finding.holds]
    figures = [
        Figure(f"{len(findings)} rules proved", seconds, "s", SECONDS, f"processor {processor:.1f} s", processor),
        Figure("rules broken", len(broken), "", 0, ", ".join(broken)),
        *(Figure(f"{finding.invariant.name}", finding.seconds, "s") for finding in findings),
    ]
    return publish("stock_proof", figures, f"{StockMovement.objects.count():,} movements of {ITEMS:,} stock items")
