"""What the order page shows below the form, and what orders show on the pages of lower apps."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from catalog.models import Product
from core.display import register_document
from core.ui import NextAction, Panel, actor, register_next_actions, register_panel
from core.ui.timeline import timeline_icon, timeline_permission
from customers.models import Customer
from inventory.selectors import lots_taken, serials_shipped, shop_day
from orders import policies, selectors
from orders.admin.status import promise_words, status_badge
from orders.models import Allocation, Order, OrderStatus, Return, Shipment
from orders.selectors.promising import promises_of
from staff.admin.offering import offer_tasks
from staff.models import TaskKind

LATEST = 10


def order_lines(request: HttpRequest, order: Order) -> dict[str, Any]:
    """Give the lines with what is reserved, shipped and returned of each, and when the rest can leave."""
    promises = promises_of(order_ids=[order.pk])
    ship_by = shop_day(order.ship_by) if order.ship_by else None
    rows = [
        (row, promise_words(promises[row.line.pk], ship_by) if row.line.pk in promises else [])
        for row in selectors.lines_of_order(order.pk)
    ]
    return {"order": order, "lines": rows, "may_see_money": policies.can_see_money(actor(request))}


def order_shipments(request: HttpRequest, order: Order) -> dict[str, Any] | None:
    """Give the parcels, newest first."""
    shipments = order.shipments.select_related("warehouse").prefetch_related("lines__line")
    return {"shipments": shipments} if shipments else None


def order_pieces(request: HttpRequest, order: Order) -> dict[str, Any] | None:
    """Give the lots and the serial numbers of what was shipped; None where neither is kept."""
    reservations = list(Allocation.objects.filter(line__order=order).values_list("reservation_id", flat=True))
    lots, serials = lots_taken(reservation_ids=reservations), serials_shipped(reservation_ids=reservations)
    return {"lots": lots, "serials": serials} if lots or serials else None


def order_holds(request: HttpRequest, order: Order) -> dict[str, Any] | None:
    """Give what holds the order, and what held it before."""
    holds = list(order.holds.select_related("rule", "held_by", "released_by"))
    return {"holds": holds} if holds else None


def order_money(request: HttpRequest, order: Order) -> dict[str, Any]:
    """Give the sum and what was paid."""
    return {"order": order, "due": order.total - order.paid_total, "payments": order.payments.all()}


def order_returns(request: HttpRequest, order: Order) -> dict[str, Any] | None:
    """Give what came back."""
    returns = order.returns.prefetch_related("lines")
    return {"returns": returns, "may_see_money": policies.can_see_money(actor(request))} if returns else None


def order_customer(request: HttpRequest, order: Order) -> dict[str, Any] | None:
    """Give the buyer's earlier orders."""
    if order.customer is None:
        return None
    others = Order.objects.filter(customer=order.customer).exclude(pk=order.pk)
    return {
        "customer": order.customer,
        "may_see": request.user.has_perm("customers.see_contact_data"),
        "may_see_money": policies.can_see_money(actor(request)),
        "orders": _with_status(others[:5]),
    }


def document_lines(request: HttpRequest, document: Shipment | Return) -> dict[str, Any]:
    """Give what is in a parcel or came back: (name, SKU, pieces)."""
    if isinstance(document, Return):
        return {"lines": [(line.name, line.sku, line.quantity) for line in document.lines.all()]}
    lines = document.lines.select_related("line")
    return {"lines": [(line.line.name, line.line.sku, line.quantity) for line in lines]}


