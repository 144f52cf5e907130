"""What happened to orders; the subject is always the order."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core.events import Event
from core.money import format_money
from orders.models import (
    DecisionKind,
    Gift,
    Order,
    OrderSource,
    OrderStatus,
    ReturnCondition,
)


def pieces(count: int) -> str:
    """Return e.g. "3 pieces"."""
    return ngettext("%(count)d piece", "%(count)d pieces", count) % {"count": count}


@dataclass(frozen=True, kw_only=True)
class OrderEvent(Event):
    """Base of all facts about one order."""

    order_id: int


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(OrderEvent):
    """An order arrived; ``status`` is where it began."""

    name = "orders.order_placed"

    sales_channel: str
    status: str
    source: str = OrderSource.CHANNEL

    def sentence(self) -> str:
        """Return the sentence of the timeline."""
        if self.source == OrderSource.REPLACEMENT:
            return _("Written as a replacement")
        if self.source == OrderSource.MANUAL:
            return _("Written by hand")
        if self.status == OrderStatus.NEW:
            return _("Arrived; something has to be checked")
        return _("Arrived")


@dataclass(frozen=True, kw_only=True)
class OrderChangedAtChannel(OrderEvent):
    """The channel delivered the order again with something new; only the names of what changed are kept."""

    name = "orders.order_changed_at_channel"

    changed: list[str]

    def sentence(self) -> str:
        """Return e.g. "Changed by the channel: recipient, lines"."""
        known = {field.name: str(field.verbose_name) for field in Order._meta.fields}
        known |= {"lines": pgettext("goods", "lines"), "payments": pgettext("money", "payments")}
        return _("Changed by the channel: %(fields)s") % {
            "fields": ", ".join(known.get(name, name) for name in self.changed)
        }


@dataclass(frozen=True, kw_only=True)
class OrderAccepted(OrderEvent):
    """A person solved what intake wanted checked."""

    name = "orders.order_accepted"

    status: str
    solved: list[str] = field(default_factory=list)

    def sentence(self) -> str:
        """Return the sentence of the timeline."""
        return _("Checked and accepted")


@dataclass(frozen=True, kw_only=True)
class OrderLineMatched(OrderEvent):
    """A person said which variant an unknown line means."""

    name = "orders.order_line_matched"

    line_id: int
    variant_id: int
    sku: str

    def sentence(self) -> str:
        """Return e.g. "Line matched to SHIRT-M"."""
        return _("Line matched to %(sku)s") % {"sku": self.sku}


@dataclass(frozen=True, kw_only=True)
class OrderConfirmed(OrderEvent):
    """The order will be shipped: all its pieces are reserved in one warehouse (none for services only)."""

    name = "orders.order_confirmed"

    piece_count: int
    warehouse: str = ""

    def sentence(self) -> str:
        """Return e.g. "Confirmed; 3 pieces reserved in Seoul"."""
        if not self.piece_count:
            return _("Confirmed; there is nothing to reserve")
        return _("Confirmed; %(pieces)s reserved in %(warehouse)s") % {
            "pieces": pieces(self.piece_count),
            "warehouse": self.warehouse,
        }


@dataclass(frozen=True, kw_only=True)
class OrderPutOnHold(OrderEvent):
    """The order is confirmed and waits for stock; nothing is reserved for it."""

    name = "orders.order_put_on_hold"

    lacking: list[str] = field(default_factory=list)  # SKUs

    def sentence(self) -> str:
        """Return e.g. "Confirmed; waits for stock of SHIRT-M, CAP"."""
        return _("Confirmed; waits for stock of %(skus)s") % {"skus": ", ".join(self.lacking)}


@dataclass(frozen=True, kw_only=True)
class OrderAllocated(OrderEvent):
    """An order that waited for stock got it."""

    name = "orders.order_allocated"

    piece_count: int
    warehouse: str

    def sentence(self) -> str:
        """Return e.g. "Stock came in; 3 pieces reserved in Seoul"."""
        return _("Stock came in; %(pieces)s reserved in %(warehouse)s") % {
            "pieces": pieces(self.piece_count),
            "warehouse": self.warehouse,
        }


@dataclass(frozen=True, kw_only=True)
class OrderShipped(OrderEvent):
    """A parcel left; ``is_complete`` when nothing of the order is left to ship."""

    name = "orders.order_shipped"

    shipment_id: int
    shipment: str  # its number
    piece_count: int
    carrier: str = ""
    tracking_number: str = ""
    is_complete: bool = True

    def sentence(self) -> str:
        """Return e.g. "3 pieces shipped with CJ Logistics 1234; the order is complete"."""
        by = f"{self.carrier} {self.tracking_number}".strip() or self.shipment
        sentence = (
            _("%(pieces)s shipped with %(carrier)s; the order is complete")
            if self.is_complete
            else _("%(pieces)s shipped with %(carrier)s; the rest follows")
        )
        return sentence % {"pieces": pieces(self.piece_count), "carrier": by}


@dataclass(frozen=True, kw_only=True)
class OrderLotsChosen(OrderEvent):
    """Somebody shipped other lots than the first to expire, and said why."""

    name = "orders.order_lots_chosen"

    lots: list[str]
    reason: str

    def sentence(self) -> str:
        """Return e.g. "Lot L-2 was chosen instead of the first to expire – the customer asked"."""
        return _("Lot %(lots)s was chosen instead of the first to expire – %(reason)s") % {
            "lots": ", ".join(self.lots),
            "reason": self.reason,
        }


@dataclass(frozen=True, kw_only=True)
class OrderCompleted(OrderEvent):
    """Nothing was left to ship: an order of services only, or one whose last pieces were cancelled."""

    name = "orders.order_completed"

    def sentence(self) -> str:
        """Return the sentence of the timeline."""
        return _("Complete; there is nothing left to ship")


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(OrderEvent):
    """The whole order, or what was not yet shipped of it, is off; its pieces are free again or written off.

    ``owed`` is what had been paid for it then (minor units); None in facts that were recorded before it was told.
    """

    name = "orders.order_cancelled"

    reason: str
    piece_count: int
    released_count: int = 0
    is_written_off: bool = False
    is_partial: bool = False
    owed: int | None = None

    def sentence(self) -> str:
        """Return e.g. "Cancelled: changed their mind; 3 pieces are free again"."""
        start = (
            _("The remaining %(pieces)s cancelled: %(reason)s") if self.is_partial else _("Cancelled: %(reason)s")
        ) % {"pieces": pieces(self.piece_count), "reason": self.reason}
        if not self.released_count:
            return start
        end = _("%(pieces)s written off") if self.is_written_off else _("%(pieces)s free again")
        return f"{start}; {end % {'pieces': pieces(self.released_count)}}"


@dataclass(frozen=True, kw_only=True)
class PaymentRecorded(OrderEvent):
    """Money came in; ``is_settled`` when nothing is due any more."""

    name = "orders.payment_recorded"

    payment_id: int
    amount: int
    currency: str
    is_settled: bool = False

    def sentence(self) -> str:
        """Return e.g. "₩12,000 paid; nothing is due any more"."""
        amount = format_money(self.amount, self.currency)
        if self.is_settled:
            return _("%(amount)s paid; nothing is due any more") % {"amount": amount}
        return _("%(amount)s paid") % {"amount": amount}


@dataclass(frozen=True, kw_only=True)
class RefundRecorded(OrderEvent):
    """Money went back."""

    name = "orders.refund_recorded"

    payment_id: int
    amount: int
    currency: str
    reason: str = ""

    def sentence(self) -> str:
        """Return e.g. "₩12,000 refunded: damaged"."""
        amount = format_money(self.amount, self.currency)
        if self.reason:
            return _("%(amount)s refunded: %(reason)s") % {"amount": amount, "reason": self.reason}
        return _("%(amount)s refunded") % {"amount": amount}


@dataclass(frozen=True, kw_only=True)
class ReturnRecorded(OrderEvent):
    """Shipped pieces came back, ``restocked_count`` of them into stock: for sale, or held as their condition says."""

    name = "orders.return_recorded"

    return_id: int
    number: str
    piece_count: int
    restocked_count: int
    reason: str = ""
    condition: str = ReturnCondition.GOOD
    is_in_time: bool | None = None  # of the window to withdraw; None where we know of none

    def sentence(self) -> str:
        """Return e.g. "2 pieces came back (R-0000004), 1 piece back in stock: too small"."""
        words = {
            "pieces": pieces(self.piece_count),
            "number": self.number,
            "restocked": pieces(self.restocked_count),
            "condition": ReturnCondition(self.condition).label,
        }
        if self.condition in {ReturnCondition.GOOD, ReturnCondition.NOT_KEPT}:
            sentence = _("%(pieces)s came back (%(number)s), %(restocked)s back in stock") % words
        else:
            sentence = _("%(pieces)s came back (%(number)s). %(condition)s") % words
        if self.is_in_time is False:
            sentence = _("%(sentence)s (after the window to withdraw)") % {"sentence": sentence}
        return f"{sentence}: {self.reason}" if self.reason else sentence


@dataclass(frozen=True, kw_only=True)
class OrderEdited(OrderEvent):
    """Address, contact or notes were changed by hand; only the names of the fields are kept."""

    name = "orders.order_edited"

    changed: list[str]
    change_id: int | None = None  # OrderChange: what it was before and after

    def sentence(self) -> str:
        """Return e.g. "Changed: recipient, address"."""
        return _("Changed: %(fields)s") % {"fields": ", ".join(field_names(self.changed))}


@dataclass(frozen=True, kw_only=True)
class OrderChanged(OrderEvent):
    """Lines, address or present were changed after the order was placed; texts and sums stand in the OrderChange.

    ``difference`` is by how much it became dearer; ``owed`` is to go back to who paid, ``extra`` still to be paid
    (minor units).
    """

    name = "orders.order_changed"

    change_id: int
    difference: int
    extra: int
    owed: int
    currency: str
    changed: list[str] = field(default_factory=list)
    line_count: int = 0
    reason: str = ""

    def sentence(self) -> str:
        """Return e.g. "Changed: lines, address (the customer called)"."""
        names = [pgettext("goods", "lines")] * bool(self.line_count) + field_names(self.changed)
        said = _("Changed: %(fields)s") % {"fields": ", ".join(names)}
        return f"{said} ({self.reason})" if self.reason else said


def field_names(names: Sequence[str]) -> list[str]:
    """Return what people call these columns of an order and of its present."""
    known = {field.name: str(field.verbose_name) for model in (Gift, Order) for field in model._meta.fields}
    return [known.get(name, name) for name in names]


@dataclass(frozen=True, kw_only=True)
class OversellOpened(Event):
    """More was sold of a variant than is there; the subject is the oversell."""

    name = "orders.oversell_opened"

    oversell_id: int
    variant_id: int
    short: int

    def sentence(self) -> str:
        """Return e.g. "3 pieces were sold that are not there"."""
        return ngettext(
            "%(count)s piece was sold that is not there", "%(count)s pieces were sold that are not there", self.short
        ) % {"count": self.short}


@dataclass(frozen=True, kw_only=True)
class OversellClosed(Event):
    """Nothing is short any more; the subject is the oversell."""

    name = "orders.oversell_closed"

    oversell_id: int
    variant_id: int

    def sentence(self) -> str:
        """Return the sentence of the timeline."""
        return _("Nothing is short any more")


@dataclass(frozen=True, kw_only=True)
class OversellDecided(OrderEvent):
    """Somebody decided what becomes of an order that was short of pieces."""

    name = "orders.oversell_decided"

    oversell_id: int
    kind: str
    note: str
    promised_on: str = ""

    def sentence(self) -> str:
        """Return e.g. "Short of pieces, decided: Wait → 2026-03-02 (the supplier confirmed)"."""
        kind = str(DecisionKind(self.kind).label) if self.kind in DecisionKind.values else self.kind
        what = (
            _("%(decision)s until %(day)s") % {"decision": kind, "day": self.promised_on} if self.promised_on else kind
        )
        return _("Short of pieces, decided: %(decision)s (%(note)s)") % {"decision": what, "note": self.note}
