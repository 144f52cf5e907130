"""Ticked tasks go to whoever is suggested for each."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from core.ui import BulkOutcome, actor, bulk_action, register_action
from staff.models import Task
from staff.services.assignment.distributing import distribute_tasks


@bulk_action(
    gettext_lazy("Give to those suggested"),
    permission="staff.direct_task",
    icon="group_add",
    question=gettext_lazy("Each task goes to who fits best and has time; what is given counts for the next one."),
    limit=200,
)
def give_suggested(_admin: Any, request: HttpRequest, ids: list[int], data: dict[str, Any]) -> BulkOutcome:
    """Give each to the first suggestion."""
    report = distribute_tasks(task_ids=ids, actor=actor(request))
    return BulkOutcome(len(report.done), [(refusal.number, refusal.reason) for refusal in report.refused])


register_action(Task, give_suggested)
