"""Orders as a source tells them, before they are ours: what files, connectors and the demo hand to intake."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db import models
from django.utils.translation import pgettext_lazy

from orders.models import ADDRESS_FIELDS, BUYER_FIELDS, LineKind, OrderStatus, PaymentKind


class SourceState(models.TextChoices):
    """How far an order or a line is at its source."""

    UNPAID = "unpaid", pgettext_lazy("at the channel", "Not paid")
    OPEN = "open", pgettext_lazy("at the channel", "To be shipped")
    SHIPPED = "shipped", pgettext_lazy("at the channel", "Shipped")
    DELIVERED = "delivered", pgettext_lazy("at the channel", "Delivered")
    CANCELLED = "cancelled", pgettext_lazy("at the channel", "Cancelled")
    RETURN_REQUESTED = "return_requested", pgettext_lazy("at the channel", "Return requested")
    UNKNOWN = "unknown", pgettext_lazy("at the channel", "Unknown word")


PRODUCT = LineKind.PRODUCT.value  # looking it up in the enumeration costs more than the comparison
GONE = {SourceState.SHIPPED, SourceState.DELIVERED, SourceState.RETURN_REQUESTED}
CONTACT_FIELDS = (*BUYER_FIELDS, *ADDRESS_FIELDS, "delivery_slot", "customer_note")


@dataclass(slots=True, kw_only=True)
class LineDraft:
    """One position; ``external_id`` is unique in its order and stays the same in every delivery of it."""

    external_id: str
    quantity: int
    unit_price: Decimal  # major units
    total: int  # minor units, after the line's discount
    kind: str = PRODUCT
    sku: str = ""
    name: str = ""
    options: str = ""
    state: str = ""  # SourceState; empty: like the order
    carrier: str = ""
    tracking_number: str = ""
    # without a number of the source's own, the id is SKU and count, and content decides which known line it is
    is_numbered: bool = True
    parent: "LineDraft | None" = None  # whose shipping this is: its id follows the parent's


def name_by_parent(line: LineDraft) -> None:
    """Give a line that hangs on another one its id."""
    if line.parent is not None:
        line.external_id = f"~{line.kind}:{line.parent.external_id}"[:80]


@dataclass(slots=True, kw_only=True)
class PaymentDraft:
    """Money that moved; ``is_running_total`` when ``amount`` is all that was paid or refunded so far."""

    amount: int
    kind: str = PaymentKind.CAPTURE.value
    method: str = ""
    external_id: str = ""
    paid_at: datetime | None = None
    is_running_total: bool = False


@dataclass(slots=True, kw_only=True)
class OrderDraft:
    """One order; empty values mean that the source does not say."""

    external_number: str
    placed_at: datetime
    currency: str
    lines: list[LineDraft]
    payments: list[PaymentDraft] = field(default_factory=list)
    state: str = ""  # SourceState
    is_paid: bool | None = None
    is_prepaid: bool | None = None
    payment_method: str = ""
    ship_by: datetime | None = None
    shipped_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str = ""
    stated_total: int | None = None  # minor units, as the source adds it up
    checks: list[str] = field(default_factory=list)  # codes found while reading (orders.services.intake.checking)
    customer_code: str = ""  # the channel's id of the buyer
    buyer_kana: str = ""
    buyer_name: str = ""
    buyer_email: str = ""
    buyer_phone: str = ""
    recipient_name: str = ""
    recipient_kana: str = ""
    recipient_phone: str = ""
    postcode: str = ""
    region: str = ""
    city: str = ""
    address_1: str = ""
    address_2: str = ""
    country: str = ""
    customs_code: str = ""
    customer_note: str = ""
    delivery_on: date | None = None  # the day the customer wished, at the recipient's
    delivery_slot: str = ""
    gift: dict[str, str] = field(default_factory=dict)  # by the names of Gift; empty: it is no present

    @property
    def goods(self) -> list[LineDraft]:
        """The lines that are pieces of something."""
        return [line for line in self.lines if line.kind == PRODUCT]


@dataclass(slots=True, kw_only=True)
class ReturnDraft:
    """Goods or money that came back; amounts and quantities are positive."""

    external_number: str
    returned_at: datetime
    currency: str
    lines: list[LineDraft]
    reason: str = ""
    customer_code: str = ""
    buyer_name: str = ""
    buyer_email: str = ""
    buyer_phone: str = ""
    buyer_kana: str = ""
    country: str = ""


@dataclass(slots=True)
class PlacedLine:
    """What became of a line: its id, and whether it is new, changed, as it was, or refused for a reason."""

    line_id: int | None
    outcome: str  # core.models.RowOutcome
    reason: str = ""


@dataclass(slots=True)
class Placed:
    """What became of a draft; ``lines`` by external id."""

    id: int
    number: str
    outcome: str
    lines: dict[str, PlacedLine] = field(default_factory=dict)


BEFORE_STOCK = {OrderStatus.NEW, OrderStatus.AWAITING_PAYMENT, OrderStatus.TO_CONFIRM}
