"""What was said. What customers may read and what they never may are two tables: an answer cannot point to a note."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from service.models.inlet import Inlet
from service.models.ticket import Ticket, TicketStatus


class Direction(models.TextChoices):
    """Who said it."""

    INBOUND = "inbound", pgettext_lazy("message", "from the customer")
    OUTBOUND = "outbound", pgettext_lazy("message", "from us")


class Message(models.Model):
    """What the customer wrote or may read; its words never change, only the ticket that shows it (a split)."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="messages", verbose_name=_("ticket"))
    version = models.PositiveIntegerField(_("version"))  # of the ticket, which this message made
    inlet = models.ForeignKey(Inlet, on_delete=models.PROTECT, related_name="messages", verbose_name=_("inlet"))
    direction = models.CharField(_("direction"), max_length=10, choices=Direction.choices)
    external_id = models.CharField(_("id of the source"), max_length=255, blank=True)
    message_id = models.CharField("Message-ID", max_length=255, blank=True)  # without angle brackets
    in_reply_to = models.CharField("In-Reply-To", max_length=255, blank=True)
    references = ArrayField(models.CharField(max_length=255), verbose_name="References", default=list, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("by"),
    )  # fmt: skip
    sender_name = models.CharField(_("sender"), max_length=200, blank=True)
    sender_address = models.CharField(_("sender’s address"), max_length=254, blank=True)  # lower case
    recipient = models.CharField(_("recipient"), max_length=254, blank=True)
    subject = models.CharField(pgettext_lazy("message", "subject"), max_length=300, blank=True)
    body = models.TextField(pgettext_lazy("message", "text"), blank=True)
    html = models.TextField("HTML", blank=True)  # as core.html.clean_html leaves it
    raw = models.FileField(_("as it came"), upload_to="tickets/raw", max_length=200, blank=True)
    is_automatic = models.BooleanField(_("written by a machine"), default=False, db_default=False)
    withheld = ArrayField(
        models.CharField(max_length=150), verbose_name=_("files that were not kept"), default=list, blank=True,
        db_default=[],
    )  # fmt: skip
    at = models.DateTimeField(_("written"))
    created_at = models.DateTimeField(_("arrived"), db_default=Now())

    class Meta:
        verbose_name = pgettext_lazy("customer service", "message")
        verbose_name_plural = pgettext_lazy("customer service", "messages")
        ordering = ["at", "id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(direction__in=Direction.values), name="service_message_direction_valid"),
            models.UniqueConstraint(
                fields=["inlet", "external_id"], condition=~Q(external_id=""), name="service_message_taken_once"
            ),
            models.CheckConstraint(
                condition=Q(direction="inbound", author=None) | Q(direction="outbound"),
                name="service_message_inbound_has_no_author",
            ),
        ]
        indexes = [
            models.Index(fields=["ticket", "at", "id"], name="service_message_ticket"),
            models.Index(fields=["message_id"], condition=~Q(message_id=""), name="service_message_message_id"),
        ]
        triggers = [
            pgtrigger.Protect(name="service_message_undeletable", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="service_message_words_stay",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["ticket"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}/{self.version}"  # never its words: they may reach a log


class Note(models.Model):
    """What colleagues tell each other about a ticket; append-only, and nothing that sends can reach it."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="notes", verbose_name=_("ticket"))
    version = models.PositiveIntegerField(_("version"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("by"),
    )  # fmt: skip
    body = models.TextField(pgettext_lazy("message", "text"))
    at = models.DateTimeField(_("written"), db_default=Now())

    class Meta:
        verbose_name = _("internal note")
        verbose_name_plural = _("internal notes")
        ordering = ["at", "id"]
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=~Q(body=""), name="service_note_says_something")]
        indexes = [models.Index(fields=["ticket", "at", "id"], name="service_note_ticket")]
        triggers = [
            pgtrigger.Protect(name="service_note_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}/{self.version}"


class Attachment(models.Model):
    """A file of a message; private, its type known by its bytes."""

    message = models.ForeignKey(
        Message, on_delete=models.PROTECT, related_name="attachments",
        verbose_name=pgettext_lazy("customer service", "message"),
    )  # fmt: skip
    file = models.FileField(_("file"), upload_to="tickets/files", max_length=300)
    filename = models.CharField(_("file name"), max_length=150)
    kind = models.CharField(_("type"), max_length=20)  # a key of staff.adapters.file_types.PHRASES
    size_bytes = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField("SHA-256", max_length=64)
    content_id = models.CharField("Content-ID", max_length=255, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["id"]
        default_permissions = ()
        triggers = [
            pgtrigger.Protect(name="service_attachment_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class OutgoingState(models.TextChoices):
    """What became of an answer."""

    AWAITING = "awaiting", pgettext_lazy("answer", "Awaiting approval")
    OWED = "owed", pgettext_lazy("answer", "To send")
    SENT = "sent", pgettext_lazy("answer", "Sent")
    FAILED = "failed", pgettext_lazy("answer", "Not delivered")
    UNDONE = "undone", pgettext_lazy("answer", "Taken back")


# no customer has an answer by these
NOT_SAID = (OutgoingState.AWAITING, OutgoingState.UNDONE)


class OutgoingWay(models.TextChoices):
    """How an answer leaves."""

    MAIL = "mail", _("by e-mail")
    BY_HAND = "by_hand", _("by hand")
    CHAT = "chat", _("in the chat")  # the visitor's page reads it as soon as it is due
    MALL = "mall", _("in the mall")  # handed over through the mall's interface


class Outgoing(models.Model):
    """One answer that is owed to a customer: a public message, when it is due, and what became of it."""

    message = models.OneToOneField(
        Message, on_delete=models.PROTECT, related_name="outgoing",
        verbose_name=pgettext_lazy("customer service", "message"),
    )  # fmt: skip
    key = models.CharField(max_length=80, unique=True)  # of the request: pressed twice it is one answer
    way = models.CharField(_("way"), max_length=10, choices=OutgoingWay.choices)
    state = models.CharField(_("state"), max_length=10, choices=OutgoingState.choices, default=OutgoingState.OWED)
    due_at = models.DateTimeField(_("due"))
    wants_approval = models.BooleanField(_("wants approval"), default=False, db_default=False)
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.CharField(_("error"), max_length=200, blank=True)
    status_before = models.CharField(max_length=20, choices=TicketStatus.choices)  # what undoing brings back
    waiting_before = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("answer to send")
        verbose_name_plural = _("answers to send")
        ordering = ["id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(way__in=OutgoingWay.values), name="service_outgoing_way_valid"),
            models.CheckConstraint(condition=Q(state__in=OutgoingState.values), name="service_outgoing_state_valid"),
            models.CheckConstraint(
                condition=Q(status_before__in=TicketStatus.values), name="service_outgoing_status_before_valid"
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at=None)),
                name="service_outgoing_sent_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(wants_approval=False) | Q(state__in=["awaiting", "undone"]) | Q(approved_at__isnull=False),
                name="service_outgoing_approved_before_leaving",
            ),
            models.CheckConstraint(
                condition=~Q(state="awaiting") | Q(wants_approval=True, approved_at=None, attempts=0),
                name="service_outgoing_awaiting_has_not_begun",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="owed", way="mail"), name="service_outgoing_due"),
            models.Index(fields=["due_at"], condition=Q(state="owed", way="chat"), name="service_outgoing_chat"),
            models.Index(fields=["due_at"], condition=Q(state="owed", way="mall"), name="service_outgoing_mall"),
            models.Index(fields=["sent_at"], condition=Q(state="sent", way="chat"), name="service_outgoing_in_chat"),
            models.Index(fields=["due_at"], condition=Q(state="owed", attempts=0), name="service_outgoing_scheduled"),
            models.Index(fields=["id"], condition=Q(state="failed"), name="service_outgoing_failed"),
            models.Index(fields=["id"], condition=Q(state="owed", way="by_hand"), name="service_outgoing_by_hand"),
            models.Index(fields=["id"], condition=Q(state="awaiting"), name="service_outgoing_awaiting"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
