"""What cases show of themselves, and on the pages of orders and customers."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from compliance.admin.clock import clock_rows
from compliance.selectors.clocks import clocks_of
from core.display import badge_html, moment_text, register_document
from core.ui import NextAction, Panel, actor, register_next_actions, register_panel
from core.ui.finding import Finder, Found, register_finder
from core.ui.timeline import timeline_icon
from customers.models import Customer
from orders.models import Order, Return, Withdrawal
from orders.policies import can_see_money
from returns.admin.request import VIEW
from returns.admin.status import CHARGE_COLOURS, CONDITION_COLOURS, RESOLUTION_COLOURS, state_badge
from returns.models import AWAITED, RequestState, Resolution, ReturnRequest
from returns.policies import can_decide_returns
from returns.selectors.cases import cases_of_order, earlier_cases, exchanges_of
from returns.selectors.standing import standing_of
from returns.services.cases import lines_of
from returns.services.resolving import request_findings

_S = RequestState
REPEATS = 3  # so many cases make a repeat returner


def case_lines(request: HttpRequest, case: ReturnRequest) -> dict[str, Any]:
    """Give what was asked, why, by which rule, and what was found and decided."""
    found: dict[int, list[Any]] = {}
    for one in request_findings(case).select_related("replacement", "refund"):
        outcome = badge_html(one.get_resolution_display(), RESOLUTION_COLOURS[one.resolution]) if one.resolution else ""
        condition = badge_html(one.get_condition_display(), CONDITION_COLOURS[one.condition])
        found.setdefault(one.line_id, []).append((one, condition, outcome))
    return {
        "case": case,
        "lines": [(line, found.get(line.pk, [])) for line in lines_of(case)],
        "may_see_money": can_see_money(actor(request)),
        "exchanges": set(exchanges_of(case).values_list("pk", flat=True)) if can_decide_returns(actor(request)) else (),
        "pay_url": reverse("admin:returns_returnrequest_press", args=[case.pk, "pay_instead"]),
    }


def case_law(request: HttpRequest, case: ReturnRequest) -> dict[str, Any] | None:
    """Give the deadlines of the order, of the withdrawal, and of what came back with this case."""
    law = standing_of(case.order)
    if not law.law:
        return None
    documents = [line.return_record_id for line in case.lines.all() if line.return_record_id is not None]
    subjects = {Order: [case.order_id], Return: documents}
    if case.withdrawal_id:
        subjects[Withdrawal] = [case.withdrawal_id]
    return {"rows": clock_rows(request, clocks_of(subjects)), "notes": []}


def case_photos(request: HttpRequest, case: ReturnRequest) -> dict[str, Any] | None:
    """Give the pictures; None without any."""
    photos = list(case.photos.select_related("created_by"))
    return {"photos": photos} if photos else None


def case_messages(request: HttpRequest, case: ReturnRequest) -> dict[str, Any] | None:
    """Give what the customer was and is to be told; None for nothing."""
    rows = list(case.messages.select_related("message"))
    return {"rows": rows, "url": reverse("admin:orders_ordermessage_changelist")} if rows else None


def case_charges(request: HttpRequest, case: ReturnRequest) -> dict[str, Any] | None:
    """Give what others are asked to pay; None for nothing, and for who may not see money."""
    if not can_see_money(actor(request)):
        return None
    rows = list(case.charges.select_related("supplier", "supplier_return"))
    shown = [(row, badge_html(row.get_state_display(), CHARGE_COLOURS[row.state])) for row in rows]
    return {"rows": shown} if rows else None


def earlier(request: HttpRequest, case: ReturnRequest) -> dict[str, Any] | None:
    """Give the customer's other cases; None for a first one."""
    rows = list(earlier_cases(customer_id=case.order.customer_id, without=case.pk))
    return _cases(rows) if rows else None


def of_order(request: HttpRequest, order: Order) -> dict[str, Any] | None:
    """Give the cases of an order; None without any."""
    rows = list(cases_of_order(order=order))
    return _cases(rows) if rows else None


