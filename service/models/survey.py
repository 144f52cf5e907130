"""How satisfied customers are with a resolution: asked once, answered once, by a signed address."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from service.models.inlet import Team
from service.models.ticket import Ticket
from staff.models import Language


class SurveyState(models.TextChoices):
    """How far a survey is."""

    OWED = "owed", pgettext_lazy("survey", "To send")
    SENT = "sent", pgettext_lazy("survey", "Sent")
    ANSWERED = "answered", pgettext_lazy("survey", "Answered")
    DROPPED = "dropped", pgettext_lazy("survey", "Not sent")


class Survey(models.Model):
    """One resolution and what the customer thinks of it; who had resolved it, in which team, is kept as it was."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="surveys", verbose_name=_("ticket"))
    resolved_at = models.DateTimeField(pgettext_lazy("moment", "resolved"))
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("colleague"),
    )  # fmt: skip
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=pgettext_lazy("customer service", "team"),
    )  # fmt: skip
    language = models.CharField(_("language"), max_length=5, choices=Language.choices)
    state = models.CharField(_("state"), max_length=10, choices=SurveyState.choices, default=SurveyState.OWED)
    nonce = models.CharField(max_length=32, unique=True, editable=False)  # what the address carries, signed
    due_at = models.DateTimeField(_("due"))
    expires_at = models.DateTimeField(_("ends"))
    attempts = models.PositiveSmallIntegerField(default=0)
    score = models.PositiveSmallIntegerField(_("satisfaction"), null=True, blank=True)
    comment = models.TextField(_("comment"), max_length=2000, blank=True)
    sent_at = models.DateTimeField(pgettext_lazy("survey", "sent"), null=True, blank=True)
    answered_at = models.DateTimeField(pgettext_lazy("survey", "answered"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["ticket", "resolved_at"], name="service_survey_once"),
            models.CheckConstraint(condition=Q(state__in=SurveyState.values), name="service_survey_state_valid"),
            models.CheckConstraint(condition=Q(language__in=Language.values), name="service_survey_language_valid"),
            models.CheckConstraint(
                condition=Q(state="answered", score__gte=1, score__lte=5, answered_at__isnull=False)
                | (~Q(state="answered") & Q(score=None, answered_at=None, comment="")),
                name="service_survey_answered_with_score",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="owed"), name="service_survey_owed"),
            models.Index(fields=["answered_at"], condition=Q(state="answered"), name="service_survey_answered"),
        ]

    def __str__(self) -> str:
        return str(self.ticket)
