"""Facts about colleagues, what they may do, and where messages about them go. Ids and role keys only, never names."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.events import Event
from staff.selectors.roles import role_label


@dataclass(frozen=True, kw_only=True)
class RolePermissionsChanged(Event):
    """A role's permissions were brought in line with the table in the code; lists of ``<app>.<codename>``."""

    name: ClassVar[str] = "staff.role_permissions_changed"
    granted: list[str]
    withdrawn: list[str]

    def sentence(self) -> str:
        """Say how many permissions came and went."""
        parts = []
        if self.granted:
            count = len(self.granted)
            parts.append(ngettext("%(count)s permission granted", "%(count)s permissions granted", count))
            parts[-1] %= {"count": count}
        if self.withdrawn:
            count = len(self.withdrawn)
            parts.append(ngettext("%(count)s permission withdrawn", "%(count)s permissions withdrawn", count))
            parts[-1] %= {"count": count}
        return ", ".join(parts)


@dataclass(frozen=True, kw_only=True)
class UserRolesChanged(Event):
    """A colleague got or lost roles; lists of role keys."""

    name: ClassVar[str] = "staff.user_roles_changed"
    roles: list[str]
    before: list[str]

    def sentence(self) -> str:
        """Name the roles that hold from now on."""
        if not self.roles:
            return _("All roles were taken away.")
        return _("Roles are now: %(roles)s.") % {"roles": ", ".join(role_label(key) for key in self.roles)}


@dataclass(frozen=True, kw_only=True)
class UserDeactivated(Event):
    """A colleague may no longer log in; open sessions end with their next request."""

    name: ClassVar[str] = "staff.user_deactivated"

    def sentence(self) -> str:
        """Say so."""
        return _("The account was switched off.")


@dataclass(frozen=True, kw_only=True)
class UserReactivated(Event):
    """A colleague may log in again."""

    name: ClassVar[str] = "staff.user_reactivated"

    def sentence(self) -> str:
        """Say so."""
        return _("The account was switched on again.")


@dataclass(frozen=True, kw_only=True)
class WebhookSaved(Event):
    """A webhook was made or changed; its address is a secret and stands nowhere else."""

    name: ClassVar[str] = "staff.webhook_saved"
    webhook_id: int
    is_new: bool = False
    has_new_address: bool = False

    def sentence(self) -> str:
        """Say whether it leads elsewhere now."""
        if self.is_new:
            return _("The webhook was added.")
        return _("The address of the webhook was replaced.") if self.has_new_address else _("The webhook was changed.")


@dataclass(frozen=True, kw_only=True)
class WebhookSwitchedOff(Event):
    """A webhook failed so often in a row that nothing is sent to it any more."""

    name: ClassVar[str] = "staff.webhook_switched_off"
    webhook_id: int

    def sentence(self) -> str:
        """Say so."""
        return _("Switched off after too many failures.")
