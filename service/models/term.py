"""By when we answer: policies as data, the malls' own deadlines, steps of escalation and what they did."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import SalesChannel
from service.models.inlet import InletKind
from service.models.ticket import Ticket
from staff.models import Language, Priority, WorkCalendar
from staff.models.people import default_time_zone, validate_time_zone


class SlaPolicy(models.Model):
    """Within how many working minutes tickets of one sort are answered and resolved; the first that fits counts."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(
        _("position"), default=100, help_text=_("Policies are tried in this order; the first that fits counts.")
    )
    inlet_kinds = ArrayField(
        models.CharField(max_length=20, choices=InletKind.choices), verbose_name=_("kinds of inlets"), default=list,
        blank=True, help_text=_("None chosen: all."),
    )  # fmt: skip
    languages = ArrayField(
        models.CharField(max_length=5, choices=Language.choices), verbose_name=_("languages"), default=list,
        blank=True, help_text=_("None chosen: all."),
    )  # fmt: skip
    least_priority = models.PositiveSmallIntegerField(
        _("from this priority on"), choices=Priority.choices, default=Priority.LOW
    )
    tag = models.CharField(
        _("tag"), max_length=40, blank=True, help_text=_("Only tickets of a customer, or themselves, with this tag.")
    )
    calendar = models.ForeignKey(
        WorkCalendar, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("work calendar"), help_text=_("Empty: the shop’s own."),
    )  # fmt: skip
    time_zone = models.CharField(
        _("time zone"), max_length=50, default=default_time_zone, validators=[validate_time_zone]
    )
    first_reply_minutes = models.PositiveIntegerField(_("first answer within (working minutes)"), null=True, blank=True)
    next_reply_minutes = models.PositiveIntegerField(
        _("each further answer within (working minutes)"), null=True, blank=True
    )
    resolve_minutes = models.PositiveIntegerField(
        _("resolved within (working minutes)"), null=True, blank=True,
        help_text=_("Does not run while the customer owes us an answer."),
    )  # fmt: skip
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("answer policy")
        verbose_name_plural = _("answer policies")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(inlet_kinds__contained_by=InletKind.values), name="service_slapolicy_kinds_valid"
            ),
            models.CheckConstraint(
                condition=Q(languages__contained_by=Language.values), name="service_slapolicy_languages_valid"
            ),
            models.CheckConstraint(
                condition=Q(least_priority__in=Priority.values), name="service_slapolicy_priority_valid"
            ),
            models.CheckConstraint(
                condition=(Q(first_reply_minutes=None) | Q(first_reply_minutes__range=(1, 100_000)))
                & (Q(next_reply_minutes=None) | Q(next_reply_minutes__range=(1, 100_000)))
                & (Q(resolve_minutes=None) | Q(resolve_minutes__range=(1, 100_000))),
                name="service_slapolicy_minutes_sane",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TermUnit(models.TextChoices):
    """How a mall counts."""

    HOURS = "hours", pgettext_lazy("term", "Hours")
    WORKING_DAYS = "working_days", pgettext_lazy("term", "Working days")


class MallDeadline(models.Model):
    """By when a sales channel itself wants its inquiries answered; it runs whatever state our ticket has."""

    sales_channel = models.ForeignKey(
        SalesChannel, on_delete=models.PROTECT, related_name="answer_deadlines", verbose_name=_("sales channel")
    )
    inlet_kind = models.CharField(_("kind of inlet"), max_length=20, choices=InletKind.choices, default=InletKind.MALL)
    length = models.PositiveSmallIntegerField(pgettext_lazy("term", "length"))
    unit = models.CharField(_("counted in"), max_length=20, choices=TermUnit.choices, default=TermUnit.HOURS)
    calendar = models.ForeignKey(
        WorkCalendar, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("work calendar"), help_text=_("For working days. Empty: the shop’s own."),
    )  # fmt: skip
    source = models.CharField(
        _("source"), max_length=300, blank=True, help_text=_("Where the channel says so: page of its manual, date.")
    )
    is_verified = models.BooleanField(_("verified"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("answer deadline of a channel")
        verbose_name_plural = _("answer deadlines of channels")
        ordering = ["sales_channel", "inlet_kind", "id"]
        constraints = [
            models.UniqueConstraint(fields=["sales_channel", "inlet_kind"], name="service_malldeadline_once"),
            models.CheckConstraint(condition=Q(inlet_kind__in=InletKind.values), name="service_malldeadline_kind"),
            models.CheckConstraint(condition=Q(unit__in=TermUnit.values), name="service_malldeadline_unit_valid"),
            models.CheckConstraint(condition=Q(length__range=(1, 720)), name="service_malldeadline_length_sane"),
            models.CheckConstraint(
                condition=Q(is_verified=False) | ~Q(source=""), name="service_malldeadline_verified_has_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.length} {self.get_unit_display()}"


class Term(models.TextChoices):
    """The clocks of a ticket; the values are the columns without ``_due_at``."""

    FIRST_REPLY = "first_reply", pgettext_lazy("term", "First answer")
    NEXT_REPLY = "next_reply", pgettext_lazy("term", "Next answer")
    RESOLVE = "resolve", pgettext_lazy("term", "Resolution")
    MALL = "mall", pgettext_lazy("term", "The mall’s deadline")
    LEGAL = "legal", pgettext_lazy("term", "Legal deadline")


class EscalationStep(models.Model):
    """What happens so many minutes before a ticket is due: who hears of it, and whether it presses more."""

    term = models.CharField(_("clock"), max_length=20, choices=Term.choices)
    minutes_before = models.IntegerField(
        _("minutes before it is due"), default=30, help_text=_("0: when it is due. Negative: so many minutes late.")
    )
    tells_assignee = models.BooleanField(_("tell who has it"), default=True)
    tells_leads = models.BooleanField(_("tell who directs"), default=False)
    raises_priority = models.BooleanField(_("raise the priority"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("escalation step")
        verbose_name_plural = _("escalation steps")
        ordering = ["term", "-minutes_before", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(term__in=Term.values), name="service_escalationstep_term_valid"),
            models.CheckConstraint(
                condition=Q(minutes_before__range=(-20_160, 20_160)), name="service_escalationstep_near"
            ),
            models.UniqueConstraint(fields=["term", "minutes_before"], name="service_escalationstep_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_term_display()} {-self.minutes_before:+d}"


class Escalation(models.Model):
    """A step that was taken for one due moment of one ticket; it is never taken twice for the same moment."""

    step = models.ForeignKey(
        EscalationStep, on_delete=models.PROTECT, related_name="taken", verbose_name=_("escalation step")
    )
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="escalations", verbose_name=_("ticket"))
    due_at = models.DateTimeField(_("due"))
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("escalation")
        verbose_name_plural = _("escalations")
        ordering = ["-id"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["ticket", "step", "due_at"], name="service_escalation_once")]

    def __str__(self) -> str:
        return f"{self.ticket_id} · {self.step_id}"
