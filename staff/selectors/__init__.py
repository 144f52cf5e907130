"""Reads about colleagues and their work."""

from staff.selectors.revisions import approved_revisions
from staff.selectors.roles import (
    permissions_by_codename,
    permissions_of_groups,
    role_label,
    roles_of,
    user_labels,
    users_with_permission,
    users_with_role,
)
from staff.selectors.subjects import tasks_about

__all__ = [
    "approved_revisions",
    "permissions_by_codename",
    "permissions_of_groups",
    "role_label",
    "roles_of",
    "tasks_about",
    "user_labels",
    "users_with_permission",
    "users_with_role",
]
