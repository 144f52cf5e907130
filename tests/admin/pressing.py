"""Presses the buttons of admin pages as the browser does."""

import re
import uuid
from typing import Any

from django.test import Client
from django.urls import reverse


def press(client: Client, obj: Any, name: str, *, key: str = "", **data: Any) -> Any:
    """Press a button of a row's page and return the answer; the same ``key`` is the same press."""
    url = reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_press", args=[obj.pk, name])
    return client.post(url, {"_key": key or uuid.uuid4().hex, **data})


def press_many(client: Client, model: Any, name: str, ids: Any, *, query: str = "", key: str = "", **data: Any) -> Any:
    """Press a button for many rows: ``ids``, or "all" for what matches the list's ``query``."""
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_bulk", args=[name]) + query
    chosen = {"_across": "1"} if ids == "all" else {"_selected": list(ids)}
    return client.post(url, {"_key": key or uuid.uuid4().hex, **chosen, **data})


def opened(client: Client, obj: Any) -> dict[str, str]:
    """Open a row's page and return what a save must send back beside the fields."""
    url = reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])
    page = client.get(url).content.decode()
    return {"_opened": re.search(r'name="_opened" value="([^"]+)"', page)[1].replace("&quot;", '"')}


def said(response: Any) -> list[str]:
    """Return the messages of an answer that has not been shown yet."""
    return [str(message) for message in response.wsgi_request._messages]
