"""Buttons of a list that lead to a page about the same rows: as the list is filtered, or those that are ticked."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True)
class ListLink:
    """``url_name`` is a page that reads the list's own parameters, or ``ids``, and ``list``: which list it was.

    ``of_rows`` False: the page is about none of them, so the bar of ticked rows leaves it out.
    """

    label: Any
    icon: str
    url_name: str
    list_name: str
    permission: str
    of_rows: bool = True


_links: dict[type[Model], list[ListLink]] = defaultdict(list)


def register_list_link(model: type[Model], link: ListLink) -> None:
    """Show the link on the list of ``model``, in its head and in the bar of ticked rows."""
    _links[model].append(link)


def list_links(request: HttpRequest, model: type[Model], query: str) -> list[dict[str, Any]]:
    """Return the links this person may follow; ``query`` is the list's own ("?tab=active", or nothing)."""
    return [
        {
            "label": link.label,
            "icon": link.icon,
            "of_rows": link.of_rows,
            "base": f"{reverse(f'admin:{link.url_name}')}?list={link.list_name}",
            "url": f"{reverse(f'admin:{link.url_name}')}?list={link.list_name}{query.replace('?', '&', 1)}",
        }
        for link in _links[model]
        if request.user.has_perm(link.permission)
    ]
