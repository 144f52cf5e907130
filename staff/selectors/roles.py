"""Reads about colleagues and their roles."""

from collections.abc import Collection

from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet, prefetch_related_objects

from staff.models import Role, User


def role_label(key: str) -> str:
    """Return the role's name in the active language; an unmanaged group's own name for what is no role."""
    return str(Role(key).label) if key in Role.values else key


def roles_of(user: User) -> list[Role]:
    """Return the user's roles in the order of the day's work (one query; like permissions, asked once of an object).

    Where permissions were asked before, the roles came with them.
    """
    names: set[str] | None = getattr(user, "group_names", None)
    if names is None:
        prefetch_related_objects([user], "groups")
        names = {group.name for group in user.groups.all()}
    return [role for role in Role if role.value in names]


def permissions_by_codename(codenames: Collection[str]) -> dict[str, Permission]:
    """Return the existing permissions among ``<app>.<codename>`` names, by that name (one query)."""
    wanted = set(codenames)
    rows = Permission.objects.select_related("content_type").filter(
        content_type__app_label__in={name.partition(".")[0] for name in wanted}
    )
    found = {f"{row.content_type.app_label}.{row.codename}": row for row in rows}
    return {name: row for name, row in found.items() if name in wanted}


def permissions_of_groups(groups: Collection[Group]) -> dict[str, set[str]]:
    """Return each group's permissions as ``<app>.<codename>`` names, by group name (one query)."""
    held: dict[str, set[str]] = {group.name: set() for group in groups}
    rows = Permission.objects.filter(group__in=groups).values_list("group__name", "content_type__app_label", "codename")
    for group, app, codename in rows:
        held[group].add(f"{app}.{codename}")
    return held


def user_labels(user_ids: Collection[int]) -> dict[int, str]:
    """Return colleagues' names as screens show them, by id; who has no account is left out (one query)."""
    return {user.pk: str(user) for user in User.objects.filter(pk__in=user_ids)}


def users_with_permission(permission: str) -> "QuerySet[User]":
    """Return the active colleagues who hold ``<app>.<codename>`` through a role or by themselves."""
    app, codename = permission.split(".")
    held = Permission.objects.filter(content_type__app_label=app, codename=codename)
    by_role = Q(groups__permissions__in=held) | Q(user_permissions__in=held)
    return User.objects.filter(is_active=True, pk__in=User.objects.filter(by_role).values("pk"))


def users_with_role(role: str) -> "QuerySet[User]":
    """Return the active colleagues of one role."""
    return User.objects.filter(is_active=True, groups__name=role)
