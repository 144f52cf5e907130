"""What stands on top of an order's page about money: what is to go back, and what is still to be paid and how."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.money import format_money
from core.ui import NextAction, register_next_actions
from orders.models import Order, OrderChange, OrderStatus
from payments.models import Confirmer, PaymentMethod, Refund

_HOW: Mapping[Confirmer, Any] = {
    Confirmer.PROVIDER: gettext_lazy("by a payment at the provider, noted here"),
    Confirmer.BANK: gettext_lazy("by bank transfer; it is matched when the bank’s list comes in"),
    Confirmer.CARRIER: gettext_lazy("to the carrier at the door"),
    Confirmer.PERSON: gettext_lazy("by hand; record the payment when it is there"),
}


def next_for_money(request: HttpRequest, order: Order) -> list[NextAction]:
    """Return what is to be sent back, and what a change asked for; nothing for who may not see payments."""
    if not request.user.has_perm("orders.view_payment"):
        return []
    return [*_to_send(order), *_to_pay(order)]


def _to_send(order: Order) -> list[NextAction]:
    """Name the refund that waits the longest; its own page has the button."""
    if not order.paid_total:
        return []
    waiting = Refund.objects.open().filter(order=order).exclude(state="sending").order_by("pk").first()
    if waiting is None:
        return []
    words = {"amount": format_money(waiting.amount, waiting.currency), "number": waiting.number}
    said = (
        _("%(amount)s is to go back (%(number)s). Look at it and send it.")
        if waiting.is_approved
        else _("%(amount)s is to go back (%(number)s). A second person has to approve it.")
    )
    return [NextAction(said % words, reverse("admin:payments_refund_change", args=[waiting.pk]), level="warning")]


def _to_pay(order: Order) -> list[NextAction]:
    """Say what the order became dearer by, and how the customer pays it."""
    due = order.total - order.paid_total
    if due <= 0 or not order.paid_total or order.status == OrderStatus.CANCELLED:
        return []
    if not OrderChange.objects.filter(order=order, extra__gt=0, settled_at=None).exists():
        return []
    words = {"amount": format_money(due, order.currency), "how": _HOW[_confirmer(order)]}
    return [NextAction(_("The order became dearer: %(amount)s is still to be paid, %(how)s.") % words, level="warning")]


def _confirmer(order: Order) -> Confirmer:
    """Return who will say that the money came, by the order's way to pay; a person where it is not known."""
    word = order.payment_method.strip().casefold()
    for method in PaymentMethod.objects.filter(is_active=True) if word else ():
        names = {name.strip().casefold() for name in [method.name, method.code, *method.words.splitlines()]}
        if word in names:
            return method.way.confirmed_by
    return Confirmer.PERSON


register_next_actions(Order, next_for_money)
