"""What came, and what it cost to get it here; the subject is the purchase order, amounts stay out of it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from purchasing.events.ordering import PurchaseEvent
from purchasing.models import LandedCostKind


@dataclass(frozen=True, kw_only=True)
class GoodsReceived(PurchaseEvent):
    """A delivery came for the order; damaged and to_inspect pieces are in holds, refused ones never came in."""

    name = "purchasing.goods_received"

    receipt_id: int
    number: str
    good: int
    damaged: int
    to_inspect: int
    refused: int
    over: int

    def sentence(self) -> str:
        """Return e.g. "GR-0000004: 10 good, 2 damaged, 1 more than ordered"."""
        counts = [
            (self.good, _("%(count)s good")),
            (self.damaged, _("%(count)s damaged")),
            (self.to_inspect, _("%(count)s to inspect")),
            (self.refused, pgettext("goods", "%(count)s refused")),
            (self.over, _("%(count)s more than ordered")),
        ]
        said = ", ".join(text % {"count": count} for count, text in counts if count)
        return f"{self.number}: {said}"


@dataclass(frozen=True, kw_only=True)
class ReceiptUndone(PurchaseEvent):
    """A receipt was a mistake: its pieces are out of stock again."""

    name = "purchasing.receipt_undone"

    receipt_id: int
    number: str
    reason: str

    def sentence(self) -> str:
        """Return e.g. "GR-0000004 undone: wrong order"."""
        return _("%(number)s undone: %(reason)s") % {"number": self.number, "reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class GoodsInspected(PurchaseEvent):
    """Pieces that waited for inspection are for sale (passed) or held as damaged (failed)."""

    name = "purchasing.goods_inspected"

    receipt_id: int
    number: str
    sku: str
    passed: int
    failed: int

    def sentence(self) -> str:
        """Return e.g. "GR-0000004, SHIRT-M inspected: 8 passed, 2 failed"."""
        return _("%(number)s, %(sku)s inspected: %(passed)s passed, %(failed)s failed") % {
            "number": self.number,
            "sku": self.sku,
            "passed": self.passed,
            "failed": self.failed,
        }


@dataclass(frozen=True, kw_only=True)
class LandedCostAdded(PurchaseEvent):
    """Freight, duty or the like of a receipt was shared out over its pieces; the amount stays out of it."""

    name = "purchasing.landed_cost_added"

    receipt_id: int
    number: str
    kind: str

    def sentence(self) -> str:
        """Return e.g. "GR-0000004: landed cost added (Freight)"."""
        return _("%(number)s: landed cost added (%(kind)s)") % {
            "number": self.number,
            "kind": LandedCostKind(self.kind).label,
        }


@dataclass(frozen=True, kw_only=True)
class LandedCostWithdrawn(PurchaseEvent):
    """A landed cost was wrong: its shares are off the pieces again."""

    name = "purchasing.landed_cost_withdrawn"

    receipt_id: int
    number: str
    kind: str
    reason: str

    def sentence(self) -> str:
        """Return e.g. "GR-0000004: landed cost withdrawn (Freight): of another container"."""
        return _("%(number)s: landed cost withdrawn (%(kind)s): %(reason)s") % {
            "number": self.number,
            "kind": LandedCostKind(self.kind).label,
            "reason": self.reason,
        }


@dataclass(frozen=True, kw_only=True)
class ReceiptRepriced(PurchaseEvent):
    """Goods in foreign money are valued by another exchange rate; ``had_none`` when there was none before."""

    name = "purchasing.receipt_repriced"

    receipt_id: int
    number: str
    had_none: bool

    def sentence(self) -> str:
        """Return e.g. "GR-0000004: valued again, the exchange rate had been missing"."""
        said = (
            _("%(number)s: valued again, the exchange rate had been missing")
            if self.had_none
            else _("%(number)s: valued again by another exchange rate")
        )
        return said % {"number": self.number}
