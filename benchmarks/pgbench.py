"""The limit: pgbench of the embedded PostgreSQL runs bare statements, prepared, on the product's own tables.

They do what reserving cannot do without: check, counters, reservation, movement; foreign keys and constraints
hold. They know no warehouses, no bundles, no earlier reservations under the key, no facts.
"""

import re
import subprocess
import tempfile
from pathlib import Path

from django.conf import settings

from backoffice.postgres.binaries import wheel_folder

ONE = """
\\set item random({low}, {high})
WITH item AS (
    UPDATE inventory_stockitem SET reserved = reserved + 1 WHERE id = :item AND on_hand - reserved - held >= 1
    RETURNING id, on_hand, reserved, held
), reservation AS (
    INSERT INTO inventory_reservation (stock_item_id, key, reference, quantity, shipped, released)
    SELECT id, gen_random_uuid()::text, 'bare', 1, 0, 0 FROM item RETURNING id
)
INSERT INTO inventory_stockmovement
    (stock_item_id, kind, on_hand_change, reserved_change, on_hand_after, reserved_after, held_after, reservation_id)
SELECT item.id, 'reserved', 0, 1, on_hand, reserved, held, reservation.id FROM item, reservation;
"""
MANY = """
WITH wanted AS MATERIALIZED (
    SELECT seq, {low} + floor(random() * {count})::bigint AS item, gen_random_uuid()::text AS key
    FROM generate_series(1, {lines}) AS seq
), total AS (
    SELECT item, count(*)::int AS pieces FROM wanted GROUP BY item
), locked AS (
    SELECT id, on_hand - reserved - held AS free FROM inventory_stockitem
    WHERE id = ANY (ARRAY(SELECT item FROM total)) ORDER BY id FOR NO KEY UPDATE
), good AS (
    SELECT FROM total LEFT JOIN locked ON locked.id = total.item HAVING bool_and(coalesce(free >= pieces, false))
), item AS (
    UPDATE inventory_stockitem AS s SET reserved = s.reserved + pieces FROM total, good WHERE s.id = total.item
    RETURNING s.id, s.on_hand, s.reserved, s.held, pieces
), reservation AS (
    INSERT INTO inventory_reservation (stock_item_id, key, reference, quantity, shipped, released)
    SELECT item, key, 'bare', 1, 0, 0 FROM wanted, good ORDER BY seq RETURNING id, key
)
INSERT INTO inventory_stockmovement
    (stock_item_id, kind, on_hand_change, reserved_change, on_hand_after, reserved_after, held_after, reservation_id)
SELECT item.id, 'reserved', 0, 1, on_hand, reserved - pieces + count(*) OVER (PARTITION BY item.id ORDER BY seq), held,
       reservation.id
FROM wanted JOIN reservation USING (key) JOIN item ON item.id = wanted.item ORDER BY seq;
"""


IDLE = "SELECT 1;\n"


def statement(*, low: int, high: int, lines: int) -> str:
    """Return the script that reserves one piece of each of ``lines`` stock items between two ids."""
    text = ONE if lines == 1 else MANY
    return text.format(low=low, high=high, count=high - low + 1, lines=lines)


def run(script: str, *, clients: int, seconds: float) -> float:
    """Return how many scripts a second ``clients`` connections ran; for no time at all each runs one."""
    length = f"--time={max(1, round(seconds))}" if seconds else "--transactions=1"
    database = settings.DATABASES["default"]
    program = wheel_folder() / "pginstall" / "bin" / "pgbench"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "script.sql"
        path.write_text(script, encoding="utf-8")
        said = subprocess.run(
            [str(program), "--no-vacuum", "--protocol=prepared", f"--client={clients}", f"--jobs={min(clients, 2)}",
             length, f"--file={path}", f"--host={database['HOST']}",
             f"--port={database['PORT']}", f"--username={database['USER']}", database["NAME"]],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
    failed = re.search(r"number of failed transactions: (\d+)", said)
    rate = re.search(r"tps = ([\d.]+)", said)
    if rate is None or failed is None or failed[1] != "0":
        raise RuntimeError(said)
    return float(rate[1])
