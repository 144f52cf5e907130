"""Address, contact and notes: what people may correct by hand, and when."""

from collections.abc import Mapping
from datetime import date

from django.db import transaction
from django.utils import timezone

from core.events import record
from orders.events import OrderEdited
from orders.models import Order, OrderChange
from orders.policies import can_edit_orders
from orders.services.batches import check_right, lock_order
from orders.services.changing.texts import take_over_texts
from orders.services.triage.sorting import triage_orders
from staff.models import User


@transaction.atomic
def edit_order(*, order_id: int, changes: Mapping[str, str | date | None], actor: User | None = None) -> Order:
    """Change address, contact, wishes or notes (field name: new text or day) and return the order.

    Phones, readings and postcodes are kept as the country writes them. The fact names fields, not texts: those stand
    in the ``OrderChange``, for who may see them. The hold rules are asked again. InvalidTransition for the address of
    an order that is shipped or cancelled; InvalidInput for a text that is too long; ValueError for a field that is not
    edited this way. Unchanged texts change and record nothing.
    """
    check_right(can_edit_orders, actor)
    order = lock_order(order_id)
    if told := take_over_texts(order, changes):
        change = OrderChange.objects.create(
            order=order,
            contents={"fields": told, "lines": []},
            currency=order.currency,
            total_before=order.total,
            total_after=order.total,
            settled_at=timezone.now(),  # no money is asked for
            made_by=actor,
        )
        fact = OrderEdited(order_id=order.pk, changed=[row[0] for row in told], change_id=change.pk)
        record(fact, subject=order, actor=actor)
        triage_orders(order_ids=[order.pk])  # what the rules mean may have changed with it
        order.refresh_from_db(fields=["is_held", "not_before", "wait_reason"])
    return order
