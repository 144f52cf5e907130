"""What people were told, as sentences in the reader's language: names are looked up now, never kept."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.display import moment_text
from staff.models import Notification, StaleReason, TaskStatus, Topic, User

CAP = 99  # unread above it are shown as "99+"
ICONS: Mapping[str, str] = {
    Topic.ASSIGNED: "assignment_ind",
    Topic.RELEASED: "undo",
    Topic.REVIEW_ASKED: "rate_review",
    Topic.CHANGES_REQUESTED: "edit_note",
    Topic.APPROVED: "check_circle",
    Topic.DELIVERED: "inventory",
    Topic.COMMENTED: "comment",
    Topic.CHANGED: "update",
    Topic.DUE_SOON: "event_upcoming",
    Topic.DUE_TODAY: "today",
    Topic.OVERDUE: "alarm",
    Topic.UNCLAIMED: "person_search",
    Topic.STUCK: "hourglass_bottom",
    Topic.STALE: "hide_image",
    Topic.RIGHTS_EXPIRE: "copyright",
    Topic.WEBHOOK_OFF: "webhook",
    Topic.STOCK: "inventory_2",
}


@dataclass(frozen=True)
class Line:
    """One notification as it is read: what it is about, what happened, and where to go."""

    id: int
    topic: str
    topic_label: str
    icon: str
    about: str
    sentence: str
    url: str  # an address of this site
    at: datetime
    is_read: bool

    @property
    def text(self) -> str:
        """Return all of it in one line."""
        return f"{self.about}: {self.sentence}" if self.about else self.sentence

    @property
    def absolute_url(self) -> str:
        """Return the address for readers outside of the site."""
        return absolute(self.url)


@dataclass(frozen=True)
class Unread:
    """How many notifications wait for a person, at most one above the cap."""

    count: int

    @property
    def text(self) -> str:
        """Return the number as the bell shows it."""
        return f"{CAP}+" if self.count > CAP else str(self.count)


def absolute(url: str) -> str:
    """Return an address of this site with its host (setting PUBLIC_URL)."""
    return f"{settings.PUBLIC_URL}{url}"


def notifications_of(user_id: int) -> "QuerySet[Notification]":
    """Return what the bell and its page show this person, the newest first."""
    return Notification.objects.filter(user=user_id, is_shown=True).order_by("-id")


def unread_rows(user_id: int) -> "QuerySet[Notification]":
    """Return what this person has not read, up to one above the cap (a partial index holds these rows only)."""
    return notifications_of(user_id).filter(read_at=None)[: CAP + 1]


def unread_of(user_id: int) -> Unread:
    """Count what this person has not read (one statement)."""
    return Unread(unread_rows(user_id).count())


def lines_of(rows: Iterable[Notification], *, for_team: bool = False) -> list[Line]:
    """Return the rows as lines in the active language and zone (one query for all names).

    ``for_team``: a channel reads it, so it says whom it was told.
    """
    rows = list(rows)
    names = _names(rows, for_team=for_team)
    return [
        Line(
            id=row.pk,
            topic=row.topic,
            topic_label=str(row.get_topic_display()),
            icon=ICONS.get(row.topic, "notifications"),
            about=f"{row.data.get('number', '')} {row.data.get('title', '')}".strip(),
            sentence=_sentence(row, names, for_team=for_team),
            url=_url(row),
            at=row.at,
            is_read=row.read_at is not None,
        )
        for row in rows
    ]


def _names(rows: Sequence[Notification], *, for_team: bool) -> dict[int, str]:
    wanted: set[Any] = {row.data.get(key) for row in rows for key in ("by", "instead_of")}
    if for_team:
        wanted |= {row.user_id for row in rows}
    wanted.discard(None)
    return {user.pk: str(user) for user in User.objects.filter(pk__in=wanted)} if wanted else {}


def _url(row: Notification) -> str:
    if row.subject_id is not None:
        return _reversed("admin:staff_task_change", row.subject_id)
    if about := row.data.get("about"):  # what an upper app tells: "app.model:id"
        label, _colon, key = str(about).partition(":")
        return _reversed(f"admin:{label.replace('.', '_')}_change", key)
    if page := row.data.get("page"):  # the name of an upper app's page
        return _reversed(f"admin:{page}")
    if row.topic == Topic.WEBHOOK_OFF and row.data.get("is_team"):
        return _reversed("admin:staff_webhook_changelist")
    if row.topic == Topic.WEBHOOK_OFF:
        return _reversed("admin:staff_notification_settings")
    return f"{_reversed('admin:staff_task_changelist')}?tab=overdue"


def _reversed(name: str, *args: Any) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return reverse("admin:index")


# --- sentences: data of older notifications may lack a word, so each has one without it

_Data = Mapping[str, Any]
# what only concerns whom it was told: a channel has to know who that is
_PERSONAL: Collection[str] = {Topic.ASSIGNED, Topic.RELEASED, Topic.REVIEW_ASKED, Topic.CHANGES_REQUESTED}
_WITH_WHO = {
    Topic.ASSIGNED: _("Assigned by %(who)s"),
    Topic.REVIEW_ASKED: _("%(who)s asks for a decision"),
    Topic.CHANGES_REQUESTED: _("Changes requested by %(who)s"),
    Topic.APPROVED: _("Approved by %(who)s"),
    Topic.DELIVERED: _("Delivered by %(who)s"),
    Topic.COMMENTED: _("Comment by %(who)s"),
}
_WITHOUT_WHO = {
    Topic.ASSIGNED: pgettext_lazy("notification", "Assigned"),
    Topic.REVIEW_ASKED: _("A decision is asked"),
    Topic.CHANGES_REQUESTED: pgettext_lazy("notification", "Changes requested"),
    Topic.APPROVED: pgettext_lazy("notification", "Approved"),
    Topic.DELIVERED: pgettext_lazy("notification", "Delivered"),
    Topic.COMMENTED: _("New comment"),
    Topic.UNCLAIMED: _("Nobody has claimed it yet"),
}


def _sentence(row: Notification, names: Mapping[int, str], *, for_team: bool) -> str:
    who = names.get(row.data.get("by", 0), "")
    if who and row.topic in _WITH_WHO:
        said = str(_WITH_WHO[Topic(row.topic)]) % {"who": who}
    elif row.topic in _WITHOUT_WHO:
        said = str(_WITHOUT_WHO[Topic(row.topic)])
    else:
        said = _BY_DATA[row.topic](row.data) + (f" ({who})" if who else "")
    if for_team and row.topic in _PERSONAL and (whom := names.get(row.user_id)):
        said = f"{said} → {whom}"
    if other := names.get(row.data.get("instead_of", 0)):
        said = gettext("%(sentence)s (instead of %(who)s, who is away)") % {"sentence": said, "who": other}
    return said


def _released(data: _Data) -> str:
    return gettext("It waits in the queue again") if data.get("reason") else gettext("Given to somebody else")


def _changed(data: _Data) -> str:
    if data.get("change") == "due":
        due = _moment(data.get("due_at"))
        return (
            gettext("The deadline is now %(due)s") % {"due": due} if due else gettext("There is no deadline any more")
        )
    if data.get("change") == "taken_back":
        return gettext("Taken back from review")
    if (status := data.get("status")) in TaskStatus.values:
        return gettext("Now: %(status)s") % {"status": TaskStatus(status).label}
    return pgettext("notification", "Changed")


def _stuck(data: _Data) -> str:
    if data.get("reason") == "listing_blocked":
        return gettext("It should be live on %(channel)s now, but something is missing") % {
            "channel": data.get("channel", "")
        }
    return {
        "stuck_in_review": gettext("It waits for a decision for too long"),
        "leave": gettext("It falls due while the assignee is away"),
        "inlet_refuses": gettext("The mailbox cannot be read: no messages come in"),
        "connection_fails": gettext("This mall cannot be reached: no parcels are told, no inquiries come in"),
        "connection_key_ends": gettext("The key of this mall ends soon: ask for a new one"),
        "segment_review": gettext("A segment is to be looked at again"),
        "ticket_due": gettext("An inquiry is due soon"),
        "ticket_late": gettext("An inquiry is late"),
        "voice_rang": gettext("Customers complain about it more than the rule allows"),
        "inlet_silent": gettext("Nobody has looked into the mailbox for 45 minutes"),
    }.get(data.get("reason", ""), gettext("Nothing has moved for too long"))


def _law(data: _Data) -> str:
    """Return a duty of the law as the reader's language calls it."""
    names: Mapping[str, str] = data.get("names") or {}
    return names.get(get_language() or "") or next((name for name in names.values() if name), "")


