"""Parcels."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from inventory.models import Warehouse
from orders.models.order import Order, OrderLine
from orders.models.parcel import Parcel


class DeliverySource(models.TextChoices):
    """Who says that a parcel was received; the carrier's scan counts more than a word."""

    CARRIER = "carrier", pgettext_lazy("delivery", "Carrier’s scan")
    CHANNEL = "channel", pgettext_lazy("delivery", "Sales channel")
    CUSTOMER = "customer", pgettext_lazy("delivery", "Customer")
    STAFF = "staff", pgettext_lazy("delivery", "Staff")


class Shipment(models.Model):
    """A parcel that left one warehouse."""

    number = models.CharField(_("shipment number"), max_length=20, unique=True)
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="shipments", verbose_name=pgettext_lazy("purchase", "order")
    )
    warehouse = models.ForeignKey(
        Warehouse,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="shipments",
        verbose_name=_("warehouse"),
    )
    # the planned parcel it was; shipments of several orders share one when they were combined
    parcel = models.ForeignKey(
        Parcel, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="shipments",
        verbose_name=_("planned parcel"), db_index=False,
    )  # fmt: skip
    carrier = models.CharField(_("carrier"), max_length=60, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=60, blank=True)
    shipped_at = models.DateTimeField(pgettext_lazy("moment", "shipped"))
    delivered_at = models.DateTimeField(pgettext_lazy("moment", "delivered"), null=True, blank=True)
    delivery_source = models.CharField(
        _("who says so"), max_length=10, choices=DeliverySource.choices, blank=True, default="", db_default=""
    )
    created_at = models.DateTimeField(_("recorded"), db_default=Now())

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(delivery_source__in=["", *DeliverySource.values]), name="orders_shipment_source_valid"
            ),
            models.CheckConstraint(
                condition=Q(delivered_at=None, delivery_source="")
                | (Q(delivered_at__isnull=False) & ~Q(delivery_source="")),
                name="orders_shipment_delivery_told",
            ),
        ]
        indexes = [
            models.Index(fields=["tracking_number"], condition=~Q(tracking_number=""), name="orders_shipment_tracking"),
            models.Index(fields=["parcel"], condition=Q(parcel__isnull=False), name="orders_shipment_parcel"),
            models.Index(fields=["-shipped_at", "-id"], name="orders_shipment_shipped"),
        ]

    def __str__(self) -> str:
        return self.number


class ShipmentLine(models.Model):
    """How many pieces of an order line are in the parcel."""

    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="lines", verbose_name=_("shipment"))
    line = models.ForeignKey(
        OrderLine, on_delete=models.PROTECT, related_name="shipment_lines", verbose_name=_("order line")
    )
    quantity = models.PositiveIntegerField(_("quantity"))

    class Meta:
        verbose_name = _("shipped line")
        verbose_name_plural = _("shipped lines")
        constraints = [
            models.UniqueConstraint(fields=["shipment", "line"], name="orders_shipmentline_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="orders_shipmentline_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} × {self.quantity}"