def of_customer(request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    """Give the cases of a customer; None without any."""
    rows = list(earlier_cases(customer_id=customer.pk))
    return _cases(rows) if rows else None


def _cases(rows: list[ReturnRequest]) -> dict[str, Any]:
    shown = [
        (row, state_badge(row), ", ".join(dict.fromkeys(str(one.reason) for one in row.lines.all()))) for row in rows
    ]
    return {"rows": shown, "is_repeating": len(rows) >= REPEATS}


def what_next(request: HttpRequest, case: ReturnRequest) -> list[NextAction]:
    """Say what the case waits for."""
    said = []
    before = len(earlier_cases(customer_id=case.order.customer_id, without=case.pk))
    if before >= REPEATS - 1 and case.state == _S.REQUESTED:
        words = ngettext(
            "This customer has %(count)d other case.", "This customer has %(count)d other cases.", before
        ) % {"count": before}
        said.append(NextAction(words, level="warning"))
    sentence = _waits_for(case)
    if sentence:
        said.append(NextAction(sentence, level="warning" if _is_overdue(case) else "info"))
    return said


def _is_overdue(case: ReturnRequest) -> bool:
    return case.state in AWAITED and case.due_at is not None and case.due_at < timezone.now()


def _waits_for(case: ReturnRequest) -> str:
    if _is_overdue(case):
        return _("The goods should have come by %(day)s.") % {"day": moment_text(case.due_at)}
    if case.state == _S.RESOLVED:
        rows = [one for line in case.lines.prefetch_related("findings") for one in line.findings.all()]
        owed = [one for one in rows if one.resolution in {Resolution.REJECT, Resolution.REPAIR}]
        if any(one.sent_back_at is None for one in owed):
            return _("Pieces have to go back to the customer. Note below when they left.")
        return ""
    return {
        _S.REQUESTED.value: _("The customer waits for an answer."),
        _S.APPROVED.value: _("The goods are to come back."),
        _S.IN_TRANSIT.value: _("The goods are on their way back."),
        _S.RECEIVED.value: _("The goods are here: look at each piece."),
        _S.INSPECTED.value: _("Say of each piece what becomes of it."),
    }.get(case.state, "")


def about_order(request: HttpRequest, order: Order) -> list[NextAction]:
    """Say on an order that a case of it waits."""
    if not actor(request).has_perm(VIEW):
        return []
    waiting = order.return_requests.filter(state__in=[_S.REQUESTED, _S.RECEIVED, _S.INSPECTED]).order_by("pk")
    return [
        NextAction(
            _("Return case %(number)s: %(state)s") % {"number": row.number, "state": row.get_state_display()},
            reverse("admin:returns_returnrequest_change", args=[row.pk]),
            "warning",
        )
        for row in waiting
    ]


def find_cases(request: HttpRequest, query: str, limit: int) -> list[Found]:
    """Find cases by the begin of their number, or a tracking number."""
    rows = ReturnRequest.objects.filter(number__istartswith=query) | ReturnRequest.objects.filter(tracking_number=query)
    return [
        Found(
            f"{row.number} · {row.order.number}",
            reverse("admin:returns_returnrequest_change", args=[row.pk]),
            str(row.get_state_display()),
        )
        for row in rows.select_related("order").order_by("-pk")[:limit]
    ]


for _panel in (
    Panel(
        "lines",
        pgettext_lazy("goods", "Goods"),
        "returns/panels/lines.html",
        case_lines,
        position=10,
        wide=True,
        above=True,
    ),
    Panel(
        "law",
        gettext_lazy("Legal deadlines"),
        "compliance/panels/clocks.html",
        case_law,
        "compliance.view_legalclock",
        20,
    ),
    Panel("photos", gettext_lazy("Photos"), "returns/panels/photos.html", case_photos, position=30),
    Panel("earlier", gettext_lazy("Other cases of the customer"), "returns/panels/cases.html", earlier, position=40),
    Panel(
        "messages",
        gettext_lazy("Messages to the customer"),
        "returns/panels/messages.html",
        case_messages,
        position=50,
    ),
    Panel(
        "charges",
        gettext_lazy("Charged to others"),
        "returns/panels/charges.html",
        case_charges,
        "returns.view_returncharge",
        60,
    ),
):
    register_panel(ReturnRequest, _panel)
register_panel(
    Order, Panel("cases", gettext_lazy("Return cases"), "returns/panels/cases.html", of_order, VIEW, position=38)
)
register_panel(
    Customer, Panel("cases", gettext_lazy("Return cases"), "returns/panels/cases.html", of_customer, VIEW, position=60)
)
register_next_actions(ReturnRequest, what_next)
register_next_actions(Order, about_order)
register_document("RC-", lambda number: f"{reverse('admin:returns_returnrequest_changelist')}?tab=all&q={number}")
register_finder(Finder("return_cases", gettext_lazy("Return cases"), find_cases, VIEW, "assignment_return", 24))
for _name, _icon in {
    "return_asked": "assignment_return",
    "return_approved": "task_alt",
    "return_refused": "block",
    "return_called_off": "undo",
    "return_sent": "local_shipping",
    "return_received": "move_to_inbox",
    "return_inspected": "fact_check",
    "pieces_rejected": "gavel",
    "return_resolved": "done_all",
    "exchange_ended": "swap_horiz",
    "refund_owed_again": "undo",
    "pieces_sent_back": "local_shipping",
    "return_charged": "request_quote",
    "case_message_drafted": "outgoing_mail",
    "photos_added": "add_a_photo",
    "return_rule_saved": "edit",
}.items():
    timeline_icon(f"returns.{_name}", _icon)
