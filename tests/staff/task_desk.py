"""What tests of the pages of tasks share: who looks, and what a page shows."""

from django.urls import reverse

from tests.admin.pressing import said
from tests.staff.making import make_colleague

KEY = {"_key": "0" * 32}


def login(client, role, **over):
    user = make_colleague(role, **over)
    client.force_login(user)
    return user


def page_of(client, task):
    answer = client.get(reverse("admin:staff_task_change", args=[task.pk]))
    assert answer.status_code == 200
    return answer


def buttons(answer):
    """Name the buttons, without the way to the versions, which everybody has."""
    return [button["action"].name for button in answer.context["buttons"] if button["action"].name != "proof"]


def last(answer):
    return said(answer)[-1:]


def panel_keys(answer):
    return [item["panel"].key for item in [*answer.context["panels_above"], *answer.context["panels"]]]
