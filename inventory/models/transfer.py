"""Pieces on their way from one warehouse to another, and kits packed or taken apart."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from catalog.models import Variant
from core.states import Transitions
from inventory.models.lot import Lot, SerialNumber
from inventory.models.warehouse import Warehouse


class TransferState(models.TextChoices):
    """Where a transfer stands."""

    DRAFT = "draft", pgettext_lazy("transfer", "Draft")
    IN_TRANSIT = "in_transit", pgettext_lazy("transfer", "In transit")
    PARTLY_RECEIVED = "partly_received", pgettext_lazy("transfer", "Partly received")
    RECEIVED = "received", pgettext_lazy("transfer", "Received")
    CANCELLED = "cancelled", pgettext_lazy("transfer", "Cancelled")


_T = TransferState
UNDER_WAY = (_T.IN_TRANSIT, _T.PARTLY_RECEIVED)
TRANSFER_TRANSITIONS = Transitions(
    {
        _T.DRAFT: {_T.IN_TRANSIT, _T.CANCELLED},
        _T.IN_TRANSIT: {_T.PARTLY_RECEIVED, _T.RECEIVED},
        _T.PARTLY_RECEIVED: {_T.PARTLY_RECEIVED, _T.RECEIVED},
    }
)


class Transfer(models.Model):
    """Pieces that go from one warehouse to another; between the two they are in transit."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    source = models.ForeignKey(
        Warehouse, on_delete=models.PROTECT, related_name="transfers_out", verbose_name=pgettext_lazy("place", "from")
    )
    destination = models.ForeignKey(
        Warehouse, on_delete=models.PROTECT, related_name="transfers_in", verbose_name=pgettext_lazy("place", "to")
    )
    state = models.CharField(_("state"), max_length=16, choices=TransferState.choices, default=TransferState.DRAFT)
    expected_on = models.DateField(pgettext_lazy("transfer", "expected"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("by"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("created"), db_default=Now())
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    received_at = models.DateTimeField(_("received"), null=True, blank=True)  # when the last piece was accounted for
    loss_reason = models.CharField(_("why the rest is lost"), max_length=200, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        ordering = ["-id"]
        permissions = [("move_stock", gettext_noop("Can send and receive transfers between warehouses"))]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=TransferState.values), name="inventory_transfer_state_valid"),
            models.CheckConstraint(condition=~Q(source=F("destination")), name="inventory_transfer_goes_elsewhere"),
        ]
        indexes = [
            models.Index(
                fields=["destination"],
                condition=Q(state__in=["in_transit", "partly_received"]),
                name="inventory_transfer_under_way",
            )
        ]

    def __str__(self) -> str:
        return self.number


class TransferLine(models.Model):
    """So many pieces of one variant (of one lot): wanted, sent, arrived, lost on the way."""

    transfer = models.ForeignKey(Transfer, on_delete=models.CASCADE, related_name="lines", verbose_name=_("transfer"))
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+", verbose_name=_("variant"))
    lot = models.ForeignKey(
        Lot, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("lot")
    )
    quantity = models.PositiveIntegerField(_("quantity"))
    sent = models.PositiveIntegerField(_("sent"), default=0)
    received = models.PositiveIntegerField(_("received"), default=0)
    lost = models.PositiveIntegerField(_("lost"), default=0)

    class Meta:
        verbose_name = _("transfer line")
        verbose_name_plural = _("transfer lines")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="inventory_transferline_quantity_positive"),
            models.CheckConstraint(
                condition=Q(sent__lte=F("quantity"), sent__gte=F("received") + F("lost")),
                name="inventory_transferline_adds_up",
            ),
            models.UniqueConstraint(
                fields=["transfer", "variant", "lot"], nulls_distinct=False, name="inventory_transferline_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant}"

    @property
    def missing(self) -> int:
        """Pieces that were wanted and did not leave."""
        return self.quantity - self.sent

    @property
    def in_transit(self) -> int:
        """Pieces that left and have not been accounted for."""
        return self.sent - self.received - self.lost


class TravelState(models.TextChoices):
    """What became of a numbered piece that was sent."""

    IN_TRANSIT = "in_transit", pgettext_lazy("serial number", "In transit")
    RECEIVED = "received", pgettext_lazy("serial number", "Arrived")
    LOST = "lost", pgettext_lazy("serial number", "Lost on the way")


class TransferSerial(models.Model):
    """One numbered piece on a line of a transfer, from its sending on; stays as the story of both."""

    line = models.ForeignKey(
        TransferLine, on_delete=models.PROTECT, related_name="serials", verbose_name=_("transfer line")
    )
    serial = models.ForeignKey(
        SerialNumber, on_delete=models.PROTECT, related_name="travels", verbose_name=_("serial number")
    )
    state = models.CharField(_("state"), max_length=12, choices=TravelState.choices, default=TravelState.IN_TRANSIT)

    class Meta:
        verbose_name = _("serial number on a transfer")
        verbose_name_plural = _("serial numbers on transfers")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["line", "serial"], name="inventory_transferserial_once"),
            models.UniqueConstraint(
                fields=["serial"], condition=Q(state="in_transit"), name="inventory_transferserial_one_way_at_a_time"
            ),
            models.CheckConstraint(condition=Q(state__in=TravelState.values), name="inventory_transferserial_state"),
        ]

    def __str__(self) -> str:
        return str(self.serial)


class AssemblyKind(models.TextChoices):
    """Whether a kit is packed or taken apart, or pieces become another variant because of their state."""

    KIT = "kit", pgettext_lazy("assembly", "Pack kits")
    UNKIT = "unkit", pgettext_lazy("assembly", "Take kits apart")
    REGRADE = "regrade", pgettext_lazy("assembly", "Other grade")


class Assembly(models.Model):
    """Kits of a bundle packed from its components or taken apart again, or pieces of another grade, in one warehouse.

    ``bundle`` is what came, or for kits taken apart what left.
    """

    number = models.CharField(_("number"), max_length=20, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=AssemblyKind.choices)
    bundle = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="assemblies", verbose_name=_("bundle"))
    warehouse = models.ForeignKey(
        Warehouse, on_delete=models.PROTECT, related_name="assemblies", verbose_name=_("warehouse")
    )
    quantity = models.PositiveIntegerField(_("quantity"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("by"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("assembly")
        verbose_name_plural = _("assemblies")
        ordering = ["-id"]
        permissions = [("assemble_kits", gettext_noop("Can pack kits and take them apart"))]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AssemblyKind.values), name="inventory_assembly_kind_valid"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="inventory_assembly_quantity_positive"),
        ]

    def __str__(self) -> str:
        return self.number
