"""Pages that belong to no model: a day's work, a board, figures. Apps register them, the site serves them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class SitePage:
    """One address below /admin/: its route, its name ("admin:<name>") and the view behind the login."""

    route: str
    name: str
    view: View


_pages: dict[str, SitePage] = {}


def register_page(route: str, *, name: str, permission: str) -> Callable[[View], View]:
    """Serve the decorated view at ``/admin/<route>`` as ``admin:<name>`` for ``permission``; else 403.

    An empty permission: for every colleague, because the page shows only what is one's own.
    """

    def register(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if permission and not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.permission_required = permission or ()  # type: ignore[attr-defined]  # read by the permission matrix
        _pages[name] = SitePage(route, name, guarded)
        return guarded

    return register


def site_pages() -> list[SitePage]:
    """Return all registered pages."""
    return list(_pages.values())


def render_page(request: HttpRequest, template: str, *, title: Any, **context: Any) -> HttpResponse:
    """Return the page inside the admin's frame: navigation, header, messages."""
    return TemplateResponse(request, template, {**admin.site.each_context(request), "title": title, **context})
