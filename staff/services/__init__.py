"""Every write about colleagues and the work that moves between them."""

from staff.services.assignment.assigning import assign_task, claim_task, release_task
from staff.services.assignment.batches import assign_tasks, reprioritise_tasks, reschedule_tasks
from staff.services.notifications.preferring import (
    add_webhook,
    change_webhook,
    choose_notification_ways,
    choose_quiet_hours,
    mark_all_notifications_read,
    mark_notifications_read,
    remove_own_webhook,
    renew_webhook_secret,
)
from staff.services.people.accounts import (
    change_own_profile,
    deactivate_user,
    reactivate_user,
    set_user_roles,
    sync_roles,
)
from staff.services.people.calendars import sync_calendars, sync_holidays
from staff.services.people.leaving import add_leave, move_leave, remove_leave
from staff.services.proofs.deciding import decide
from staff.services.proofs.delivering import deliver_task, go_live, reopen_task, retire_task
from staff.services.proofs.pinning import add_pin, edit_pin, remove_pin, resolve_pin
from staff.services.proofs.reviewing import send_to_review, take_back
from staff.services.proofs.staling import clear_stale, mark_outdated, mark_stale, warn_of_rights
from staff.services.proofs.uploading import upload_revision
from staff.services.requests.attaching import attach_file, remove_attachment
from staff.services.requests.depending import add_dependency, remove_dependency
from staff.services.requests.editing import (
    add_checklist_line,
    change_priority,
    edit_task,
    remove_checklist_line,
    unwatch_task,
    watch_task,
)
from staff.services.requests.grouping import (
    GroupMove,
    add_tasks_to_group,
    close_group,
    create_group,
    edit_group,
    move_go_live,
    remove_tasks_from_group,
    reopen_group,
)
from staff.services.requests.recurring import (
    OpeningReport,
    open_now,
    open_recurring,
    pause_recurring,
    plan_recurring,
    resume_recurring,
)
from staff.services.requests.requesting import Request, request_task, reschedule_task, submit_task
from staff.services.requests.seeding import refresh_slot_search_text, sync_task_seeds
from staff.services.requests.slotting import add_deliverable, remove_deliverable
from staff.services.work.following import follow_subject, link_subject, tick_lines
from staff.services.work.many import TaskBatch
from staff.services.work.pausing import cancel_task, cancel_tasks, hold_task, hold_tasks, resume_task, resume_tasks
from staff.services.work.timing import (
    add_time,
    change_time,
    end_forgotten_timers,
    remove_time,
    start_timer,
    stop_timer,
)
from staff.services.work.working import comment_on_task, complete_task, start_task, tick_item

__all__ = [
    "GroupMove",
    "OpeningReport",
    "Request",
    "TaskBatch",
    "add_checklist_line",
    "add_deliverable",
    "add_dependency",
    "add_leave",
    "add_pin",
    "add_tasks_to_group",
    "add_time",
    "add_webhook",
    "assign_task",
    "assign_tasks",
    "attach_file",
    "cancel_task",
    "cancel_tasks",
    "change_own_profile",
    "change_priority",
    "change_time",
    "change_webhook",
    "choose_notification_ways",
    "choose_quiet_hours",
    "claim_task",
    "clear_stale",
    "close_group",
    "comment_on_task",
    "complete_task",
    "create_group",
    "deactivate_user",
    "decide",
    "deliver_task",
    "edit_group",
    "edit_pin",
    "edit_task",
    "end_forgotten_timers",
    "follow_subject",
    "go_live",
    "hold_task",
    "hold_tasks",
    "link_subject",
    "mark_all_notifications_read",
    "mark_notifications_read",
    "mark_outdated",
    "mark_stale",
    "move_go_live",
    "move_leave",
    "open_now",
    "open_recurring",
    "pause_recurring",
    "plan_recurring",
    "reactivate_user",
    "refresh_slot_search_text",
    "release_task",
    "remove_attachment",
    "remove_checklist_line",
    "remove_deliverable",
    "remove_dependency",
    "remove_leave",
    "remove_own_webhook",
    "remove_pin",
    "remove_tasks_from_group",
    "remove_time",
    "renew_webhook_secret",
    "reopen_group",
    "reopen_task",
    "reprioritise_tasks",
    "request_task",
    "reschedule_task",
    "reschedule_tasks",
    "resolve_pin",
    "resume_recurring",
    "resume_task",
    "resume_tasks",
    "retire_task",
    "send_to_review",
    "set_user_roles",
    "start_task",
    "start_timer",
    "stop_timer",
    "submit_task",
    "sync_calendars",
    "sync_holidays",
    "sync_roles",
    "sync_task_seeds",
    "take_back",
    "tick_item",
    "tick_lines",
    "unwatch_task",
    "upload_revision",
    "warn_of_rights",
    "watch_task",
]
