"""Buttons on an order that a ticket is about: what the order's own page can do, done and noted on the ticket."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.money import format_money
from core.ui import Answer, actor, columns, service_action
from core.ui.actions import ServiceAction
from core.ui.amounts import amount_text
from core.ui.pressing import posted_key
from core.ui.readonly import ReadOnlyAdmin
from orders import policies as order_policies
from orders.admin.forms import CancelForm
from orders.models import OPEN_STATUSES, Order
from payments.models import Refund
from returns.selectors.returnable import returnable
from service.admin.order_forms import AddressForm, RefundForm, ResendForm, ReturnForm, address_initial
from service.admin.status import inbox_url
from service.models import TicketOrder, WorkKind
from service.selectors.beside import BesideOrder
from service.selectors.working import granted_of
from service.services import order_work

SEE = "customers.see_contact_data"
WORK = "service.work_on_ticket"


def _may(test: Callable[[Order], bool]) -> Callable[[Any, TicketOrder], bool]:
    """Return the test for who works on tickets, on a ticket that stands for itself."""

    def available(user: Any, link: TicketOrder) -> bool:
        return user.has_perm(WORK) and link.ticket.merged_into_id is None and test(link.order)

    return available


def _key(request: HttpRequest, link: TicketOrder, kind: WorkKind) -> str:
    return f"{kind}:{link.pk}:{posted_key(request)}"[:80]


def _done(link: TicketOrder, sentence: str) -> Answer:
    return Answer(sentence, inbox_url(link.ticket_id))


def _refund_initial(_request: HttpRequest, link: TicketOrder) -> dict[str, Any]:
    left = max(link.order.paid_total - granted_of(link.order), 0)
    return {"amount": amount_text(left, link.order.currency)}


def _address_initial(_request: HttpRequest, link: TicketOrder) -> dict[str, Any]:
    return address_initial(link.order)


def _is_reachable(user: Any, link: TicketOrder) -> bool:
    is_open = link.order.status in OPEN_STATUSES
    return bool(is_open and user.has_perm(SEE) and _may(lambda _order: True)(user, link))


@admin.register(TicketOrder)
class TicketOrderAdmin(ReadOnlyAdmin):
    """Orders that tickets are about; the inbox shows them beside the conversation with these buttons."""

    list_display = [
        columns.text("ticket.number", gettext_lazy("Ticket")),
        columns.text("order.number", pgettext_lazy("purchase", "Order")),
        columns.text("line.name", gettext_lazy("Order line")),
        columns.moment("created_at", gettext_lazy("Linked")),
    ]
    list_select_related = ("ticket", "order", "line")
    ordering = ["-id"]
    fields = ["ticket", "order", "line", "created_at"]
    show_timeline = False
    empty_title = gettext_lazy("No ticket is about an order yet")
    empty_text = gettext_lazy("Link orders in the inbox, beside the conversation.")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Show what the page shows."""
        return self.fields

    @service_action(
        gettext_lazy("Cancel order"),
        permission="orders.cancel_order",
        form=CancelForm,
        icon="cancel",
        variant="danger",
        submit=gettext_lazy("Cancel order"),
        available=_may(order_policies.is_cancellable),
    )
    def cancel_order(self, request: HttpRequest, obj: TicketOrder, data: dict[str, Any]) -> Answer:
        """Call off the order or the rest of it."""
        order_work.cancel_ticket_order(
            ticket_id=obj.ticket_id, order_id=obj.order_id, reason=data["reason"], cause=data["cause"],
            restock=data["restock"], key=_key(request, obj, WorkKind.CANCEL), actor=actor(request),
        )  # fmt: skip
        return _done(obj, _("Order %(number)s is cancelled.") % {"number": obj.order.number})

    @service_action(
        gettext_lazy("Change address"),
        permission="orders.change_order",
        form=AddressForm,
        icon="home_pin",
        initial=_address_initial,
        submit=gettext_lazy("Save"),
        available=_is_reachable,
    )
    def change_address(self, request: HttpRequest, obj: TicketOrder, data: dict[str, Any]) -> Answer:
        """Send it elsewhere."""
        order_work.change_ticket_address(
            ticket_id=obj.ticket_id, order_id=obj.order_id, changes=data, key=_key(request, obj, WorkKind.ADDRESS),
            actor=actor(request),
        )  # fmt: skip
        return _done(obj, _("The address of %(number)s is changed.") % {"number": obj.order.number})

    @service_action(
        gettext_lazy("Open a return"),
        permission="returns.open_returnrequest",
        form=ReturnForm,
        icon="assignment_return",
        available=_may(lambda order: bool(returnable(order=order))),
    )
    def start_return(self, request: HttpRequest, obj: TicketOrder, data: dict[str, Any]) -> Answer:
        """Open a case for the chosen pieces."""
        work = order_work.open_ticket_return(
            ticket_id=obj.ticket_id, order_id=obj.order_id, lines=data["wishes"], customer_note=data["note"],
            key=_key(request, obj, WorkKind.RETURN), actor=actor(request),
        )  # fmt: skip
        return _done(obj, _("Case %(number)s is open.") % {"number": work.reference})

    @service_action(
        gettext_lazy("Grant a refund"),
        permission="payments.grant_refund",
        form=RefundForm,
        icon="currency_exchange",
        initial=_refund_initial,
        available=_may(lambda order: order.paid_total > granted_of(order)),
    )
    def refund(self, request: HttpRequest, obj: TicketOrder, data: dict[str, Any]) -> Answer:
        """Promise money back."""
        work = order_work.refund_ticket_order(
            ticket_id=obj.ticket_id, order_id=obj.order_id, amount=data["amount"], reason=data["reason"],
            note=data["note"], key=_key(request, obj, WorkKind.REFUND), actor=actor(request),
        )  # fmt: skip
        waits = Refund.objects.filter(number=work.reference, needs_approval=True, approved_at=None).exists()
        said = _("%(amount)s granted; a second person has to approve it.") if waits else _("%(amount)s granted.")
        return _done(obj, said % {"amount": format_money(work.amount, obj.order.currency)})

    @service_action(
        gettext_lazy("Send again"),
        permission="orders.add_order",
        form=ResendForm,
        icon="redo",
        available=_may(order_policies.is_returnable),
        question=gettext_lazy(
            "An order at price zero sends the pieces once more. If something comes back for it, open a return."
        ),
    )
    def resend(self, request: HttpRequest, obj: TicketOrder, data: dict[str, Any]) -> Answer:
        """Write an order at price zero."""
        work = order_work.resend_ticket_order(
            ticket_id=obj.ticket_id, order_id=obj.order_id, pieces=data["pieces"], reason=data["reason"],
            key=_key(request, obj, WorkKind.RESEND), actor=actor(request),
        )  # fmt: skip
        return _done(obj, _("%(number)s sends it again.") % {"number": work.reference})


def _is_out(row: BesideOrder) -> bool:
    return any(line.shipped_count > line.returned_count for line, _link in row.lines)


# what the pane can tell from the rows it has read; the press asks again, exactly
_SHOWN: tuple[tuple[str, Callable[[BesideOrder], bool]], ...] = (
    ("cancel_order", lambda row: order_policies.is_cancellable(row.order)),
    ("change_address", lambda row: row.order.status in OPEN_STATUSES),
    ("start_return", _is_out),
    ("refund", lambda row: order_policies.is_refundable(row.order)),
    ("resend", _is_out),
)


def work_buttons(user: Any, row: BesideOrder) -> list[dict[str, Any]]:
    """Return the buttons of a linked order for the pane; no statement is asked for them."""
    link_id = row.work_link_id
    if link_id is None or not user.has_perm(WORK):
        return []
    found = []
    for name, test in _SHOWN:
        action: ServiceAction = getattr(TicketOrderAdmin, name)
        if action.permitted(user) and test(row):
            url = reverse("admin:service_ticketorder_press", args=[link_id, name])
            found.append({"label": action.label, "icon": action.icon, "url": url})
    return found
