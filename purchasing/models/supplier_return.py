"""What went back to suppliers."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from catalog.models import Variant
from core.money import Currency
from inventory.models import Lot, StockEntry, StockHold, Warehouse
from purchasing.models.order import PurchaseOrderLine
from purchasing.models.supplier import Supplier


class ReturnState(models.TextChoices):
    """Where a return to a supplier stands."""

    DRAFT = "draft", pgettext_lazy("supplier return", "Draft")
    SENT = "sent", pgettext_lazy("supplier return", "Sent")
    CREDITED = "credited", pgettext_lazy("supplier return", "Credited")
    CANCELLED = "cancelled", pgettext_lazy("supplier return", "Cancelled")


class SupplierReturn(models.Model):
    """Goods that go back to a supplier."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="returns", verbose_name=_("supplier"))
    warehouse = models.ForeignKey(
        Warehouse, on_delete=models.PROTECT, related_name="supplier_returns", verbose_name=_("warehouse")
    )
    state = models.CharField(_("state"), max_length=12, choices=ReturnState.choices, default=ReturnState.DRAFT)
    reason = models.CharField(_("reason"), max_length=200)
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    credit = models.BigIntegerField(_("credit note"), null=True, blank=True)  # minor units, when it came
    credit_number = models.CharField(
        _("number of the credit note"), max_length=80, blank=True, default="", db_default=""
    )
    credited_on = models.DateField(_("credited"), null=True, blank=True)
    entry = models.OneToOneField(
        StockEntry, null=True, blank=True, on_delete=models.PROTECT, related_name="supplier_return",
        verbose_name=_("stock entry"),
    )  # fmt: skip
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("by"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("created"), db_default=Now())
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("return to a supplier")
        verbose_name_plural = _("returns to suppliers")
        ordering = ["-id"]
        permissions = [
            ("send_supplierreturn", gettext_noop("Can send goods back to suppliers")),
            ("credit_supplierreturn", gettext_noop("Can write down suppliers' credit notes")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ReturnState.values), name="purchasing_return_state"),
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="purchasing_return_currency"),
            models.CheckConstraint(condition=~Q(reason=""), name="purchasing_return_reason_given"),
            models.CheckConstraint(
                condition=~Q(state="credited") | Q(credit__gte=0), name="purchasing_return_credited_with_amount"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class SupplierReturnLine(models.Model):
    """Pieces of one variant that go back, from what is for sale or from a hold."""

    supplier_return = models.ForeignKey(
        SupplierReturn, on_delete=models.CASCADE, related_name="lines", verbose_name=_("return to a supplier")
    )
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+", verbose_name=_("variant"))
    hold = models.ForeignKey(
        StockHold, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=pgettext_lazy("stock", "hold"),
    )  # fmt: skip
    lot = models.ForeignKey(
        Lot, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("lot")
    )
    order_line = models.ForeignKey(
        PurchaseOrderLine, null=True, blank=True, on_delete=models.PROTECT, related_name="return_lines",
        verbose_name=_("purchase order line"),
    )  # fmt: skip
    quantity = models.PositiveIntegerField(_("quantity"))
    unit_price = models.BigIntegerField(_("unit price"))

    class Meta:
        verbose_name = _("return line")
        verbose_name_plural = _("return lines")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="purchasing_returnline_quantity_positive")
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant}"
