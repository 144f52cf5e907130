"""The inbox: views, conversation, customer; it updates by itself and is worked on by keyboard."""

import re
import uuid
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import Any
from urllib.parse import quote

from django.core.cache import cache
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from compliance.admin.clock import clock_rows
from core.masking import mask_email, mask_name, mask_phone
from core.money import format_money
from core.ui import actor
from core.ui.panels import panels_for
from core.ui.sitepages import register_page, render_page
from core.ui.tabs import capped_text, counted, counting
from customers.selectors import identities_of
from orders.admin.status import status_badge
from service import policies, services
from service.admin.bulk import BULK
from service.admin.order_work import work_buttons
from service.admin.snoozing import snoozed_words
from service.admin.status import due_badge, due_texts, ticket_badge
from service.admin.ticket import TicketAdmin
from service.models import TO_ANSWER, Ticket
from service.selectors.asking import WHO, Statement, kept, nobody_like
from service.selectors.beside import beside
from service.selectors.conversation import OpenTicket, entries_of, files_to_send, open_ticket_of
from service.selectors.coupons import coupons_got, with_coupons
from service.selectors.inbox import BY_KEY, PAGE, VIEWS, InboxView, inbox_rows, is_lasting
from service.selectors.saved import PREFIX, SavedTickets, saved_views_of
from staff.models import Priority, User

SEE = "customers.see_contact_data"
PARAMETERS = {"view", "ticket", "q", "page"}
BUTTONS = (
    "resolve",
    "reopen",
    "snooze",
    "wake",
    "sort",
    "assign",
    "release",
    "link_order",
    "link_product",
    "merge",
    "split",
    "undo_split",
)
_SAVED = re.compile(rf"{PREFIX}\d{{1,18}}")
COUNTS = "service.inbox.counts"
COUNTED_FOR = 5  # seconds


class Asked:
    """What the address asks for; an odd parameter answers 400."""

    def __init__(self, request: HttpRequest) -> None:
        given = request.GET
        self.key = given.get("view", "mine")
        if set(given) - PARAMETERS or not (self.key in BY_KEY or _SAVED.fullmatch(self.key)):
            raise SuspiciousOperation("no such parameter")
        self._user = actor(request)
        self.query = given.get("q", "").strip()[:100]
        self.page = self._number(given.get("page") or "1") or 1
        self.ticket_id = self._number(given.get("ticket") or "0")

    @cached_property
    def saved(self) -> list[SavedTickets]:
        """Return the views that this person, or somebody for everybody, saved; a poll without news does not ask."""
        return saved_views_of(self._user)

    @cached_property
    def view(self) -> InboxView:
        """Return the view that is shown; 404 for a saved one that is gone."""
        if self.key in BY_KEY:
            return BY_KEY[self.key]
        found = next((one.view for one in self.saved if one.view.key == self.key), None)
        if found is None:
            raise Http404
        return found

    @staticmethod
    def _number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise SuspiciousOperation("no such number")
        return int(text)

    def url(self, *, page: int = 1, **over: Any) -> str:
        """Return the query of this view with another ticket or page."""
        values = {"view": self.key, "q": self.query, "page": page if page > 1 else "", **over}
        return "?" + "&".join(f"{name}={_quoted(value)}" for name, value in values.items() if value)


@register_page("inbox/", name="service_inbox", permission="service.view_ticket")
@require_GET
def inbox_page(request: HttpRequest) -> HttpResponseBase:
    """Show the inbox: on a phone the list, or the conversation that is open."""
    asked, user = Asked(request), actor(request)
    counts, _is_current = view_counts(asked, user=user, beat="")
    if not request.GET and counts["unassigned"] and not counts["mine"]:
        return HttpResponseRedirect("?view=unassigned")  # nothing of one's own is left: on to what nobody has
    context = {
        "asked": asked,
        **views_context(asked, counts),
        **rows_context(request, asked),
        **conversation_context(request, asked),
    }
    if opened := context["opened"]:
        services.mark_ticket_read(ticket_id=opened.ticket.pk, version=opened.ticket.version, actor=user)
    context["poll_url"] = reverse("admin:service_inbox_poll") + asked.url(page=asked.page, ticket=asked.ticket_id)
    context["bulk"] = _bulk_buttons(request)
    context["may_open"] = policies.can_open_tickets(user)
    return render_page(request, "service/pages/inbox.html", title=_("Inbox"), **context)


