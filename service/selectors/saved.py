"""Views of tickets that people saved: the conditions of the list of tickets, read without asking the database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import SavedView
from core.search import matching
from service.models import TicketQuerySet
from service.selectors.asking import WHO, Statement, kept, rows_of
from service.selectors.inbox import SOON, InboxView
from staff.models import Language, Priority, User

LIST = "service.ticket"
PREFIX = "saved-"
MOST = 12
COLUMNS = ("id", "name", "query", "is_shared")

# the tabs of the list, which a view may stand on
STATES: Mapping[str, Q] = {
    "open": Q(status__in=["new", "open"], merged_into=None),
    "waiting": Q(status="waiting_for_customer", merged_into=None),
    "snoozed": Q(is_snoozed=True, merged_into=None),
    "all": Q(),
}
CLOCKS: Mapping[str, tuple[Any, Callable[[], Q]]] = {
    "late": (pgettext_lazy("tickets", "Late"), lambda: Q(due_at__lt=timezone.now())),
    "soon": (
        pgettext_lazy("tickets", "Due soon"),
        lambda: Q(due_at__gte=timezone.now(), due_at__lt=timezone.now() + SOON),
    ),
    "mall": (pgettext_lazy("tickets", "The mall’s deadline runs"), lambda: Q(mall_due_at__isnull=False)),
    "legal": (pgettext_lazy("tickets", "A legal deadline runs"), lambda: Q(legal_due_at__isnull=False)),
}
KEYS = ("inlet", "assignee", "team", "sales_channel", "reason")
LOOKUPS = (*(f"{name}__id__exact" for name in KEYS), "assignee__isnull")  # beside the list's own filters


@dataclass(frozen=True)
class SavedTickets:
    """One saved view as the inbox shows it."""

    view: InboxView
    is_shared: bool


def saved_views_of(user: User) -> list[SavedTickets]:
    """Return the views of tickets that this colleague sees, own and shared (one query); unreadable ones are left out.

    A view that seeks words is shown to who may search contact data only, as on the list.
    """
    rows = [SavedView.from_db(connection.alias, COLUMNS, row) for row in rows_of(kept("saved", _seen, {WHO: user.pk}))]
    return [
        SavedTickets(_view(row, chosen), row.is_shared) for row in rows if (chosen := condition_of(row.query, user))
    ]


def _seen() -> Statement:
    seen = Q(is_shared=True) | Q(owner=WHO)
    rows = SavedView.objects.filter(seen, model=LIST).order_by("rank", "pk").values_list(*COLUMNS)
    return rows[:MOST].query.sql_with_params()


def condition_of(query: str, user: User) -> Q | None:
    """Return what a saved query means; None when it says something that is not known here."""
    found = Q(pk__isnull=False)
    pairs = dict(parse_qsl(query))
    for name, value in pairs.items():
        part = _part(name, value, user)
        if part is None:
            return None
        found &= part
    return found if "tab" in pairs else found & STATES["open"]


def _part(name: str, value: str, user: User) -> Q | None:
    if name in LOOKUPS:
        return _of_row(name, value)
    if name == "q":
        may = user.has_perm("customers.see_contact_data")
        return Q(number=value.strip().upper()) | matching(value) if may else None
    if name == "tag":
        return Q(tags__contains=[value])
    return _of_words(name, value)


def _of_words(name: str, value: str) -> Q | None:
    known: Mapping[tuple[str, str], Q] = {
        **{("tab", key): condition for key, condition in STATES.items()},
        **{("language__exact", code): Q(language=code) for code in Language.values},
        **{("priority__exact", str(level)): Q(priority=level) for level in Priority.values},
    }
    if name == "clock" and value in CLOCKS:
        return CLOCKS[value][1]()
    return known.get((name, value))


def _of_row(name: str, value: str) -> Q | None:
    if name.endswith("__isnull"):
        return Q(assignee=None) if value in {"True", "1"} else None
    is_number = value.isascii() and value.isdigit() and len(value) < 19
    return Q(**{name: int(value)}) if is_number else None


def _view(row: SavedView, chosen: Q) -> InboxView:
    def rows(tickets: TicketQuerySet, _user: User) -> TicketQuerySet:
        return tickets.own().filter(chosen)

    icon = "group" if row.is_shared else "bookmark"
    return InboxView(f"{PREFIX}{row.pk}", row.name, icon, rows, _("Nothing in this view."))
