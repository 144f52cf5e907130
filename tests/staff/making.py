"""Colleagues and tasks for tests, made through the services."""

from itertools import count
from typing import Any

from backoffice.roles import permission_table
from staff.models import Task, User
from staff.selectors.briefs import BRIEF_FIELDS
from staff.services import Request, assign_task, request_task, start_task, sync_roles
from tests.factories import make_user

_numbers = count(1)


def make_colleague(role: str = "designer", **over: Any) -> User:
    """Make a colleague with one role and what it may do."""
    sync_roles(roles=permission_table())
    user = make_user(username=f"{role}{next(_numbers)}", **over)
    user.groups.add(*type(user).groups.field.related_model.objects.filter(name=role))
    return user


def brief_for(kind: str) -> dict[str, str]:
    """Return an answer to every question of the kind."""
    return {field.key: f"Answer to {field.key}" for field in BRIEF_FIELDS[kind]}


def make_task(*, by: User | None = None, kind: str = "banner", **over: Any) -> Task:
    """Make a task in the queue, asked for by an EC manager unless somebody is given."""
    request = {"kind": kind, "title": f"Task {next(_numbers)}", "brief": brief_for(kind), **over}
    return request_task(request=Request(**request), actor=by or make_colleague("ec_manager"))


def make_started_task(*, worker: User | None = None, by: User | None = None, **over: Any) -> Task:
    """Make a task that somebody (a designer by default) works on."""
    by = by or make_colleague("ec_manager")
    task = make_task(by=by, **over)
    worker = worker or make_colleague("designer")
    assign_task(task_id=task.pk, assignee_id=worker.pk, actor=by)
    return start_task(task_id=task.pk, actor=worker)
