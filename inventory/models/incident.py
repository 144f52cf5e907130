"""What somebody has to know: levels crossed, and numbers that do not agree."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from inventory.models.stock import StockItem


class AlertKind(models.TextChoices):
    """What a stock alert says."""

    LOW = "low", pgettext_lazy("alert", "Running low")
    OUT = "out", pgettext_lazy("alert", "Sold out")
    EXPIRING = "expiring", pgettext_lazy("alert", "A lot expires soon")


class StockAlert(models.Model):
    """Something about a stock item that opens and closes by itself."""

    stock_item = models.ForeignKey(
        StockItem, on_delete=models.PROTECT, related_name="alerts", verbose_name=_("stock item")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=AlertKind.choices)
    available = models.IntegerField(_("available"))  # when it opened
    opened_at = models.DateTimeField(_("opened"), db_default=Now())
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("stock alert")
        verbose_name_plural = _("stock alerts")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AlertKind.values), name="inventory_stockalert_kind_valid"),
            models.UniqueConstraint(
                fields=["stock_item", "kind"], condition=Q(closed_at=None), name="inventory_stockalert_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.stock_item}"


class StockIncident(models.Model):
    """A number that the proof found wrong: kept with what was seen, looked into and closed by a person."""

    rule = models.CharField(_("rule"), max_length=100)  # name of the invariant
    stock_item = models.ForeignKey(
        StockItem, null=True, blank=True, on_delete=models.PROTECT, related_name="incidents",
        verbose_name=_("stock item"),
    )  # fmt: skip
    found = models.JSONField(_("found"))  # the breaching row: names of columns and numbers
    opened_at = models.DateTimeField(_("opened"), db_default=Now())
    seen_at = models.DateTimeField(_("last seen"), db_default=Now())
    gone_at = models.DateTimeField(_("no longer found"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("closed by"),
    )  # fmt: skip
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("stock incident")
        verbose_name_plural = _("stock incidents")
        ordering = ["-id"]
        permissions = [("close_stockincident", gettext_noop("Can close stock incidents and set counters right"))]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "stock_item"], condition=Q(closed_at=None, stock_item__isnull=False),
                name="inventory_stockincident_open_once",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | ~Q(note=""), name="inventory_stockincident_closed_with_note"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.rule