def _due(data: _Data) -> str:
    if data.get("reason") == "law":
        count = data.get("count", 1)
        return ngettext(
            "%(count)s legal deadline ends within two days: %(duty)s",
            "%(count)s legal deadlines end within two days: %(duty)s",
            count,
        ) % {"count": count, "duty": _law(data)}
    due = _parsed(data.get("due_at"))
    if due is None:
        return gettext("Due soon")
    local = timezone.localtime(due)
    if local.date() == timezone.localdate():
        return gettext("Due today at %(time)s") % {"time": date_format(local, "TIME_FORMAT")}
    return gettext("Due on %(due)s") % {"due": moment_text(due)}


def _overdue(data: _Data) -> str:
    if data.get("reason") == "law":
        return _law_missed(data)
    if count := data.get("count"):
        return ngettext("%(count)s task is overdue", "%(count)s tasks are overdue", count) % {"count": count}
    due = _moment(data.get("due_at"))
    return gettext("Overdue since %(due)s") % {"due": due} if due else pgettext("notification", "Overdue")


def _law_missed(data: _Data) -> str:
    count = data.get("count", 1)
    if count == 1:
        return gettext("Legal deadline missed: %(duty)s") % {"duty": _law(data)}
    return gettext("%(count)s legal deadlines missed: %(duty)s") % {"count": count, "duty": _law(data)}


