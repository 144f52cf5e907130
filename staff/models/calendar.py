"""When people work: calendars with hours and holidays, leave, and what each person can and wants to do."""

from datetime import time

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from staff.models.people import User
from staff.models.words import TaskKind


class WorkCalendar(models.Model):
    """The working hours and holidays of one place; exactly one is the shop's own."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    country = models.CharField(
        _("country"), max_length=2, blank=True, help_text=_("Two letters, such as KR or JP: whose holidays are kept.")
    )
    is_default = models.BooleanField(_("the shop’s own"), default=False)

    class Meta:
        verbose_name = _("work calendar")
        verbose_name_plural = _("work calendars")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="staff_calendar_one_default"
            )
        ]

    def __str__(self) -> str:
        return self.name


class WorkingHours(models.Model):
    """One span of a weekday in local time of whoever follows the calendar; several make a split shift."""

    calendar = models.ForeignKey(
        WorkCalendar, on_delete=models.CASCADE, related_name="hours", verbose_name=_("work calendar")
    )
    weekday = models.PositiveSmallIntegerField(
        _("weekday"),
        choices=[
            (0, _("Monday")),
            (1, _("Tuesday")),
            (2, _("Wednesday")),
            (3, _("Thursday")),
            (4, _("Friday")),
            (5, _("Saturday")),
            (6, _("Sunday")),
        ],
    )
    opens_at = models.TimeField(pgettext_lazy("hours", "from"))
    closes_at = models.TimeField(pgettext_lazy("hours", "until"))

    class Meta:
        verbose_name = _("working hours")
        verbose_name_plural = _("working hours")
        ordering = ["weekday", "opens_at"]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__in=range(7)), name="staff_hours_weekday"),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="staff_hours_forward"),
            models.UniqueConstraint(fields=["calendar", "weekday", "opens_at"], name="staff_hours_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens_at:%H:%M}–{self.closes_at:%H:%M}"


class Holiday(models.Model):
    """A day on which nobody of the calendar works; ``is_worked`` where the shop works all the same.

    Rows are filled in from the law each month, so a holiday is switched off, not removed.
    """

    calendar = models.ForeignKey(
        WorkCalendar, on_delete=models.CASCADE, related_name="holidays", verbose_name=_("work calendar")
    )
    on = models.DateField(pgettext_lazy("holiday", "on"))
    name = models.CharField(_("name"), max_length=100)
    is_worked = models.BooleanField(_("we work all the same"), default=False)

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        ordering = ["on"]
        constraints = [models.UniqueConstraint(fields=["calendar", "on"], name="staff_holiday_once")]

    def __str__(self) -> str:
        return self.name


class LeaveKind(models.TextChoices):
    """Why somebody is away; no more is asked."""

    VACATION = "vacation", pgettext_lazy("leave", "Vacation")
    SICK = "sick", pgettext_lazy("leave", "Sick")
    OTHER = "other", pgettext_lazy("leave", "Other")


class Leave(models.Model):
    """Days on which a person is away, both ends included."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="leaves", verbose_name=_("person"))
    starts_on = models.DateField(pgettext_lazy("leave", "from"))
    ends_on = models.DateField(pgettext_lazy("leave", "until"))
    kind = models.CharField(_("kind"), max_length=20, choices=LeaveKind.choices, default=LeaveKind.VACATION)

    class Meta:
        verbose_name = _("leave")
        verbose_name_plural = _("leave")
        ordering = ["-starts_on", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="staff_leave_forward"),
            models.CheckConstraint(condition=Q(kind__in=LeaveKind.values), name="staff_leave_kind_valid"),
            ExclusionConstraint(
                name="staff_leave_no_overlap",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    (
                        Func(
                            F("starts_on"),
                            F("ends_on"),
                            RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                            function="DATERANGE",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on} – {self.ends_on}"


class WorkProfile(models.Model):
    """What a person can do and when; people without one follow the shop's calendar with the usual day."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="work_profile", verbose_name=_("person"))
    calendar = models.ForeignKey(
        WorkCalendar,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("work calendar"),
        help_text=_("Empty: the shop’s own."),
    )
    daily_minutes = models.PositiveSmallIntegerField(
        _("minutes for tasks each day"), default=420, help_text=_("What remains of a working day for tasks.")
    )
    skills = ArrayField(
        models.CharField(max_length=30, choices=TaskKind.choices), default=list, blank=True, verbose_name=_("skills")
    )
    wip_limit = models.PositiveSmallIntegerField(
        _("tasks in progress at once"), null=True, blank=True, help_text=_("Empty: the limit of the board.")
    )
    delegate = models.ForeignKey(
        User,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("delegate"),
        help_text=_("Who decides for this person during leave."),
    )
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True, default=time(20, 0))
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True, default=time(8, 0))
    digest_at = models.TimeField(_("e-mail digest at"), default=time(8, 30))

    class Meta:
        verbose_name = _("work profile")
        verbose_name_plural = _("work profiles")
        constraints = [
            models.CheckConstraint(condition=Q(daily_minutes__range=(0, 1440)), name="staff_profile_minutes"),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None) | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="staff_profile_quiet_whole",
            ),
            models.CheckConstraint(condition=Q(wip_limit=None) | Q(wip_limit__gt=0), name="staff_profile_wip_positive"),
            models.CheckConstraint(
                condition=Q(delegate=None) | ~Q(delegate=F("user")), name="staff_profile_other_delegate"
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)
