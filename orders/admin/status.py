"""The state of an order as a badge, and when what waits can leave; the same wherever it is shown."""

from datetime import date

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.display import badge_html, moment_text
from inventory.selectors import shop_day
from orders.models import Order, OrderStatus, WaitReason
from orders.selectors.promising import Promise

COLOURS: dict[str, str] = {
    OrderStatus.NEW: "violet",
    OrderStatus.AWAITING_PAYMENT: "amber",
    OrderStatus.TO_CONFIRM: "blue",
    OrderStatus.AWAITING_STOCK: "red",
    OrderStatus.TO_SHIP: "blue",
    OrderStatus.PARTLY_SHIPPED: "amber",
    OrderStatus.SHIPPED: "green",
    OrderStatus.CANCELLED: "grey",
}


def status_badge(order: Order) -> SafeString:
    """Return the order's state in words, in its colour."""
    return badge_html(
        OrderStatus(order.status).label, COLOURS[order.status]
    )  # not get_..._display: it hashes all choices


def promise_words(promise: Promise, ship_by: date | None) -> list[tuple[str, str]]:
    """Return when a waiting line can leave as (words, colour): red where nobody knows, or later than it should."""
    if promise.released_on is not None and promise.day == promise.released_on:
        words = pgettext("order", "released %(day)s") % {"day": moment_text(promise.day)}
        shown = [(words, "violet")]
    elif promise.day is None:
        shown = [(pgettext("order", "no day is known"), "red")]
    else:
        is_late = ship_by is not None and promise.day > ship_by
        words = pgettext("order", "can leave %(day)s") % {"day": moment_text(promise.day)}
        shown = [(words, "red" if is_late else "blue")]
    if promise.overdue:
        shown.append((pgettext("order", "%(documents)s is late") % {"documents": ", ".join(promise.overdue)}, "red"))
    return shown


def work_badges(order: Order) -> SafeString:
    """Return the state, and beside it what keeps the order from going on: a hold, or a day to wait for."""
    shown = status_badge(order)
    if order.is_held:
        shown = format_html("{} {}", shown, badge_html(pgettext("order", "Held"), "red"))
    if order.not_before is not None and order.not_before > shop_day():
        words = _("release %(day)s") if order.wait_reason == WaitReason.RELEASE else _("wished, leaves %(day)s")
        shown = format_html("{} {}", shown, badge_html(words % {"day": moment_text(order.not_before)}, "violet"))
    return shown
