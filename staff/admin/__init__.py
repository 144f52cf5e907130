"""Pages about colleagues."""

from staff.admin import granted, groups, users

__all__ = ["granted", "groups", "users"]
