"""Requests of the persons concerned, what was decided for each class of records, what is kept apart until its day."""

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from core.states import Transitions
from privacy.locking import LockedTextField


class RequestKind(models.TextChoices):
    """What somebody asks for."""

    ACCESS = "access", pgettext_lazy("data request", "Access")
    CORRECTION = "correction", pgettext_lazy("data request", "Correction")
    ERASURE = "erasure", pgettext_lazy("data request", "Erasure")


class RequestState(models.TextChoices):
    """How far it is."""

    OPEN = "open", pgettext_lazy("data request", "To answer")
    DECIDED = "decided", pgettext_lazy("data request", "Being carried out")
    DONE = "done", pgettext_lazy("data request", "Answered")
    REFUSED = "refused", pgettext_lazy("data request", "Refused")


REQUEST_TRANSITIONS = Transitions(
    {
        RequestState.OPEN: {RequestState.DECIDED, RequestState.DONE, RequestState.REFUSED},
        RequestState.DECIDED: {RequestState.DONE},
        RequestState.DONE: set(),
        RequestState.REFUSED: set(),
    }
)


class Outcome(models.TextChoices):
    """What becomes of a class of records."""

    DESTROYED = "destroyed", pgettext_lazy("records", "Destroyed")
    RESTRICTED = "restricted", pgettext_lazy("records", "Kept apart until its day")
    KEPT = "kept", pgettext_lazy("records", "Stays as it is")


class DataRequest(models.Model):
    """One request of a person concerned: what, when, by which way, how we knew that it is them."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    subject_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    subject_id = models.BigIntegerField(pgettext_lazy("data request", "whose"))
    subject_label = models.CharField(pgettext_lazy("data request", "whose"), max_length=60)  # a number, never a name
    kind = models.CharField(pgettext_lazy("data request", "kind"), max_length=10, choices=RequestKind.choices)
    state = models.CharField(
        _("state"), max_length=10, choices=RequestState.choices, default=RequestState.OPEN, editable=False
    )
    country = models.CharField(_("country"), max_length=2, blank=True)
    asked_at = models.DateTimeField(pgettext_lazy("data request", "asked"))
    asked_through = models.CharField(pgettext_lazy("data request", "by which way"), max_length=80)
    identity_check = models.CharField(_("how we know that it is them"), max_length=200)
    wish = models.TextField(pgettext_lazy("data request", "what is asked for"), max_length=2000, blank=True)
    answer = models.TextField(pgettext_lazy("data request", "our answer"), max_length=2000, blank=True)
    due_at = models.DateTimeField(pgettext_lazy("data request", "due"), null=True, blank=True, editable=False)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("noted by")
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("decided by"),
    )  # fmt: skip
    closed_at = models.DateTimeField(pgettext_lazy("data request", "answered"), null=True, blank=True)
    created_at = models.DateTimeField(_("noted"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("request about personal data")
        verbose_name_plural = _("requests about personal data")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RequestKind.values), name="privacy_request_kind_valid"),
            models.CheckConstraint(condition=Q(state__in=RequestState.values), name="privacy_request_state_valid"),
            models.CheckConstraint(condition=~Q(identity_check=""), name="privacy_request_identity_checked"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, state__in=[RequestState.OPEN, RequestState.DECIDED])
                | Q(closed_at__isnull=False, state__in=[RequestState.DONE, RequestState.REFUSED]),
                name="privacy_request_closed_when_answered",
            ),
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"],
                condition=Q(kind=RequestKind.ERASURE, state__in=[RequestState.OPEN, RequestState.DECIDED]),
                name="privacy_request_one_erasure",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=Q(state__in=["open", "decided"]), name="privacy_request_open"
            ),
            models.Index(fields=["subject_type", "subject_id", "-id"], name="privacy_request_subject"),
        ]
        permissions = [
            ("answer_datarequest", gettext_noop("Can answer requests about personal data")),
            ("decide_erasure", gettext_noop("Can decide what is erased and what is kept")),
        ]

    def __str__(self) -> str:
        return self.number


class RecordDecision(models.Model):
    """What becomes of one class of records because of an erasure: by which rule, until when, and that it was done."""

    request = models.ForeignKey(
        DataRequest, on_delete=models.PROTECT, related_name="decisions", verbose_name=_("request about personal data")
    )
    record_class = models.CharField(_("class of records"), max_length=60)
    outcome = models.CharField(pgettext_lazy("records", "outcome"), max_length=10, choices=Outcome.choices)
    row_count = models.PositiveIntegerField(_("records"))
    keep_until = models.DateField(_("kept until"), null=True, blank=True)
    rule = models.CharField(pgettext_lazy("records", "rule"), max_length=200, blank=True)
    source = models.CharField(pgettext_lazy("rule", "source"), max_length=300, blank=True)
    is_verified = models.BooleanField(_("verified"), default=False)
    done_at = models.DateTimeField(pgettext_lazy("moment", "done"), null=True, blank=True)

    class Meta:
        verbose_name = _("decision about records")
        verbose_name_plural = _("decisions about records")
        ordering = ["id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["request", "record_class"], name="privacy_decision_once"),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="privacy_decision_outcome_valid"),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.DESTROYED, keep_until__isnull=True)
                | Q(outcome=Outcome.RESTRICTED, keep_until__isnull=False, rule__gt="")
                | Q(outcome=Outcome.KEPT, rule__gt=""),
                name="privacy_decision_has_rule",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record_class}: {self.get_outcome_display()}"


class RestrictedRecord(models.Model):
    """What a law makes us keep of an erased person: locked, in no list, search or export, destroyed at its day."""

    decision = models.OneToOneField(
        RecordDecision, on_delete=models.PROTECT, related_name="restricted", verbose_name=_("decision about records")
    )
    contents = LockedTextField(_("contents"), blank=True)
    keep_until = models.DateField(_("kept until"))  # the last day
    destroyed_at = models.DateTimeField(pgettext_lazy("records", "destroyed"), null=True, blank=True)
    created_at = models.DateTimeField(_("kept since"), db_default=Now())

    class Meta:
        verbose_name = _("restricted record")
        verbose_name_plural = _("restricted records")
        ordering = ["keep_until", "id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(destroyed_at__isnull=True) | Q(contents=""), name="privacy_restricted_empty_when_destroyed"
            )
        ]
        indexes = [
            models.Index(fields=["keep_until", "id"], condition=Q(destroyed_at=None), name="privacy_restricted_due")
        ]
        permissions = [("open_restricted", gettext_noop("Can open what is kept apart of erased persons"))]

    def __str__(self) -> str:
        return str(self.pk)
