"""Every write about colleagues: roles, access."""

import zoneinfo
from collections.abc import Collection, Mapping

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import InvalidInput, NotAllowed
from core.events import record
from staff import policies
from staff.events import RolePermissionsChanged, UserDeactivated, UserReactivated, UserRolesChanged
from staff.models import Language, Role, User
from staff.selectors import permissions_by_codename, permissions_of_groups
from staff.services.people.handing_over import hand_over_work, lock_work_of


@transaction.atomic
def sync_roles(*, roles: Mapping[str, Collection[str]], actor: User | None = None) -> list[str]:
    """Give each role exactly the listed permissions (``<app>.<codename>``) and return the roles that changed.

    Groups are made when missing; groups that are no role in ``roles`` stay as they are. Repeating changes and records
    nothing. InvalidInput, with nothing changed, when a permission does not exist: a slip must not weaken a role.
    """
    permissions = permissions_by_codename({name for names in roles.values() for name in names})
    unknown = sorted({f"{name} ({role})" for role, names in roles.items() for name in names if name not in permissions})
    if unknown:
        raise InvalidInput(
            _("These permissions do not exist: %(names)s. Correct the table of roles or run migrate.")
            % {"names": ", ".join(unknown)}
        )
    Group.objects.bulk_create([Group(name=name) for name in sorted(roles)], ignore_conflicts=True)
    groups = list(Group.objects.select_for_update().filter(name__in=roles).order_by("pk"))
    held = permissions_of_groups(groups)
    changed = []
    for group in groups:
        granted = sorted(set(roles[group.name]) - held[group.name])
        withdrawn = sorted(held[group.name] - set(roles[group.name]))
        if not granted and not withdrawn:
            continue
        group.permissions.set([permissions[name] for name in roles[group.name]])
        record(RolePermissionsChanged(granted=granted, withdrawn=withdrawn), subject=group, actor=actor)
        changed.append(group.name)
    return changed


@transaction.atomic
def set_user_roles(*, user_id: int, roles: Collection[str], actor: User | None = None) -> User:
    """Give the user exactly these roles; other groups stay. Nothing is recorded when nothing changes.

    Refuses an unknown role (InvalidInput); own roles, a superuser's by anyone below, and roles that can do more than
    the actor (NotAllowed).
    """
    user = User.objects.select_for_update(of=("self",)).get(pk=user_id)
    _check_may_manage(user, actor)
    unknown = sorted(set(roles) - set(Role.values))
    if unknown:
        raise InvalidInput(_("There is no role “%(role)s”.") % {"role": unknown[0]})
    groups = {group.name: group for group in Group.objects.filter(name__in=Role.values)}
    missing = sorted(set(roles) - set(groups))
    if missing:
        raise InvalidInput(_("The role “%(role)s” is not set up yet. Run sync_roles.") % {"role": missing[0]})
    before = set(user.groups.filter(name__in=Role.values).values_list("name", flat=True))
    added = [groups[name] for name in sorted(set(roles) - before)]
    held = permissions_of_groups(added)
    if not policies.may_grant(actor, {name for names in held.values() for name in names}):
        raise NotAllowed(_("This role may do things that you may not do. Ask an administrator to give it."))
    if before == set(roles):
        return user
    user.groups.remove(*[groups[name] for name in before - set(roles)])
    user.groups.add(*added)
    record(UserRolesChanged(roles=sorted(set(roles)), before=sorted(before)), subject=user, actor=actor)
    return user


@transaction.atomic
def change_own_profile(*, language: str, time_zone: str, actor: User) -> User:
    """Store how ``actor`` reads the screens; an empty language follows the browser.

    Refuses a language without screens and an unknown time zone (InvalidInput).
    """
    user = User.objects.select_for_update(of=("self",)).get(pk=actor.pk)
    if language and language not in Language.values:
        raise InvalidInput(_("There are no screens in “%(language)s”.") % {"language": language})
    if time_zone not in zoneinfo.available_timezones():
        raise InvalidInput(_("“%(value)s” is no time zone. Write one such as Asia/Seoul.") % {"value": time_zone})
    user.language, user.time_zone = language, time_zone
    user.save(update_fields=["language", "time_zone"])
    return user


@transaction.atomic
def deactivate_user(*, user_id: int, actor: User | None = None) -> User:
    """Switch the account off: no login any more, and open sessions end with their next request. Repeating is harmless.

    The person's work goes on without them, see ``hand_over_work``. Refuses one's own account and, below superusers,
    a superuser's (NotAllowed).
    """
    return _switch(user_id=user_id, active=False, actor=actor)


@transaction.atomic
def reactivate_user(*, user_id: int, actor: User | None = None) -> User:
    """Switch the account on again, with the roles it had. Refuses as deactivate_user does."""
    return _switch(user_id=user_id, active=True, actor=actor)


def _switch(*, user_id: int, active: bool, actor: User | None) -> User:
    tasks = [] if active else lock_work_of(user_id)
    # no_key: whoever moves a task of this person meanwhile points at the row, and must not wait for it
    user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user_id)
    _check_may_manage(user, actor)
    if user.is_active != active:
        user.is_active = active
        user.save(update_fields=["is_active"])
        if not active:
            hand_over_work(user=user, tasks=tasks, actor=actor)
        record(UserReactivated() if active else UserDeactivated(), subject=user, actor=actor)
    return user


def _check_may_manage(user: User, actor: User | None) -> None:
    if not policies.may_manage_user(actor, user):
        raise NotAllowed(_("You cannot change this account’s access. Ask another administrator."))
