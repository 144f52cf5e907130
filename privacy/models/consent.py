"""Who agreed to what: a ledger of events; what holds now is derived from it."""

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from core.models import append_only


class Purpose(models.TextChoices):
    """For what somebody is written to, or their data used."""

    MARKETING = "marketing", pgettext_lazy("consent", "Advertising")
    REVIEWS = "reviews", pgettext_lazy("consent", "Asking for reviews")
    PROFILE = "profile", pgettext_lazy("consent", "Offers by what was bought")
    THIRD_PARTY = "third_party", pgettext_lazy("consent", "Passing on to partners")


class Channel(models.TextChoices):
    """By which way."""

    EMAIL = "email", pgettext_lazy("consent", "E-mail")
    SMS = "sms", pgettext_lazy("consent", "Text message")
    PUSH = "push", pgettext_lazy("consent", "App message")
    PHONE = "phone", pgettext_lazy("consent", "Phone call")
    MAIL = "mail", pgettext_lazy("consent", "Letter")


class ConsentAct(models.TextChoices):
    """What somebody did."""

    GIVEN = "given", pgettext_lazy("consent", "Given")
    CONFIRMED = "confirmed", pgettext_lazy("consent", "Confirmed")
    WITHDRAWN = "withdrawn", pgettext_lazy("consent", "Withdrawn")


class ConsentSource(models.TextChoices):
    """Where it was said."""

    SIGN_UP = "sign_up", pgettext_lazy("consent source", "Sign-up form")
    ORDER = "order", pgettext_lazy("consent source", "Order form")
    PHONE = "phone", pgettext_lazy("consent source", "Phone")
    LETTER = "letter", pgettext_lazy("consent source", "Mail or letter")
    LINK = "link", pgettext_lazy("consent source", "Link in a message")
    FILE = "file", pgettext_lazy("consent source", "Imported file")
    MERGE = "merge", pgettext_lazy("consent source", "Merged customers")
    ERASURE = "erasure", pgettext_lazy("consent source", "Erasure")


class ConsentEvent(models.Model):
    """One thing somebody said about being written to; append-only. The latest one decides, at a tie the stricter.

    ``is_night``: about 21 to 8 o'clock, for which Korea asks for a consent of its own (정보통신망법 §50③).
    """

    subject_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    subject_id = models.BigIntegerField(pgettext_lazy("consent", "whose"))
    purpose = models.CharField(pgettext_lazy("consent", "purpose"), max_length=12, choices=Purpose.choices)
    channel = models.CharField(pgettext_lazy("consent", "by"), max_length=6, choices=Channel.choices)
    is_night = models.BooleanField(pgettext_lazy("consent", "at night"), default=False)
    act = models.CharField(pgettext_lazy("consent", "what"), max_length=10, choices=ConsentAct.choices)
    text_version = models.CharField(_("version of the text"), max_length=40, blank=True)
    source = models.CharField(pgettext_lazy("consent", "source"), max_length=10, choices=ConsentSource.choices)
    evidence = models.CharField(pgettext_lazy("consent", "evidence"), max_length=200, blank=True)
    happened_at = models.DateTimeField(pgettext_lazy("consent", "said"))
    expires_at = models.DateTimeField(pgettext_lazy("consent", "until"), null=True, blank=True)
    key = models.CharField(max_length=120, blank=True, editable=False)  # of the request or the file's row: once
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("by"),
    )  # fmt: skip
    at = models.DateTimeField(_("noted"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = pgettext_lazy("consent", "consent event")
        verbose_name_plural = _("consent ledger")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="privacy_consent_purpose_valid"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="privacy_consent_channel_valid"),
            models.CheckConstraint(condition=Q(act__in=ConsentAct.values), name="privacy_consent_act_valid"),
            models.CheckConstraint(condition=Q(source__in=ConsentSource.values), name="privacy_consent_source_valid"),
            models.CheckConstraint(
                condition=~Q(act=ConsentAct.GIVEN) | ~Q(text_version=""), name="privacy_consent_text_known"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("happened_at")), name="privacy_consent_forward"),
            models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="privacy_consent_once"),
        ]
        indexes = [
            models.Index(
                fields=["subject_type", "subject_id", "purpose", "channel", "is_night", "-happened_at", "-id"],
                name="privacy_consent_subject",
            ),
            models.Index(fields=["happened_at"], name="privacy_consent_happened"),
        ]
        permissions = [("record_consent", gettext_noop("Can record consents and withdrawals"))]
        triggers = append_only("privacy_consent")

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}, {self.get_channel_display()}: {self.get_act_display()}"
