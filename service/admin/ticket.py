"""The list of all tickets, the page of one, and its buttons, which the inbox shows too."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.masking import mask_email, mask_name, mask_phone
from core.ui import Answer, Tab, actor, columns, link_action, service_action
from core.ui.finding import Finder, Found, admin_finder, register_finder
from core.ui.readonly import ReadOnlyAdmin
from core.ui.timeline import timeline_icon
from service import policies, services
from service.admin import forms
from service.admin.bulk import BulkMixin
from service.admin.reason import ResolveForm
from service.admin.snoozing import SnoozingMixin
from service.admin.status import inbox_url, ticket_badge
from service.admin.ticket_filters import ClockFilter, TagFilter
from service.models import Ticket, TicketSplit
from service.selectors.reasons import reason_paths
from service.selectors.saved import LOOKUPS, STATES

SEE = "customers.see_contact_data"
WORK, DIRECT = "service.work_on_ticket", "service.direct_ticket"


def _stands(_user: Any, ticket: Ticket) -> bool:
    return ticket.merged_into_id is None


def _sorted(request: HttpRequest, ticket: Ticket) -> dict[str, Any]:
    values = {name: getattr(ticket, name) for name in ("subject", "priority", "language", "team")}
    return {**values, "tags": ", ".join(ticket.tags)}


@admin.register(Ticket)
class TicketAdmin(SnoozingMixin, BulkMixin, ReadOnlyAdmin):
    """Find tickets; they are worked on in the inbox."""

    list_display = [
        columns.two_lines("number", "subject", gettext_lazy("Ticket")),
        columns.computed("status", gettext_lazy("Status"), ticket_badge),
        columns.text("sender_name", gettext_lazy("Sender")),
        columns.text("inlet.name", gettext_lazy("Inlet")),
        columns.text("assignee", gettext_lazy("Assignee")),
        columns.moment("last_message_at", gettext_lazy("Last message"), order=True),
    ]
    list_select_related = ("assignee", "inlet")
    ordering = ["-last_message_at", "-id"]
    tabs = [
        Tab("open", pgettext_lazy("tickets", "To answer"), STATES["open"]),
        Tab("waiting", pgettext_lazy("tickets", "Waiting for customer"), STATES["waiting"]),
        Tab("snoozed", pgettext_lazy("tickets", "Snoozed"), STATES["snoozed"]),
        Tab("all", pgettext_lazy("tickets", "All"), count=False),
    ]
    list_filter = ["priority", "language", "inlet", ClockFilter, TagFilter]
    filter_lookups = list(LOOKUPS)  # what views of the inbox are made of
    exact_search_fields = ["number"]
    empty_title = gettext_lazy("No tickets here")
    empty_text = gettext_lazy("Tickets begin with a message that comes in by one of the inlets.")
    fields = ["subject", "customer", "sales_channel", "language", "priority", "team", "tags", "created_at"]

    def may_search_text(self, request: HttpRequest) -> bool:
        """Names and addresses are in it."""
        return request.user.has_perm(SEE)

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        """Mask names for people who may not see contact data."""
        if request.user.has_perm(SEE):
            return self.list_display
        masked = columns.computed(
            "sender_name", gettext_lazy("Sender"), lambda ticket: mask_name(ticket.sender_name) or "–"
        )
        return [*self.list_display[:2], masked, *self.list_display[3:]]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[str]:
        """Show what the page shows."""
        return self.fields

    def facts(self, request: HttpRequest, obj: Ticket) -> Sequence[tuple[Any, Any]]:
        """Return state, who has it, who wrote."""
        sees = request.user.has_perm(SEE)
        name = obj.sender_name if sees else mask_name(obj.sender_name)
        address = obj.sender_address if sees else mask_email(obj.sender_address)
        phone = obj.sender_phone if sees else mask_phone(obj.sender_phone)
        facts: list[tuple[Any, Any]] = [
            (_("Status"), ticket_badge(obj)),
            (_("Reason"), reason_paths()[obj.reason_id] if obj.reason_id else "–"),
            (_("Assignee"), obj.assignee or "–"),
            (_("Sender"), " · ".join(filter(None, (name, address, phone))) or "–"),
        ]
        return [*facts, (_("Merged into"), obj.merged_into)] if obj.merged_into else facts

    open_inbox = link_action(
        "open_inbox",
        gettext_lazy("Open in the inbox"),
        permission="service.view_ticket",
        link=lambda ticket: inbox_url(ticket.pk),
        icon="forum",
        variant="primary",
    )

    @service_action(
        pgettext_lazy("ticket", "Resolve"),
        permission=WORK,
        form=ResolveForm,
        icon="task_alt",
        question=gettext_lazy("The matter is settled? A new message of the customer opens it again."),
        available=lambda _user, ticket: policies.is_resolvable(ticket) and _stands(_user, ticket),
    )
    def resolve(self, request: HttpRequest, obj: Ticket, data: dict[str, Any]) -> Answer:
        """Settle the ticket."""
        services.resolve_ticket(ticket_id=obj.pk, reason_id=data["reason"], actor=actor(request))
        return Answer(_("%(number)s is resolved.") % {"number": obj.number}, inbox_url(view="mine"))

    @service_action(
        pgettext_lazy("ticket", "Open again"),
        permission=WORK,
        icon="replay",
        available=lambda _user, ticket: policies.is_reopenable(ticket),
    )
    def reopen(self, request: HttpRequest, obj: Ticket, data: dict[str, Any]) -> Answer:
        """Let a settled ticket wait for us again."""
        services.reopen_ticket(ticket_id=obj.pk, actor=actor(request))
        return Answer(_("%(number)s is open again.") % {"number": obj.number}, inbox_url(obj.pk))

    @service_action(
        pgettext_lazy("ticket", "Sort"),
        permission=WORK,
        form=forms.SortForm,
        icon="label",
        initial=_sorted,
        submit=gettext_lazy("Save"),
        is_rare=True,
    )
    def sort(self, request: HttpRequest, obj: Ticket, data: dict[str, Any]) -> Answer:
        """Change priority, language, team, tags and subject."""
        team = data["team"].pk if data["team"] else None
        changes = {**data, "team": team, "tags": data["tags"].split(",")}
        services.sort_ticket(ticket_id=obj.pk, changes=changes, actor=actor(request))
        return Answer(_("Saved."), inbox_url(obj.pk))

    @service_action(
        pgettext_lazy("ticket", "Give to"),
        permission=DIRECT,
        form=forms.AssignForm,
        icon="person_add",
        is_rare=True,
        available=_stands,
    )
    def assign(self, request: HttpRequest, obj: Ticket, data: dict[str, Any]) -> Answer:
        """Give the ticket to a colleague."""
        services.assign_ticket(ticket_id=obj.pk, assignee_id=data["assignee"].pk, actor=actor(request))
        return Answer(_("Given to %(who)s.") % {"who": data["assignee"]}, inbox_url(obj.pk))

    @service_action(
        pgettext_lazy("ticket", "Give back"),
        permission=WORK,
        icon="person_remove",
        is_rare=True,
        available=lambda _user, ticket: ticket.assignee_id is not None,
    )
    def release(self, request: HttpRequest, obj: Ticket, data: dict[str, Any]) -> Answer:
        """Give the ticket back to the queue."""
        services.release_ticket(ticket_id=obj.pk, actor=actor(request))
        return Answer(_("%(number)s is nobody’s again.") % {"number": obj.number}, inbox_url(obj.pk))

    @service_action(
        gettext_lazy("Link an order"), permission=WORK, form=forms.OrderForm, icon="receipt_long", is_rare=True
    )
    def link_order(self, request: HttpRequest, obj: Ticket, data: dict[str, Any]) -> Answer:
        """Say which order it is about."""
        services.link_ticket_order(ticket_id=obj.pk, order_id=data["order"].pk, actor=actor(request))
        return Answer(_("Linked with %(what)s.") % {"what": data["order"]}, inbox_url(obj.pk))

    @service_action(gettext_lazy("Link a product"), permission=WORK, form=forms.ProductForm, icon="sell", is_rare=True)
    def link_product(self, request: HttpRequest, obj: Ticket, data: dict[str, Any]) -> Answer:
        """Say which product it is about."""
        services.link_ticket_product(ticket_id=obj.pk, product_id=data["product"].pk, actor=actor(request))
        return Answer(_("Linked with %(what)s.") % {"what": data["product"]}, inbox_url(obj.pk))

    @service_action(
        pgettext_lazy("ticket", "Merge"),
        permission=DIRECT,
        form=forms.MergeForm,
        icon="merge",
        is_rare=True,
        available=_stands,
    )
    def merge(self, request: HttpRequest, obj: Ticket, data: dict[str, Any]) -> Answer:
        """Show this ticket as part of another one."""
        services.merge_tickets(ticket_id=obj.pk, into_id=data["into"].pk, actor=actor(request))
        sentence = _("Merged into %(number)s. This can be undone on the page of %(own)s.")
        return Answer(sentence % {"number": data["into"], "own": obj.number}, inbox_url(data["into"].pk))

    @service_action(
        pgettext_lazy("ticket", "Undo the merge"),
        permission=DIRECT,
        icon="call_split",
        available=lambda _user, ticket: ticket.merged_into_id is not None,
    )
    def unmerge(self, request: HttpRequest, obj: Ticket, data: dict[str, Any]) -> Answer:
        """Let a merged ticket stand for itself again."""
        services.unmerge_ticket(ticket_id=obj.pk, actor=actor(request))
        return Answer(_("%(number)s stands for itself again.") % {"number": obj.number}, inbox_url(obj.pk))

    @service_action(
        pgettext_lazy("ticket", "Split"),
        permission=DIRECT,
        form=forms.SplitForm,
        icon="splitscreen",
        is_rare=True,
        available=lambda _user, ticket: ticket.message_count > 1,
    )
    def split(self, request: HttpRequest, obj: Ticket, data: dict[str, Any]) -> Answer:
        """Move messages into a ticket of their own."""
        ids = [int(pk) for pk in data["messages"]]
        fresh = services.split_ticket(ticket_id=obj.pk, message_ids=ids, actor=actor(request))
        return Answer(_("Moved to %(number)s.") % {"number": fresh.number}, inbox_url(fresh.pk))

    @service_action(
        pgettext_lazy("ticket", "Undo the split"),
        permission=DIRECT,
        icon="call_merge",
        is_rare=True,
        question=gettext_lazy("Its messages go back to the ticket that they came from."),
        available=lambda _user, ticket: ticket.merged_into_id is None and was_split(ticket),
    )
    def undo_split(self, request: HttpRequest, obj: Ticket, data: dict[str, Any]) -> Answer:
        """Bring the messages back."""
        source = services.undo_split(ticket_id=obj.pk, actor=actor(request))
        return Answer(_("Its messages are in %(number)s again.") % {"number": source.number}, inbox_url(source.pk))


def was_split(ticket: Ticket) -> bool:
    """Tell whether the ticket was split off from another one; an open conversation brought it along."""
    known: bool | None = getattr(ticket, "is_split_off", None)
    return known if known is not None else TicketSplit.objects.filter(fresh=ticket, undone_at=None).exists()


def find_tickets(request: HttpRequest, query: str, limit: int) -> Sequence[Found]:
    """Find tickets by number, sender and words."""
    rows = admin_finder(admin.site.get_model_admin(Ticket), request, query, limit)
    return [Found(f"{row.number} {row.subject}", inbox_url(row.pk), row.get_status_display()) for row in rows]


register_finder(Finder("tickets", gettext_lazy("Tickets"), find_tickets, "service.view_ticket", "forum", 40))
for name, icon in {
    "ticket_opened": "mark_email_unread",
    "message_taken": "call_received",
    "reply_written": "edit_note",
    "reply_awaits": "approval",
    "reply_approved": "check",
    "reply_sent_back": "assignment_return",
    "reply_undone": "undo",
    "reply_came_back": "event_busy",
    "reply_goes_by_mail": "forward_to_inbox",
    "reply_sent": "send",
    "reply_failed": "error",
    "note_written": "sticky_note_2",
    "ticket_assigned": "person",
    "ticket_resolved": "task_alt",
    "ticket_closed": "lock",
    "ticket_reopened": "replay",
    "ticket_snoozed": "snooze",
    "ticket_woken": "alarm_on",
    "customer_reminded": "notification_important",
    "ticket_merged": "merge",
    "ticket_unmerged": "call_split",
    "messages_split": "splitscreen",
    "ticket_linked": "link",
    "ticket_edited": "label",
    "ticket_escalated": "alarm",
    "order_worked": "receipt_long",
    "macro_used": "bolt",
    "split_undone": "call_merge",
}.items():
    timeline_icon(f"service.{name}", icon)
