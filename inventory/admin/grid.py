"""Stock in the grid of the catalogue: the buffer per warehouse, and what is available."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy

from catalog.admin.grid_registry import catalog_grid
from core.ui.grid import CellChange, GridColumn, Outcome, PartSheet, Place, Rows, Wanted
from core.ui.grid_cells import number_cell
from inventory.policies import can_change_alert_levels
from inventory.services import set_alert_levels
from inventory.services.alerting import MOST
from inventory.services.ledger import lock_items

SECTION = gettext_lazy("Stock")
LOW_LABEL, AVAILABLE_LABEL = gettext_lazy("Stock buffer"), gettext_lazy("Available")
LOW, AVAILABLE = "low_at", "available"


@dataclass(frozen=True)
class StockPart:
    """``low_at:<warehouse id>`` is edited, ``available:<warehouse id>`` is read."""

    def read(self, *, rows: Rows, wanted: Wanted, user: Any) -> PartSheet:
        """Read warehouses and the stock of these variants in one statement; nothing without the right to see it."""
        if not user.has_perm("inventory.view_stockitem"):
            return PartSheet(())
        if rows.is_locked and wanted.keys and any(key.startswith(f"{LOW}:") for key in wanted.keys):
            lock_items(variant_id__in=rows.row_ids)
        warehouses: dict[int, str] = {}
        low: dict[int, dict[int, int]] = {}
        available: dict[int, dict[int, int]] = {}
        for pk, name, variant_id, low_at, pieces in _stock(rows.row_ids):
            warehouses[pk] = name
            if variant_id is not None:
                low.setdefault(pk, {})[variant_id] = low_at
                available.setdefault(pk, {})[variant_id] = pieces
        may_change = can_change_alert_levels(user)
        columns: list[GridColumn] = []
        values: dict[str, Mapping[int, Any]] = {}
        for pk, name in warehouses.items():
            pair = (_buffer(pk, name, may_change=may_change), _available(pk, name))
            columns.extend(pair)
            for column, cells in zip(pair, (low.get(pk, {}), available.get(pk, {})), strict=True):
                if wanted.has(column):
                    values[column.key] = cells
        return PartSheet(columns, values)

    def write(self, *, changes: Sequence[CellChange], rows: Rows, user: Any) -> Mapping[Place, Outcome]:
        """Set all levels at once."""
        levels = {(change.owner_id, int(change.column.key.split(":")[1])): change.value for change in changes}
        set_alert_levels(levels=levels, actor=user)
        return {}


def _buffer(pk: int, name: str, *, may_change: bool) -> GridColumn:
    return GridColumn(
        key=f"{LOW}:{pk}",
        label=f"{LOW_LABEL} · {name}",
        section=f"{SECTION} · {name}",
        short=LOW_LABEL,
        kind="number",
        editable=may_change,
        parse=number_cell(most=MOST, is_required=True),
        show=lambda value: str(value or 0),
        width=120,
    )


def _available(pk: int, name: str) -> GridColumn:
    return GridColumn(
        key=f"{AVAILABLE}:{pk}",
        label=f"{AVAILABLE_LABEL} · {name}",
        section=f"{SECTION} · {name}",
        short=AVAILABLE_LABEL,
        kind="number",
        show=lambda value: "" if value is None else str(value),
        width=110,
    )


def _stock(variant_ids: Sequence[int]) -> list[tuple[int, str, int | None, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT w.id, w.name, s.variant_id, s.low_at, s.on_hand - s.reserved - s.held FROM inventory_warehouse w"
            " LEFT JOIN inventory_stockitem s ON s.warehouse_id = w.id AND s.variant_id = ANY(%s)"
            " WHERE w.is_active ORDER BY w.rank, w.name, w.id",
            [list(variant_ids)],
        )
        rows: list[tuple[int, str, int | None, int, int]] = cursor.fetchall()
    return rows


catalog_grid.register(StockPart())
