"""What carriers say of parcels on their way, and what went wrong with them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from orders.models import Shipment


class ScanKind(models.TextChoices):
    """What a carrier's scan means."""

    ACCEPTED = "accepted", pgettext_lazy("scan", "Taken over")
    ON_THE_WAY = "on_the_way", pgettext_lazy("scan", "On the way")
    AT_THE_DOOR = "at_the_door", pgettext_lazy("scan", "Out for delivery")
    FAILED = "failed", pgettext_lazy("scan", "Nobody there")
    DELIVERED = "delivered", pgettext_lazy("scan", "Delivered")
    RETURNED = "returned", pgettext_lazy("scan", "Goes back to us")


class DeliveryScan(models.Model):
    """One thing a carrier said of a parcel; never changed."""

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="scans", verbose_name=_("shipment"))
    kind = models.CharField(_("kind"), max_length=12, choices=ScanKind.choices)
    at = models.DateTimeField(pgettext_lazy("moment", "at"))
    words = models.CharField(_("in the carrier’s words"), max_length=120, blank=True)
    created_at = models.DateTimeField(_("recorded"), db_default=Now())

    class Meta:
        verbose_name = _("carrier’s scan")
        verbose_name_plural = _("carriers’ scans")
        ordering = ["shipment_id", "at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["shipment", "kind", "at"], name="shipping_scan_once"),
            models.CheckConstraint(condition=Q(kind__in=ScanKind.values), name="shipping_scan_kind_valid"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d}"


class AlertKind(models.TextChoices):
    """What is wrong with a parcel."""

    FAILED = "failed", pgettext_lazy("parcel", "Could not be delivered")
    RETURNED = "returned", pgettext_lazy("parcel", "Comes back to us")
    NO_SCAN = "no_scan", pgettext_lazy("parcel", "No sign from the carrier")


class ParcelAlert(models.Model):
    """A parcel that somebody has to look after; at most one open of each kind."""

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="alerts", verbose_name=_("shipment"))
    kind = models.CharField(_("problem"), max_length=10, choices=AlertKind.choices)
    opened_at = models.DateTimeField(_("since"), db_default=Now())
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("closed by"),
    )  # fmt: skip
    outcome = models.CharField(_("what was done"), max_length=200, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("parcel to look after")
        verbose_name_plural = _("parcels to look after")
        ordering = ["-id"]
        permissions = [("close_parcelalert", gettext_noop("Can close parcels to look after"))]
        constraints = [
            models.UniqueConstraint(
                fields=["shipment", "kind"], condition=Q(closed_at=None), name="shipping_alert_one_open"
            ),
            models.CheckConstraint(condition=Q(kind__in=AlertKind.values), name="shipping_alert_kind_valid"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | ~Q(outcome=""), name="shipping_alert_outcome_told"
            ),
        ]
        indexes = [models.Index(fields=["-id"], condition=Q(closed_at=None), name="shipping_alert_open")]

    def __str__(self) -> str:
        return str(self.get_kind_display())
