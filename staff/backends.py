"""How Django learns what a colleague may do."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db import connection

# the ORM's union of three takes longer to write than the database to answer, and every request asks
_RIGHTS = """
WITH held AS (
    SELECT permission_id FROM staff_user_user_permissions WHERE user_id = %(user)s
    UNION SELECT p.permission_id FROM staff_user_groups g JOIN auth_group_permissions p ON p.group_id = g.group_id
    WHERE g.user_id = %(user)s
)
SELECT c.app_label, p.codename FROM held JOIN auth_permission p ON p.id = held.permission_id
JOIN django_content_type c ON c.id = p.content_type_id
UNION ALL
SELECT '', g.name FROM staff_user_groups u JOIN auth_group g ON g.id = u.group_id WHERE u.user_id = %(user)s
"""


class RolesBackend(ModelBackend):
    """Django's own backend, but what a person may do and is comes in one statement: every page asks for both."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return the permissions of the person and their roles as ``<app>.<codename>``; rows have none of their own."""
        if user_obj.is_superuser or not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return super().get_all_permissions(user_obj, obj)
        if not hasattr(user_obj, "_perm_cache"):
            with connection.cursor() as cursor:
                cursor.execute(_RIGHTS, {"user": user_obj.pk})
                rows = cursor.fetchall()
            user_obj._perm_cache = {f"{app}.{name}" for app, name in rows if app}  # noqa: SLF001 Django's own place
            user_obj.group_names = {name for app, name in rows if not app}
        found: set[str] = user_obj._perm_cache  # noqa: SLF001
        return found
