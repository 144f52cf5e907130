"""Cleaned rows of one chunk as drafts of orders and returns, and the way back from what became of them to each row.

A document with a bad row is refused whole: its other rows say which row to correct. Rows that a format's rule sets
aside (stock corrections, entries of the accounts) are refused alone.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from core.imports.reasons import Reason
from core.imports.targets import Chunk, Result
from core.models import RowOutcome
from core.money import Currency
from orders.importing.gifts import GIFT_VALUES, gift_of
from orders.importing.lines import LineReader, Row, identify_lines
from orders.importing.money import Minor, Misfit, extras_of, payments_of
from orders.importing.places import normal_postcode
from orders.models import LineKind
from orders.services.intake.drafts import CONTACT_FIELDS, OrderDraft, Placed, ReturnDraft

OUTCOMES = {outcome.value: outcome for outcome in RowOutcome}
UPDATED, UNCHANGED = RowOutcome.UPDATED.value, RowOutcome.UNCHANGED.value
PRODUCT = LineKind.PRODUCT.value
RETURN_WORDS = {"return", "반품", "返品"}
DOCUMENT_VALUES = (
    "placed_at",
    "ship_by",
    "shipped_at",
    "cancelled_at",
    "order_state",
    "is_paid",
    "is_prepaid",
    "payment_method",
    "customer_code",
    "buyer_kana",
    "delivery_on",
    *GIFT_VALUES,
    *CONTACT_FIELDS,
)
Group = tuple[bool, str]  # is it a return, document number


class OrderRows:
    """One chunk on its way through; ``orders`` and ``returns`` by document, ``results`` by row."""

    def __init__(self, chunk: Chunk, *, currency: str, country: str, time_zone: str) -> None:
        self._chunk = chunk
        self._currency = currency
        self._country = country
        self._zone = ZoneInfo(time_zone)
        self._results: list[Result | None] = [None] * len(chunk.numbers)
        self._rows: dict[Group, list[Row]] = {}
        self._orders: dict[str, OrderDraft] = {}
        self._returns: dict[str, ReturnDraft] = {}
        self._read()

    def orders(self) -> dict[str, OrderDraft]:
        """Return the orders by number."""
        return self._orders

    def returns(self) -> dict[str, ReturnDraft]:
        """Return the returns by number."""
        return self._returns

    def results(self) -> list[Result]:
        """Return what became of each row, in the order of the chunk."""
        return [result for result in self._results if result is not None]

    def note_orders(self, placed: Mapping[str, Placed]) -> None:
        """Take down what became of the orders."""
        for number, one in placed.items():
            self._note(self._rows[False, number], one, is_return=False)

    def note_returns(self, placed: Mapping[str, Placed]) -> None:
        """Take down what became of the returns."""
        for number, one in placed.items():
            self._note(self._rows[True, number], one, is_return=True)

    # --- reading

    def _read(self) -> None:
        for group, places in self._grouped().items():
            blocked = {i: problems for i in places if (problems := self._blocking(i))}
            for i in places:
                if self._chunk.problems[i]:
                    self._refuse(i, self._chunk.problems[i])
            usable = [i for i in places if not self._chunk.problems[i]]
            if blocked:
                self._refuse_siblings(usable, min(blocked))
            elif usable:
                self._build(group, usable)

    def _grouped(self) -> dict[Group, list[int]]:
        groups: dict[Group, list[int]] = defaultdict(list)
        kinds = self._chunk.column("row_kind")
        for i, number in enumerate(self._chunk.column("external_number")):
            if number is None and not self._chunk.problems[i]:
                self._chunk.problems[i].append({"code": "required", "column": "external_number"})
            word = kinds[i]
            is_return = word is not None and word.lower() in RETURN_WORDS
            if word and not is_return:
                self._chunk.problems[i].append({"code": "orders.row_kind", "text": word[:40]})
            groups[is_return, number if number is not None else f"\x00{i}"].append(i)
        return groups

    def _blocking(self, place: int) -> list[Reason]:
        return [reason for reason in self._chunk.problems[place] if not reason.get("is_rule")]

    def _build(self, group: Group, places: list[int]) -> None:
        is_return, number = group
        try:
            values = self._document(places)
            minor = Minor(values["currency"])
            reader = LineReader(self._chunk, minor, is_return=is_return)
            rows = [reader.read(i) for i in places]
            for row, first in identify_lines(rows):
                self._repeat(row, first)
        except Misfit as misfit:
            self._refuse_all(places, misfit)
            return
        rows = [row for row in rows if self._results[row.place] is None]
        self._rows[group] = rows
        if is_return:
            self._returns[number] = self._return(number, values, rows)
        else:
            try:
                self._orders[number] = self._order(number, values, rows, minor)
            except Misfit as misfit:
                self._refuse_all(places, misfit)

    def _document(self, places: list[int]) -> dict[str, Any]:
        """Return what is told once for the whole document: the first filled cell of each column."""
        values: dict[str, Any] = {}
        for name in DOCUMENT_VALUES:
            column = self._chunk.values.get(name)
            values[name] = None if column is None else next((column[i] for i in places if column[i] is not None), None)
        values["placed_at"] = min((at for i in places if (at := self._chunk.column("placed_at")[i])), default=None)
        if values["placed_at"] is None:
            raise Misfit(places[0], {"code": "required", "column": "placed_at"})
        values["currency"] = self._one_currency(places)
        return values

    def _one_currency(self, places: list[int]) -> str:
        column = self._chunk.column("currency")
        found = {column[i].upper(): i for i in places if column[i]}
        if len(found) > 1:
            raise Misfit(max(found.values()), {"code": "orders.two_currencies"})
        currency, place = next(iter(found.items()), (self._currency, places[0]))
        if currency not in Currency.values:
            raise Misfit(place, {"code": "orders.currency", "text": currency[:10]})
        return currency

    def _order(self, number: str, values: dict[str, Any], rows: list[Row], minor: Minor) -> OrderDraft:
        contact = {name: values[name] or "" for name in CONTACT_FIELDS}
        checks = []
        if contact["country"] == "??":
            contact["country"] = ""
            checks = ["country"]
        elif not contact["country"] and contact["address_1"]:
            contact["country"] = self._country
        contact["postcode"] = normal_postcode(contact["postcode"], contact["country"] or self._country)
        gift, unknown = gift_of(values)
        checks += unknown
        lines = [line for row in rows for line in row.lines]
        places = [row.place for row in rows]
        extras, stated = extras_of(self._chunk, places, lines, minor)
        return OrderDraft(
            external_number=number,
            placed_at=values["placed_at"],
            currency=values["currency"],
            lines=[*lines, *extras],
            payments=payments_of(self._chunk, places, minor, stated),
            state=values["order_state"] or "",
            is_paid=values["is_paid"],
            is_prepaid=values["is_prepaid"],
            payment_method=values["payment_method"] or "",
            ship_by=values["ship_by"],
            shipped_at=values["shipped_at"],
            cancelled_at=values["cancelled_at"],
            stated_total=stated,
            checks=checks,
            customer_code=values["customer_code"] or "",
            buyer_kana=values["buyer_kana"] or "",
            gift=gift,
            delivery_on=values["delivery_on"].astimezone(self._zone).date() if values["delivery_on"] else None,
            **contact,
        )

    def _return(self, number: str, values: dict[str, Any], rows: list[Row]) -> ReturnDraft:
        country = values["country"] or ""
        return ReturnDraft(
            external_number=number,
            returned_at=values["placed_at"],
            currency=values["currency"],
            lines=[line for row in rows for line in row.lines],
            customer_code=values["customer_code"] or "",
            buyer_name=values["buyer_name"] or "",
            buyer_kana=values["buyer_kana"] or "",
            buyer_email=values["buyer_email"] or "",
            buyer_phone=values["buyer_phone"] or "",
            country="" if country == "??" else country,
        )

    # --- outcomes

    def _note(self, rows: list[Row], placed: Placed, *, is_return: bool) -> None:
        told = placed.outcome == UPDATED  # the change of the document itself shows on its first row
        for row in rows:
            line = placed.lines.get(row.line.external_id) if row.line else None
            outcome = line.outcome if line else placed.outcome
            if told and outcome == UNCHANGED:
                outcome = UPDATED
            told = False
            self._results[row.place] = Result(
                outcome=OUTCOMES[outcome],
                kind=_kind(row, is_return=is_return),
                reference=placed.number,
                object_id=line.line_id if line else placed.id,
                reasons=[{"code": f"orders.{line.reason}"}] if line and line.reason else [],
            )

    def _repeat(self, row: Row, first: Row) -> None:
        reason = {"code": "repeated", "row": self._chunk.numbers[first.place]}
        self._results[row.place] = Result(outcome=RowOutcome.REPEATED, reasons=[reason])

    def _refuse(self, place: int, reasons: list[Reason]) -> None:
        self._results[place] = Result(outcome=RowOutcome.REFUSED, reasons=reasons)

    def _refuse_siblings(self, places: list[int], culprit: int) -> None:
        for place in places:
            self._refuse(place, [{"code": "sibling", "row": self._chunk.numbers[culprit]}])

    def _refuse_all(self, places: list[int], misfit: Misfit) -> None:
        reason = dict(misfit.reason)
        if "place" in reason:
            reason["row"] = self._chunk.numbers[reason.pop("place")]
        self._refuse(misfit.place, [reason])
        self._refuse_siblings([i for i in places if i != misfit.place], misfit.place)


def _kind(row: Row, *, is_return: bool) -> str:
    if row.line is None:
        return "payment" if row.has_payment else "order"
    if is_return:
        return "return"
    return "line" if row.line.kind == PRODUCT else "service"
