"""What it cost beside the goods to get them here."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.money import Currency
from purchasing.models.receipt import GoodsReceipt, GoodsReceiptLine


class LandedCostKind(models.TextChoices):
    """What it cost beside the goods to get them here."""

    FREIGHT = "freight", pgettext_lazy("landed cost", "Freight")
    DUTY = "duty", pgettext_lazy("landed cost", "Duty")
    INSURANCE = "insurance", pgettext_lazy("landed cost", "Insurance")
    HANDLING = "handling", pgettext_lazy("landed cost", "Handling")
    OTHER = "other", pgettext_lazy("landed cost", "Other")


class LandedCostBasis(models.TextChoices):
    """By what a cost is shared out over the lines."""

    VALUE = "value", pgettext_lazy("landed cost", "By value")
    QUANTITY = "quantity", pgettext_lazy("landed cost", "By pieces")
    WEIGHT = "weight", pgettext_lazy("landed cost", "By weight")


class LandedCost(models.Model):
    """One cost of a receipt, shared out over its lines."""

    receipt = models.ForeignKey(
        GoodsReceipt, on_delete=models.PROTECT, related_name="landed_costs", verbose_name=_("goods receipt")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=LandedCostKind.choices)
    basis = models.CharField(pgettext_lazy("landed cost", "shared"), max_length=12, choices=LandedCostBasis.choices)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    in_shop_currency = models.BigIntegerField(_("in the shop's currency"))
    reference = models.CharField(_("document"), max_length=80, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("by"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("created"), db_default=Now())
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("withdrawn by"),
    )  # fmt: skip
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdraw_reason = models.CharField(_("reason"), max_length=200, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("landed cost")
        verbose_name_plural = _("landed costs")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=LandedCostKind.values), name="purchasing_landedcost_kind"),
            models.CheckConstraint(condition=Q(basis__in=LandedCostBasis.values), name="purchasing_landedcost_basis"),
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="purchasing_landedcost_currency"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="purchasing_landedcost_positive"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdraw_reason="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdraw_reason="")),
                name="purchasing_landedcost_withdrawn_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class LandedCostShare(models.Model):
    """What one line carries of a cost (minor units of the shop's currency): what comes off when it is withdrawn."""

    cost = models.ForeignKey(LandedCost, on_delete=models.CASCADE, related_name="shares", verbose_name=_("landed cost"))
    line = models.ForeignKey(
        GoodsReceiptLine, on_delete=models.PROTECT, related_name="landed_shares",
        verbose_name=_("goods receipt line"),
    )  # fmt: skip
    amount = models.BigIntegerField(_("amount"))

    class Meta:
        verbose_name = _("share of a landed cost")
        verbose_name_plural = _("shares of landed costs")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["cost", "line"], name="purchasing_landedcostshare_once")]

    def __str__(self) -> str:
        return str(self.amount)
