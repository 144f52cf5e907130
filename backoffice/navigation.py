"""The navigation: one explicit list, grouped by the day's work, a permission for each entry."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from backoffice.entries.base import Entry, Group
from backoffice.entries.goods import CATALOGUE, PURCHASING, STOCK
from backoffice.entries.running import CUSTOMERS, FILES, LAW, PRIVACY, SERVICE, SYSTEM, WORK, WORK_RULES
from backoffice.entries.selling import MONEY, ORDERS, RETURNS, SHIPPING
from backoffice.roles import home_order
from core.ui.acting import actor
from core.ui.badges import badges_and_own
from staff.selectors import roles_of
from staff.selectors.notifications import Unread, unread_rows

NAVIGATION: tuple[Group, ...] = (
    ORDERS,
    SHIPPING,
    MONEY,
    RETURNS,
    STOCK,
    PURCHASING,
    CATALOGUE,
    CUSTOMERS,
    SERVICE,
    WORK,
    FILES,
    WORK_RULES,
    LAW,
    PRIVACY,
    SYSTEM,
)
_VARIANTS = {"info": "primary", "warning": "warning", "danger": "danger"}


def groups_for(request: HttpRequest) -> list[Group]:
    """Return the groups with the entries this person may open, those of the own work first."""
    first = home_order(roles_of(actor(request)))
    rank = {key: place for place, key in enumerate(first)}
    shown = []
    for group in sorted(NAVIGATION, key=lambda g: rank.get(g.key, len(rank))):
        entries = tuple(entry for entry in group.entries if request.user.has_perm(entry.permission))
        if entries:
            shown.append(Group(group.key, group.title, entries))
    return shown


def entry_url(entry: Entry) -> str:
    """Return the entry's address, empty when no page of that name is registered."""
    return _address(entry.url)


@cache  # pages are registered before the first request and stay where they are
def _address(name: str) -> str:
    try:
        return reverse(f"admin:{name}")
    except NoReverseMatch:
        return ""


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the navigation as Unfold's template reads it; ``request.bell`` says then how much is unread."""
    home = {"title": _("Home"), "icon": "home", "link": reverse("admin:index")}
    home["active"] = request.path == home["link"]
    shown: list[dict[str, Any]] = [{"title": "", "items": [home]}]
    groups = groups_for(request)
    here = _here(groups, request.path)
    keys = [entry.badge for group in groups for entry in group.entries if entry.badge]
    badges, unread = badges_and_own(keys, unread_rows(actor(request).pk))
    request.bell = Unread(unread)  # type: ignore[attr-defined]
    own = home_order(roles_of(actor(request)))
    for group in groups:
        daily, settings = (_items(group, here, badges, is_setting=kind) for kind in (False, True))
        if daily or settings:
            # the work of others is folded; who has no role has no work of others
            is_folded = bool(own) and group.key not in own and not _is_open([*daily, *settings])
            shown.append(
                {
                    "title": group.title,
                    "items": daily or settings,
                    "settings": settings if daily else [],
                    "is_folded": is_folded,
                    "settings_open": _is_open(settings),
                }
            )
    return shown


def _here(groups: Sequence[Group], path: str) -> str:
    """Return the link of the entry that the page belongs to: of those above it the nearest; empty for none."""
    links = (entry_url(entry) for group in groups for entry in group.entries)
    return max((link for link in links if link and path.startswith(link)), key=len, default="")


def _items(group: Group, here: str, badges: Mapping[str, tuple[str, str]], *, is_setting: bool) -> list[dict[str, Any]]:
    entries = [entry for entry in group.entries if entry.is_setting is is_setting and entry_url(entry)]
    return [_item(entry, here, badges) for entry in entries]


def _is_open(items: list[dict[str, Any]]) -> bool:
    return any(item["active"] for item in items)


def _item(entry: Entry, here: str, badges: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    link = entry_url(entry)
    number, level = badges.get(entry.badge, ("", ""))
    return {
        "title": entry.title,
        "icon": entry.icon,
        "link": link,
        "active": link == here,
        "badge": number,
        "badge_variant": _VARIANTS.get(level, "primary"),
        "badge_style": "solid" if level == "danger" else "",
    }


def account_links(_request: HttpRequest) -> list[dict[str, Any]]:
    """Return the links of the menu at the person's name."""
    return [
        {"title": _("My profile"), "link": reverse("admin:profile")},
        {"title": _("Notification settings"), "link": reverse("admin:staff_notification_settings")},
        {"title": _("Change password"), "link": reverse("admin:password_change")},
    ]
