"""What arrived, and what was invoiced."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from core.money import Currency
from inventory.models import Lot, StockEntry, StockHold, Warehouse
from purchasing.models.order import PurchaseOrder, PurchaseOrderLine
from purchasing.models.supplier import Supplier


class GoodsReceipt(models.Model):
    """One delivery for one purchase order."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    order = models.ForeignKey(
        PurchaseOrder, on_delete=models.PROTECT, related_name="receipts", verbose_name=_("purchase order")
    )
    warehouse = models.ForeignKey(
        Warehouse, on_delete=models.PROTECT, related_name="goods_receipts", verbose_name=_("warehouse")
    )
    delivery_note = models.CharField(_("delivery note"), max_length=80, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    entry = models.OneToOneField(
        StockEntry, null=True, blank=True, on_delete=models.PROTECT, related_name="goods_receipt",
        verbose_name=_("stock entry"),
    )  # fmt: skip
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("received by"),
    )  # fmt: skip
    received_at = models.DateTimeField(_("received"), db_default=Now())
    rate = models.DecimalField(
        pgettext_lazy("currency", "rate"), max_digits=18, decimal_places=8, null=True, blank=True, editable=False
    )  # of the order's currency on that day; empty: nobody had written one, the cost is not known
    undo_entry = models.OneToOneField(
        StockEntry, null=True, blank=True, on_delete=models.PROTECT, related_name="undone_receipt",
        verbose_name=_("correcting entry"),
    )  # fmt: skip
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("undone by"),
    )  # fmt: skip
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undo_reason = models.CharField(_("reason"), max_length=200, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("goods receipt")
        verbose_name_plural = _("goods receipts")
        ordering = ["-id"]
        permissions = [
            ("take_overdelivery", gettext_noop("Can take in more than was ordered")),
            ("inspect_goodsreceipt", gettext_noop("Can pass or fail goods that wait for inspection")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at=None, undo_reason="") | (Q(undone_at__isnull=False) & ~Q(undo_reason="")),
                name="purchasing_receipt_undone_with_reason",
            )
        ]

    def __str__(self) -> str:
        return self.number


class InspectionState(models.TextChoices):
    """Whether pieces have to be looked at before they are sold."""

    NONE = "none", pgettext_lazy("inspection", "None")
    WAITING = "waiting", pgettext_lazy("inspection", "Waiting")
    PASSED = "passed", pgettext_lazy("inspection", "Passed")
    FAILED = "failed", pgettext_lazy("inspection", "Failed")


class GoodsReceiptLine(models.Model):
    """What came of one line: good, damaged and to inspect (both kept, on hold), refused at the door (not taken in)."""

    receipt = models.ForeignKey(
        GoodsReceipt, on_delete=models.PROTECT, related_name="lines", verbose_name=_("goods receipt")
    )
    order_line = models.ForeignKey(
        PurchaseOrderLine, on_delete=models.PROTECT, related_name="receipt_lines",
        verbose_name=_("purchase order line"),
    )  # fmt: skip
    accepted = models.PositiveIntegerField(pgettext_lazy("goods", "good"), default=0)
    damaged = models.PositiveIntegerField(pgettext_lazy("goods", "damaged"), default=0)
    to_inspect = models.PositiveIntegerField(pgettext_lazy("goods", "to inspect"), default=0)
    refused = models.PositiveIntegerField(pgettext_lazy("goods", "refused"), default=0)
    lot = models.ForeignKey(
        Lot, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("lot")
    )
    hold = models.ForeignKey(
        StockHold, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=pgettext_lazy("stock", "hold"),
    )  # of what waits for inspection  # fmt: skip
    inspection = models.CharField(
        _("inspection"), max_length=8, choices=InspectionState.choices, default=InspectionState.NONE
    )
    failed = models.PositiveIntegerField(pgettext_lazy("goods", "failed inspection"), default=0)
    inspected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("inspected by"),
    )  # fmt: skip
    inspected_at = models.DateTimeField(_("inspected"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    landed = models.BigIntegerField(_("landed cost"), default=0)  # its share, minor units of the shop's currency
    landed_valued = models.BigIntegerField(default=0, db_default=0, editable=False)  # what of it stock values know

    class Meta:
        verbose_name = _("goods receipt line")
        verbose_name_plural = _("goods receipt lines")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(inspection__in=InspectionState.values), name="purchasing_receiptline_inspection"
            ),
            models.CheckConstraint(condition=Q(failed__lte=F("to_inspect")), name="purchasing_receiptline_failed"),
        ]
        indexes = [
            models.Index(
                fields=["receipt"], condition=~Q(landed=F("landed_valued")), name="purchasing_receiptline_late"
            ),
            models.Index(fields=["receipt"], condition=Q(inspection="waiting"), name="purchasing_receiptline_wait"),
        ]

    def __str__(self) -> str:
        return f"{self.taken} × {self.order_line.variant}"

    @property
    def taken(self) -> int:
        """Pieces that came into the warehouse, good or not."""
        return self.accepted + self.damaged + self.to_inspect


