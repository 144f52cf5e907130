"""Does all of an order file stand in the books? Both sides in SQL, computed apart: raw cells here, tables there."""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from core.imports.definitions import Placed
from core.imports.reading import setting_of, shaper_of
from core.imports.targets import MoneyLine
from core.models import ImportBatch
from core.money import minor_digits

LABELS = {
    "line": _("Order lines"),
    "service": _("Service lines"),
    "return": _("Returns"),
    "payment": _("Payments"),
    "order": _("Orders without lines"),
    "refused": _("Refused"),
    "repeated": _("Repeated in the file"),
    "pending": _("Not yet imported"),
    "extras": _("Shipping, fees and discounts of whole orders"),
}
EXTRA_COLUMNS = {"shipping_amount": 1, "fee_amount": 1, "gift_amount": 1} | dict.fromkeys(
    ("discount_amount", "coupon_amount", "points_amount"), -1
)
# cells as numbers, by other means than the import's own: translate, strip, check, cast
_NUMBER = (
    "CASE WHEN {cell} ~ '\\d' THEN substring(regexp_replace("
    "translate({cell}, '０１２３４５６７８９．，－', '0123456789.,-'),"
    " '[,¥₩$€£円원元[:space:]'']', '', 'g') from '^[-+]?\\d+\\.?\\d*$')::numeric END"
)
_RAW = """
SELECT bucket, currency, count(*), coalesce(sum(
    CASE WHEN bucket = 'return' THEN -abs(amount) ELSE amount END), 0)::bigint
FROM (
    SELECT CASE outcome WHEN 'refused' THEN 'refused' WHEN 'repeated' THEN 'repeated' WHEN 'pending' THEN 'pending'
                ELSE kind END AS bucket,
           coalesce(nullif(upper({currency}), ''), %(currency)s) AS currency,
           round(coalesce({amount}, round({quantity} * {price}, %(digits)s)) * 10 ^ %(digits)s)
             - round(coalesce(abs({discount}), 0) * 10 ^ %(digits)s) AS amount
    FROM core_importrow WHERE batch_id = %(batch)s
) r GROUP BY 1, 2
"""
_BOOKED_LINES = """
SELECT r.kind, o.currency, count(*), sum(l.total)::bigint
FROM core_importrow r JOIN orders_orderline l ON l.id = r.object_id JOIN orders_order o ON o.id = l.order_id
WHERE r.batch_id = %(batch)s AND r.kind IN ('line', 'service') AND r.outcome IN ('created', 'updated', 'unchanged')
GROUP BY 1, 2
"""
_BOOKED_RETURNS = """
SELECT 'return', o.currency, count(*), -sum(l.total)::bigint
FROM core_importrow r JOIN orders_returnline l ON l.id = r.object_id JOIN orders_return o ON o.id = l.record_id
WHERE r.batch_id = %(batch)s AND r.kind = 'return' AND r.outcome IN ('created', 'updated', 'unchanged')
GROUP BY 1, 2
"""
_BOOKED_OTHERS = """
SELECT r.kind, o.currency, count(*), 0::bigint
FROM core_importrow r JOIN orders_order o ON o.id = r.object_id
WHERE r.batch_id = %(batch)s AND r.kind IN ('payment', 'order') AND r.outcome IN ('created', 'updated', 'unchanged')
GROUP BY 1, 2
"""
_TAKEN = "batch_id = %(batch)s AND outcome IN ('created', 'updated', 'unchanged') AND kind <> 'return'"
_RAW_DOCUMENT_EXTRA = """
SELECT currency, sum({sign} * round(amount * 10 ^ %(digits)s))::bigint FROM (
    SELECT DISTINCT ON (reference) coalesce(nullif(upper({currency}), ''), %(currency)s) AS currency,
           {shown} AS amount
    FROM core_importrow WHERE {taken} AND {cell} IS NOT NULL ORDER BY reference, number
) r GROUP BY 1
"""
_RAW_LINE_EXTRA = """
SELECT coalesce(nullif(upper({currency}), ''), %(currency)s), sum(round({cell} * 10 ^ %(digits)s))::bigint
FROM core_importrow WHERE {taken} AND kind IN ('line', 'service') AND {cell} IS NOT NULL GROUP BY 1
"""
_BOOKED_EXTRAS = """
SELECT o.currency, sum(l.total)::bigint
FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
WHERE l.external_id LIKE '~%%' AND l.external_id <> '~tax_amount' AND o.number IN (
    SELECT DISTINCT reference FROM core_importrow WHERE {taken})
GROUP BY 1
"""

Side = dict[tuple[str, str], tuple[int, int]]  # (kind, currency) -> rows, minor units