@register_page("inbox/<int:pk>/beside/", name="service_beside", permission="service.view_ticket")
@require_GET
def beside_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show the customer of a ticket with orders, what came back and what is due; a part of the inbox."""
    ticket = get_object_or_404(with_coupons(Ticket.objects.select_related("customer")), pk=pk)
    found, user = beside(ticket), actor(request)
    sees = request.user.has_perm(SEE)
    sees_orders = request.user.has_perm("orders.view_order")
    orders = [
        (row, status_badge(row.order), clock_rows(request, row.clocks), work_buttons(user, row)) for row in found.orders
    ]
    context = {
        "ticket": ticket,
        "name": _name(ticket, sees=sees),
        "identities": identities_of(customer_id=ticket.customer_id, masked=not sees) if ticket.customer_id else [],
        "address": ticket.sender_address if sees else mask_email(ticket.sender_address),
        "phone": ticket.sender_phone if sees else mask_phone(ticket.sender_phone),
        "orders": orders if sees_orders else [],
        "products": found.products,
        "coupons": [(got, format_money(got.amount, got.currency)) for got in coupons_got(ticket)],
        "others": [(row, ticket_badge(row)) for row in found.others],
        "may_work": policies.can_work_on_tickets(user),
        "may_see_money": request.user.has_perm("orders.view_payment"),
        "sees_customer": request.user.has_perm("customers.view_customer"),
        "panels": panels_for(request, ticket),
    }
    return render(request, "service/components/beside.html", context)


def view_counts(asked: Asked, *, user: User, beat: str) -> tuple[dict[str, int], bool]:
    """Return how many tickets each counted view has, and whether that is so at this beat.

    What is everybody's is counted once for all pages that ask within some seconds; without a beat it is counted now.
    """
    told = cache.get(COUNTS) if beat else None
    shared = [view for view in VIEWS if view.is_counted and not view.is_own]
    own = [*(view for view in VIEWS if view.is_counted and view.is_own), *(one.view for one in asked.saved)]
    wanted = own if told is not None else [*own, *shared]
    found = counts_of(wanted, user=user)
    if told is None:
        told = (beat, {view.key: found[view.key] for view in shared})
        cache.set(COUNTS, told, COUNTED_FOR)
    return {**told[1], **found}, told[0] == beat


def counts_of(views: Sequence[InboxView], *, user: User) -> dict[str, int]:
    """Return how many tickets each of these views has, up to what is shown; one statement, by partial indexes."""
    someone, may = nobody_like(user), policies.can_approve_replies(user)

    def part(view: InboxView, who: User) -> Statement:
        return counting(view.rows(Ticket.objects.all(), who))

    parts = [
        kept(("count", view.key, may), partial(part, view, someone), {WHO: user.pk})
        if is_lasting(view)
        else part(view, user)
        for view in views
    ]
    return dict(zip((view.key for view in views), counted(parts), strict=True))


def views_context(asked: Asked, counts: Mapping[str, int]) -> dict[str, Any]:
    """Return the views, saved ones last, with their counts."""
    texts = {key: capped_text(count) for key, count in counts.items() if count}
    views = [*VIEWS, *(one.view for one in asked.saved)]
    return {"views": [{"view": view, "count": texts.get(view.key, ""), "url": f"?view={view.key}"} for view in views]}


def rows_context(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    """Return the rows of the page."""
    user, first = actor(request), (asked.page - 1) * PAGE
    last = first + PAGE + 1
    rows = list(inbox_rows(view=asked.view, user=user, query=asked.query, most=last)[first:last])
    sees = request.user.has_perm(SEE)
    return {
        "rows": [_row(row, asked, sees=sees) for row in rows[:PAGE]],
        "may_choose": policies.can_work_on_tickets(user),
        "previous": asked.url(page=asked.page - 1) if asked.page > 1 else "",
        "next": asked.url(page=asked.page + 1) if len(rows) > PAGE else "",
    }


def _row(ticket: Ticket, asked: Asked, *, sees: bool) -> dict[str, Any]:
    return {
        "ticket": ticket,
        "name": _name(ticket, sees=sees),
        "badge": ticket_badge(ticket),
        "due": due_badge(ticket.due_at),
        "url": asked.url(page=asked.page, ticket=ticket.pk),
        "is_open": ticket.pk == asked.ticket_id,
        "is_unread": ticket.read_version < ticket.version,  # type: ignore[attr-defined]
        "snoozed": snoozed_words(ticket.snoozed_until) if ticket.is_snoozed else "",
        "is_back": ticket.woken_at is not None and ticket.status in TO_ANSWER,
        "is_pressing": ticket.priority >= Priority.HIGH,
    }


def conversation_context(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    """Return the ticket that is open with what was said, or that none is."""
    user = actor(request)
    opened = open_ticket_of(ticket_id=asked.ticket_id, user=user) if asked.ticket_id else None
    if opened is None:
        return {"opened": None}
    sees = request.user.has_perm(SEE)
    entries = entries_of(ticket=opened.ticket, since=opened.since, user=user)
    return {
        "opened": opened,
        "ticket": opened.ticket,
        "badge": ticket_badge(opened.ticket),
        "dues": due_texts(opened.ticket),
        "snoozed": snoozed_words(opened.ticket.snoozed_until) if opened.ticket.is_snoozed else "",
        "is_back": opened.ticket.woken_at is not None and opened.ticket.status in TO_ANSWER,
        "name": _name(opened.ticket, sees=sees),
        "entries": entries,
        "along": files_to_send(language=opened.ticket.language),
        "new_count": sum(entry.is_new for entry in entries),
        "sees": sees,
        "buttons": _buttons(request, opened),
        "may_work": policies.can_work_on_tickets(user) and opened.ticket.merged_into_id is None,
        "may_claim": policies.can_work_on_tickets(user) and _is_claimable(opened.ticket),
        "key": uuid.uuid4().hex,
        "back": asked.url(page=asked.page),
        "here": asked.url(page=asked.page, ticket=opened.ticket.pk),
    }


def _is_claimable(ticket: Ticket) -> bool:
    return ticket.assignee_id is None and ticket.merged_into_id is None and policies.is_resolvable(ticket)


def _buttons(request: HttpRequest, opened: OpenTicket) -> dict[str, list[dict[str, str]]]:
    """Return the ticket's own dialogs: those in the head, and those in the menu behind it."""
    shown: dict[str, list[dict[str, str]]] = {"head": [], "menu": []}
    for name in BUTTONS:
        action = getattr(TicketAdmin, name)
        if action.offered(request.user, opened.ticket):
            url = reverse("admin:service_ticket_press", args=[opened.ticket.pk, name])
            row = {"name": name, "label": action.label, "icon": action.icon, "url": url}
            shown["menu" if action.is_rare else "head"].append(row)
    return shown


def _bulk_buttons(request: HttpRequest) -> list[dict[str, str]]:
    """Return what can be done with chosen tickets: the buttons of their list."""
    actions = [getattr(TicketAdmin, name) for name in BULK]
    return [
        {"label": one.label, "icon": one.icon, "url": reverse("admin:service_ticket_bulk", args=[one.name])}
        for one in actions
        if one.permitted(request.user)
    ]


def _name(ticket: Ticket, *, sees: bool) -> str:
    name = ticket.sender_name or (ticket.customer.name if ticket.customer else "")
    address = ticket.sender_address
    return (name or address) if sees else (mask_name(name) or mask_email(address))


def _quoted(value: Any) -> str:
    return quote(str(value), safe="")
