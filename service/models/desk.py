"""What people at the desk leave behind: drafts, what they have read, who is there, and that something changed."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from service.models.ticket import Ticket


class Draft(models.Model):
    """An answer somebody has begun; ``seen_version`` is the conversation it answers."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="drafts", verbose_name=_("ticket"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("by"))
    body = models.TextField(blank=True)
    kept_files = ArrayField(
        models.BigIntegerField(), default=list, blank=True, db_default=[]
    )  # ids of AnswerFile that go along
    seen_version = models.PositiveIntegerField()
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("draft of an answer")
        verbose_name_plural = _("drafts of answers")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="service_draft_once")]

    def __str__(self) -> str:
        return str(self.ticket_id)


class ReadMark(models.Model):
    """Up to which version a colleague has read a ticket."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="read_marks", verbose_name=_("ticket"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("by"))
    version = models.PositiveIntegerField(_("version"))

    class Meta:
        verbose_name = _("read mark")
        verbose_name_plural = _("read marks")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "ticket"], name="service_readmark_once")]

    def __str__(self) -> str:
        return f"{self.ticket_id}/{self.version}"


class Presence(models.Model):
    """Which ticket a colleague looks at; decoration that expires by itself, and nothing is refused because of it."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("by")
    )
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="presences", verbose_name=_("ticket"))
    seen_at = models.DateTimeField(db_default=Now())
    typed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("who is there")
        verbose_name_plural = _("who is there")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.ticket_id)


class Pulse(models.Model):
    """Counters that rise when a ticket changes, in the same transaction; their sum is what polling pages ask for.

    Sixteen rows by ticket, not one: a single row would have all writers wait for each other.
    """

    SHARDS = 16

    shard = models.PositiveSmallIntegerField(primary_key=True)
    version = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("pulse of the inbox")
        verbose_name_plural = _("pulses of the inbox")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.shard)
