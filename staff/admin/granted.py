"""What a role allows, in words: Django keeps the names of permissions in English."""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.ui.panels import Panel, register_panel

VERBS = {
    "view": pgettext_lazy("permission", "view"),
    "add": pgettext_lazy("permission", "add"),
    "change": pgettext_lazy("permission", "change"),
    "delete": pgettext_lazy("permission", "delete"),
}


def permission_words(permission: Permission) -> tuple[str, str]:
    """Return whose rows a permission is about, and what it allows with them."""
    model = permission.content_type.model_class()
    if model is None:
        return permission.content_type.name, gettext(permission.name)
    verb, _sep, name = permission.codename.partition("_")
    known = verb in VERBS and name == model._meta.model_name
    return str(model._meta.verbose_name_plural), str(VERBS[verb]) if known else gettext(permission.name)


def granted(request: HttpRequest, group: Any) -> dict[str, Any]:
    """Return what the group allows, thing by thing."""
    rows = group.permissions.select_related("content_type").order_by("content_type__app_label", "content_type__model")
    things: dict[str, list[str]] = {}
    for thing, allowed in map(permission_words, rows):
        things.setdefault(thing, []).append(allowed)
    return {"things": [(capfirst(thing), allowed) for thing, allowed in things.items()]}


register_panel(Group, Panel("granted", _("Permissions"), "staff/panels/granted.html", granted, position=10, wide=True))
