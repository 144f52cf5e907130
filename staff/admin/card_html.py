"""Cards of the board and entries of the calendar, written without templates: a page has up to 400 of them."""

from functools import lru_cache
from html import escape

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, pgettext

from staff.models import Priority, TaskKind, TaskStatus
from staff.selectors.cards import Card

_ICON = '<span class="material-symbols-outlined" aria-hidden="true">{}</span>'
_PRIORITIES = {Priority.HIGH: "amber", Priority.URGENT: "red"}


def cards_html(cards: list[Card], *, tasks_url: str, board_url: str) -> SafeString:
    """Return the list items of a column; whatever people wrote is escaped."""
    words = _words(get_language() or "en")
    files = reverse("file", args=["x"]).removesuffix("x")
    return mark_safe("\n".join(_card(card, words, tasks_url, board_url, files) for card in cards))  # noqa: S308 escaped below


def entries_html(cards: list[Card], *, tasks_url: str, calendar_url: str, movable: set[int]) -> SafeString:
    """Return the list items of one day of the calendar; those in ``movable`` can be dragged."""
    words = _words(get_language() or "en")
    return mark_safe("".join(_entry(card, words, tasks_url, calendar_url, movable) for card in cards))  # noqa: S308 escaped below


def _entry(card: Card, words: dict[str, str], tasks_url: str, calendar_url: str, movable: set[int]) -> str:
    task = card.task
    drag = shift = ""
    if task.pk in movable:
        move = f"{calendar_url}{task.pk}/move/"
        drag = f' draggable="true" data-move="{move}"'
        label = f"{words['move']} {escape(task.number)}"
        shift = f'<a class="shift" href="{move}" draggable="false" aria-label="{label}">{words["shift"]}</a>'
    who = f" · {task.assignee}" if task.assignee else ""
    told = escape(f"{task.number} {task.title}{who} · {words[f'status:{task.status}']}")
    face = f'<span class="avatar a{card.colour}">{escape(card.initials)}</span>' if card.initials else ""
    return (
        f'<li class="entry p{task.priority}{" late" if card.is_late else ""}"{drag} title="{told}">'
        f'<a class="title" href="{tasks_url}{task.pk}/change/" draggable="false">{escape(task.title)}</a>'
        f"{shift}{face}</li>"
    )


def _card(card: Card, words: dict[str, str], tasks_url: str, board_url: str, files: str) -> str:
    task = card.task
    move = f"{board_url}{task.pk}/move/"
    number = escape(task.number)
    about = words[f"kind:{task.kind}"] + (f" · {escape(task.subject_label)}" if task.subject_label else "")
    return (
        f'<li class="card p{task.priority}" id="card-{task.pk}"{" draggable=true" if card.targets else ""}'
        f' data-move="{move}" data-seen="{task.status}:{task.assignee_id or ""}" data-to="{card.targets}">'
        f'{_picture(card, files)}<div class="card-head"><span class="quiet">{number}</span>{_badges(card, words)}'
        f'<a class="card-menu" href="{move}" draggable="false" aria-label="{words["move"]} {number}">'
        f"{words['menu']}</a>"
        f'</div><a class="card-title" href="{tasks_url}{task.pk}/change/" draggable="false">{escape(task.title)}</a>'
        f'<p class="card-about">{about}</p><div class="card-foot">{_foot(card, words)}</div></li>'
    )


def _picture(card: Card, files: str) -> str:
    if not card.thumbnail:
        return ""
    return f'<img class="card-picture" src="{files}{escape(card.thumbnail)}" alt="" loading="lazy" draggable="false">'


def _badges(card: Card, words: dict[str, str]) -> str:
    shown = ""
    if colour := _PRIORITIES.get(Priority(card.task.priority)):
        shown += f'<b class="badge {colour}">{words[f"priority:{card.task.priority}"]}</b>'
    if card.is_blocked:
        shown += words["blocked"]
    if card.task.round_count:
        shown += f'<span class="card-round" title="{words["rounds"]}">{words["again"]}{card.task.round_count}</span>'
    if card.task.status == TaskStatus.LIVE:
        shown += f'<b class="badge green">{words["live"]}</b>'
    return shown


def _foot(card: Card, words: dict[str, str]) -> str:
    shown = ""
    if card.due:
        level = " late" if card.is_late else " today" if card.is_today else ""
        shown += f'<span class="card-due{level}">{words["clock"]}{escape(card.due)}</span>'
    if card.initials:
        who = escape(str(card.task.assignee))
        shown += f'<span class="grow"></span><span class="avatar a{card.colour}" title="{who}">'
        shown += f"{escape(card.initials)}</span>"
    return shown


@lru_cache(maxsize=8)
def _words(_language: str) -> dict[str, str]:
    """Return the fixed words of all cards in the active language."""
    words = {
        "move": escape(gettext("Move")),
        "menu": _ICON.format("more_vert"),
        "shift": _ICON.format("edit_calendar"),
        "clock": _ICON.format("schedule"),
        "again": _ICON.format("replay"),
        "rounds": escape(gettext("Rounds of changes")),
        "live": escape(str(TaskStatus.LIVE.label)),
        "blocked": (
            f'<b class="badge grey" title="{escape(gettext("Waits for another task"))}">{_ICON.format("link")}'
            f"{escape(pgettext('task', 'Blocked'))}</b>"
        ),
    }
    words |= {f"status:{status.value}": str(status.label) for status in TaskStatus}
    words |= {f"kind:{kind.value}": escape(str(kind.label)) for kind in TaskKind}
    return words | {f"priority:{priority.value}": escape(str(priority.label)) for priority in Priority}
