"""Where tasks come from again: templates with their check lists, repeating tasks, groups with one go-live date."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from staff.models.people import Role, User
from staff.models.slot import CreativeSlot
from staff.models.words import Priority, TaskKind, in_language


class TaskTemplate(models.Model):
    """What a usual task starts with: role, hours, days before going live, check list, pictures, approvals."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=30, choices=TaskKind.choices)
    title_en = models.CharField(_("title (English)"), max_length=120, blank=True)
    title_ko = models.CharField(_("title (Korean)"), max_length=120, blank=True)
    title_ja = models.CharField(_("title (Japanese)"), max_length=120, blank=True)
    role = models.CharField(_("role"), max_length=30, choices=Role.choices)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority.choices, default=Priority.NORMAL)
    estimate_minutes = models.PositiveIntegerField(_("estimate (minutes)"), default=60)
    lead_days = models.PositiveSmallIntegerField(
        _("working days before going live"), default=1, help_text=_("The work is due so many working days earlier.")
    )
    revision_limit = models.PositiveSmallIntegerField(_("revision limit"), default=3)
    slots = models.ManyToManyField(CreativeSlot, blank=True, related_name="templates", verbose_name=_("creative slots"))
    review_roles = ArrayField(
        models.CharField(max_length=30, choices=Role.choices), default=list, blank=True, verbose_name=_("approved by")
    )  # one step each, in this order
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("task template")
        verbose_name_plural = _("task templates")
        ordering = ["kind", "code"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=TaskKind.values), name="staff_template_kind_valid"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="staff_template_role_valid"),
            models.CheckConstraint(condition=Q(priority__in=Priority.values), name="staff_template_priority_valid"),
            models.CheckConstraint(condition=Q(estimate_minutes__gt=0), name="staff_template_estimate_positive"),
            models.CheckConstraint(
                condition=Q(title_en__gt="") | Q(title_ko__gt="") | Q(title_ja__gt=""),
                name="staff_template_has_title",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """Return the title in the reader's language."""
        return in_language(self, "title")


class TemplateItem(models.Model):
    """One line of a template's check list."""

    template = models.ForeignKey(
        TaskTemplate, on_delete=models.CASCADE, related_name="items", verbose_name=_("task template")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    text_en = models.CharField(_("text (English)"), max_length=200, blank=True)
    text_ko = models.CharField(_("text (Korean)"), max_length=200, blank=True)
    text_ja = models.CharField(_("text (Japanese)"), max_length=200, blank=True)
    is_required = models.BooleanField(_("required"), default=True)

    class Meta:
        verbose_name = _("line of the check list")
        verbose_name_plural = _("check list")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(text_en__gt="") | Q(text_ko__gt="") | Q(text_ja__gt=""),
                name="staff_templateitem_has_text",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """Return the text in the reader's language."""
        return in_language(self, "text")


class TaskGroup(models.Model):
    """Tasks that must all be done for one go-live date: a campaign, a launch."""

    name = models.CharField(_("name"), max_length=120)
    go_live_on = models.DateField(_("goes live on"))
    note = models.TextField(_("note"), blank=True)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("owner"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("task group")
        verbose_name_plural = _("task groups")
        ordering = ["go_live_on", "id"]

    def __str__(self) -> str:
        return self.name


class Repeat(models.TextChoices):
    """How often a task comes back."""

    WORKDAYS = "workdays", _("Every working day")
    WEEKLY = "weekly", _("Every week")
    MONTHLY = "monthly", _("Every month")


class RecurringTask(models.Model):
    """A task that is opened again and again; each occurrence once, whoever runs the clock twice."""

    title = models.CharField(_("title"), max_length=200)
    template = models.ForeignKey(
        TaskTemplate, on_delete=models.PROTECT, related_name="recurring", verbose_name=_("task template")
    )
    requester = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("requester"))
    assignee = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("assignee")
    )
    repeat = models.CharField(_("repeat"), max_length=20, choices=Repeat.choices)
    weekday = models.PositiveSmallIntegerField(_("weekday"), null=True, blank=True)  # weekly: 0 is Monday
    day_of_month = models.PositiveSmallIntegerField(
        _("day of the month"), null=True, blank=True
    )  # 31 is the last day of a shorter month
    next_on = models.DateField(_("next on"))
    due_after_days = models.PositiveSmallIntegerField(_("due after (working days)"), default=1)
    brief = models.JSONField(_("brief"), default=dict, blank=True)  # as of a task of the template's kind
    problem = models.CharField(_("problem"), max_length=300, blank=True, editable=False)  # why it was not opened
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("recurring task")
        verbose_name_plural = _("recurring tasks")
        ordering = ["next_on", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(repeat__in=Repeat.values), name="staff_recurring_repeat_valid"),
            models.CheckConstraint(
                condition=~Q(repeat=Repeat.WEEKLY) | Q(weekday__isnull=False, weekday__range=(0, 6)),
                name="staff_recurring_weekday",
            ),
            models.CheckConstraint(
                condition=~Q(repeat=Repeat.MONTHLY) | Q(day_of_month__isnull=False, day_of_month__range=(1, 31)),
                name="staff_recurring_day",
            ),
        ]
        indexes = [models.Index(fields=["next_on"], condition=Q(is_active=True), name="staff_recurring_next")]

    def __str__(self) -> str:
        return self.title

    @property
    def rhythm(self) -> str:
        """Return how often it comes back, in words."""
        if self.repeat == Repeat.WEEKLY:
            return _("Every %(weekday)s") % {"weekday": WEEKDAYS[self.weekday or 0]}
        if self.repeat == Repeat.MONTHLY and self.day_of_month == 31:
            return str(_("Every month on the last day"))
        if self.repeat == Repeat.MONTHLY:
            return _("Every month on day %(day)s") % {"day": self.day_of_month}
        return str(_("Every working day"))
