"""The board in a test: a card is dropped, and where it stands then."""

from django.urls import reverse

from staff.models import Task


def drop(client, task, to, seen=None, **data):
    seen = seen or f"{task.status}:{task.assignee_id or ''}"
    url = reverse("admin:staff_board_move", args=[task.pk])
    return client.post(url, {"to": to, "seen": seen, **data}, headers={"X-Requested-With": "board"})


def stand(task):
    task.refresh_from_db()
    return task.status, task.assignee_id


def set_to(task, status, **fields):
    Task.objects.filter(pk=task.pk).update(status=status, **fields)
    task.refresh_from_db()
    return task
