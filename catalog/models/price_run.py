"""Many prices changed by one rule: what was asked, and what became of each price."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models.channel import SalesChannel
from catalog.models.variant import Variant
from core.models import Job
from staff.models import User


class RunState(models.TextChoices):
    """How far a change by rule is."""

    DRAFT = "draft", pgettext_lazy("price run", "Draft")
    QUEUED = "queued", pgettext_lazy("price run", "Being applied")
    DONE = "done", pgettext_lazy("price run", "Applied")
    TAKING_BACK = "taking_back", pgettext_lazy("price run", "Being taken back")
    TAKEN_BACK = "taken_back", pgettext_lazy("price run", "Taken back")


class RunRowState(models.TextChoices):
    """What became of one price."""

    PENDING = "pending", pgettext_lazy("price run", "Not yet")
    SET = "set", pgettext_lazy("price run", "Set")
    UNCHANGED = "unchanged", pgettext_lazy("price run", "Unchanged")
    WAITING = "waiting", pgettext_lazy("price run", "Waits for approval")
    REFUSED = "refused", pgettext_lazy("price run", "Refused")
    TAKEN_BACK = "taken_back", pgettext_lazy("price run", "Taken back")
    CONFLICT = "conflict", pgettext_lazy("price run", "Changed since")


class PriceRun(models.Model):
    """A rule over many prices; a draft is only a preview."""

    wish = models.JSONField(_("rule"), default=dict)  # catalog.services.prices.rules.Wish
    state = models.CharField(
        _("status"), max_length=20, choices=RunState.choices, default=RunState.DRAFT, editable=False
    )
    created_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created"), db_default=Now())
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name = _("price change by rule")
        verbose_name_plural = _("price changes by rule")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="catalog_pricerun_state_valid")
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class PriceRunRow(models.Model):
    """One price of a change by rule: from what to what, and how it went."""

    run = models.ForeignKey(PriceRun, on_delete=models.CASCADE, related_name="rows")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="+")
    sales_channel = models.ForeignKey(SalesChannel, on_delete=models.PROTECT, related_name="+")
    before = models.BigIntegerField(null=True, blank=True)
    amount = models.BigIntegerField(null=True, blank=True)
    compare_at = models.BigIntegerField(null=True, blank=True)
    state = models.CharField(max_length=20, choices=RunRowState.choices, default=RunRowState.PENDING)
    sentence = models.CharField(max_length=300, blank=True)
    done = models.JSONField(null=True, blank=True)  # catalog.services.PriceSet: enough to take it back
    proposal_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("price of a change")
        verbose_name_plural = _("prices of a change")
        default_permissions = ()
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RunRowState.values), name="catalog_pricerunrow_state_valid"),
            models.UniqueConstraint(fields=["run", "variant", "sales_channel"], name="catalog_pricerunrow_once"),
        ]

    def __str__(self) -> str:
        return f"{self.run} · {self.variant_id}"
