"""People who work here, and the work that moves between them."""

from staff.models.board import LIMITED_STATUSES, USUAL_WIP_LIMIT, BoardLimit
from staff.models.calendar import Holiday, Leave, LeaveKind, WorkCalendar, WorkingHours, WorkProfile
from staff.models.notification import (
    Notification,
    NotificationPreference,
    OutboundChannel,
    OutboundNotification,
    Topic,
    Webhook,
    WebhookKind,
)
from staff.models.people import Language, Role, User, default_time_zone, validate_time_zone
from staff.models.proof import Decision, Deliverable, Pin, ReviewStep, Revision, RevisionState, Verdict
from staff.models.slot import CreativeSlot, SizeRule
from staff.models.task import (
    ACTIVE_STATUSES,
    OPEN_STATUSES,
    TASK_TRANSITIONS,
    StaleReason,
    Task,
    TaskQuerySet,
    TaskStatus,
)
from staff.models.task_parts import (
    ChecklistItem,
    TaskAttachment,
    TaskComment,
    TaskDependency,
    TaskSpan,
    TaskWatcher,
    TimeEntry,
)
from staff.models.template import RecurringTask, Repeat, TaskGroup, TaskTemplate, TemplateItem
from staff.models.words import Priority, TaskKind, in_language

__all__ = [
    "ACTIVE_STATUSES",
    "LIMITED_STATUSES",
    "OPEN_STATUSES",
    "TASK_TRANSITIONS",
    "USUAL_WIP_LIMIT",
    "BoardLimit",
    "ChecklistItem",
    "CreativeSlot",
    "Decision",
    "Deliverable",
    "Holiday",
    "Language",
    "Leave",
    "LeaveKind",
    "Notification",
    "NotificationPreference",
    "OutboundChannel",
    "OutboundNotification",
    "Pin",
    "Priority",
    "RecurringTask",
    "Repeat",
    "ReviewStep",
    "Revision",
    "RevisionState",
    "Role",
    "SizeRule",
    "StaleReason",
    "Task",
    "TaskAttachment",
    "TaskComment",
    "TaskDependency",
    "TaskGroup",
    "TaskKind",
    "TaskQuerySet",
    "TaskSpan",
    "TaskStatus",
    "TaskTemplate",
    "TaskWatcher",
    "TemplateItem",
    "TimeEntry",
    "Topic",
    "User",
    "Verdict",
    "Webhook",
    "WebhookKind",
    "WorkCalendar",
    "WorkProfile",
    "WorkingHours",
    "default_time_zone",
    "in_language",
    "validate_time_zone",
]
