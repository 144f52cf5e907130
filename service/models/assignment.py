"""Who gets which ticket: what colleagues can take, rules in their order, what was given to whom and why."""

from datetime import datetime

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from service.models.inlet import Inlet, InletKind, Team
from service.models.reason import ReasonNode
from service.models.ticket import Ticket
from staff.models import Language, Priority


class Availability(models.TextChoices):
    """Whether somebody takes tickets."""

    HERE = "here", pgettext_lazy("availability", "Here")
    PAUSED = "paused", pgettext_lazy("availability", "Nothing new")
    AWAY = "away", pgettext_lazy("availability", "Away")


class AgentProfile(models.Model):
    """What a colleague of customer service can take: languages, skills, how many. Leave is that of ``staff``."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="agent_profile", verbose_name=_("colleague")
    )
    languages = ArrayField(
        models.CharField(max_length=5, choices=Language.choices), verbose_name=_("languages"), default=list,
        blank=True, help_text=_("None chosen: all."),
    )  # fmt: skip
    skills = ArrayField(
        models.CharField(max_length=40), verbose_name=_("skills"), default=list, blank=True,
        help_text=_("Words such as repair or wholesale, separated by commas. Rules ask for them."),
    )  # fmt: skip
    weight = models.PositiveSmallIntegerField(
        _("weight"),
        default=10,
        help_text=_("10: a full share. 5: half of what others get, by rules for the least loaded."),
    )
    capacity = models.PositiveSmallIntegerField(
        _("most tickets at once"), default=20, help_text=_("Tickets that wait for us. Rules never give more.")
    )
    keeps_hours = models.BooleanField(
        _("only in working hours"), default=False, help_text=_("Nothing is given outside of the hours of the calendar.")
    )
    availability = models.CharField(
        _("availability"), max_length=10, choices=Availability.choices, default=Availability.HERE
    )
    until = models.DateTimeField(
        pgettext_lazy("availability", "until"), null=True, blank=True, help_text=_("Empty: until somebody changes it.")
    )
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("agent")
        verbose_name_plural = _("agents")
        ordering = ["id"]
        default_permissions = ("view", "add", "change")
        constraints = [
            models.CheckConstraint(
                condition=Q(languages__contained_by=Language.values), name="service_agent_languages_valid"
            ),
            models.CheckConstraint(
                condition=Q(availability__in=Availability.values), name="service_agent_availability_valid"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | ~Q(availability="here"), name="service_agent_until_when_not_here"
            ),
            models.CheckConstraint(
                condition=Q(weight__range=(1, 100), capacity__range=(0, 500)), name="service_agent_numbers_sane"
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)

    def state_at(self, moment: datetime) -> Availability:
        """Return whether the colleague takes tickets then; what had an end is over after it."""
        if self.until is not None and self.until <= moment:
            return Availability.HERE
        return Availability(self.availability)


class AssignmentMethod(models.TextChoices):
    """How one of several colleagues is chosen."""

    ROUND_ROBIN = "round_robin", pgettext_lazy("assignment", "In turn")
    LEAST_LOADED = "least_loaded", pgettext_lazy("assignment", "Least loaded")
    QUEUE = "queue", pgettext_lazy("assignment", "Stays in the queue")


class AssignmentRule(models.Model):
    """Which tickets go to whom; the first active rule that fits counts. All that is filled in has to be true."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(
        _("position"), default=100, help_text=_("Rules are tried in this order; the first that fits counts.")
    )
    inlet = models.ForeignKey(
        Inlet, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("inlet"),
        db_index=False,
    )  # fmt: skip
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
        _("tag"), max_length=40, blank=True, help_text=_("Of the ticket or of its customer, such as VIP.")
    )
    reason = models.ForeignKey(
        ReasonNode, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("reason"),
        help_text=_("And all that is part of it."), db_index=False,
    )  # fmt: skip
    of_team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("already of the team"),
        db_index=False,
    )  # fmt: skip
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("goes to the team"),
        help_text=_("Empty: to all agents."), db_index=False,
    )  # fmt: skip
    method = models.CharField(
        pgettext_lazy("assignment", "method"), max_length=20, choices=AssignmentMethod.choices,
        default=AssignmentMethod.ROUND_ROBIN,
    )  # fmt: skip
    skills = ArrayField(
        models.CharField(max_length=40), verbose_name=_("asks for skills"), default=list, blank=True,
        help_text=_("Separated by commas; an agent has to have all of them."),
    )  # fmt: skip
    returns_to_last = models.BooleanField(
        _("back to the last agent"), default=True,
        help_text=_("To who answered this customer within 30 days, if they are here and have room."),
    )  # fmt: skip
    is_active = models.BooleanField(_("active"), default=False)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("assignment rule")
        verbose_name_plural = _("assignment rules")
        ordering = ["position", "id"]
        default_permissions = ("view", "add", "change")
        constraints = [
            models.CheckConstraint(
                condition=Q(inlet_kinds__contained_by=InletKind.values), name="service_assignmentrule_kinds_valid"
            ),
            models.CheckConstraint(
                condition=Q(languages__contained_by=Language.values), name="service_assignmentrule_languages_valid"
            ),
            models.CheckConstraint(
                condition=Q(least_priority__in=Priority.values), name="service_assignmentrule_priority_valid"
            ),
            models.CheckConstraint(
                condition=Q(method__in=AssignmentMethod.values), name="service_assignmentrule_method_valid"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AssignmentWay(models.TextChoices):
    """Why a ticket went to this colleague."""

    LAST_AGENT = "last_agent", pgettext_lazy("assignment", "answered last")
    ROUND_ROBIN = "round_robin", pgettext_lazy("assignment", "in turn")
    LEAST_LOADED = "least_loaded", pgettext_lazy("assignment", "least loaded")


class Assignment(models.Model):
    """A rule gave a ticket to a colleague; the last one of each colleague says whose turn it is."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="assignments", verbose_name=_("ticket"))
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("colleague"),
        db_index=False,
    )  # fmt: skip
    rule = models.ForeignKey(
        AssignmentRule, on_delete=models.PROTECT, related_name="assignments", verbose_name=_("assignment rule"),
        db_index=False,
    )  # fmt: skip
    way = models.CharField(_("way"), max_length=20, choices=AssignmentWay.choices)
    at = models.DateTimeField(_("when"), db_default=Now())

    class Meta:
        verbose_name = _("assignment by a rule")
        verbose_name_plural = _("assignments by rules")
        ordering = ["-id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(way__in=AssignmentWay.values), name="service_assignment_way_valid")
        ]
        indexes = [models.Index(fields=["rule", "agent", "-id"], name="service_assignment_turn")]
        triggers = [pgtrigger.Protect(name="service_assignment_append_only", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.ticket_id}/{self.agent_id}"


class AgentSearch(models.Model):
    """A ticket for which a colleague is sought; gone when somebody has it. What is owed is this row, not an event."""

    ticket = models.OneToOneField(
        Ticket, primary_key=True, on_delete=models.CASCADE, related_name="agent_search", verbose_name=_("ticket")
    )
    since = models.DateTimeField(pgettext_lazy("moment", "since"), db_default=Now())

    class Meta:
        verbose_name = _("search for an agent")
        verbose_name_plural = _("searches for agents")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.ticket_id)
