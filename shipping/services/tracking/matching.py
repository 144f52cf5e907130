"""Rows of a carrier's file with the orders they name: which rows belong to one number, and what is wrong with them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Q

from inventory.models import Warehouse
from orders.models import Order, ParcelPiece, Shipment
from shipping.models import Carrier, clean_number
from shipping.selectors.carriers import CarrierBook
from shipping.services.tracking.meaning import Hints

_PLANNED = re.compile(r"P-(\d{1,18})")
_LEFT = re.compile(r"S-\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedNumber:
    """One row of a carrier: ``order`` is our order number, the channel's, or a parcel's own (P-12, S-0000034).

    ``carrier`` is a text that means one. Of an order in several parcels a row may say the ``warehouse`` (code or name),
    the ``parcel``, or what lies in it: ``sku``, with ``quantity`` or all that waits of it.
    """

    order: str
    number: str
    carrier: str = ""
    shipped_at: datetime | None = None
    warehouse: str = ""
    parcel: str = ""
    sku: str = ""
    quantity: int | None = None


class Became(StrEnum):
    """What a number did."""

    SHIPPED = "shipped"
    SET = "set"  # a parcel that left got it
    KNOWN = "known"  # nothing changed
    REFUSED = "refused"


@dataclass(slots=True, kw_only=True)
class NumberOutcome:
    """What became of one row; ``reason`` is a code of ``shipping.importing`` with its parameters."""

    became: Became
    order: Order | None = None
    reason: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Job:
    """One number for one order: the rows that say it, and what it became."""

    order: Order
    number: str
    carrier: Carrier | None
    shipped_at: datetime | None
    hints: Hints
    places: list[int] = field(default_factory=list)
    echoes: list[int] = field(default_factory=list)  # rows that say the same once more
    outcome: NumberOutcome = field(default_factory=lambda: NumberOutcome(became=Became.KNOWN))

    def outcomes(self) -> dict[int, NumberOutcome]:
        """Return what became of each of its rows."""
        again = (
            self.outcome
            if self.outcome.became == Became.REFUSED
            else NumberOutcome(became=Became.KNOWN, order=self.order)
        )
        return dict.fromkeys(self.places, self.outcome) | dict.fromkeys(self.echoes, again)


def refused(code: str, order: Order | None = None, **values: Any) -> NumberOutcome:
    """Return a refusal with its reason."""
    return NumberOutcome(became=Became.REFUSED, order=order, reason={"code": f"shipping.{code}", **values})


def matched(rows: Sequence[IssuedNumber], outcomes: dict[int, NumberOutcome]) -> list[Job]:
    """Return the numbers with a known order and a possible text, and note the refusal of the other rows.

    Rows of one order with the same number, warehouse and parcel are one number for the goods that they name.
    """
    book, names = CarrierBook(), _Names(rows)
    jobs: dict[tuple[Any, ...], Job] = {}
    goods: dict[tuple[Any, ...], list[tuple[str, int | None]]] = defaultdict(list)
    for place, row in enumerate(rows):
        orders, parcel = names.orders(row.order.strip())
        carrier, number = book.meant_by(row.carrier), clean_number(row.number)
        place_id = names.warehouse(row.warehouse)
        if problem := _row_problem(row, orders, carrier, number, place_id):
            outcomes[place] = problem
            continue
        for order in orders:
            hint = row.parcel.strip().upper() or parcel
            key = (order.pk, number, place_id, hint)
            job = jobs.setdefault(
                key, Job(order=order, number=number, carrier=carrier, shipped_at=row.shipped_at, hints=Hints())
            )
            (job.echoes if job.places and not row.sku.strip() else job.places).append(place)
            if row.sku.strip():
                goods[key].append((row.sku.strip(), row.quantity))
    for (pk, number, place_id, hint), job in jobs.items():
        told = goods[pk, number, place_id, hint]
        job.hints = Hints(warehouse_id=place_id, parcel=hint, goods=tuple(dict.fromkeys(told)))
    return list(jobs.values())


class _Names:
    """What the texts of the rows name: orders by three kinds of numbers, and warehouses."""

    def __init__(self, rows: Sequence[IssuedNumber]) -> None:
        told = {row.order.strip() for row in rows}
        self._orders: dict[str, list[Order]] = defaultdict(list)
        for order in Order.objects.filter(Q(number__in=told) | Q(external_number__in=told - {""})).order_by("pk"):
            for name in {order.number, order.external_number} & told:
                self._orders[name].append(order)
        self._parcels = _orders_of_parcels(name.upper() for name in told if not self._orders.get(name))
        self._places: Mapping[str, int] = {}
        if any(row.warehouse.strip() for row in rows):
            places = list(Warehouse.objects.order_by("-pk").values_list("pk", "code", "name"))
            self._places = {name.casefold(): pk for pk, code, title in places for name in (title, code)}

    def orders(self, text: str) -> tuple[list[Order], str]:
        """Return the orders, and the parcel's number if the text is one; several orders only for a parcel of theirs."""
        if found := self._orders.get(text):
            return found, ""
        return self._parcels.get(text.upper(), []), text.upper()

    def warehouse(self, text: str) -> int | None:
        """Return the warehouse; 0 for a text that means none."""
        return self._places.get(text.strip().casefold(), 0) if text.strip() else None


def _orders_of_parcels(names: Iterable[str]) -> dict[str, list[Order]]:
    texts = set(names)
    planned = {int(name[1]) for text in texts if (name := _PLANNED.fullmatch(text))}
    pairs: list[tuple[str, int]] = []
    if planned:
        pieces = ParcelPiece.objects.filter(parcel__in=planned).values_list("parcel_id", "line__order_id").distinct()
        pairs += [(f"P-{parcel}", order) for parcel, order in pieces]
    if left := {text for text in texts if _LEFT.fullmatch(text)}:
        pairs += Shipment.objects.filter(number__in=left).values_list("number", "order_id")
    orders = Order.objects.in_bulk({pk for _name, pk in pairs}) if pairs else {}
    found: dict[str, list[Order]] = defaultdict(list)
    for parcel_name, pk in sorted(pairs):
        found[parcel_name].append(orders[pk])
    return found


def _row_problem(
    row: IssuedNumber, orders: Sequence[Order], carrier: Carrier | None, number: str, place_id: int | None
) -> NumberOutcome | None:
    if not orders:
        return refused("unknown_order", order_number=row.order)
    if len(orders) > 1 and not _PLANNED.fullmatch(row.order.strip().upper()):
        return refused("ambiguous_order", order_number=row.order, numbers=", ".join(one.number for one in orders))
    if row.carrier and carrier is None:
        return refused("unknown_carrier", orders[0], carrier=row.carrier)
    if place_id == 0:
        return refused("unknown_warehouse", orders[0], warehouse=row.warehouse)
    if not number or (carrier is not None and (problem := carrier.number_problem(number))):
        return refused(f"number_{problem if number else 'empty'}", orders[0], number=number)
    return None
