"""Pages about colleagues."""

from staff.admin import groups, users

__all__ = ["groups", "users"]
