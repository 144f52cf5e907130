"""Who may manage whom: nobody raises himself, and nobody grants what he does not hold."""

from collections.abc import Collection

from staff.models import User


def may_manage_users(actor: User | None) -> bool:
    """Tell whether ``actor`` may change accounts at all; None is the system itself."""
    return actor is None or actor.has_perm("staff.change_user")


def may_manage_user(actor: User | None, user: User) -> bool:
    """Tell whether ``actor`` may change roles or access of ``user``: never his own; a superuser's only as one."""
    if actor is None:
        return True
    return may_manage_users(actor) and actor.pk != user.pk and (actor.is_superuser or not user.is_superuser)


def may_grant(actor: User | None, permissions: Collection[str]) -> bool:
    """Tell whether ``actor`` holds every one of ``permissions``, so that handing them on raises nobody above him."""
    return actor is None or actor.is_superuser or actor.has_perms(list(permissions))
