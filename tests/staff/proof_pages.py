"""The proofing page in a test: who opens it, what is pressed, what it answers."""

from typing import Any

from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from staff.models import Decision, Pin, Revision, Task, User


def url_of(task: Task, query: str = "") -> str:
    return reverse("admin:staff_proof", args=[task.pk]) + query


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page_of(user: User, task: Task, query: str = "") -> str:
    response = browser_of(user).get(url_of(task, query))
    assert response.status_code == 200
    return response.content.decode()


def press(user: User, task: Task, do: str, *, headers: Any = None, **data: Any) -> Any:
    return browser_of(user).post(url_of(task), {"do": do, **data}, headers=headers)


def told(response: Any) -> list[str]:
    """Return the messages to which the answer leads."""
    assert response.status_code == 302, response.content.decode()[:2000]
    return [str(message) for message in get_messages(response.wsgi_request)]


def refused(response: Any) -> str:
    """Return the sentence of a refusal; the page came back at once, with the forms."""
    assert response.status_code == 200
    page = response.content.decode()
    return page.split('id="refusal"')[1].split("<div>")[1].split("<")[0].strip()


def counts() -> tuple[int, int, int]:
    return Revision.objects.count(), Pin.objects.count(), Decision.objects.count()


def status_of(task: Task) -> str:
    return str(Task.objects.values_list("status", flat=True).get(pk=task.pk))
