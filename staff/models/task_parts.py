"""What belongs to a task: check list, files of the brief, comments, watchers, what it waits for, time."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from staff.models.people import User
from staff.models.task import Task, TaskStatus
from staff.models.template import TemplateItem


class ChecklistItem(models.Model):
    """One line to tick; a required open line keeps the task out of review and delivery."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="checklist")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    own_text = models.CharField(pgettext_lazy("words", "text"), max_length=200, blank=True)
    # lines of a template are read in the reader's language
    template_item = models.ForeignKey(TemplateItem, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    is_required = models.BooleanField(_("required"), default=True)
    done_at = models.DateTimeField(pgettext_lazy("moment", "done"), null=True, blank=True)
    done_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("line of the check list")
        verbose_name_plural = _("check list")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """Return the template's words in the reader's language, else what was written (kept if the line goes)."""
        return self.template_item.text if self.template_item else self.own_text


class TaskAttachment(models.Model):
    """A reference of the brief: a sketch, a former banner, a supplier's file."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="attachments")
    file = models.FileField(_("file"), upload_to="briefs/%Y/%m/", max_length=255)
    filename = models.CharField(_("file name"), max_length=200)  # as it was called; harmless to show
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    preview_path = models.CharField(max_length=255, blank=True)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["task", "sha256"], name="staff_attachment_once")]

    def __str__(self) -> str:
        return self.filename


class TaskComment(models.Model):
    """A word about the task; what concerns a place in a picture is a pin."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("comment"), max_length=4000)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text[:60]


class TaskWatcher(models.Model):
    """Who wants to hear of a task beside requester and assignee."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="watchers")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="watched")

    class Meta:
        verbose_name = _("watcher")
        verbose_name_plural = _("watchers")
        constraints = [models.UniqueConstraint(fields=["task", "user"], name="staff_watcher_once")]

    def __str__(self) -> str:
        return f"{self.task_id} {self.user_id}"


class TaskDependency(models.Model):
    """``task`` cannot start before ``depends_on`` is done or called off; the service refuses loops."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="dependencies")
    depends_on = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="dependents")

    class Meta:
        verbose_name = _("dependency")
        verbose_name_plural = _("dependencies")
        constraints = [
            models.UniqueConstraint(fields=["task", "depends_on"], name="staff_dependency_once"),
            models.CheckConstraint(condition=~Q(task=F("depends_on")), name="staff_dependency_not_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.task_id} ← {self.depends_on_id}"


class TaskSpan(models.Model):
    """How long a task was in one status with one person; the figures come from here. Exactly one span is open."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="spans")
    status = models.CharField(max_length=20, choices=TaskStatus.choices)
    assignee = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("span")
        verbose_name_plural = _("spans")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=TaskStatus.values), name="staff_span_status_valid"),
            models.UniqueConstraint(fields=["task"], condition=Q(ended_at=None), name="staff_span_one_open"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")), name="staff_span_forward"
            ),
        ]
        indexes = [models.Index(fields=["task", "id"], name="staff_span_task")]

    def __str__(self) -> str:
        return f"{self.task_id} {self.status}"


class TimeEntry(models.Model):
    """Minutes somebody worked on a task: a timer that runs or ran. One runs per person."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="time_entries")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("time entry")
        verbose_name_plural = _("time entries")
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(ended_at=None), name="staff_timer_one_per_person"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")), name="staff_timer_forward"
            ),
        ]
        indexes = [models.Index(fields=["task", "id"], name="staff_timer_task")]

    def __str__(self) -> str:
        return f"{self.task_id} {self.user_id}"

    @property
    def minutes(self) -> int:
        """Return the whole minutes of an ended entry, 0 while it runs."""
        return int((self.ended_at - self.started_at).total_seconds() // 60) if self.ended_at else 0
