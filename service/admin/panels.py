"""What tickets show on the pages of orders, customers and products."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from core.display import register_document
from core.ui import Panel, register_panel
from core.ui.badges import NavigationBadge, register_badge
from customers.models import Customer
from orders.models import Order
from service.admin.status import inbox_url, ticket_badge
from service.models import Ticket
from service.selectors.beside import tickets_of_customer, tickets_of_order, tickets_of_product


def _values(tickets: list[Ticket]) -> dict[str, Any] | None:
    return {"rows": [(row, ticket_badge(row), inbox_url(row.pk)) for row in tickets]} if tickets else None


def order_tickets(_request: HttpRequest, order: Order) -> dict[str, Any] | None:
    """Give the tickets about the order."""
    return _values(tickets_of_order(order))


def customer_tickets(_request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    """Give the customer's tickets."""
    return _values(tickets_of_customer(customer.pk))


def product_tickets(_request: HttpRequest, product: Product) -> dict[str, Any] | None:
    """Give the tickets about the product."""
    return _values(tickets_of_product(product))


for model, values in ((Order, order_tickets), (Customer, customer_tickets), (Product, product_tickets)):
    register_panel(
        model,
        Panel(
            "tickets", _("Tickets"), "service/panels/tickets.html", values, "service.view_ticket",
            position=210 if model is Product else 60,
        ),
    )  # fmt: skip
register_document("Q-", lambda number: f"{inbox_url()}&q={number}")
register_badge(
    NavigationBadge("unassigned_tickets", lambda: Ticket.objects.to_answer().filter(assignee=None), "warning")
)
