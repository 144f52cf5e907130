"""Groups: roles come from code and are shown; other groups never give more than their editor has."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.ui import ModelAdmin, actor, columns
from staff import policies
from staff.models import Role
from staff.selectors import permissions_of_groups, role_label

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(ModelAdmin):
    """Roles and further groups."""

    list_display = [
        columns.computed("role", pgettext_lazy("person", "role"), lambda row: role_label(row.name), order="name")
    ]
    search_fields = ["name"]
    ordering = ["name"]
    few_rows = True
    fields = ["name", "permissions"]
    filter_horizontal = ["permissions"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[str]:
        """A role's permissions are a panel in words; only other groups choose theirs."""
        return ["name"] if obj is not None and obj.name in Role.values else super().get_fields(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Roles are kept by code; other groups change only under somebody who holds all they give."""
        if obj is None:
            return bool(super().has_change_permission(request))
        if obj.name in Role.values:
            return False
        held = permissions_of_groups([obj])[obj.name]
        return bool(super().has_change_permission(request, obj)) and policies.may_grant(actor(request), held)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer, and accept, only permissions that the editor holds."""
        if db_field.name == "permissions":
            kwargs["queryset"] = _own_permissions(request.user).select_related("content_type")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def facts(self, request: HttpRequest, obj: Any) -> Sequence[tuple[Any, Any]]:
        """Say where a role comes from."""
        if obj.name not in Role.values:
            return []
        return [(_("Role"), role_label(obj.name)), (_("Kept by"), _("the software (sync_roles)"))]


def _own_permissions(user: Any) -> Any:
    rows = Permission.objects.order_by("content_type__app_label", "content_type__model", "codename")
    if user.is_superuser:
        return rows
    held = user.get_all_permissions()
    own = [
        row.pk for row in rows.select_related("content_type") if f"{row.content_type.app_label}.{row.codename}" in held
    ]
    return rows.filter(pk__in=own)
