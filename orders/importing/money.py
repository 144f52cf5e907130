"""Amounts of order files: exact minor units, what comes on top of the lines, and what was paid."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from core.imports.reasons import Reason
from core.imports.targets import Chunk
from core.money import minor_digits, to_decimal, to_minor
from orders.models import LineKind, PaymentKind
from orders.services.intake.drafts import LineDraft, PaymentDraft

LIMIT = Decimal(10) ** 13
# document column -> kind of the extra line; discounts count down whatever their sign in the file
EXTRAS = {
    "shipping_amount": LineKind.SHIPPING,
    "fee_amount": LineKind.FEE,
    "gift_amount": LineKind.GIFT,
    "discount_amount": LineKind.DISCOUNT,
    "coupon_amount": LineKind.DISCOUNT,
    "points_amount": LineKind.DISCOUNT,
}


class Misfit(Exception):  # noqa: N818 it names the row, it is not an error of ours
    """A row that cannot be used, and why."""

    def __init__(self, place: int, reason: Reason) -> None:
        super().__init__(reason["code"])
        self.place = place
        self.reason = reason


class Minor:
    """Major units to minor units of one currency."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self._digits = minor_digits(currency)

    def exact(self, amount: Decimal, place: int) -> int:
        """Return the amount; Misfit when it has more decimals than the currency."""
        scaled = self._scaled(amount, place)
        whole = int(scaled)
        if scaled != whole:
            raise Misfit(place, {"code": "too_precise", "text": str(amount)[:30], "currency": self.currency})
        return whole

    def rounded(self, amount: Decimal, place: int) -> int:
        """Return a computed amount, rounded half up."""
        scaled = self._scaled(amount, place)
        whole = int(scaled)
        return whole if scaled == whole else to_minor(amount, self.currency)

    def unit(self, price: Decimal, place: int) -> Decimal:
        """Return a unit price, which may have up to four decimals."""
        self._scaled(price, place)
        if price.as_tuple().exponent < -4 and price != round(price, 4):  # type: ignore[operator]
            raise Misfit(place, {"code": "too_precise", "text": str(price)[:30], "currency": self.currency})
        return price

    def major(self, minor: int) -> Decimal:
        """Return minor units as major ones."""
        return to_decimal(minor, self.currency)

    def _scaled(self, amount: Decimal, place: int) -> Decimal:
        if abs(amount) >= LIMIT:
            raise Misfit(place, {"code": "too_large", "text": str(amount)[:30]})
        return amount.scaleb(self._digits) if self._digits else amount


def extras_of(
    chunk: Chunk, places: Sequence[int], lines: Sequence[LineDraft], minor: Minor
) -> tuple[list[LineDraft], int | None]:
    """Return the order's extra lines and its total as stated; fills in the unit prices of the lines' own extras.

    Tax is added only where the stated total shows that prices are without it.
    """
    extras = []
    for name, kind in EXTRAS.items():
        amount, place = _first(chunk, places, name)
        if amount:
            value = minor.exact(amount, place)
            extras.append(_line(name, kind, -abs(value) if kind == LineKind.DISCOUNT else value))
    stated, place = _first(chunk, places, "stated_total")
    total = minor.exact(stated, place) if stated is not None else None
    tax, place = _first(chunk, places, "tax_amount")
    if tax and total is not None:
        value = minor.exact(tax, place)
        if sum(line.total for line in (*lines, *extras)) + value == total:
            extras.append(_line("tax_amount", LineKind.FEE, value))
    for line in (*lines, *extras):
        if line.external_id.startswith("~"):
            line.unit_price = minor.major(line.total)
    return extras, total


def payments_of(chunk: Chunk, places: Sequence[int], minor: Minor, stated: int | None) -> list[PaymentDraft]:
    """Return single payments, one on a row, or running totals of what was paid and refunded."""
    single = _single_payments(chunk, places, minor)
    if single:
        return single
    paid_at, _place = _first(chunk, places, "paid_at")
    method, _place = _first(chunk, places, "payment_method")
    running = []
    captured = _captured(chunk, places, minor, stated)
    refunded, place = _first(chunk, places, "refunded_amount")
    for kind, amount in (
        (PaymentKind.CAPTURE, captured),
        (PaymentKind.REFUND, abs(minor.exact(refunded, place)) if refunded else 0),
    ):
        if amount and amount > 0:
            running.append(
                PaymentDraft(
                    amount=amount, kind=kind.value, method=method or "", paid_at=paid_at, is_running_total=True
                )
            )
    return running


def _captured(chunk: Chunk, places: Sequence[int], minor: Minor, stated: int | None) -> int:
    paid, place = _first(chunk, places, "paid_amount")
    if paid is not None:
        return minor.exact(paid, place)
    outstanding, place = _first(chunk, places, "outstanding_amount")
    if outstanding is not None and stated is not None:
        return stated - minor.exact(outstanding, place)
    return 0


def _single_payments(chunk: Chunk, places: Sequence[int], minor: Minor) -> list[PaymentDraft]:
    amounts, ids, kinds = (chunk.column(name) for name in ("payment_amount", "payment_id", "payment_kind"))
    moments = chunk.column("paid_at")
    payments: dict[tuple[str, str], PaymentDraft] = {}
    for count, i in enumerate((i for i in places if amounts[i]), start=1):
        value = minor.exact(amounts[i], i)
        kind = (PaymentKind.CAPTURE if value > 0 else PaymentKind.REFUND).value
        number = ids[i] or f"#{count}"
        payments.setdefault(
            (kind, number),  # a refund may come under the number of its payment
            PaymentDraft(
                amount=abs(value),
                kind=kind,
                method=kinds[i] or "",
                external_id=number,
                paid_at=moments[i],
            ),
        )
    return list(payments.values())


def _first(chunk: Chunk, places: Sequence[int], name: str) -> tuple[Any, int]:
    column = chunk.values.get(name)
    if column is not None:
        for i in places:
            if column[i] is not None:
                return column[i], i
    return None, places[0]


def _line(name: str, kind: LineKind, amount: int) -> LineDraft:
    return LineDraft(external_id=f"~{name}", kind=kind.value, quantity=1, unit_price=Decimal(0), total=amount)
