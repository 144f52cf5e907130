"""What was ordered from suppliers."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from catalog.models import Variant
from core.money import Currency
from core.states import Transitions
from inventory.models import Warehouse
from purchasing.models.supplier import Supplier, SupplierItem


class PurchaseState(models.TextChoices):
    """Where a purchase order stands."""

    DRAFT = "draft", pgettext_lazy("purchase order", "Draft")
    TO_APPROVE = "to_approve", pgettext_lazy("purchase order", "To approve")
    APPROVED = "approved", pgettext_lazy("purchase order", "Approved")
    SENT = "sent", pgettext_lazy("purchase order", "Sent")
    CONFIRMED = "confirmed", pgettext_lazy("purchase order", "Confirmed")
    PARTLY_RECEIVED = "partly_received", pgettext_lazy("purchase order", "Partly received")
    RECEIVED = "received", pgettext_lazy("purchase order", "Received")
    CLOSED = "closed", pgettext_lazy("purchase order", "Closed with a remainder")
    CANCELLED = "cancelled", pgettext_lazy("purchase order", "Cancelled")


_P = PurchaseState
PURCHASE_TRANSITIONS = Transitions(
    {
        _P.DRAFT: {_P.TO_APPROVE, _P.APPROVED, _P.CANCELLED},
        _P.TO_APPROVE: {_P.DRAFT, _P.APPROVED, _P.CANCELLED},
        _P.APPROVED: {_P.DRAFT, _P.SENT, _P.CANCELLED},
        _P.SENT: {_P.CONFIRMED, _P.PARTLY_RECEIVED, _P.RECEIVED, _P.CANCELLED},
        _P.CONFIRMED: {_P.PARTLY_RECEIVED, _P.RECEIVED, _P.CANCELLED},
        _P.PARTLY_RECEIVED: {_P.PARTLY_RECEIVED, _P.RECEIVED, _P.CLOSED},
    }
)
# pieces of these are on their way
EXPECTED_STATES = (_P.SENT, _P.CONFIRMED, _P.PARTLY_RECEIVED)


class PurchaseOrder(models.Model):
    """An order at one supplier for one warehouse, in the supplier's currency."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="orders", verbose_name=_("supplier"))
    warehouse = models.ForeignKey(
        Warehouse, on_delete=models.PROTECT, related_name="purchase_orders", verbose_name=_("warehouse")
    )
    state = models.CharField(_("state"), max_length=16, choices=PurchaseState.choices, default=PurchaseState.DRAFT)
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    total = models.BigIntegerField(_("total"), default=0)  # minor units, kept by services: sum of the lines
    expected_on = models.DateField(pgettext_lazy("purchase order", "expected"), null=True, blank=True)
    supplier_reference = models.CharField(_("supplier's order number"), max_length=80, blank=True)
    note = models.TextField(_("note"), blank=True)
    is_automatic = models.BooleanField(_("made automatically"), default=False, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("by"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), db_default=Now())
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("submitted by"),
    )  # fmt: skip
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("approved by"),
    )  # fmt: skip
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)  # received in full, closed or cancelled
    close_reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("purchase order")
        verbose_name_plural = _("purchase orders")
        ordering = ["-id"]
        permissions = [
            ("approve_purchaseorder", gettext_noop("Can approve purchase orders")),
            ("send_purchaseorder", gettext_noop("Can send purchase orders to suppliers")),
            ("receive_purchaseorder", gettext_noop("Can receive goods of purchase orders")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PurchaseState.values), name="purchasing_order_state_valid"),
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="purchasing_order_currency"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "to_approve", "cancelled"]) | Q(approved_at__isnull=False),
                name="purchasing_order_goes_on_only_approved",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["closed", "cancelled"]) | ~Q(close_reason=""),
                name="purchasing_order_closed_with_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-id"], name="purchasing_order_by_state"),
            models.Index(fields=["supplier", "-id"], name="purchasing_order_by_supplier"),
        ]

    def __str__(self) -> str:
        return self.number


class PurchaseOrderLine(models.Model):
    """One variant on a purchase order: ordered, received, given up."""

    order = models.ForeignKey(
        PurchaseOrder, on_delete=models.CASCADE, related_name="lines", verbose_name=_("purchase order")
    )
    variant = models.ForeignKey(
        Variant, on_delete=models.PROTECT, related_name="purchase_lines", verbose_name=_("variant")
    )
    item = models.ForeignKey(
        SupplierItem, null=True, blank=True, on_delete=models.PROTECT, related_name="order_lines",
        verbose_name=_("supplier's item"),
    )  # fmt: skip
    supplier_code = models.CharField(_("supplier's code"), max_length=80, blank=True)  # as it was when ordered
    name = models.CharField(_("name"), max_length=200, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"))
    unit_price = models.BigIntegerField(_("unit price"))  # minor units of the order's currency
    # a draft may wait for its price; a known price of 0 is a gift
    is_price_known = models.BooleanField(_("price known"), default=True, db_default=True)
    received = models.PositiveIntegerField(_("received"), default=0)  # may exceed the quantity: over-delivery is kept
    given_up = models.PositiveIntegerField(_("no longer expected"), default=0)
    expected_on = models.DateField(
        pgettext_lazy("purchase order", "expected"), null=True, blank=True
    )  # empty: the order's day

    class Meta:
        verbose_name = _("purchase order line")
        verbose_name_plural = _("purchase order lines")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "variant"], name="purchasing_orderline_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0, unit_price__gte=0), name="purchasing_orderline_valid"),
            models.CheckConstraint(
                condition=Q(given_up=0) | Q(quantity__gte=F("received") + F("given_up")),
                name="purchasing_orderline_adds_up",
            ),
        ]
        indexes = [
            models.Index(
                fields=["variant"], condition=Q(quantity__gt=F("received") + F("given_up")),
                name="purchasing_orderline_open",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant}"

    @property
    def open_count(self) -> int:
        """Pieces still expected."""
        return max(0, self.quantity - self.received - self.given_up)

    @property
    def amount(self) -> int:
        """Quantity times unit price, in minor units."""
        return self.quantity * self.unit_price
