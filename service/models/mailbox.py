"""Boxes that are fetched, mails that were set aside, and how often strangers knock at the form."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from service.models.inlet import Inlet
from service.models.message import Message

OWN_MACHINE = ("localhost", "127.0.0.1", "::1")


class MailSecurity(models.TextChoices):
    """How the connection to a mail server is protected."""

    TLS = "tls", "TLS"
    STARTTLS = "starttls", "STARTTLS"
    NONE = "none", pgettext_lazy("connection", "None (this machine only)")


class Mailbox(models.Model):
    """Where the mails of an inlet are fetched by IMAP; its password stands in the environment, never here.

    ``uid_validity`` and ``last_uid`` are the position: everything up to it was taken or set aside. ``lease`` is who
    fetches now; a worker that died loses it at ``leased_until``.
    """

    inlet = models.OneToOneField(Inlet, on_delete=models.PROTECT, related_name="mailbox", verbose_name=_("inlet"))
    host = models.CharField(_("server"), max_length=200)
    port = models.PositiveIntegerField(_("port"), default=993)
    security = models.CharField(_("protection"), max_length=10, choices=MailSecurity.choices, default=MailSecurity.TLS)
    username = models.CharField(_("user name"), max_length=200)
    folder = models.CharField(_("folder"), max_length=200, default="INBOX")
    takes_since = models.DateField(_("mails since"), help_text=_("Older mails stay in the box and become no tickets."))
    is_active = models.BooleanField(_("active"), default=True)
    uid_validity = models.BigIntegerField(null=True, blank=True, editable=False)
    last_uid = models.BigIntegerField(default=0, editable=False)
    lease = models.CharField(max_length=32, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    due_at = models.DateTimeField(_("looked at next"), db_default=Now(), editable=False)
    failure_count = models.PositiveSmallIntegerField(_("failures in a row"), default=0, editable=False)
    error = models.CharField(_("error"), max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")
        ordering = ["id"]
        default_permissions = ()  # a part of its inlet
        constraints = [
            models.CheckConstraint(
                condition=Q(security__in=MailSecurity.values), name="service_mailbox_security_valid"
            ),
            models.CheckConstraint(
                condition=~Q(security="none") | Q(host__in=OWN_MACHINE), name="service_mailbox_password_never_in_clear"
            ),
            models.CheckConstraint(condition=Q(port__range=(1, 65535)), name="service_mailbox_port_valid"),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(is_active=True), name="service_mailbox_due")]

    def __str__(self) -> str:
        return str(self.inlet)


class AsideReason(models.TextChoices):
    """Why a mail became no message of a ticket."""

    AUTO_REPLY = "auto_reply", pgettext_lazy("mail", "Answer of a machine")
    BOUNCE = "bounce", pgettext_lazy("mail", "Returned to sender")
    OWN = "own", pgettext_lazy("mail", "From ourselves")
    FLOOD = "flood", pgettext_lazy("mail", "Too many of one sender")
    TOO_LARGE = "too_large", pgettext_lazy("mail", "Too large")
    UNREADABLE = "unreadable", pgettext_lazy("mail", "Cannot be read")
    EMPTY = "empty", pgettext_lazy("mail", "Without words")


class AsideMail(models.Model):
    """A mail that came in and was kept apart; nothing is lost, and a person may let it in after all."""

    inlet = models.ForeignKey(Inlet, on_delete=models.PROTECT, related_name="aside_mails", verbose_name=_("inlet"))
    external_id = models.CharField(_("id of the source"), max_length=255)
    reason = models.CharField(_("reason"), max_length=20, choices=AsideReason.choices)
    sender_address = models.CharField(_("sender’s address"), max_length=254, blank=True)
    subject = models.CharField(pgettext_lazy("message", "subject"), max_length=300, blank=True)
    raw = models.FileField(_("as it came"), upload_to="tickets/raw", max_length=200, blank=True)
    message = models.OneToOneField(
        Message, null=True, blank=True, on_delete=models.PROTECT, related_name="aside",
        verbose_name=pgettext_lazy("customer service", "message"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("arrived"), db_default=Now())

    class Meta:
        verbose_name = _("mail set aside")
        verbose_name_plural = _("mails set aside")
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=Q(reason__in=AsideReason.values), name="service_asidemail_reason_valid"),
            models.UniqueConstraint(fields=["inlet", "external_id"], name="service_asidemail_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Knock(models.Model):
    """How often one origin wrote within a window of time; the origin is a keyed hash, never an address."""

    origin = models.CharField(max_length=64)
    window = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("count of a sender")
        verbose_name_plural = _("counts of senders")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["origin", "window"], name="service_knock_once")]
        indexes = [models.Index(fields=["window"], name="service_knock_window")]

    def __str__(self) -> str:
        return str(self.pk)
