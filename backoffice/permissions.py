"""What each role may do on each screen, read off the running admin site: nothing here is kept by hand.

A role is tried as a person in memory who has exactly its permissions; no account is needed and nothing is written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.contrib.auth.mixins import AccessMixin
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from core.ui.actions import actions_of
from staff.models import User

# What these show is filtered by the rights on each model or file.
OPEN_TO_STAFF = {"index", "app_list", "search", "autocomplete", "jsi18n", "view_on_site", "file"}
OPEN_TO_ALL = {"login", "logout", "password_change", "password_change_done", "home", "set_language"}
OPEN_TO_ALL |= {"payment_hook", "inlet_hook"}  # other systems are known by their signatures
OPEN_TO_ALL |= {"service_contact"}  # a form for customers
OPEN_TO_ALL |= {"withdraw_consent"}  # the link is signed: whoever has the message may stop the next one
# visitors of the site are known by their signed tokens
OPEN_TO_ALL |= {"chat_setting", "chat_begin", "chat_say", "chat_said", "chat_file"}
OPEN_TO_ALL |= {"service_survey", "knowledge_articles", "knowledge_article"}  # for customers
# addresses of a ModelAdmin that `_model_entries` explains
_EXPLAINED = {"changelist", "add", "history", "delete", "change", "bulk", "press", "import", "export"}


@dataclass(frozen=True)
class Entry:
    """One cell: may this role do this action on this screen? None when the page does not say what it needs."""

    role: str
    screen: str
    action: str
    allowed: bool | None


def matrix(roles: Mapping[str, frozenset[str]], site: admin.AdminSite = admin.site) -> list[Entry]:
    """Return every cell for roles given as key → permissions, in the order of the roles."""
    entries = []
    for role, permissions in roles.items():
        request = request_of(permissions)
        for model_admin in _admins(site):
            entries += [Entry(role, _screen(model_admin), *cell) for cell in _model_entries(model_admin, request)]
        entries += [
            Entry(role, f"page:{name}", "open", _page_allows(name, view, request)) for name, view in pages(site)
        ]
    return entries


def as_json(entries: list[Entry]) -> list[dict[str, Any]]:
    """Return the cells as plain data."""
    return [asdict(entry) for entry in entries]


def request_of(permissions: frozenset[str]) -> HttpRequest:
    """Return a request of a colleague in memory who has exactly these permissions."""
    user = User(username="role", is_staff=True, is_active=True)
    # what django.contrib.auth's backend would have read from the database
    user._perm_cache = user._user_perm_cache = user._group_perm_cache = set(permissions)  # type: ignore[attr-defined]  # noqa: SLF001
    request = RequestFactory().get("/")
    request.user = user
    return request


def pages(site: admin.AdminSite) -> Iterator[tuple[str, Any]]:
    """Yield (address name, view) of everything that is no standard page of a ModelAdmin."""
    standard = {
        f"{model_admin.opts.app_label}_{model_admin.opts.model_name}_{action}"
        for model_admin in _admins(site)
        for action in _EXPLAINED
    }
    for pattern in _patterns(get_resolver().url_patterns):
        if pattern.name and pattern.name not in standard:
            yield pattern.name, pattern.callback


def _admins(site: admin.AdminSite) -> "list[ModelAdmin[Any]]":
    return sorted(site._registry.values(), key=lambda found: found.opts.label_lower)  # noqa: SLF001 no public way


def _screen(model_admin: "ModelAdmin[Any]") -> str:
    return str(model_admin.opts.label_lower)


def _patterns(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern.url_patterns)
        else:
            yield pattern


def _model_entries(model_admin: "ModelAdmin[Any]", request: HttpRequest) -> Iterator[tuple[str, bool]]:
    sees = bool(model_admin.has_view_or_change_permission(request))
    yield "view", sees
    yield "add", bool(model_admin.has_add_permission(request))
    yield "change", bool(model_admin.has_change_permission(request))
    yield "delete", bool(model_admin.has_delete_permission(request))
    for name in ("import", "export"):
        check = getattr(model_admin, f"may_{name}", None)
        if check is not None:
            yield name, bool(check(request))
    for bulk, kind in ((False, "press"), (True, "bulk")):
        for action in actions_of(type(model_admin), model_admin.model, bulk=bulk):
            yield f"{kind}:{action.name}", sees and action.permitted(request.user)


def _page_allows(name: str, view: Any, request: HttpRequest) -> bool | None:
    """Ask the page itself; one that neither says what it needs nor belongs to an admin class stays unknown."""
    if name in OPEN_TO_ALL or name in OPEN_TO_STAFF:
        return True
    view_class = getattr(view, "view_class", None)
    if view_class is not None and issubclass(view_class, AccessMixin):
        return _page_class_allows(view_class, getattr(view, "view_initkwargs", {}), request)
    needed = getattr(view, "permission_required", None)
    if needed is not None:
        return bool(request.user.has_perms([needed] if isinstance(needed, str) else needed))
    return _owner_allows(name, getattr(getattr(view, "__wrapped__", None), "__self__", None), request)


def _page_class_allows(view_class: Any, options: Mapping[str, Any], request: HttpRequest) -> bool:
    """Ask the page; one that is about a row says in ``opens_for(user)`` what holds for any row."""
    if hasattr(view_class, "opens_for"):
        return bool(view_class.opens_for(request.user))
    page = view_class(**options)
    page.setup(request)
    return bool(page.has_permission())


def _owner_allows(name: str, owner: Any, request: HttpRequest) -> bool | None:
    """A page of the site is for all colleagues, one of a model for those who see the model."""
    if isinstance(owner, admin.AdminSite):
        return bool(owner.has_permission(request))
    if isinstance(owner, ModelAdmin):
        changes = name.endswith("password_change")
        return bool(owner.has_change_permission(request) if changes else owner.has_view_or_change_permission(request))
    return None
