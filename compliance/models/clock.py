"""Clocks: a legal term that runs for one order, one return, one complaint."""

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from compliance.models.term import LegalRule, TermKind
from core.money import Currency


class ClockQuerySet(models.QuerySet["LegalClock"]):
    """Vocabulary of clocks."""

    def running(self) -> "ClockQuerySet":
        """Clocks that nothing has stopped yet."""
        return self.filter(stopped_at=None)

    def duties(self) -> "ClockQuerySet":
        """Clocks of what the shop has to do."""
        return self.filter(rule__kind=TermKind.DUTY)


class LegalClock(models.Model):
    """A term at work: the rule as it stood when the contract was made, from when, until when, and what stopped it."""

    rule = models.ForeignKey(LegalRule, on_delete=models.PROTECT, related_name="clocks", verbose_name=_("legal term"))
    subject_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    subject_id = models.BigIntegerField()
    subject_label = models.CharField(pgettext_lazy("clock", "about"), max_length=60)
    country = models.CharField(_("country"), max_length=2)  # whose midnight and holidays count
    contract_on = models.DateField(_("contract of"))
    started_at = models.DateTimeField(pgettext_lazy("clock", "started"))
    due_at = models.DateTimeField(pgettext_lazy("clock", "due"))  # the last moment that is in time
    stopped_at = models.DateTimeField(pgettext_lazy("clock", "stopped"), null=True, blank=True)
    evidence = models.CharField(pgettext_lazy("clock", "evidence"), max_length=300, blank=True)
    moved_because = models.CharField(_("why it was moved"), max_length=300, blank=True)
    is_extended = models.BooleanField(pgettext_lazy("clock", "extended"), default=False)
    # minor units: what is owed, what of it is done, and pieces of it times the days that each was late
    amount = models.BigIntegerField(_("amount"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    settled = models.BigIntegerField(default=0)
    late_amount_days = models.DecimalField(max_digits=30, decimal_places=0, default=0)
    breach_cost = models.BigIntegerField(_("cost of the delay"), null=True, blank=True)
    breached_at = models.DateTimeField(pgettext_lazy("clock", "missed"), null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)  # when the bell said that it comes near
    created_at = models.DateTimeField(db_default=Now())

    objects = ClockQuerySet.as_manager()

    class Meta:
        verbose_name = _("legal deadline")
        verbose_name_plural = _("legal deadlines")
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["subject_type", "subject_id", "rule"], name="compliance_legalclock_once"),
            models.CheckConstraint(condition=Q(due_at__gte=F("started_at")), name="compliance_legalclock_forward"),
            models.CheckConstraint(
                condition=Q(stopped_at=None, evidence="", breach_cost=None)
                | Q(stopped_at__isnull=False, stopped_at__gte=F("started_at"), evidence__gt=""),
                name="compliance_legalclock_stop_proved",
            ),
            models.CheckConstraint(
                condition=Q(amount=None, currency="", settled=0, breach_cost=None)
                | Q(
                    amount__isnull=False,
                    amount__gt=0,
                    currency__in=Currency.values,
                    settled__gte=0,
                    settled__lte=F("amount"),
                ),
                name="compliance_legalclock_money_fits",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(stopped_at=None), name="compliance_clock_running"),
            models.Index(fields=["due_at", "id"], name="compliance_clock_due"),
        ]
        permissions = [
            ("stop_legalclock", gettext_noop("Can stop, extend and restart legal deadlines")),
            ("see_clock_costs", gettext_noop("Can see amounts and costs of legal deadlines")),
        ]

    def __str__(self) -> str:
        return f"{self.subject_label}: {self.rule}"
