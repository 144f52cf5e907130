"""When and how much to order, and why."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import Variant
from core.money import Currency
from inventory.models import Warehouse
from purchasing.models.order import PurchaseOrderLine
from purchasing.models.supplier import Supplier, SupplierItem


class ServiceLevel(models.Model):
    """How sure a class of variants must be in stock, and how long one order lasts."""

    abc = models.CharField(_("ABC class"), max_length=1, blank=True)  # empty: not classed
    xyz = models.CharField(_("XYZ class"), max_length=1, blank=True)
    percent = models.DecimalField(_("service level (%)"), max_digits=5, decimal_places=2)
    cover_days = models.PositiveSmallIntegerField(
        _("days one order lasts"), default=28, help_text=_("Beside the lead time.")
    )
    is_automatic = models.BooleanField(_("ordered automatically"), default=False)

    class Meta:
        verbose_name = _("service level")
        verbose_name_plural = _("service levels")
        ordering = ["abc", "xyz"]
        constraints = [
            models.UniqueConstraint(fields=["abc", "xyz"], name="purchasing_servicelevel_once"),
            models.CheckConstraint(
                condition=Q(abc__in=["", "A", "B", "C"], xyz__in=["", "X", "Y", "Z"]),
                name="purchasing_servicelevel_class_valid",
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=50, percent__lt=100, cover_days__gte=1),
                name="purchasing_servicelevel_valid",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.abc}{self.xyz} {self.percent} %"


class ReorderRule(models.Model):
    """What a manager wants otherwise than the class for one variant in one warehouse; empty fields follow the class."""

    variant = models.ForeignKey(
        Variant, on_delete=models.CASCADE, related_name="reorder_rules", verbose_name=_("variant")
    )
    warehouse = models.ForeignKey(
        Warehouse, on_delete=models.CASCADE, related_name="reorder_rules", verbose_name=_("warehouse")
    )
    reorder_point = models.PositiveIntegerField(_("reorder point"), null=True, blank=True)
    order_up_to = models.PositiveIntegerField(_("order up to"), null=True, blank=True)
    percent = models.DecimalField(_("service level (%)"), max_digits=5, decimal_places=2, null=True, blank=True)
    is_automatic = models.BooleanField(_("ordered automatically"), null=True, blank=True)
    is_never = models.BooleanField(_("never reordered"), default=False)

    class Meta:
        verbose_name = _("reorder rule")
        verbose_name_plural = _("reorder rules")
        ordering = ["variant_id", "warehouse_id"]
        constraints = [
            models.UniqueConstraint(fields=["variant", "warehouse"], name="purchasing_reorderrule_once"),
            models.CheckConstraint(
                condition=Q(order_up_to=None) | Q(reorder_point=None) | Q(order_up_to__gte=F("reorder_point")),
                name="purchasing_reorderrule_levels_valid",
            ),
            models.CheckConstraint(
                condition=Q(percent=None) | Q(percent__gte=50, percent__lt=100), name="purchasing_reorderrule_percent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant} @ {self.warehouse}"


class ProposalState(models.TextChoices):
    """What became of a proposal."""

    OPEN = "open", pgettext_lazy("proposal", "Open")
    SNOOZED = "snoozed", pgettext_lazy("proposal", "Later")
    ORDERED = "ordered", pgettext_lazy("proposal", "Ordered")
    DISMISSED = "dismissed", pgettext_lazy("proposal", "Dismissed")
    GONE = "gone", pgettext_lazy("proposal", "No longer needed")


class ReorderProposal(models.Model):
    """So many pieces to order of one variant for one warehouse, with the figures that explain it.

    It is refreshed every night while open and closes itself when the need is gone.
    """

    variant = models.ForeignKey(
        Variant, on_delete=models.CASCADE, related_name="reorder_proposals", verbose_name=_("variant")
    )
    warehouse = models.ForeignKey(
        Warehouse, on_delete=models.CASCADE, related_name="reorder_proposals", verbose_name=_("warehouse")
    )
    item = models.ForeignKey(
        SupplierItem, null=True, blank=True, on_delete=models.SET_NULL, related_name="proposals",
        verbose_name=_("supplier's item"),
    )  # none: nobody sells it to us yet  # fmt: skip
    state = models.CharField(_("state"), max_length=12, choices=ProposalState.choices, default=ProposalState.OPEN)
    quantity = models.PositiveIntegerField(_("quantity"))
    amount = models.BigIntegerField(_("amount"), null=True, blank=True)  # minor units of the supplier's currency
    reorder_point = models.PositiveIntegerField(_("reorder point"))
    position = models.IntegerField(_("stock position"))  # available + incoming - waiting
    runs_out_on = models.DateField(_("runs out"), null=True, blank=True)
    order_by = models.DateField(_("order by"), null=True, blank=True)
    figures = models.JSONField(_("figures"), default=dict)  # name -> number; purchasing.services explains them in words
    order_line = models.ForeignKey(
        PurchaseOrderLine, null=True, blank=True, on_delete=models.SET_NULL, related_name="proposals",
        verbose_name=_("purchase order line"),
    )  # fmt: skip
    snoozed_until = models.DateField(_("later, on"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("decided by"),
    )  # fmt: skip
    note = models.CharField(_("note"), max_length=200, blank=True)
    opened_at = models.DateTimeField(_("opened"), db_default=Now())
    refreshed_at = models.DateTimeField(_("refreshed"), db_default=Now())
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("reorder proposal")
        verbose_name_plural = _("reorder proposals")
        ordering = ["order_by", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ProposalState.values), name="purchasing_proposal_state"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="purchasing_proposal_quantity_positive"),
            models.UniqueConstraint(
                fields=["variant", "warehouse"], condition=Q(state__in=["open", "snoozed"]),
                name="purchasing_proposal_open_once",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant}"


class PurchaseBudget(models.Model):
    """What may be ordered in a month, in all or at one supplier."""

    month = models.DateField(_("month"))  # its first day
    supplier = models.ForeignKey(
        Supplier, null=True, blank=True, on_delete=models.CASCADE, related_name="budgets", verbose_name=_("supplier")
    )
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    amount = models.BigIntegerField(_("amount"))

    class Meta:
        verbose_name = _("purchase budget")
        verbose_name_plural = _("purchase budgets")
        ordering = ["-month", "supplier_id"]
        constraints = [
            models.UniqueConstraint(fields=["month", "supplier"], nulls_distinct=False, name="purchasing_budget_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="purchasing_budget_month_is_first_day"),
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="purchasing_budget_currency"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="purchasing_budget_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
