"""What stock cost: layers for first-in-first-out, and the moving average; worked out from the movements in order."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.models import Variant
from core.models import append_only
from inventory.models import StockMovement


class VariantValue(models.Model):
    """What all pieces of a variant in all warehouses are worth, up to ``last_movement_id``; shop's currency.

    Amounts are minor units with six decimals. Whether a cost is known says ``is_complete``.
    """

    variant = models.OneToOneField(
        Variant, on_delete=models.PROTECT, related_name="stock_value", verbose_name=_("variant")
    )
    quantity = models.IntegerField(_("quantity"), default=0)
    average_cost = models.DecimalField(_("average cost"), max_digits=22, decimal_places=6, default=0)
    average_value = models.DecimalField(_("value at average cost"), max_digits=24, decimal_places=6, default=0)
    fifo_value = models.DecimalField(_("value first in, first out"), max_digits=24, decimal_places=6, default=0)
    is_complete = models.BooleanField(_("cost known"), default=True)
    last_movement_id = models.BigIntegerField(default=0, editable=False)
    updated_at = models.DateTimeField(_("changed"), db_default=Now())

    class Meta:
        verbose_name = _("stock value")
        verbose_name_plural = _("stock values")

    def __str__(self) -> str:
        return str(self.variant)


class ValuationProgress(models.Model):
    """How far stock is valued: one row, whose lock lets one valuation run at a time.

    Movements up to ``settled_id`` all have their cost entry. Ids are drawn before they are committed, so a lower one
    may come to light later: ``candidate_id`` is settled once every transaction that ran when it was seen
    (``candidate_xid``) has ended.
    """

    settled_id = models.BigIntegerField(default=0)
    candidate_id = models.BigIntegerField(default=0)
    candidate_xid = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("progress of valuation")
        verbose_name_plural = _("progress of valuation")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="purchasing_valuationprogress_one_row")]

    def __str__(self) -> str:
        return str(self.settled_id)


class CostLayer(models.Model):
    """Pieces of a variant that came together at one cost; those that came first leave first."""

    variant = models.ForeignKey(
        Variant, on_delete=models.PROTECT, related_name="cost_layers", verbose_name=_("variant")
    )
    movement = models.OneToOneField(
        StockMovement, on_delete=models.PROTECT, related_name="cost_layer", verbose_name=_("stock movement")
    )
    received_at = models.DateTimeField(_("received"))
    quantity = models.PositiveIntegerField(_("quantity"))
    remaining = models.PositiveIntegerField(_("left"))
    unit_cost = models.DecimalField(_("unit cost"), max_digits=22, decimal_places=6)
    is_known = models.BooleanField(_("cost known"), default=True)

    class Meta:
        verbose_name = _("cost layer")
        verbose_name_plural = _("cost layers")
        ordering = ["variant_id", "movement_id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, remaining__lte=F("quantity")), name="purchasing_costlayer_left_valid"
            )
        ]
        indexes = [
            models.Index(fields=["variant", "movement"], condition=Q(remaining__gt=0), name="purchasing_costlayer_open")
        ]

    def __str__(self) -> str:
        return f"{self.remaining} / {self.quantity}"


class CostEntry(models.Model):
    """What one movement of pieces in or out was worth both ways; append-only. A revaluation names no movement."""

    variant = models.ForeignKey(
        Variant, on_delete=models.PROTECT, related_name="cost_entries", verbose_name=_("variant")
    )
    movement = models.OneToOneField(
        StockMovement, null=True, blank=True, on_delete=models.PROTECT, related_name="cost_entry",
        verbose_name=_("stock movement"),
    )  # fmt: skip
    quantity = models.IntegerField(_("quantity"))
    average_value = models.DecimalField(_("value at average cost"), max_digits=24, decimal_places=6)
    fifo_value = models.DecimalField(_("value first in, first out"), max_digits=24, decimal_places=6)
    average_expensed = models.DecimalField(
        _("cost of sales (average)"), max_digits=24, decimal_places=6, default=0, db_default=0
    )  # of a revaluation: what concerned pieces that had left already
    fifo_expensed = models.DecimalField(
        _("cost of sales (first in, first out)"), max_digits=24, decimal_places=6, default=0, db_default=0
    )
    is_known = models.BooleanField(_("cost known"), default=True, db_default=True)
    reason = models.CharField(_("reason"), max_length=120, blank=True)
    at = models.DateTimeField(_("at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("cost entry")
        verbose_name_plural = _("cost entries")
        ordering = ["-id"]
        indexes = [models.Index(fields=["variant", "-id"], name="purchasing_costentry_variant")]
        triggers = append_only("purchasing_costentry")

    def __str__(self) -> str:
        return f"{self.quantity:+d}"