def customer_orders(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """Give the customer's latest orders."""
    orders = customer.orders.select_related("sales_channel")[:LATEST]
    return {
        "orders": _with_status(orders),
        "may_see_money": policies.can_see_money(actor(request)),
        "more": f"{reverse('admin:orders_order_changelist')}?tab=all&customer__id__exact={customer.pk}",
    }


def product_orders(request: HttpRequest, product: Product) -> dict[str, Any]:
    """Give the latest orders that contain the product."""
    return {
        "orders": _with_status(selectors.latest_orders_of_product(product.pk, limit=LATEST)),
        "may_see_money": policies.can_see_money(actor(request)),
    }


def _with_status(orders: Iterable[Order]) -> list[tuple[Order, SafeString]]:
    return [(order, status_badge(order)) for order in orders]


def next_for_order(request: HttpRequest, order: Order) -> list[NextAction]:
    """Say what the order waits for."""
    if order.is_held:
        names = ", ".join(str(hold) for hold in order.holds.filter(released_at=None).select_related("rule"))
        return [NextAction(_("Held: %(holds)s. Clear it up, then release it.") % {"holds": names}, level="warning")]
    match order.status:
        case OrderStatus.NEW:
            return [NextAction(problem, level="warning") for problem in selectors.problems_of_order(order)]
        case OrderStatus.AWAITING_PAYMENT:
            return [NextAction(_("Waits for its payment. It moves on by itself as soon as the payment is recorded."))]
        case OrderStatus.AWAITING_STOCK:
            short = ", ".join(selectors.short_skus(order.pk))
            return [
                NextAction(
                    _("Waits for stock of %(skus)s. It moves on by itself when pieces come in.") % {"skus": short},
                    level="warning",
                )
            ]
    return []


for panel in [
    Panel("lines", gettext_lazy("Lines"), "orders/panels/lines.html", order_lines, position=10, wide=True, above=True),
    Panel("holds", pgettext_lazy("order", "Holds"), "orders/panels/holds.html", order_holds, position=5),
    Panel("shipments", gettext_lazy("Shipments"), "orders/panels/shipments.html", order_shipments, position=20),
    Panel(
        "pieces",
        gettext_lazy("Lots and serial numbers"),
        "orders/panels/pieces.html",
        order_pieces,
        "inventory.view_lot",
        position=25,
    ),
    Panel(
        "money",
        pgettext_lazy("money", "Payments"),
        "orders/panels/money.html",
        order_money,
        "orders.view_payment",
        position=30,
    ),
    Panel("returns", pgettext_lazy("goods", "Returns"), "orders/panels/returns.html", order_returns, position=40),
    Panel(
        "customer",
        gettext_lazy("Customer"),
        "orders/panels/customer.html",
        order_customer,
        "customers.view_customer",
        position=50,
    ),
]:
    register_panel(Order, panel)
register_panel(
    Customer,
    Panel(
        "orders",
        pgettext_lazy("purchase", "Orders"),
        "orders/panels/orders.html",
        customer_orders,
        "orders.view_order",
        wide=True,
    ),
)
register_panel(
    Product,
    Panel(
        "orders",
        gettext_lazy("Latest orders"),
        "orders/panels/orders.html",
        product_orders,
        "orders.view_order",
        position=200,
        wide=True,
    ),
)
for document in (Shipment, Return):
    register_panel(
        document,
        Panel("lines", gettext_lazy("Lines"), "orders/panels/document.html", document_lines, position=10, above=True),
    )
register_next_actions(Order, next_for_order)
offer_tasks(Order, kinds=(TaskKind.GENERAL,))
register_document("O-", lambda number: f"{reverse('admin:orders_order_changelist')}?tab=all&q={number}")

for name, icon in {
    "order_placed": "add_shopping_cart",
    "order_updated": "sync",
    "order_accepted": "task_alt",
    "order_line_matched": "link",
    "order_confirmed": "check_circle",
    "order_put_on_hold": "hourglass_empty",
    "order_allocated": "inventory",
    "order_shipped": "local_shipping",
    "order_completed": "done_all",
    "order_lots_chosen": "category",
    "order_cancelled": "cancel",
    "payment_recorded": "payments",
    "refund_recorded": "currency_exchange",
    "return_recorded": "assignment_return",
    "order_edited": "edit",
    "order_held": "pause_circle",
    "order_released": "play_circle",
    "order_waits": "event",
}.items():
    timeline_icon(f"orders.{name}", icon)
for name in ("payment_recorded", "refund_recorded"):
    timeline_permission(f"orders.{name}", "orders.view_payment")
