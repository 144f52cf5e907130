"""Pieces that are there and may not be sold: set aside for a reason, by hand or by the clock."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from inventory.models.lot import Lot
from inventory.models.stock import StockItem
from inventory.models.warehouse import Bin


class HoldKind(models.TextChoices):
    """Why pieces are set aside; the first five are what is wrong with them, the last two whom they wait for."""

    QUARANTINE = "quarantine", pgettext_lazy("hold", "Quarantine")
    INSPECTION = "inspection", pgettext_lazy("hold", "Inspection")
    DAMAGED = "damaged", pgettext_lazy("hold", "Damaged")
    OPENED = "opened", pgettext_lazy("hold", "Opened, B grade")
    EXPIRY = "expiry", pgettext_lazy("hold", "Expires soon")
    DISPLAY = "display", pgettext_lazy("hold", "Display")
    EXCHANGE = "exchange", pgettext_lazy("hold", "For an exchange")
    DEAL = "deal", pgettext_lazy("hold", "For a deal")


class StockHold(models.Model):
    """Pieces of a stock item that nobody can buy; what is not released counts in ``StockItem.held``."""

    stock_item = models.ForeignKey(
        StockItem, on_delete=models.PROTECT, related_name="holds", verbose_name=_("stock item")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=HoldKind.choices)
    quantity = models.PositiveIntegerField(_("quantity"))
    released = models.PositiveIntegerField(_("released"), default=0)
    lot = models.ForeignKey(
        Lot, null=True, blank=True, on_delete=models.PROTECT, related_name="holds", verbose_name=_("lot")
    )
    bin = models.ForeignKey(
        Bin, null=True, blank=True, on_delete=models.PROTECT, related_name="holds",
        verbose_name=pgettext_lazy("shelf", "bin"),
    )  # fmt: skip
    until = models.DateTimeField(_("held until"), null=True, blank=True)  # released by the clock then
    key = models.CharField(_("for"), max_length=80, blank=True)  # of the holder; makes repeating harmless
    reference = models.CharField(_("document"), max_length=80, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("by"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("since"), db_default=Now())

    class Meta:
        verbose_name = pgettext_lazy("stock", "hold")
        verbose_name_plural = pgettext_lazy("stock", "holds")
        ordering = ["-id"]
        permissions = [("hold_stock", gettext_noop("Can hold stock back and free it"))]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=HoldKind.values), name="inventory_stockhold_kind_valid"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, quantity__gte=F("released")), name="inventory_stockhold_not_exceeded"
            ),
            models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="inventory_stockhold_key_once"),
        ]
        indexes = [
            models.Index(
                fields=["stock_item"], condition=Q(quantity__gt=F("released")), name="inventory_stockhold_open"
            ),
            models.Index(
                fields=["until"],
                condition=Q(until__isnull=False, quantity__gt=F("released")),
                name="inventory_stockhold_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reference}".strip()

    @property
    def held(self) -> int:
        """Pieces still set aside."""
        return self.quantity - self.released
