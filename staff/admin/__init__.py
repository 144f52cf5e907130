"""Pages about colleagues."""

from staff.admin import figures, granted, groups, users

__all__ = ["figures", "granted", "groups", "users"]
