"""What the pages of orders, suppliers and items show, and what purchasing shows on the pages of lower apps."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from catalog.models import Variant
from core.display import register_document
from core.ui import NextAction, Panel, actor, register_next_actions, register_panel
from core.ui.listlinks import ListLink, register_list_link
from core.ui.timeline import timeline_icon
from purchasing import policies
from purchasing.admin.status import purchase_badge, share_html
from purchasing.models import OPEN_MAILS, MailState, PurchaseOrder, PurchaseState, Supplier, SupplierItem
from purchasing.selectors.orders import item_rows, items_of_variant, open_orders_of, rows_of_purchase_order
from staff.admin.offering import offer_tasks
from staff.models import TaskKind

SHOWN = 20


def order_lines(request: HttpRequest, order: PurchaseOrder) -> dict[str, Any]:
    """Give the lines with what came of each; costs only to who may see them."""
    user = actor(request)
    edits = order.state == PurchaseState.DRAFT and policies.can_write_purchase_orders(user)
    return {
        "order": order,
        "rows": rows_of_purchase_order(order.pk),
        "may_see_costs": policies.can_see_costs(user),
        "unpriced": _("No price"),
        "edit_url": reverse("admin:purchasing_order_lines", args=[order.pk]) if edits else "",
    }


def supplier_items(request: HttpRequest, supplier: Supplier) -> dict[str, Any]:
    """Give the first items with their prices of today."""
    items = SupplierItem.objects.filter(supplier=supplier, is_active=True).order_by("variant__sku")
    return {
        "rows": item_rows(items[:SHOWN]),
        "shows_variant": True,
        "shows_supplier": False,
        "may_see_costs": policies.can_see_costs(actor(request)),
        "more": f"{reverse('admin:purchasing_supplieritem_changelist')}?supplier__id__exact={supplier.pk}",
    }


def supplier_orders(request: HttpRequest, supplier: Supplier) -> dict[str, Any]:
    """Give the orders that are open there."""
    user = actor(request)
    writes = supplier.is_active and policies.can_write_purchase_orders(user)
    return {
        "orders": [
            (order, purchase_badge(order), share_html(came, wanted))
            for order, came, wanted in open_orders_of(supplier, limit=SHOWN)
        ],
        "may_see_costs": policies.can_see_costs(user),
        "more": f"{reverse('admin:purchasing_purchaseorder_changelist')}?tab=all&supplier__id__exact={supplier.pk}",
        "new_url": f"{reverse('admin:purchasing_new_order')}?supplier={supplier.pk}" if writes else "",
    }


def item_prices(request: HttpRequest, item: SupplierItem) -> dict[str, Any]:
    """Give the price lists of an item, the newest first."""
    return {"prices": item.prices.all()[:SHOWN], "currency": item.supplier.currency, "today": timezone.localdate()}


def variant_suppliers(request: HttpRequest, variant: Variant) -> dict[str, Any] | None:
    """Give who sells the variant, and for how much."""
    rows = items_of_variant(variant)
    return {"rows": rows, "shows_variant": False, "shows_supplier": True, "may_see_costs": True} if rows else None


def what_next(request: HttpRequest, order: PurchaseOrder) -> list[NextAction]:
    """Say what hinders the order, or what it waits for."""
    if order.state == PurchaseState.APPROVED:
        return _about_mail(order)
    if order.state == PurchaseState.TO_APPROVE and order.submitted_by_id == actor(request).pk:
        return [NextAction(_("You handed it in; somebody else has to approve it."))]
    if policies.can_approve_purchase_order(actor(request), order):
        who = str(order.submitted_by or _("The system"))
        return [NextAction(_("%(who)s asks you to approve it or to put it back to draft.") % {"who": who})]
    supplier = order.supplier
    if order.state == PurchaseState.DRAFT and order.lines.exists() and order.total < supplier.minimum_amount:
        return [NextAction(_("The total is below the supplier's minimum order."), level="warning")]
    return []


def _about_mail(order: PurchaseOrder) -> list[NextAction]:
    mail = order.mails.first()
    if mail is None or mail.state not in {*OPEN_MAILS, MailState.FAILED}:
        return []
    said = {
        MailState.WAITING: (_("The mail to the supplier waits to be sent."), "info"),
        MailState.SENDING: (_("The mail to the supplier is being sent."), "info"),
        MailState.UNCLEAR: (
            _("It is unclear whether the mail went out. Ask the supplier; then send it again, or say that it is sent."),
            "danger",
        ),
        MailState.FAILED: (_("The mail could not be sent (%(error)s).") % {"error": mail.error or "–"}, "danger"),
    }
    sentence, level = said[MailState(mail.state)]
    return [NextAction(sentence, level=level)]


def _order_page(number: str) -> str:
    return f"{reverse('admin:purchasing_purchaseorder_changelist')}?tab=all&q={number}"


register_panel(
    PurchaseOrder,
    Panel("lines", gettext_lazy("Lines"), "purchasing/panels/lines.html", order_lines, position=10, wide=True,
          above=True),
)  # fmt: skip
register_panel(
    Supplier,
    Panel("orders", gettext_lazy("Open orders"), "purchasing/panels/orders.html", supplier_orders,
          "purchasing.view_purchaseorder", position=10, wide=True),
)  # fmt: skip
register_panel(
    Supplier,
    Panel("items", gettext_lazy("What it sells"), "purchasing/panels/items.html", supplier_items,
          "purchasing.view_supplieritem", position=20, wide=True),
)  # fmt: skip
register_panel(
    SupplierItem,
    Panel("prices", gettext_lazy("Prices"), "purchasing/panels/breaks.html", item_prices, "purchasing.view_costs",
          position=10, wide=True),
)  # fmt: skip
register_panel(
    Variant,
    Panel("suppliers", gettext_lazy("Suppliers"), "purchasing/panels/items.html", variant_suppliers,
          "purchasing.view_costs", position=60),
)  # fmt: skip
register_next_actions(PurchaseOrder, what_next)
register_document("PO-", _order_page)
register_list_link(
    PurchaseOrder,
    ListLink(pgettext_lazy("purchase order", "New order"), "add", "purchasing_new_order", "orders",
             "purchasing.add_purchaseorder", of_rows=False),
)  # fmt: skip
for _name, _icon in {
    "purchase_order_drafted": "edit_note",
    "purchase_order_edited": "edit",
    "purchase_order_submitted": "how_to_reg",
    "purchase_order_approved": "check_circle",
    "purchase_order_reopened": "undo",
    "purchase_mail_queued": "outgoing_mail",
    "purchase_order_sent": "send",
    "purchase_mail_failed": "error",
    "purchase_order_confirmed": "handshake",
    "purchase_order_cancelled": "cancel",
    "purchase_order_closed": "inventory",
}.items():
    timeline_icon(f"purchasing.{_name}", _icon)

offer_tasks(PurchaseOrder, kinds=(TaskKind.GENERAL,))
