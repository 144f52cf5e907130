"""How the stock of one variant is kept and sold."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import Variant


class WhenOut(models.TextChoices):
    """What a sales channel may do when nothing is available."""

    REFUSE = "refuse", pgettext_lazy("when out of stock", "Stop selling")
    BACKORDER = "backorder", pgettext_lazy("when out of stock", "Sell on backorder")
    PREORDER = "preorder", pgettext_lazy("when out of stock", "Sell before its release")


class IncomingSold(models.TextChoices):
    """From when on incoming pieces may be sold."""

    AT_RECEIPT = "at_receipt", _("When they have arrived")
    AT_ORDER = "at_order", _("As soon as they are ordered")


class StockPolicy(models.Model):
    """What is special about the stock of one variant; a variant without a row has the defaults."""

    variant = models.OneToOneField(
        Variant, on_delete=models.CASCADE, related_name="stock_policy", verbose_name=_("variant")
    )
    tracks_lots = models.BooleanField(
        _("lots"), default=False, help_text=_("Every receipt names its lot; the first to expire leaves first.")
    )
    tracks_serials = models.BooleanField(
        _("serial numbers"), default=False, help_text=_("Every piece has a number, noted when it comes and goes.")
    )
    block_days = models.PositiveSmallIntegerField(
        _("sale ends before expiry (days)"),
        default=0,
        help_text=_("Lots that expire within so many days are held back."),
    )
    when_out = models.CharField(
        _("when nothing is available"), max_length=12, choices=WhenOut.choices, default=WhenOut.REFUSE
    )
    backorder_limit = models.PositiveIntegerField(
        _("most pieces sold ahead"), null=True, blank=True, help_text=_("Empty: no limit.")
    )
    release_on = models.DateField(_("release date"), null=True, blank=True, help_text=_("Nothing ships before it."))
    incoming_sold = models.CharField(
        _("incoming pieces are sold"), max_length=12, choices=IncomingSold.choices, default=IncomingSold.AT_RECEIPT
    )
    abc = models.CharField(_("ABC class"), max_length=1, blank=True, default="", editable=False)
    xyz = models.CharField(_("XYZ class"), max_length=1, blank=True, default="", editable=False)
    classed_at = models.DateTimeField(_("classed"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("stock policy")
        verbose_name_plural = _("stock policies")
        constraints = [
            models.CheckConstraint(condition=Q(when_out__in=WhenOut.values), name="inventory_stockpolicy_when_out"),
            models.CheckConstraint(
                condition=Q(incoming_sold__in=IncomingSold.values), name="inventory_stockpolicy_incoming_sold"
            ),
            models.CheckConstraint(
                condition=~Q(when_out="preorder", release_on=None), name="inventory_stockpolicy_preorder_has_date"
            ),
            models.CheckConstraint(
                condition=Q(abc__in=["", "A", "B", "C"], xyz__in=["", "X", "Y", "Z"]),
                name="inventory_stockpolicy_class_valid",
            ),
        ]

    def __str__(self) -> str:
        return str(self.variant)
