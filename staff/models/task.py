"""A task: something asked of a colleague, from the brief to what customers see of it."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from core.money import Currency
from core.search import search_indexes
from core.states import Transitions
from staff.models.people import Role, User
from staff.models.template import RecurringTask, TaskGroup, TaskTemplate
from staff.models.words import Priority, TaskKind


class TaskStatus(models.TextChoices):
    """Where a task is; the columns of the board."""

    DRAFT = "draft", pgettext_lazy("task", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("task", "Unclaimed")
    ASSIGNED = "assigned", pgettext_lazy("task", "Assigned")
    IN_PROGRESS = "in_progress", pgettext_lazy("task", "In progress")
    IN_REVIEW = "in_review", pgettext_lazy("task", "In review")
    CHANGES_REQUESTED = "changes_requested", pgettext_lazy("task", "Changes requested")
    APPROVED = "approved", pgettext_lazy("task", "Approved")
    DELIVERED = "delivered", pgettext_lazy("task", "Delivered")
    LIVE = "live", pgettext_lazy("task", "Live")
    RETIRED = "retired", pgettext_lazy("task", "Retired")
    ON_HOLD = "on_hold", pgettext_lazy("task", "On hold")
    CANCELLED = "cancelled", pgettext_lazy("task", "Cancelled")


class StaleReason(models.TextChoices):
    """Why a picture that customers see is no longer true."""

    PRICE = "price", _("The price has changed")
    SOLD_OUT = "sold_out", _("The product is sold out")
    PERIOD_OVER = "period_over", _("The period shown is over")
    RIGHTS_OVER = "rights_over", _("The usage rights have ended")


_S = TaskStatus
_ASIDE = {_S.ON_HOLD, _S.CANCELLED}
TASK_TRANSITIONS = Transitions(
    {
        _S.DRAFT: {_S.SUBMITTED, _S.ASSIGNED, _S.CANCELLED},
        _S.SUBMITTED: {_S.ASSIGNED, *_ASIDE},
        _S.ASSIGNED: {_S.SUBMITTED, _S.IN_PROGRESS, *_ASIDE},
        # without proofs there is nothing to review: the work itself is the delivery
        _S.IN_PROGRESS: {_S.SUBMITTED, _S.ASSIGNED, _S.IN_REVIEW, _S.DELIVERED, *_ASIDE},
        _S.IN_REVIEW: {_S.IN_PROGRESS, _S.CHANGES_REQUESTED, _S.APPROVED, *_ASIDE},
        _S.CHANGES_REQUESTED: {_S.SUBMITTED, _S.ASSIGNED, _S.IN_PROGRESS, _S.IN_REVIEW, *_ASIDE},
        # taken up again: by whoever had it, or by the queue when that account is closed
        _S.APPROVED: {_S.IN_PROGRESS, _S.SUBMITTED, _S.DELIVERED, _S.CANCELLED},
        _S.DELIVERED: {_S.IN_PROGRESS, _S.SUBMITTED, _S.LIVE, _S.RETIRED},
        _S.LIVE: {_S.IN_PROGRESS, _S.SUBMITTED, _S.RETIRED},
        _S.ON_HOLD: {_S.SUBMITTED, _S.ASSIGNED, _S.IN_PROGRESS, _S.IN_REVIEW, _S.CHANGES_REQUESTED, _S.CANCELLED},
    }
)
# somebody has it and is expected to work or to judge
ACTIVE_STATUSES = [_S.ASSIGNED, _S.IN_PROGRESS, _S.IN_REVIEW, _S.CHANGES_REQUESTED]
# the work is not done yet; what is due counts here
OPEN_STATUSES = [_S.SUBMITTED, *ACTIVE_STATUSES, _S.ON_HOLD]


class TaskQuerySet(models.QuerySet["Task"]):
    """Vocabulary of tasks."""

    def open(self) -> "TaskQuerySet":
        """Keep those whose work is not done."""
        return self.filter(status__in=OPEN_STATUSES)

    def active(self) -> "TaskQuerySet":
        """Keep those that somebody has."""
        return self.filter(status__in=ACTIVE_STATUSES)

    def overdue(self, now: Any = None) -> "TaskQuerySet":
        """Keep open ones whose time has passed; those on hold wait on purpose."""
        return self.open().exclude(status=TaskStatus.ON_HOLD).filter(due_at__lt=now or timezone.now())


class Task(models.Model):
    """A typed request with its deadline, whoever works on it, and how far it is."""

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=30, choices=TaskKind.choices)
    title = models.CharField(_("title"), max_length=200)
    brief = models.JSONField(
        _("brief"), default=dict, blank=True
    )  # field key of the kind (staff.selectors.briefs) -> text
    status = models.CharField(
        _("status"), max_length=20, choices=TaskStatus.choices, default=TaskStatus.DRAFT, editable=False
    )
    resume_status = models.CharField(max_length=20, blank=True, editable=False)  # on hold: where it goes back to
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority.choices, default=Priority.NORMAL)
    role = models.CharField(_("role"), max_length=30, choices=Role.choices)  # whose queue it waits in
    requester = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="requested_tasks", verbose_name=_("requester")
    )
    assignee = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="tasks", verbose_name=_("assignee")
    )
    template = models.ForeignKey(
        TaskTemplate, null=True, blank=True, on_delete=models.PROTECT, related_name="tasks", verbose_name=_("template")
    )
    group = models.ForeignKey(
        TaskGroup, null=True, blank=True, on_delete=models.PROTECT, related_name="tasks", verbose_name=_("task group")
    )
    recurring = models.ForeignKey(
        RecurringTask, null=True, blank=True, on_delete=models.PROTECT, related_name="tasks", editable=False
    )
    occurs_on = models.DateField(null=True, blank=True, editable=False)  # which occurrence of ``recurring``

    # what it is about, in any app above; generic on purpose: see ARCHITECTURE.md
    subject_type = models.ForeignKey(
        ContentType, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    subject_id = models.BigIntegerField(null=True, blank=True, editable=False)
    subject_label = models.CharField(_("about"), max_length=200, blank=True, editable=False)

    go_live_on = models.DateField(_("goes live on"), null=True, blank=True)
    due_at = models.DateTimeField(pgettext_lazy("deadline", "due"), null=True, blank=True)
    estimate_minutes = models.PositiveIntegerField(_("estimate (minutes)"), default=60)

    # what a picture tells customers: when the shop tells something else, the live picture is stale
    shown_price = models.BigIntegerField(_("price shown"), null=True, blank=True)  # minor units
    shown_currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices, blank=True)
    shown_from = models.DateField(_("shown from"), null=True, blank=True)
    shown_until = models.DateField(_("shown until"), null=True, blank=True)
    stale_at = models.DateTimeField(null=True, blank=True, editable=False)
    stale_reason = models.CharField(max_length=20, choices=StaleReason.choices, blank=True, editable=False)

    usage_rights = models.CharField(_("usage rights"), max_length=200, blank=True)
    rights_until = models.DateField(_("rights until"), null=True, blank=True)

    revision_limit = models.PositiveSmallIntegerField(_("revision limit"), default=3)
    round_count = models.PositiveSmallIntegerField(default=0, editable=False)  # how often changes were requested

    status_since = models.DateTimeField(db_default=Now(), editable=False)
    touched_at = models.DateTimeField(db_default=Now(), editable=False)  # last sign of life of whoever has it
    submitted_at = models.DateTimeField(_("requested"), null=True, blank=True, editable=False)
    assigned_at = models.DateTimeField(_("assigned"), null=True, blank=True, editable=False)
    is_claimed = models.BooleanField(default=False, editable=False)  # taken by himself, not given
    started_at = models.DateTimeField(_("started"), null=True, blank=True, editable=False)
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True, editable=False)
    delivered_at = models.DateTimeField(pgettext_lazy("moment", "delivered"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    escalated_at = models.DateTimeField(null=True, blank=True, editable=False)

    search_text = models.TextField(editable=False, default="")  # number, title, subject, brief; kept by services
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("work", "task")
        verbose_name_plural = pgettext_lazy("work", "tasks")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=TaskStatus.values), name="staff_task_status_valid"),
            models.CheckConstraint(condition=Q(kind__in=TaskKind.values), name="staff_task_kind_valid"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="staff_task_role_valid"),
            models.CheckConstraint(condition=Q(priority__in=Priority.values), name="staff_task_priority_valid"),
            models.CheckConstraint(
                condition=~Q(status__in=[*ACTIVE_STATUSES]) | Q(assignee__isnull=False),
                name="staff_task_active_has_assignee",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[_S.DRAFT, _S.SUBMITTED]) | Q(assignee__isnull=True),
                name="staff_task_waiting_has_no_assignee",
            ),
            models.CheckConstraint(
                condition=Q(status=_S.ON_HOLD, resume_status__gt="") | (~Q(status=_S.ON_HOLD) & Q(resume_status="")),
                name="staff_task_hold_knows_way_back",
            ),
            models.CheckConstraint(
                condition=Q(subject_type__isnull=True, subject_id__isnull=True)
                | Q(subject_type__isnull=False, subject_id__isnull=False),
                name="staff_task_subject_whole",
            ),
            models.CheckConstraint(
                condition=Q(shown_price__isnull=True, shown_currency="")
                | Q(shown_price__gte=0, shown_currency__in=Currency.values),
                name="staff_task_price_whole",
            ),
            models.CheckConstraint(
                condition=Q(shown_from__isnull=True)
                | Q(shown_until__isnull=True)
                | Q(shown_until__gte=F("shown_from")),
                name="staff_task_period_forward",
            ),
            models.CheckConstraint(condition=Q(estimate_minutes__gt=0), name="staff_task_estimate_positive"),
            models.CheckConstraint(
                condition=Q(stale_at=None, stale_reason="")
                | Q(stale_at__isnull=False, stale_reason__in=StaleReason.values),
                name="staff_task_stale_for_a_reason",
            ),
            models.UniqueConstraint(fields=["recurring", "occurs_on"], name="staff_task_occurs_once"),
        ]
        indexes = [
            *search_indexes("staff_task"),
            # board and queue: the most urgent of one status first
            models.Index(
                fields=["status", "-priority", "due_at", "id"],
                condition=Q(status__in=OPEN_STATUSES),
                name="staff_task_board",
            ),
            models.Index(
                fields=["assignee", "status", "due_at"],
                condition=Q(status__in=OPEN_STATUSES),
                name="staff_task_of_person",
            ),
            models.Index(fields=["due_at", "id"], condition=Q(status__in=OPEN_STATUSES), name="staff_task_due"),
            models.Index(fields=["go_live_on"], condition=Q(go_live_on__isnull=False), name="staff_task_go_live"),
            models.Index(
                fields=["subject_type", "subject_id", "-id"],
                condition=Q(subject_id__isnull=False),
                name="staff_task_subject",
            ),
            models.Index(fields=["status", "-id"], name="staff_task_status"),
            models.Index(fields=["requester", "-id"], name="staff_task_requester"),
            models.Index(fields=["assignee", "-id"], name="staff_task_assignee"),
            models.Index(
                fields=["-delivered_at"], condition=Q(delivered_at__isnull=False), name="staff_task_delivered"
            ),
        ]
        permissions = [
            ("work_on_task", gettext_noop("Can claim tasks and work on them")),
            ("review_task", gettext_noop("Can approve work and request changes")),
            ("direct_task", gettext_noop("Can assign and direct tasks of others")),
            ("view_task_figures", gettext_noop("Can see figures about tasks and load")),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def is_open(self) -> bool:
        """Tell whether the work is not done yet."""
        return self.status in OPEN_STATUSES

    @property
    def is_overdue(self) -> bool:
        """Tell whether its time has passed while the work is not done; on hold it waits on purpose."""
        return (
            self.is_open
            and self.status != TaskStatus.ON_HOLD
            and self.due_at is not None
            and self.due_at < timezone.now()
        )
