"""Waves: orders that are picked together, and what became of each of them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.states import Transitions
from inventory.models import Warehouse
from orders.models import Order


class WaveState(models.TextChoices):
    """Where a wave stands."""

    OPEN = "open", pgettext_lazy("wave", "To pick")
    PICKING = "picking", pgettext_lazy("wave", "Being picked")
    PACKING = "packing", pgettext_lazy("wave", "Being packed")
    DONE = "done", pgettext_lazy("wave", "Done")
    CANCELLED = "cancelled", pgettext_lazy("wave", "Cancelled")


_W = WaveState
WAVE_TRANSITIONS = Transitions(
    {
        _W.OPEN: {_W.PICKING, _W.PACKING, _W.DONE, _W.CANCELLED},
        _W.PICKING: {_W.PACKING, _W.DONE, _W.CANCELLED},
        _W.PACKING: {_W.DONE, _W.CANCELLED},
    }
)
UNDER_WAY_WAVES = (_W.OPEN, _W.PICKING, _W.PACKING)


class Wave(models.Model):
    """Orders of one warehouse that one walk picks and one table packs."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    warehouse = models.ForeignKey(
        Warehouse, on_delete=models.PROTECT, related_name="waves", verbose_name=_("warehouse")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=WaveState.choices, default=WaveState.OPEN, editable=False
    )
    # what its orders were chosen by: the fields of shipping.services.waves.WaveCriteria that were given
    criteria = models.JSONField(_("chosen by"), default=dict, blank=True, editable=False)
    note = models.CharField(_("note"), max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("by"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("made"), db_default=Now())
    picked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("picked by"),
    )  # fmt: skip
    picking_at = models.DateTimeField(_("picking began"), null=True, blank=True, editable=False)
    packing_at = models.DateTimeField(_("packing began"), null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = pgettext_lazy("picking", "wave")
        verbose_name_plural = pgettext_lazy("picking", "waves")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=WaveState.values), name="shipping_wave_state_valid"),
            models.CheckConstraint(
                condition=Q(state__in=["done", "cancelled"], ended_at__isnull=False)
                | (~Q(state__in=["done", "cancelled"]) & Q(ended_at=None)),
                name="shipping_wave_ended_told",
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=Q(state__in=["open", "picking", "packing"]),
                name="shipping_wave_under_way",
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_under_way(self) -> bool:
        """Tell whether something of it is still to be done."""
        return self.state in UNDER_WAY_WAVES


class LeaveReason(models.TextChoices):
    """Why an order left its wave without being packed there."""

    CANCELLED = "cancelled", pgettext_lazy("wave", "Cancelled")
    HELD = "held", pgettext_lazy("wave", "Held")
    SHIPPED = "shipped", pgettext_lazy("wave", "Shipped another way")
    CHANGED = "changed", pgettext_lazy("wave", "Not ready any more")
    TAKEN_OUT = "taken_out", pgettext_lazy("wave", "Taken out")
    WAVE_CANCELLED = "wave_cancelled", pgettext_lazy("wave", "The wave was cancelled")


class WaveOrder(models.Model):
    """An order in a wave, in the slot (tote) of its number, until it is packed or leaves."""

    wave = models.ForeignKey(Wave, on_delete=models.PROTECT, related_name="orders", verbose_name=_("wave"))
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="in_waves", verbose_name=pgettext_lazy("purchase", "order")
    )
    slot = models.PositiveIntegerField(pgettext_lazy("picking", "slot"))
    packed_at = models.DateTimeField(_("packed"), null=True, blank=True)
    left_at = models.DateTimeField(_("left"), null=True, blank=True)
    left_reason = models.CharField(
        _("why it left"), max_length=16, choices=LeaveReason.choices, blank=True, default="", db_default=""
    )

    class Meta:
        verbose_name = _("order in a wave")
        verbose_name_plural = _("orders in waves")
        ordering = ["wave_id", "slot"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(packed_at=None, left_at=None), name="shipping_waveorder_one_open_wave"
            ),
            models.UniqueConstraint(fields=["wave", "slot"], name="shipping_waveorder_slot_once"),
            models.CheckConstraint(
                condition=Q(packed_at=None) | Q(left_at=None), name="shipping_waveorder_packed_or_left"
            ),
            models.CheckConstraint(
                condition=Q(left_at=None, left_reason="")
                | Q(left_at__isnull=False, left_reason__in=LeaveReason.values),
                name="shipping_waveorder_left_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.wave_id}/{self.slot}"

    @property
    def is_open(self) -> bool:
        """Tell whether it is still to be packed here."""
        return self.packed_at is None and self.left_at is None
