"""Who saw whose personal data in full, and that somebody looked at it regularly."""

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from core.models import append_only


class AccessKind(models.TextChoices):
    """How personal data was met."""

    PAGE = "page", pgettext_lazy("personal data", "Page opened, seen by role")
    REVEAL = "reveal", pgettext_lazy("personal data", "Shown in full")
    BUNDLE = "bundle", pgettext_lazy("personal data", "Bundle for the person concerned")
    RESTRICTED = "restricted", pgettext_lazy("personal data", "Restricted store opened")


class AccessReason(models.TextChoices):
    """Why personal data is shown in full."""

    CONTACT = "contact", pgettext_lazy("reason", "Contacting the customer")
    DELIVERY = "delivery", pgettext_lazy("reason", "Delivering or collecting a parcel")
    MONEY = "money", pgettext_lazy("reason", "Payment, refund or document")
    IDENTIFY = "identify", pgettext_lazy("reason", "Making sure who somebody is")
    REQUEST = "request", pgettext_lazy("reason", "Request of the person concerned")
    LEGAL = "legal", pgettext_lazy("reason", "Authority, court or dispute")
    OTHER = "other", pgettext_lazy("reason", "Something else, see the note")


class Access(models.Model):
    """One look at personal data in full: who, when, from where, whose, what, why; append-only.

    Korea: 개인정보의 안전성 확보조치 기준, article 8: kept for one year at least, two with 50,000 persons or more.
    """

    kind = models.CharField(pgettext_lazy("access", "kind"), max_length=12, choices=AccessKind.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    address = models.CharField(pgettext_lazy("access", "from"), max_length=45, blank=True)  # of the request
    subject_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    subject_id = models.BigIntegerField(pgettext_lazy("access", "whose"))
    subject_label = models.CharField(pgettext_lazy("access", "whose"), max_length=60)  # a number, never a name
    what = models.CharField(pgettext_lazy("access", "what"), max_length=200)
    reason = models.CharField(pgettext_lazy("access", "why"), max_length=12, choices=AccessReason.choices, blank=True)
    note = models.CharField(pgettext_lazy("access", "note"), max_length=300, blank=True)
    at = models.DateTimeField(pgettext_lazy("moment", "at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("look at personal data")
        verbose_name_plural = _("access log")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AccessKind.values), name="privacy_access_kind_valid"),
            models.CheckConstraint(
                condition=Q(reason__in=AccessReason.values) | Q(reason="", kind=AccessKind.PAGE),
                name="privacy_access_reason_valid",
            ),
            models.CheckConstraint(
                condition=~Q(reason=AccessReason.OTHER) | ~Q(note=""), name="privacy_access_other_explained"
            ),
        ]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-id"], name="privacy_access_subject"),
            models.Index(fields=["at"], name="privacy_access_at"),
            models.Index(fields=["actor", "-id"], name="privacy_access_actor"),
        ]
        permissions = [("reveal_personal_data", gettext_noop("Can see personal data in full, with a reason"))]
        triggers = append_only("privacy_access")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.subject_label})"


class AccessReview(models.Model):
    """Somebody looked at the access log of a time and says what they found; append-only."""

    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))  # belongs to it
    access_count = models.PositiveIntegerField(_("looks"))
    download_count = models.PositiveIntegerField(_("downloads"))
    finding = models.TextField(_("finding"))
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("reviewed by")
    )
    at = models.DateTimeField(_("reviewed"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("review of the access log")
        verbose_name_plural = _("reviews of the access log")
        ordering = ["-ends_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="privacy_accessreview_dates"),
            models.CheckConstraint(condition=~Q(finding=""), name="privacy_accessreview_finding_given"),
        ]
        permissions = [("review_access", gettext_noop("Can review the access log"))]
        triggers = append_only("privacy_accessreview")

    def __str__(self) -> str:
        return f"{self.starts_on} – {self.ends_on}"
