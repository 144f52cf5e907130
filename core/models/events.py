"""Facts and what is owed because of them."""

import pgtrigger
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy


def append_only(name: str) -> list[pgtrigger.Trigger]:
    """Return triggers that refuse UPDATE, DELETE and TRUNCATE of a ledger's rows, whoever asks."""
    return [
        pgtrigger.Protect(name=f"{name}_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        pgtrigger.Trigger(
            name=f"{name}_no_truncate",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            func="RAISE EXCEPTION 'a ledger cannot be emptied (%)', TG_TABLE_NAME;",
        ),
        pgtrigger.Trigger(
            name=f"{name}_at_by_database",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert,
            # a back-dated entry would be a forged one; business time has its own column
            func="NEW.at = statement_timestamp(); RETURN NEW;",
        ),
    ]


class EventRecord(models.Model):
    """One fact that became true; append-only; people read it as history."""

    name = models.CharField(_("event"), max_length=100)
    subject_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, verbose_name=_("subject type"))
    subject_id = models.BigIntegerField(_("subject"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("by"),
    )
    data = models.JSONField(_("details"))
    # from where, as ``core.origins`` says; empty for what was recorded before it was noted
    origin = models.CharField(pgettext_lazy("history", "from where"), max_length=100, blank=True, db_default="")
    at = models.DateTimeField(pgettext_lazy("moment", "at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [models.Index(fields=["subject_type", "subject_id", "-id"], name="core_event_subject")]
        triggers = append_only("core_event")

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One handler's share of a fact; without ``done_at`` it is still owed, with ``parked_at`` it waits for a person."""

    record = models.ForeignKey(
        EventRecord, on_delete=models.PROTECT, related_name="deliveries", verbose_name=_("event")
    )
    handler = models.CharField(_("handler"), max_length=200)
    # copied from the record: the order of deliveries is kept per handler and subject
    subject_type = models.ForeignKey(
        ContentType, on_delete=models.PROTECT, related_name="+", verbose_name=_("subject type")
    )
    subject_id = models.BigIntegerField(_("subject"))
    due_at = models.DateTimeField(_("due"), db_default=Now())
    done_at = models.DateTimeField(pgettext_lazy("moment", "done"), null=True, blank=True)
    parked_at = models.DateTimeField(_("given up"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.TextField(_("last error"), blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(fields=["record", "handler"], name="core_delivery_once")]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=models.Q(done_at=None, parked_at=None), name="core_delivery_due"
            ),
            models.Index(
                fields=["handler", "subject_type", "subject_id", "id"],
                condition=models.Q(done_at=None),
                name="core_delivery_owed",
            ),
        ]
        permissions = [("retry_delivery", gettext_noop("Can retry or skip failed deliveries"))]

    def __str__(self) -> str:
        return f"{self.record} → {self.handler}"