def reconcile_orders(*, batch: ImportBatch) -> list[MoneyLine]:
    """Return rows and money of the file against orders and returns, by kind and currency.

    Refused and repeated rows stand for themselves.

    The money of a row is its amount, or quantity times price rounded to the currency, less the line's discount; returns
    count negative. What whole orders carry (shipping, coupons) is compared on a line of its own.
    """
    sql = _Cells(batch)
    raw = _side(sql.run(_RAW))
    booked = _side([*sql.run(_BOOKED_LINES), *sql.run(_BOOKED_RETURNS), *sql.run(_BOOKED_OTHERS)])
    lines = []
    for kind, currency in sorted({*raw, *booked}, key=lambda key: (list(LABELS).index(key[0]), key[1])):
        rows_in, money_in = raw.get((kind, currency), (0, 0))
        is_out = kind in {"refused", "repeated", "pending"}
        rows_out, money_out = (rows_in, money_in) if is_out else booked.get((kind, currency), (0, 0))
        lines.append(_line(kind, currency, (rows_in, rows_out), (money_in, money_out)))
    return [*lines, *_extras(sql)]


def _extras(sql: "_Cells") -> list[MoneyLine]:
    raw: dict[str, int] = {}
    statements = [
        _RAW_DOCUMENT_EXTRA.replace("{sign}", str(sign))
        .replace("{shown}", "abs({cell})" if sign < 0 else "{cell}")
        .replace("{cell}", sql.number(name))
        for name, sign in EXTRA_COLUMNS.items()
        if sql.has(name)
    ]
    if sql.has("line_shipping"):
        statements.append(_RAW_LINE_EXTRA.replace("{cell}", sql.number("line_shipping")))
    for statement in statements:
        for currency, money in sql.run(statement.replace("{taken}", _TAKEN)):
            raw[currency] = raw.get(currency, 0) + (money or 0)
    if not statements:
        return []
    booked = dict(sql.run(_BOOKED_EXTRAS.replace("{taken}", _TAKEN)))
    return [
        _line("extras", currency, (0, 0), (raw.get(currency, 0), booked.get(currency, 0)))
        for currency in sorted({*raw, *booked})
        if raw.get(currency) or booked.get(currency)
    ]


class _Cells:
    """SQL for the cells of one file."""

    def __init__(self, batch: ImportBatch) -> None:
        shaper = shaper_of(batch)
        self._placed: Mapping[str, Placed] = shaper.placed
        self._constants = shaper.definition.constants
        currency = str(self._constants.get("currency") or setting_of(batch).currency)
        self._parameters: dict[str, Any] = {
            "batch": batch.pk,
            "currency": currency,
            "digits": minor_digits(currency),
        }

    def has(self, name: str) -> bool:
        """Tell whether the file has a column for this value."""
        return name in self._placed

    def text(self, name: str) -> str:
        """Return SQL of the value's text."""
        if name not in self._placed:
            return "''"
        places = self._placed[name].places
        return f"coalesce({', '.join(_cell(place) for place in places)}, '')"

    def number(self, name: str) -> str:
        """Return SQL of the value as numeric, NULL where the cell is none."""
        placed = self._placed.get(name)
        constant = self._constants.get(name)
        if placed is None:
            return f"{int(constant)}::numeric" if constant and str(constant).isdigit() else "NULL::numeric"
        numbers = [_NUMBER.replace("{cell}", _cell(place)) for place in placed.places]
        if placed.mode == "sum":
            return "(" + " + ".join(f"coalesce({number}, 0)" for number in numbers) + ")"
        return f"coalesce({', '.join(numbers)})"

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """Return the rows of a statement."""
        for mark, sql in (
            ("{currency}", self.text("currency")),
            ("{amount}", self.number("line_amount")),
            ("{quantity}", self.number("quantity")),
            ("{price}", self.number("unit_price")),
            ("{discount}", self.number("line_discount")),
        ):
            statement = statement.replace(mark, sql)
        with connection.cursor() as cursor:
            cursor.execute(statement, self._parameters)
            return list(cursor.fetchall())


def _cell(place: int) -> str:
    return f"nullif(raw ->> {int(place)}, '')"


def _side(rows: list[tuple[Any, ...]]) -> Side:
    return {(kind, currency): (count, money) for kind, currency, count, money in rows}


def _line(kind: str, currency: str, rows: tuple[int, int], money: tuple[int, int]) -> MoneyLine:
    return MoneyLine(
        kind=kind,
        label=LABELS.get(kind, kind),
        currency=currency,
        rows_in=rows[0],
        rows_out=rows[1],
        money_in=money[0],
        money_out=money[1],
    )
