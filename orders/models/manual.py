"""Orders that are being written, before they are orders."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import SalesChannel
from orders.models.order import Order


class DraftState(models.TextChoices):
    """What became of a written order."""

    OPEN = "open", pgettext_lazy("order draft", "Open")
    PLACED = "placed", pgettext_lazy("order draft", "Placed")
    DROPPED = "dropped", pgettext_lazy("order draft", "Dropped")


class ManualDraft(models.Model):
    """A sheet of paper: nobody counts it, it holds no stock; its prices stay as they were until ``prices_until``."""

    sales_channel = models.ForeignKey(
        SalesChannel, on_delete=models.PROTECT, related_name="+", verbose_name=_("sales channel")
    )
    caller = models.CharField(_("buyer"), max_length=120, blank=True)
    contents = models.JSONField(_("what"))  # the fields of WantedOrder, as orders.services.manual.drafts writes them
    total = models.BigIntegerField(_("total"), default=0)
    priced_at = models.DateTimeField(_("prices of"))
    prices_until = models.DateField(_("prices hold until"), null=True, blank=True)
    state = models.CharField(
        pgettext_lazy("order draft", "state"), max_length=8, choices=DraftState.choices, default=DraftState.OPEN
    )
    order = models.OneToOneField(
        Order, null=True, blank=True, on_delete=models.PROTECT, related_name="draft",
        verbose_name=pgettext_lazy("purchase", "order"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("written"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("written by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("written order")
        verbose_name_plural = _("written orders")
        ordering = ["-updated_at", "-id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=Q(state__in=DraftState.values), name="orders_draft_state_valid"),
            models.CheckConstraint(
                condition=Q(state="placed", order__isnull=False) | (~Q(state="placed") & Q(order=None)),
                name="orders_draft_placed_has_order",
            ),
        ]
        indexes = [models.Index(fields=["-updated_at"], condition=Q(state="open"), name="orders_draft_open")]

    def __str__(self) -> str:
        return self.caller or f"#{self.pk}"
