"""Every write about colleagues and the work that moves between them."""

from staff.services.accounts import (
    change_own_profile,
    deactivate_user,
    reactivate_user,
    set_user_roles,
    sync_roles,
)
from staff.services.assigning import assign_task, claim_task, release_task
from staff.services.requesting import Request, request_task, reschedule_task, submit_task
from staff.services.seeding import refresh_slot_search_text, sync_task_seeds
from staff.services.working import comment_on_task, complete_task, start_task, tick_item

__all__ = [
    "Request",
    "assign_task",
    "change_own_profile",
    "claim_task",
    "comment_on_task",
    "complete_task",
    "deactivate_user",
    "reactivate_user",
    "refresh_slot_search_text",
    "release_task",
    "request_task",
    "reschedule_task",
    "set_user_roles",
    "start_task",
    "submit_task",
    "sync_roles",
    "sync_task_seeds",
    "tick_item",
]
