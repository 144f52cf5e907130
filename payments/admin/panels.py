"""What payments shows on the page of an order, and its buttons there."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.display import badge_html, register_document
from core.money import format_money
from core.ui import Answer, Panel, actor, register_action, register_panel, service_action
from core.ui.timeline import timeline_icon, timeline_permission
from orders.models import Order
from orders.policies import is_payable, is_refundable
from payments import services
from payments.admin import forms, provider_forms
from payments.admin.provider import is_ending
from payments.admin.status import PROVIDER_COLOURS, refund_badges
from payments.models import ProviderPayment
from payments.selectors.refunds import refunds_of_order


@service_action(
    gettext_lazy("Refund"),
    permission="payments.grant_refund",
    form=forms.GrantForm,
    icon="currency_exchange",
    available=lambda user, order: is_refundable(order),
    initial=forms.grant_initial,
)
def refund(admin: Any, request: HttpRequest, obj: Order, data: dict[str, Any]) -> Answer:
    """Promise money back, and note it as sent where it left already."""
    granted = services.grant_refund(
        order_id=obj.pk,
        amount=data["amount"],
        lines=data["lines"],
        reason=data["reason"],
        note=data["note"],
        actor=actor(request),
    )
    words = {"amount": format_money(granted.amount, granted.currency), "number": granted.number}
    if not granted.is_approved:
        return Answer(_("%(number)s: %(amount)s granted. A second person has to approve it.") % words, level="warning")
    if data.get("sends"):
        services.send_refund(refund_id=granted.pk, method=obj.payment_method, by_hand=True, actor=actor(request))
        return Answer(_("%(amount)s refunded.") % words)
    return Answer(_("%(number)s: %(amount)s granted; it waits to be sent.") % words)


@service_action(
    gettext_lazy("Note provider payment"),
    permission="payments.add_providerpayment",
    form=provider_forms.NotePaymentForm,
    icon="credit_card",
    is_rare=True,
    available=lambda user, order: is_payable(order),
)
def note_payment(admin: Any, request: HttpRequest, obj: Order, data: dict[str, Any]) -> str:
    """Say which payment of a provider belongs to the order."""
    services.note_provider_payment(
        order_id=obj.pk,
        provider=data["provider"],
        external_id=data["external_id"],
        method_id=data["method"].pk if data["method"] else None,
        amount=data["amount"],
        actor=actor(request),
    )
    return _("Noted. What the provider knows of it appears here in a moment.")


def order_provider_payments(request: HttpRequest, order: Order) -> dict[str, Any] | None:
    """Give what is reserved and taken through providers; None where nothing is."""
    rows = list(ProviderPayment.objects.filter(order=order))
    if not rows:
        return None
    return {
        "rows": [
            (
                row,
                badge_html(row.get_state_display(), PROVIDER_COLOURS[row.state]),
                reverse("admin:payments_providerpayment_change", args=[row.pk]),
                is_ending(row),
            )
            for row in rows
        ]
    }


def order_refunds(request: HttpRequest, order: Order) -> dict[str, Any] | None:
    """Give what was granted and what is gone; None where nothing was."""
    found = refunds_of_order(order_id=order.pk)
    if not found.refunds:
        return None
    return {
        "order": order,
        "found": found,
        "rows": [
            (row, refund_badges(row), reverse("admin:payments_refund_change", args=[row.pk])) for row in found.refunds
        ],
    }


register_action(Order, refund)
register_action(Order, note_payment)
register_panel(
    Order,
    Panel(
        "provider_payments",
        gettext_lazy("At providers"),
        "payments/panels/provider_payments.html",
        order_provider_payments,
        "payments.view_providerpayment",
        position=31,
    ),
)
register_panel(
    Order,
    Panel(
        "refunds",
        pgettext_lazy("money", "Refunds"),
        "payments/panels/refunds.html",
        order_refunds,
        "payments.view_refund",
        position=32,
    ),
)
register_document("RF-", lambda number: f"{reverse('admin:payments_refund_changelist')}?tab=all&q={number}")
for _name, _icon in {
    "refund_granted": "request_quote",
    "refund_approved": "task_alt",
    "refund_sent": "send",
    "refund_failed": "error",
    "refund_withdrawn": "undo",
    "payment_authorised": "credit_score",
    "payment_captured": "download_done",
    "payment_voided": "block",
}.items():
    timeline_icon(f"payments.{_name}", _icon)
    timeline_permission(f"payments.{_name}", "orders.view_payment")
