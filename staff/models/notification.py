"""What people are told, each thing once, and by which ways."""

from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from staff.models.people import User


class Topic(models.TextChoices):
    """What a notification is about; people choose by it what reaches them, and how."""

    ASSIGNED = "assigned", pgettext_lazy("notification", "A task is given to me")
    RELEASED = "released", pgettext_lazy("notification", "A task is taken from me")
    REVIEW_ASKED = "review_asked", pgettext_lazy("notification", "My decision is asked")
    CHANGES_REQUESTED = "changes_requested", pgettext_lazy("notification", "Changes are requested of me")
    APPROVED = "approved", pgettext_lazy("notification", "Work is approved")
    DELIVERED = "delivered", pgettext_lazy("notification", "Work is delivered")
    COMMENTED = "commented", pgettext_lazy("notification", "Somebody comments")
    CHANGED = "changed", pgettext_lazy("notification", "Deadline or state of a task changes")
    DUE_SOON = "due_soon", pgettext_lazy("notification", "Due in two working days")
    DUE_TODAY = "due_today", pgettext_lazy("notification", "Due today")
    OVERDUE = "overdue", pgettext_lazy("notification", "Overdue")
    UNCLAIMED = "unclaimed", pgettext_lazy("notification", "Nobody claims a task")
    STUCK = "stuck", pgettext_lazy("notification", "A task is stuck")
    STALE = "stale", pgettext_lazy("notification", "A live picture is no longer true")
    RIGHTS_EXPIRE = "rights_expire", pgettext_lazy("notification", "Usage rights expire")
    WEBHOOK_OFF = "webhook_off", pgettext_lazy("notification", "A webhook is switched off")
    STOCK = "stock", pgettext_lazy("notification", "Stock needs attention")


class Notification(models.Model):
    """One thing told to one person; ``data`` are numbers and words for the sentence, never personal data."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications")
    topic = models.CharField(max_length=30, choices=Topic.choices)
    subject_type = models.ForeignKey(ContentType, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    subject_id = models.BigIntegerField(null=True, blank=True)
    data = models.JSONField(default=dict)
    key = models.CharField(max_length=120)  # the same thing is told once: a second insert of the key is nothing
    at = models.DateTimeField(db_default=Now())
    is_shown = models.BooleanField(default=True)  # False: the person wants it by other ways only
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="staff_notification_once"),
            models.CheckConstraint(condition=Q(topic__in=Topic.values), name="staff_notification_topic_valid"),
        ]
        indexes = [
            models.Index(
                fields=["user", "-id"], condition=Q(read_at=None, is_shown=True), name="staff_notification_unread"
            ),
            models.Index(fields=["user", "-id"], name="staff_notification_of_user"),
        ]

    def __str__(self) -> str:
        return str(self.get_topic_display())


class NotificationPreference(models.Model):
    """How one person wants to hear of one topic; without a row the topic's usual ways hold."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notification_preferences")
    topic = models.CharField(max_length=30, choices=Topic.choices)
    in_app = models.BooleanField(default=True)
    email = models.BooleanField(default=False)
    webhook = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("notification preference")
        verbose_name_plural = _("notification preferences")
        constraints = [
            models.UniqueConstraint(fields=["user", "topic"], name="staff_preference_once"),
            models.CheckConstraint(condition=Q(topic__in=Topic.values), name="staff_preference_topic_valid"),
        ]

    def __str__(self) -> str:
        return self.topic


class WebhookKind(models.TextChoices):
    """How the body of a message is written."""

    SLACK = "slack", "Slack"
    KAKAO_WORK = "kakao_work", "Kakao Work"
    JSON = "json", pgettext_lazy("webhook", "JSON, signed")


class Webhook(models.Model):
    """An address that takes messages: a person's own, or the team's (then without user)."""

    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="webhooks", verbose_name=_("person")
    )
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=20, choices=WebhookKind.choices)
    url = models.CharField(pgettext_lazy("webhook", "address"), max_length=500)  # holds a secret: shown masked
    secret = models.CharField(_("signing secret"), max_length=100, blank=True)
    topics = ArrayField(
        models.CharField(max_length=30, choices=Topic.choices), default=list, blank=True, verbose_name=_("topics")
    )  # of a team's address; a person's own follows the preferences
    is_active = models.BooleanField(_("active"), default=True)
    failure_count = models.PositiveSmallIntegerField(default=0, editable=False)  # in a row
    last_error = models.CharField(max_length=200, blank=True, editable=False)
    last_sent_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=WebhookKind.values), name="staff_webhook_kind_valid")
        ]

    def __str__(self) -> str:
        return self.name


class OutboundChannel(models.TextChoices):
    """Ways out of the house."""

    EMAIL = "email", _("E-mail")
    WEBHOOK = "webhook", _("Webhook")


class OutboundNotification(models.Model):
    """What is owed to the outside for one notification; quiet hours and digests move ``due_at``."""

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="outbound")
    channel = models.CharField(max_length=20, choices=OutboundChannel.choices)
    webhook = models.ForeignKey(Webhook, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    occasion = models.CharField(max_length=120, blank=True)  # a team hears of it once, however many people are told
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("outgoing notification")
        verbose_name_plural = _("outgoing notifications")
        constraints = [
            models.UniqueConstraint(
                fields=["notification", "channel", "webhook"], name="staff_outbound_once", nulls_distinct=False
            ),
            models.UniqueConstraint(
                fields=["webhook", "occasion"], condition=~Q(occasion=""), name="staff_outbound_team_once"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=OutboundChannel.values), name="staff_outbound_channel_valid"
            ),
            models.CheckConstraint(
                condition=Q(channel=OutboundChannel.EMAIL, webhook=None)
                | Q(channel=OutboundChannel.WEBHOOK, webhook__isnull=False),
                name="staff_outbound_way",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=Q(sent_at=None, given_up_at=None), name="staff_outbound_due"
            )
        ]

    def __str__(self) -> str:
        return self.channel
