"""Reads about colleagues and their work."""

from staff.selectors.roles import (
    permissions_by_codename,
    permissions_of_groups,
    role_label,
    roles_of,
    user_label,
    users_with_permission,
    users_with_role,
)

__all__ = [
    "permissions_by_codename",
    "permissions_of_groups",
    "role_label",
    "roles_of",
    "user_label",
    "users_with_permission",
    "users_with_role",
]
