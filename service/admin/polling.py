"""The inbox asks what has changed: mostly nothing, else only the part that did is drawn."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.ui import actor
from core.ui.sitepages import register_page
from service.admin.inbox import Asked, conversation_context, rows_context, view_counts, views_context
from service.admin.status import due_badge
from service.selectors.inbox import pulse
from service.selectors.polling import row_facts, thread_facts

TICK = 60  # seconds: at the latest after these the facts are compared anew, because clocks run without anybody's doing
PARTS = ("views", "rows", "thread")
_TAG = re.compile(r'"([^".]+)\.([0-9a-f.]+)"')


@dataclass(frozen=True)
class Tag:
    """What a page has: the beat it was compared at, and a digest of each of its parts."""

    beat: str
    marks: tuple[str, ...]

    def __str__(self) -> str:
        return f'"{self.beat}.{".".join(self.marks)}"'

    @classmethod
    def of(cls, request: HttpRequest) -> "Tag | None":
        """Return what the browser says it has; None for nothing and for what we never said."""
        found = _TAG.search(request.headers.get("If-None-Match", ""))
        marks = tuple(found[2].split(".")) if found else ()
        return cls(found[1], marks) if found and len(marks) == len(PARTS) else None


@register_page("inbox/poll/", name="service_inbox_poll", permission="service.view_ticket")
@require_GET
def poll_inbox(request: HttpRequest) -> HttpResponseBase:
    """Answer what has changed on this page.

    1. No ticket changed and no minute has passed: 304 (one statement on the counters).
    2. Something changed somewhere, but nothing that this page shows: 304 with a new tag (four statements).
    3. Otherwise the parts that changed: the counts of the views, the rows, the conversation.

    The counters are read first: what is committed in between is found by the next question.
    """
    asked, user, known = Asked(request), actor(request), Tag.of(request)
    beat = f"{pulse()}-{int(timezone.now().timestamp()) // TICK}"
    if known is not None and known.beat == beat:
        return _told(HttpResponseNotModified(), known)
    counts, is_current = view_counts(asked, user=user, beat=beat)
    rows = row_facts(view=asked.view, user=user, query=asked.query, page=asked.page)
    said = [(*row[:-1], str(due_badge(row[-1]))) for row in rows]
    thread = thread_facts(ticket_id=asked.ticket_id, user=user) if asked.ticket_id else []
    marks = (
        _mark([*counts.items(), *(str(one.view.label) for one in asked.saved)]),
        _mark([*said, timezone.localdate()]),
        _mark(thread),
    )
    # counts that a colleague's page asked a moment ago: ask again the next time, whatever the counters say
    tag = Tag(beat if is_current else f"{beat}-", marks)
    changed = {
        part for part, mark, old in zip(PARTS, marks, known.marks if known else PARTS, strict=True) if mark != old
    }
    if not changed:
        return _told(HttpResponseNotModified(), tag)
    context: dict[str, Any] = {"asked": asked, "parts": changed}
    if "views" in changed:
        context |= views_context(asked, counts)
    if "rows" in changed:
        context |= rows_context(request, asked)
    if "thread" in changed:
        context |= conversation_context(request, asked)
    return _told(render(request, "service/components/poll.html", context), tag)


def _told(answer: HttpResponse, tag: Tag) -> HttpResponse:
    answer["ETag"] = str(tag)
    return answer


def _mark(facts: Iterable[Any]) -> str:
    return hashlib.blake2b(repr(list(facts)).encode(), digest_size=8).hexdigest()
