"""What orders hold of persons, how long it has to be kept, and how the names leave it."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.models import Duty
from customers.models import Customer
from orders.models import OPEN_STATUSES, Order
from orders.selectors.retention import blocking_reason, kept_until
from orders.services.forgetting import FORGOTTEN, forget_buyer
from privacy.records import Holding, RecordClass, register_records
from privacy.subjects import Known, SubjectKind, register_subject

SEE = "customers.see_contact_data"
SHOWN = tuple(name for name in FORGOTTEN if name != "staff_note")
DUTIES = (Duty.RECORDS_CONTRACT, Duty.RECORDS_PAYMENT, Duty.RECORDS_INVOICE)


def known_of_order(order: Order) -> Known:
    """Return who ordered, who gets it and where; what is empty is left out."""
    words = {field.name: field.verbose_name for field in Order._meta.concrete_fields}
    return [(words[name], getattr(order, name)) for name in SHOWN if getattr(order, name)]


def collect_orders(customer_id: int) -> list[dict[str, Any]]:
    """Return each order with its persons, its sums (minor units) and its lines."""
    rows = []
    for order in Order.objects.filter(customer_id=customer_id).order_by("pk").prefetch_related("lines"):
        names = ("number", "external_number", "placed_at", "currency", "total", "paid_total", "region", "country")
        told = {name: getattr(order, name) for name in (*names, *FORGOTTEN)}
        lines = [{"name": line.name, "quantity": line.quantity, "total": line.total} for line in order.lines.all()]
        rows.append({**told, "lines": lines})
    return rows


def orders_holding(customer_id: int, _today: date) -> Holding:
    """Contracts and payments are kept as the law of each order's place says; what is under way blocks the erasure."""
    orders = Order.objects.filter(customer_id=customer_id)
    under_way = orders.filter(status__in=OPEN_STATUSES).order_by("pk").values_list("number", flat=True).first()
    made = orders.values_list("jurisdiction", "country", "placed_at")
    kept = kept_until(duties=DUTIES, made=made)
    count = orders.count()
    return Holding(
        count=count,
        keep_until=kept.until if kept else None,
        rule=kept.rule if kept else "",
        source=kept.source if kept else "",
        is_verified=bool(kept and kept.is_verified),
        blocked=_("Order %(number)s is under way. Ship or cancel it first.") % {"number": under_way}
        if under_way
        else blocking_reason(count=count, kept=kept),
    )


register_subject(
    SubjectKind(
        key="order",
        model=Order,
        label=lambda order: order.number,
        reveal=known_of_order,
        sees=SEE,
        what=gettext_lazy("buyer, recipient, address, phone, e-mail and note"),
    )
)
register_records(
    RecordClass(
        key="orders.orders",
        model=Customer,
        label=gettext_lazy("Orders, their payments and deliveries"),
        collect=collect_orders,
        holding=orders_holding,
        erase=lambda customer_id: forget_buyer(customer_id=customer_id),
    )
)