def _stale(data: _Data) -> str:
    reason = data.get("reason")
    if reason in StaleReason.values:
        return gettext("The live picture is no longer true: %(reason)s") % {"reason": StaleReason(reason).label}
    return gettext("The live picture is no longer true")


def _rights_expire(data: _Data) -> str:
    until = parse_date(str(data.get("until", "")))
    return gettext("Usage rights end on %(day)s") % {"day": moment_text(until)} if until else gettext("Rights end soon")


def _webhook_off(data: _Data) -> str:
    return gettext("The webhook “%(name)s” failed too often and is switched off") % {"name": data.get("name", "")}


def _stock(data: _Data) -> str:
    count = data.get("count", 0)
    said = {
        "low": ngettext("Running low: %(count)s piece available", "Running low: %(count)s pieces available", count),
        "out": pgettext("notification", "Sold out"),
        "expiring": gettext("A lot expires soon"),
        "incident": gettext("The nightly proof found numbers that do not agree"),
        "oversold": ngettext(
            "Oversold: %(count)s piece was sold that is not there",
            "Oversold: %(count)s pieces were sold that are not there",
            count,
        ),
        "reorder": ngettext(
            "%(count)s product runs out before a new delivery could come",
            "%(count)s products run out before a new delivery could come",
            count,
        ),
        "ordered": ngettext("Ordered automatically: %(count)s line", "Ordered automatically: %(count)s lines", count),
        "order_to_send": gettext("Ordered automatically; the supplier has no e-mail address: send it yourself"),
        "order_to_approve": gettext("Ordered automatically; it waits for approval"),
    }.get(data.get("reason", ""), gettext("The stock needs a look")) % {"count": count}
    if added := data.get("added"):
        more = ngettext(
            "%(said)s; %(added)s line was added to reach the supplier's minimum order",
            "%(said)s; %(added)s lines were added to reach the supplier's minimum order",
            added,
        )
        return more % {"said": said, "added": added}
    return said


_BY_DATA: Mapping[str, Callable[[_Data], str]] = {
    Topic.RELEASED: _released,
    Topic.CHANGED: _changed,
    Topic.DUE_SOON: _due,
    Topic.DUE_TODAY: _due,
    Topic.OVERDUE: _overdue,
    Topic.STUCK: _stuck,
    Topic.STALE: _stale,
    Topic.RIGHTS_EXPIRE: _rights_expire,
    Topic.WEBHOOK_OFF: _webhook_off,
    Topic.STOCK: _stock,
}


def _parsed(value: Any) -> datetime | None:
    return parse_datetime(value) if isinstance(value, str) else None


def _moment(value: Any) -> str:
    parsed = _parsed(value)
    return moment_text(parsed) if parsed else ""
