"""Prices in the grid: what a variant costs on each sales channel from the moment of saving on."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.admin.grid_registry import catalog_grid
from catalog.policies import can_set_prices
from catalog.selectors.grid import GridPrice, grid_prices
from catalog.services.prices.many import PriceOutcome, PriceRow, PriceState, set_prices
from core.money import format_money, minor_digits
from core.ui.grid import REFUSED, SAVED, WAITING, CellChange, GridColumn, Outcome, PartSheet, Place, Rows, Wanted
from core.ui.grid_cells import money_cell, money_text

SECTION = gettext_lazy("Prices")
KINDS = {
    "amount": gettext_lazy("Price"),
    "compare_at": gettext_lazy("Price before"),
    "list_price": gettext_lazy("List price"),
    "cost": gettext_lazy("Cost"),
}
FIRST_SHOWN = 3  # channels whose prices are there for who has not chosen columns yet


@dataclass(frozen=True)
class PricePart:
    """``<amount, compare_at, list_price or cost>:<sales channel id>``."""

    def read(self, *, rows: Rows, wanted: Wanted, user: Any) -> PartSheet:
        """Read channels, running prices and those that wait in one statement; nothing without the right to see them."""
        if not user.has_perm("catalog.view_price"):
            return PartSheet(())
        is_needed = wanted.keys is None or any(key.split(":")[0] in KINDS for key in wanted.keys)
        prices = grid_prices(variant_ids=rows.row_ids if is_needed else [])
        columns = list(_columns(prices, may_change=can_set_prices(user)))
        values: dict[str, dict[int, Any]] = {column.key: {} for column in wanted.some(columns)}
        notes: dict[str, dict[int, str]] = defaultdict(dict)
        for price in prices:
            if price.variant_id is None:
                continue
            if price.is_waiting:
                notes[f"amount:{price.sales_channel_id}"][price.variant_id] = _waiting(price)
                continue
            for kind in KINDS:
                if (key := f"{kind}:{price.sales_channel_id}") in values:
                    values[key][price.variant_id] = getattr(price, kind)
        return PartSheet(columns, values, notes)

    def write(self, *, changes: Sequence[CellChange], rows: Rows, user: Any) -> Mapping[Place, Outcome]:
        """Let new prices begin now; several cells of one variant on one channel are one price."""
        refused = {
            change.place: Outcome(REFUSED, _("A price cannot be empty. End it on the variant's own page."))
            for change in changes
            if change.value is None and _kind(change) == "amount"
        }
        of_price: dict[tuple[int, int], list[CellChange]] = defaultdict(list)
        for change in changes:
            if change.place not in refused:
                of_price[change.owner_id, int(change.column.key.split(":")[1])].append(change)
        wishes = [_wish(variant_id, channel_id, cells) for (variant_id, channel_id), cells in of_price.items()]
        outcomes = set_prices(rows=wishes, actor=user) if wishes else []
        for cells, outcome in zip(of_price.values(), outcomes, strict=True):
            refused.update(_told(cells, outcome))
        return refused


def _columns(prices: Iterable[GridPrice], *, may_change: bool) -> Iterable[GridColumn]:
    channels = {price.sales_channel_id: (price.channel, price.currency) for price in prices}
    for place, (pk, (name, currency)) in enumerate(channels.items()):
        for kind, label in KINDS.items():
            yield GridColumn(
                key=f"{kind}:{pk}",
                label=f"{label} · {name} ({currency})",
                section=f"{SECTION} · {name} ({currency})",
                short=label,
                kind="money",
                editable=may_change,
                parse=money_cell(currency=currency),
                show=money_text(currency),
                decimals=minor_digits(currency),
                width=150,
                is_default=kind == "amount" and place < FIRST_SHOWN,
            )


def _waiting(price: GridPrice) -> str:
    return _("%(price)s waits for approval.") % {"price": format_money(price.amount, price.currency)}


def _kind(change: CellChange) -> str:
    return change.column.key.split(":")[0]


def _wish(variant_id: int, channel_id: int, cells: Sequence[CellChange]) -> PriceRow:
    given = {_kind(change): change.value for change in cells if change.value is not None}
    cleared = [_kind(change) for change in cells if change.value is None]
    return PriceRow(variant_id=variant_id, sales_channel_id=channel_id, clear=cleared, **given)


def _told(cells: Sequence[CellChange], outcome: PriceOutcome) -> dict[Place, Outcome]:
    if outcome.state == PriceState.REFUSED:
        return {change.place: Outcome(REFUSED, outcome.sentence) for change in cells}
    if outcome.state == PriceState.WAITING:
        # what holds until then is shown again, beside the sentence
        return {change.place: Outcome(WAITING, outcome.sentence, change.column.show(change.before)) for change in cells}
    return {change.place: Outcome(SAVED, outcome.sentence) for change in cells}


catalog_grid.register(PricePart())
