"""Colleagues: descriptive columns in the form, access by buttons."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from core.admin.tables import TableFilesMixin
from core.display import badge_html
from core.ui import ActionForm, ModelAdmin, Tab, actor, columns, service_action
from staff import policies, services
from staff.admin.resources import UserResource
from staff.models import Role, User
from staff.selectors import role_label, roles_of


class RolesForm(ActionForm):
    """Which roles the colleague has."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=Role.choices, required=False, widget=forms.CheckboxSelectMultiple
    )


def _manageable(user: Any, obj: User) -> bool:
    return policies.may_manage_user(user, obj)


def _roles(obj: User) -> str:
    return ", ".join(role_label(group.name) for group in obj.groups.all())


def _state(obj: User) -> Any:
    return badge_html(_("Active"), "green") if obj.is_active else badge_html(_("Switched off"), "grey")


@admin.register(User)
class UserAdmin(TableFilesMixin, ModelAdmin, DjangoUserAdmin):  # type: ignore[misc, type-arg]
    """Accounts; roles and access change by buttons, so that nobody raises himself."""

    resource_class = UserResource

    form, add_form, change_password_form = UserChangeForm, UserCreationForm, AdminPasswordChangeForm
    list_display = [
        columns.two_lines("username", lambda row: row.get_full_name(), pgettext_lazy("person", "user"), order=True),
        columns.computed("roles", _("roles"), _roles),
        columns.text("email", _("e-mail"), order=True),
        columns.computed("access", _("access"), _state, css="fit"),
        columns.moment("last_login", _("last login"), order=True),
    ]
    tabs = [
        Tab("active", pgettext_lazy("people", "Active"), lambda rows, request: rows.filter(is_active=True)),
        Tab("off", pgettext_lazy("people", "Switched off"), lambda rows, request: rows.filter(is_active=False)),
    ]
    list_filter = ["groups"]
    search_fields = ["username", "first_name", "last_name", "email"]  # type: ignore[misc]
    ordering = ["username"]
    filter_horizontal = ()
    fieldsets = [
        (None, {"fields": ["username", ("last_name", "first_name"), "email", ("language", "time_zone")]}),
        (_("Dates"), {"fields": [("last_login", "date_joined")]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["username", ("last_name", "first_name"), "email", "password1", "password2"]}),
    ]
    readonly_fields = ["last_login", "date_joined"]

    def for_display(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Fetch the roles of a page at once."""
        return queryset.prefetch_related("groups")

    def facts(self, request: HttpRequest, obj: Any) -> Sequence[tuple[Any, Any]]:
        """Say who this is here."""
        roles = ", ".join(str(role.label) for role in roles_of(obj)) or "—"
        return [(_("Access"), _state(obj)), (_("Roles"), _("All (superuser)") if obj.is_superuser else roles)]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let nobody below a superuser change one."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or not obj.is_superuser or bool(request.user.is_superuser))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """New accounts may log in here; what they see comes with their roles."""
        if not change:
            obj.is_staff = True
        super().save_model(request, obj, form, change)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002 Django's name
        """Set a colleague's password: only of somebody who may do nothing that the actor may not do."""
        user = self.get_object(request, id)
        if user is not None and not (
            policies.may_manage_user(actor(request), user)
            and policies.may_grant(actor(request), user.get_all_permissions())
        ):
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    @service_action(
        _("Roles"),
        permission="staff.change_user",
        form=RolesForm,
        icon="shield_person",
        submit=_("Save"),
        available=_manageable,
        initial=lambda request, obj: {"roles": [role.value for role in roles_of(obj)]},
    )
    def change_roles(self, request: HttpRequest, obj: User, data: dict[str, Any]) -> str:
        """Give exactly the ticked roles."""
        services.set_user_roles(user_id=obj.pk, roles=data["roles"], actor=actor(request))
        return _("The roles of %(name)s are saved.") % {"name": obj}

    @service_action(
        _("Switch off"),
        permission="staff.change_user",
        icon="block",
        variant="danger",
        available=lambda user, obj: obj.is_active and _manageable(user, obj),
        question=_("No login any more, and open sessions end with their next click."),
    )
    def switch_off(self, request: HttpRequest, obj: User, data: dict[str, Any]) -> str:
        """Close the account."""
        services.deactivate_user(user_id=obj.pk, actor=actor(request))
        return _("The account of %(name)s is switched off.") % {"name": obj}

    @service_action(
        _("Switch on"),
        permission="staff.change_user",
        icon="check_circle",
        variant="primary",
        available=lambda user, obj: not obj.is_active and _manageable(user, obj),
    )
    def switch_on(self, request: HttpRequest, obj: User, data: dict[str, Any]) -> str:
        """Open the account again."""
        services.reactivate_user(user_id=obj.pk, actor=actor(request))
        return _("The account of %(name)s is switched on.") % {"name": obj}
