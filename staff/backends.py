"""How Django learns what a colleague may do."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission
from django.db.models import Value


class RolesBackend(ModelBackend):
    """Django's own backend, but what a person may do and is comes in one statement: every page asks for both."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return the permissions of the person and their roles as ``<app>.<codename>``; rows have none of their own."""
        if user_obj.is_superuser or not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return super().get_all_permissions(user_obj, obj)
        if not hasattr(user_obj, "_perm_cache"):
            columns = ("content_type__app_label", "codename")
            own = Permission.objects.filter(user=user_obj).order_by().values_list(*columns)
            by_role = Permission.objects.filter(group__user=user_obj).order_by().values_list(*columns)
            roles = Group.objects.filter(user=user_obj).order_by().annotate(app=Value("")).values_list("app", "name")
            rows = list(own.union(by_role, roles))
            user_obj._perm_cache = {f"{app}.{name}" for app, name in rows if app}  # noqa: SLF001 Django's own place
            user_obj.group_names = {name for app, name in rows if not app}
        found: set[str] = user_obj._perm_cache  # noqa: SLF001
        return found
