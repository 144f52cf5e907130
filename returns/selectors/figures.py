"""How much comes back, and why: by product, reason and supplier."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone
from django.utils.translation import get_language

ROWS = 20
_ASKED = """
    SELECT l.quantity, l.reason_id, o.variant_id, v.product_id
    FROM returns_requestline l
    JOIN returns_returnrequest q ON q.id = l.request_id AND q.state NOT IN ('refused', 'called_off')
                                 AND q.asked_at >= %(since)s
    JOIN orders_orderline o ON o.id = l.order_line_id
    LEFT JOIN catalog_variant v ON v.id = o.variant_id
"""
_SOLD = """
    SELECT l.variant_id, sum(s.quantity) AS pieces
    FROM orders_shipmentline s JOIN orders_shipment p ON p.id = s.shipment_id AND p.shipped_at >= %(since)s
    JOIN orders_orderline l ON l.id = s.line_id WHERE l.variant_id IS NOT NULL GROUP BY l.variant_id
"""
_BY_PRODUCT = f"""
    WITH asked AS ({_ASKED}), sold AS ({_SOLD}),
    back AS (SELECT product_id, sum(quantity) AS pieces FROM asked WHERE product_id IS NOT NULL GROUP BY product_id),
    gone AS (SELECT v.product_id, sum(sold.pieces) AS pieces FROM sold JOIN catalog_variant v ON v.id = sold.variant_id
             GROUP BY v.product_id)
    SELECT p.id, p.name, back.pieces, coalesce(gone.pieces, 0) FROM back
    JOIN catalog_product p ON p.id = back.product_id LEFT JOIN gone ON gone.product_id = back.product_id
    ORDER BY back.pieces DESC, p.id LIMIT %(rows)s
"""  # noqa: S608 composed from the statements above
_BY_REASON = f"""
    WITH asked AS ({_ASKED})
    SELECT r.id, coalesce(nullif(CASE %(language)s WHEN 'ko' THEN r.name_ko WHEN 'ja' THEN r.name_ja ELSE r.name_en END,
                                 ''), r.code), sum(asked.quantity), (SELECT sum(quantity) FROM asked)
    FROM asked JOIN returns_returnreason r ON r.id = asked.reason_id
    GROUP BY r.id ORDER BY 3 DESC, r.id LIMIT %(rows)s
"""  # noqa: S608 composed from the statement above
_BY_SUPPLIER = f"""
    WITH asked AS ({_ASKED}), sold AS ({_SOLD}),
    source AS (SELECT DISTINCT ON (variant_id) variant_id, supplier_id FROM purchasing_supplieritem
               ORDER BY variant_id, is_preferred DESC, id),
    back AS (SELECT source.supplier_id, sum(asked.quantity) AS pieces FROM asked JOIN source USING (variant_id)
             GROUP BY source.supplier_id),
    gone AS (SELECT source.supplier_id, sum(sold.pieces) AS pieces FROM sold JOIN source USING (variant_id)
             GROUP BY source.supplier_id)
    SELECT s.id, s.name, back.pieces, coalesce(gone.pieces, 0) FROM back
    JOIN purchasing_supplier s ON s.id = back.supplier_id LEFT JOIN gone USING (supplier_id)
    ORDER BY back.pieces DESC, s.id LIMIT %(rows)s
"""  # noqa: S608 composed from the statements above


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRate:
    """Pieces that come back of so many: of those shipped, by reason of all that come back."""

    id: int
    name: str
    back: int
    of: int

    @property
    def per_mille(self) -> int:
        """Return how many of a thousand come back, rounded half up; 0 where nothing was shipped."""
        return (2000 * self.back + self.of) // (2 * self.of) if self.of else 0

    @property
    def percent(self) -> str:
        """Return e.g. "3.4"."""
        return f"{self.per_mille // 10}.{self.per_mille % 10}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnFigures:
    """The most returned products, reasons and suppliers of some days."""

    products: list[ReturnRate]
    reasons: list[ReturnRate]
    suppliers: list[ReturnRate]


def return_figures(*, days: int) -> ReturnFigures:
    """Return what came or comes back of what was shipped in the last ``days``; three statements."""
    since = timezone.now() - timedelta(days=days)
    given: dict[str, str | int | datetime] = {"since": since, "rows": ROWS, "language": (get_language() or "en")[:2]}
    found = []
    with connection.cursor() as cursor:
        for sql in (_BY_PRODUCT, _BY_REASON, _BY_SUPPLIER):
            cursor.execute(sql, given)
            found.append(
                [ReturnRate(id=pk, name=name, back=int(back), of=int(of)) for pk, name, back, of in cursor.fetchall()]
            )
    return ReturnFigures(products=found[0], reasons=found[1], suppliers=found[2])
