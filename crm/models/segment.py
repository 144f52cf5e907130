"""Customers put together by what they are and did."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from customers.models import Customer


class Segment(models.Model):
    """Who is meant, as a tree of conditions, for which purpose, whose it is and until when it may be used unread."""

    name = models.CharField(pgettext_lazy("segment", "name"), max_length=120, unique=True)
    purpose = models.CharField(pgettext_lazy("segment", "purpose"), max_length=300)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="segments",
        verbose_name=pgettext_lazy("segment", "owner"),
    )  # fmt: skip
    review_on = models.DateField(_("to review on"))
    tree = models.JSONField(_("conditions"), default=dict, editable=False)  # as crm.conditions.trees reads it
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ["name"]
        default_permissions = ("view", "add", "change")
        permissions = [
            ("use_segment", gettext_noop("Can take snapshots of segments")),
            ("export_segment", gettext_noop("Can export the people of a segment")),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(purpose=""), name="crm_segment_has_purpose"),
        ]

    def __str__(self) -> str:
        return self.name


class SegmentSnapshot(models.Model):
    """Who was in a segment when it was used, and what for; stays as it was."""

    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="snapshots", verbose_name=_("segment"))
    tree = models.JSONField(_("conditions"))
    used_for = models.CharField(_("used for"), max_length=300)
    customer_count = models.PositiveIntegerField(_("customers"))
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    taken_at = models.DateTimeField(pgettext_lazy("snapshot", "taken"), db_default=Now())

    class Meta:
        verbose_name = _("snapshot of a segment")
        verbose_name_plural = _("snapshots of segments")
        ordering = ["-taken_at", "-id"]
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=~Q(used_for=""), name="crm_segmentsnapshot_has_reason")]

    def __str__(self) -> str:
        return f"{self.segment_id} {self.taken_at:%Y-%m-%d}"


class SegmentMember(models.Model):
    """A customer of a snapshot."""

    snapshot = models.ForeignKey(SegmentSnapshot, on_delete=models.CASCADE, related_name="members", db_index=False)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="segment_memberships", verbose_name=_("customer")
    )

    class Meta:
        verbose_name = _("customer of a snapshot")
        verbose_name_plural = _("customers of snapshots")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["snapshot", "customer"], name="crm_segmentmember_once")]

    def __str__(self) -> str:
        return f"{self.snapshot_id} {self.customer_id}"
