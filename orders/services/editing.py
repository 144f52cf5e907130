"""Address, contact and notes: what people may correct by hand, and when."""

from collections.abc import Mapping
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import InvalidInput, InvalidTransition
from core.events import record
from orders.events import OrderEdited
from orders.models import ADDRESS_FIELDS, BUYER_FIELDS, OPEN_STATUSES, Order
from orders.policies import can_edit_orders
from orders.services.batches import check_right, lock_order
from orders.services.searching import order_search_text
from orders.services.triage.sorting import triage_orders
from staff.models import User

NOTES = ("customer_note", "staff_note")
WISHES = ("delivery_on", "delivery_slot")


@transaction.atomic
def edit_order(*, order_id: int, changes: Mapping[str, str | date | None], actor: User | None = None) -> Order:
    """Change address, contact, wishes or notes (field name: new text or day) and return the order.

    The fact names fields, not texts; the hold rules are asked again.

    InvalidTransition for the address of an order that is shipped or cancelled; InvalidInput for a text that is too
    long; ValueError for a field that is not edited this way. Unchanged texts change and record nothing.
    """
    check_right(can_edit_orders, actor)
    if strange := set(changes) - {*BUYER_FIELDS, *ADDRESS_FIELDS, *WISHES, *NOTES}:
        raise ValueError(f"not edited by hand: {sorted(strange)}")
    order = lock_order(order_id)
    changed = [name for name, text in changes.items() if getattr(order, name) != text]
    if set(changed) & {*ADDRESS_FIELDS, *WISHES} and order.status not in OPEN_STATUSES:
        raise InvalidTransition(_("The order is closed; its address can no longer change."))
    for name in changed:
        _check_length(name, changes[name])
        setattr(order, name, changes[name])
    if changed:
        order.search_text = order_search_text(order.number, order)
        order.save(update_fields=[*changed, "search_text", "updated_at"])
        record(OrderEdited(order_id=order.pk, changed=changed), subject=order, actor=actor)
        triage_orders(order_ids=[order.pk])  # what the rules mean may have changed with it
        order.refresh_from_db(fields=["is_held", "not_before", "wait_reason"])
    return order


def _check_length(name: str, text: str | date | None) -> None:
    field = Order._meta.get_field(name)
    longest = getattr(field, "max_length", None)
    if longest is not None and len(str(text)) > longest:
        label = getattr(field, "verbose_name", name)
        raise InvalidInput(
            _("“%(field)s” is too long: at most %(count)d characters.") % {"field": label, "count": longest}
        )
