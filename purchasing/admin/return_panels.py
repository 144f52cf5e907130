"""What returns to suppliers show of themselves, and on the pages of suppliers, receipts, holds and invoices."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.display import register_document
from core.money import format_money
from core.ui import (
    NextAction,
    Panel,
    actor,
    link_action,
    register_action,
    register_next_actions,
    register_panel,
)
from core.ui.finding import Finder, Found, register_finder
from core.ui.listlinks import ListLink, register_list_link
from core.ui.timeline import timeline_icon
from inventory.models import StockHold
from purchasing import policies
from purchasing.admin.status import INVOICE_COLOURS, return_badge
from purchasing.models import GoodsReceipt, ReturnState, Supplier, SupplierInvoice, SupplierReturn
from purchasing.selectors.returns import (
    begun_from_receipt,
    expected_credit,
    invoices_of_return,
    return_lines,
    returns_of,
    returns_of_invoice,
)

VIEW, SEND = "purchasing.view_supplierreturn", "purchasing.send_supplierreturn"
SHOWN = 20


def lines(request: HttpRequest, document: SupplierReturn) -> dict[str, Any]:
    """Give what goes back line by line; money only to who may see costs."""
    rows = return_lines(return_id=document.pk)
    user = actor(request)
    may_see = policies.can_see_costs(user)
    may_see_invoices = may_see and user.has_perm("purchasing.view_supplierinvoice")
    return {
        "document": document,
        "rows": [(row, row.quantity * row.unit_price) for row in rows],
        "may_see_costs": may_see,
        "pieces": sum(row.quantity for row in rows),
        "expected": expected_credit(lines=rows),
        "invoices": [
            (invoice, INVOICE_COLOURS[invoice.state])
            for invoice in (invoices_of_return(return_id=document.pk) if may_see_invoices else [])
        ],
    }


def of_supplier(request: HttpRequest, supplier: Supplier) -> dict[str, Any] | None:
    """Give what goes back there and is not credited yet; None without any."""
    rows = [(row, return_badge(row)) for row in returns_of(supplier_id=supplier.pk, limit=SHOWN)]
    more = f"{reverse('admin:purchasing_supplierreturn_changelist')}?tab=all&supplier__id__exact={supplier.pk}"
    return {"rows": rows, "may_see_costs": policies.can_see_costs(actor(request)), "more": more} if rows else None


def what_next(request: HttpRequest, document: SupplierReturn) -> list[NextAction]:
    """Say what the return waits for, and what of the money is open."""
    if document.state == ReturnState.DRAFT:
        return [NextAction(_("The pieces stay in stock until they are sent back."))]
    if not policies.can_see_costs(actor(request)):
        return []
    expected = expected_credit(lines=return_lines(return_id=document.pk))
    if document.state == ReturnState.SENT:
        amount = format_money(expected, document.currency)
        return [NextAction(_("The supplier owes a credit note of %(amount)s.") % {"amount": amount})]
    if document.credit is not None and document.credit < expected:
        less = format_money(expected - document.credit, document.currency)
        return [NextAction(_("The credit note is %(amount)s less than expected.") % {"amount": less}, level="warning")]
    return []


def about_invoice(request: HttpRequest, invoice: SupplierInvoice) -> list[NextAction]:
    """Say on an invoice that goods of it went back."""
    said = {
        True: _("Goods of this invoice went back with %(number)s; it is credited."),
        False: _("Goods of this invoice went back with %(number)s; the credit note is still expected."),
    }
    return [
        NextAction(
            said[one.state == ReturnState.CREDITED] % {"number": one.number},
            reverse("admin:purchasing_supplierreturn_change", args=[one.pk]),
            "info" if one.state == ReturnState.CREDITED else "warning",
        )
        for one in returns_of_invoice(invoice_id=invoice.pk)
        if actor(request).has_perm(VIEW)
    ]


def _has_bad(_user: Any, receipt: GoodsReceipt) -> bool:
    if receipt.undone_at is not None or receipt.entry_id is None:
        return False
    return any(begun_from_receipt(receipt=receipt).wanted.values())


def _new(**query: Any) -> str:
    return f"{reverse('admin:purchasing_new_return')}?" + "&".join(f"{key}={value}" for key, value in query.items())


def _return_page(number: str) -> str:
    return f"{reverse('admin:purchasing_supplierreturn_changelist')}?tab=all&q={number}"


def find_returns(request: HttpRequest, query: str, limit: int) -> list[Found]:
    """Find returns by the begin of their number, or the number of the credit note."""
    rows = SupplierReturn.objects.filter(number__istartswith=query) | SupplierReturn.objects.filter(credit_number=query)
    return [
        Found(
            f"{row.number} · {row.supplier.name}",
            reverse("admin:purchasing_supplierreturn_change", args=[row.pk]),
            str(row.get_state_display()),
        )
        for row in rows.select_related("supplier").order_by("-pk")[:limit]
    ]


register_panel(
    SupplierReturn,
    Panel("lines", pgettext_lazy("goods", "Goods"), "purchasing/panels/return.html", lines, position=10, wide=True,
          above=True),
)  # fmt: skip
register_panel(
    Supplier,
    Panel("returns", gettext_lazy("Goods that go back"), "purchasing/panels/returns.html", of_supplier, VIEW,
          position=15, wide=True),
)  # fmt: skip
register_next_actions(SupplierReturn, what_next)
register_next_actions(SupplierInvoice, about_invoice)
register_action(
    GoodsReceipt,
    link_action(
        "send_back", gettext_lazy("Send back to supplier"), permission=SEND, icon="undo", available=_has_bad,
        link=lambda receipt: _new(receipt=receipt.pk),
    ),
)  # fmt: skip
register_action(
    StockHold,
    link_action(
        "send_back", gettext_lazy("Send back to supplier"), permission=SEND, icon="undo",
        available=lambda user, hold: hold.held > 0, link=lambda hold: _new(hold=hold.pk),
    ),
)  # fmt: skip
register_list_link(
    SupplierReturn,
    ListLink(pgettext_lazy("supplier return", "New return"), "add", "purchasing_new_return", "returns", SEND,
             of_rows=False),
)  # fmt: skip
register_document("SR-", _return_page)
register_finder(Finder("supplier_returns", gettext_lazy("Returns to suppliers"), find_returns, VIEW, "undo", 37))
for _name, _icon in {
    "supplier_return_drafted": "edit_note",
    "supplier_return_edited": "edit",
    "supplier_return_sent": "local_shipping",
    "supplier_return_credited": "request_quote",
    "supplier_return_cancelled": "cancel",
}.items():
    timeline_icon(f"purchasing.{_name}", _icon)
