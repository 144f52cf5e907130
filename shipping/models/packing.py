"""What was scanned while an order was packed, and what the scan was told."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from catalog.models import Variant
from core.models import append_only
from inventory.models import Warehouse
from orders.models import Order, OrderLine, Shipment
from shipping.models.wave import WaveOrder


class PackingState(models.TextChoices):
    """Where one packing of an order stands."""

    OPEN = "open", pgettext_lazy("packing", "Being packed")
    PACKED = "packed", pgettext_lazy("packing", "Packed")
    STOPPED = "stopped", pgettext_lazy("packing", "Stopped")


class Packing(models.Model):
    """One person packs the pieces of one order that lie in one warehouse; a stopped one counts for nothing."""

    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="packings", verbose_name=pgettext_lazy("purchase", "order")
    )
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="+", verbose_name=_("warehouse"))
    wave_order = models.ForeignKey(
        WaveOrder, null=True, blank=True, on_delete=models.PROTECT, related_name="packings",
        verbose_name=_("order in a wave"),
    )  # fmt: skip
    shipment = models.OneToOneField(
        Shipment, null=True, blank=True, on_delete=models.PROTECT, related_name="packing", verbose_name=_("shipment")
    )
    state = models.CharField(_("state"), max_length=8, choices=PackingState.choices, default=PackingState.OPEN)
    packed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("packed by"),
    )  # fmt: skip
    started_at = models.DateTimeField(_("started"), db_default=Now())
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("parcel", "packing")
        verbose_name_plural = pgettext_lazy("parcel", "packings")
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PackingState.values), name="shipping_packing_state_valid"),
            models.UniqueConstraint(fields=["order"], condition=Q(state="open"), name="shipping_packing_one_open"),
            models.CheckConstraint(
                condition=Q(state="packed", shipment__isnull=False, ended_at__isnull=False)
                | Q(state="stopped", shipment=None, ended_at__isnull=False)
                | Q(state="open", shipment=None, ended_at=None),
                name="shipping_packing_state_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.pk}"


class ScanOutcome(models.TextChoices):
    """What a scan was told; each has its colour and its sound."""

    STARTED = "started", pgettext_lazy("scan", "Order opened")
    RIGHT = "right", pgettext_lazy("scan", "Right")
    COMPLETE = "complete", pgettext_lazy("scan", "Complete")
    WRONG = "wrong", pgettext_lazy("scan", "Wrong article")
    TOO_MANY = "too_many", pgettext_lazy("scan", "Too many")
    LABEL_WANTED = "label_wanted", pgettext_lazy("scan", "Scan the label")
    NUMBER_WANTED = "number_wanted", pgettext_lazy("scan", "Scan its serial number")
    NUMBER_TWICE = "number_twice", pgettext_lazy("scan", "This number was scanned already")
    OTHER_ORDER = "other_order", pgettext_lazy("scan", "Another order")
    UNKNOWN = "unknown", pgettext_lazy("scan", "Unknown code")
    CANCELLED = "cancelled", pgettext_lazy("scan", "Cancelled")
    HELD = "held", pgettext_lazy("scan", "Held")
    PACKED = "packed", pgettext_lazy("scan", "Packed already")
    TAKEN = "taken", pgettext_lazy("scan", "Somebody else packs it")
    REFUSED = "refused", pgettext_lazy("scan", "Cannot be shipped")


_O = ScanOutcome
GOOD_SCANS = (_O.STARTED, _O.RIGHT, _O.COMPLETE)
COUNTED_SCANS = (_O.RIGHT, _O.COMPLETE)  # with a line: a piece lies in the parcel
STOPPING_SCANS = (_O.CANCELLED, _O.HELD, _O.PACKED, _O.TAKEN)
MISTAKES = (_O.WRONG, _O.TOO_MANY, _O.NUMBER_TWICE, _O.OTHER_ORDER, _O.UNKNOWN)


class PackingCheck(models.Model):
    """One scan and its answer; append-only, wrong ones too: they tell where people are led astray."""

    packing = models.ForeignKey(
        Packing, null=True, blank=True, on_delete=models.PROTECT, related_name="checks",
        verbose_name=pgettext_lazy("parcel", "packing"),
    )  # fmt: skip
    order = models.ForeignKey(
        Order, null=True, blank=True, on_delete=models.PROTECT, related_name="packing_checks",
        verbose_name=pgettext_lazy("purchase", "order"),
    )  # fmt: skip
    code = models.CharField(_("scanned"), max_length=120)
    outcome = models.CharField(_("outcome"), max_length=16, choices=ScanOutcome.choices)
    line = models.ForeignKey(
        OrderLine, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("order line")
    )
    variant = models.ForeignKey(
        Variant, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("variant")
    )
    serial = models.CharField(_("serial number"), max_length=80, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    scanned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("scanned by"),
    )  # fmt: skip
    at = models.DateTimeField(pgettext_lazy("moment", "at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("packing check")
        verbose_name_plural = _("packing checks")
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=ScanOutcome.values), name="shipping_check_outcome_valid"),
            models.CheckConstraint(
                condition=~Q(outcome__in=["right", "complete"]) | Q(packing__isnull=False, order__isnull=False),
                name="shipping_check_right_says_whose",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="right") | Q(line__isnull=False, variant__isnull=False),
                name="shipping_check_right_says_what",
            ),
            models.UniqueConstraint(
                fields=["packing", "variant", "serial"],
                condition=Q(outcome__in=["right", "complete"]) & ~Q(serial=""),
                name="shipping_check_number_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-at"],
                condition=Q(outcome__in=["wrong", "too_many", "number_twice", "other_order", "unknown"]),
                name="shipping_check_mistakes",
            )
        ]
        triggers = append_only("shipping_packingcheck")

    def __str__(self) -> str:
        return f"{self.code}: {self.get_outcome_display()}"


class PackingSlip(models.Model):
    """How often the packing slip of an order was printed; from the second time on it says that it is a reprint."""

    order = models.OneToOneField(
        Order, on_delete=models.PROTECT, related_name="packing_slip", verbose_name=pgettext_lazy("purchase", "order")
    )
    printed_count = models.PositiveIntegerField(_("printed"), default=1)
    first_printed_at = models.DateTimeField(_("first printed"), db_default=Now())
    last_printed_at = models.DateTimeField(_("last printed"), db_default=Now())
    last_printed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("packing slip")
        verbose_name_plural = _("packing slips")
        default_permissions = ()
        permissions = [("print_packingslip", gettext_noop("Can print pick lists and packing slips"))]
        constraints = [models.CheckConstraint(condition=Q(printed_count__gt=0), name="shipping_slip_printed")]

    def __str__(self) -> str:
        return f"{self.order_id} × {self.printed_count}"
