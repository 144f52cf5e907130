"""States of purchasing as badges, the same wherever they are shown."""

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.display import badge_html
from purchasing.models import InvoiceState, MailState, PurchaseOrder, PurchaseState, ReturnState, SupplierReturn

COLOURS: dict[str, str] = {
    PurchaseState.DRAFT: "grey",
    PurchaseState.TO_APPROVE: "amber",
    PurchaseState.APPROVED: "violet",
    PurchaseState.SENT: "blue",
    PurchaseState.CONFIRMED: "blue",
    PurchaseState.PARTLY_RECEIVED: "amber",
    PurchaseState.RECEIVED: "green",
    PurchaseState.CLOSED: "grey",
    PurchaseState.CANCELLED: "grey",
}
MAIL_COLOURS: dict[str, str] = {
    MailState.WAITING: "blue",
    MailState.SENDING: "blue",
    MailState.SENT: "green",
    MailState.UNCLEAR: "red",
    MailState.FAILED: "red",
}
RETURN_COLOURS: dict[str, str] = {
    ReturnState.DRAFT: "grey",
    ReturnState.SENT: "amber",
    ReturnState.CREDITED: "green",
    ReturnState.CANCELLED: "grey",
}
INVOICE_COLOURS: dict[str, str] = {
    InvoiceState.OPEN: "grey",
    InvoiceState.MATCHED: "green",
    InvoiceState.DIFFERS: "amber",
    InvoiceState.APPROVED: "blue",
    InvoiceState.REJECTED: "red",
}


def purchase_badge(order: PurchaseOrder) -> SafeString:
    """Return the order's state in words, in its colour."""
    return badge_html(order.get_state_display(), COLOURS[order.state])


def return_badge(document: SupplierReturn) -> SafeString:
    """Return the state of a return in words, in its colour."""
    return badge_html(document.get_state_display(), RETURN_COLOURS[document.state])


def share_html(done: int, whole: int, label: Any = "") -> SafeString:
    """Return a small bar with "6 / 12" beside it."""
    percent = min(100, done * 100 // whole) if whole else 0
    return format_html(
        '<span class="came"><span class="progress" role="progressbar" aria-label="{}" aria-valuenow="{}"'
        ' aria-valuemin="0" aria-valuemax="100"><i style="width: {}%"></i></span>{} / {}</span>',
        label or _("received"),
        percent,
        percent,
        done,
        whole,
    )
