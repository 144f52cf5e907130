"""What services of purchase orders share: the right, the lock, the move from state to state, the lines."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Variant
from core.errors import InvalidInput, InvalidTransition, NotAllowed
from purchasing.models import (
    PURCHASE_TRANSITIONS,
    PurchaseOrder,
    PurchaseOrderLine,
    PurchaseState,
    Supplier,
    SupplierItem,
)
from purchasing.selectors.terms import breaks_of, price_from
from staff.models import User

MOST_PIECES = 10_000_000
MOST_PRICE = 10**12
MOST_LINES = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """So many pieces of a variant; without ``unit_price`` (minor units) the supplier's price of today holds."""

    variant_id: int
    quantity: int
    unit_price: int | None = None
    expected_on: date | None = None


def check_right(may: Callable[[User], bool], actor: User | None) -> None:
    """Raise NotAllowed unless ``actor`` may; the system itself (None) may everything."""
    if actor is not None and not may(actor):
        raise NotAllowed(_("Your role does not include this. Ask an administrator if you need it."))


def lock_purchase_order(order_id: int) -> PurchaseOrder:
    """Return the order, locked until the transaction ends; PurchaseOrder.DoesNotExist when there is none."""
    return PurchaseOrder.objects.select_for_update(no_key=True, of=("self",)).get(pk=order_id)


def move_purchase_order(order: PurchaseOrder, target: PurchaseState, **changes: Any) -> None:
    """Move the locked order to ``target`` with these columns; InvalidTransition when it may not go there."""
    PURCHASE_TRANSITIONS.check(PurchaseState(order.state), target)
    order.state = target
    order.updated_at = timezone.now()
    for name, value in changes.items():
        setattr(order, name, value)
    order.save(update_fields=["state", "updated_at", *changes])


def check_draft(order: PurchaseOrder) -> None:
    """Raise InvalidTransition unless the order can still be edited."""
    if order.state != PurchaseState.DRAFT:
        raise InvalidTransition(_("Only a draft can be changed. Put the order back to draft first."))


def build_lines(order: PurchaseOrder, lines: Sequence[OrderLine], supplier: Supplier) -> list[PurchaseOrderLine]:
    """Return unsaved lines with the supplier's codes and prices of today; InvalidInput for what cannot be ordered."""
    _check(lines)
    ids = [line.variant_id for line in lines]
    variants = Variant.objects.select_related("product").in_bulk(ids)
    if len(variants) < len(ids):
        raise InvalidInput(_("A product of these lines is not there any more. Remove its line."))
    items = {item.variant_id: item for item in SupplierItem.objects.filter(supplier=supplier, variant_id__in=ids)}
    breaks = breaks_of([item.pk for item in items.values()])
    today = timezone.localdate()
    built = []
    for line in lines:
        item = items.get(line.variant_id)
        price = line.unit_price
        if price is None and item is not None:
            price = price_from(breaks.get(item.pk, []), line.quantity, today)
        built.append(
            PurchaseOrderLine(
                order=order,
                variant_id=line.variant_id,
                item=item,
                supplier_code=item.code if item else "",
                name=(item.name if item else "") or variants[line.variant_id].label[:200],
                quantity=line.quantity,
                unit_price=price or 0,
                is_price_known=price is not None,
                expected_on=line.expected_on,
            )
        )
    return built


def _check(lines: Sequence[OrderLine]) -> None:
    if len(lines) > MOST_LINES:
        raise InvalidInput(_("An order has at most %(count)s lines. Divide it.") % {"count": MOST_LINES})
    if len({line.variant_id for line in lines}) < len(lines):
        raise InvalidInput(_("A product occurs twice. Add its pieces up and order it in one line."))
    if not all(0 < line.quantity <= MOST_PIECES for line in lines):
        raise InvalidInput(_("A quantity cannot be used. Write how many pieces, as a whole number."))
    if not all(line.unit_price is None or 0 <= line.unit_price <= MOST_PRICE for line in lines):
        raise InvalidInput(_("A price cannot be used. Write an amount from 0 on."))


def refresh_purchase_total(order: PurchaseOrder) -> None:
    """Set the locked order's total to the sum of its lines."""
    found = PurchaseOrderLine.objects.filter(order=order).aggregate(total=Sum(F("quantity") * F("unit_price")))
    order.total = found["total"] or 0
    order.updated_at = timezone.now()
    order.save(update_fields=["total", "updated_at"])