class InvoiceState(models.TextChoices):
    """Where a supplier's invoice stands."""

    OPEN = "open", pgettext_lazy("invoice", "To match")
    MATCHED = "matched", pgettext_lazy("invoice", "Agrees")
    DIFFERS = "differs", pgettext_lazy("invoice", "Differs")
    APPROVED = "approved", pgettext_lazy("invoice", "Approved")
    REJECTED = "rejected", pgettext_lazy("invoice", "Rejected")


class MatchTolerance(models.Model):
    """How far an invoice's price may be from the order's; both limits hold, a currency without a row allows nothing."""

    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices, unique=True)
    percent = models.DecimalField(_("percent"), max_digits=5, decimal_places=2, default=0)  # of the ordered unit price
    amount = models.BigIntegerField(_("at most"), default=0)  # minor units, for one line

    class Meta:
        verbose_name = _("tolerance of invoices")
        verbose_name_plural = _("tolerances of invoices")
        ordering = ["currency"]
        constraints = [
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="purchasing_tolerance_currency"),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100, amount__gte=0), name="purchasing_tolerance_valid"
            ),
        ]

    def __str__(self) -> str:
        return self.currency


class SupplierInvoice(models.Model):
    """A supplier's invoice, compared with what was ordered and what arrived."""

    supplier = models.ForeignKey(
        Supplier, on_delete=models.PROTECT, related_name="invoices", verbose_name=_("supplier")
    )
    number = models.CharField(_("number"), max_length=80)
    invoiced_on = models.DateField(_("invoiced"))
    due_on = models.DateField(pgettext_lazy("invoice", "due"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    tax = models.BigIntegerField(_("tax"), default=0)
    total = models.BigIntegerField(_("total"))  # with tax
    state = models.CharField(_("state"), max_length=12, choices=InvoiceState.choices, default=InvoiceState.OPEN)
    note = models.CharField(_("note"), max_length=300, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("by"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("created"), db_default=Now())
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("decided by"),
    )  # fmt: skip
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("supplier's invoice")
        verbose_name_plural = _("suppliers' invoices")
        ordering = ["-id"]
        permissions = [("decide_supplierinvoice", gettext_noop("Can approve or reject suppliers' invoices"))]
        constraints = [
            models.UniqueConstraint(fields=["supplier", "number"], name="purchasing_invoice_once"),
            models.CheckConstraint(condition=Q(state__in=InvoiceState.values), name="purchasing_invoice_state"),
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="purchasing_invoice_currency"),
        ]

    def __str__(self) -> str:
        return self.number


class SupplierInvoiceLine(models.Model):
    """One line of an invoice: of a purchase order line, or something else such as freight."""

    invoice = models.ForeignKey(
        SupplierInvoice, on_delete=models.CASCADE, related_name="lines", verbose_name=_("supplier's invoice")
    )
    order_line = models.ForeignKey(
        PurchaseOrderLine, null=True, blank=True, on_delete=models.PROTECT, related_name="invoice_lines",
        verbose_name=_("purchase order line"),
    )  # fmt: skip
    description = models.CharField(_("description"), max_length=200, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    unit_price = models.BigIntegerField(_("unit price"))

    class Meta:
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=Q(quantity__gt=0), name="purchasing_invoiceline_quantity")]

    def __str__(self) -> str:
        return self.description or str(self.order_line)

    @property
    def amount(self) -> int:
        """Quantity times unit price, in minor units."""
        return self.quantity * self.unit_price
