"""Suppliers, what they sell, and what it costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Variant
from core.errors import Conflict, InvalidInput
from core.events import record
from purchasing.events import SupplierSaved
from purchasing.models import PriceBreak, PurchaseOrder, PurchaseState, Supplier, SupplierItem
from purchasing.policies import can_write_items, can_write_suppliers
from purchasing.registration import tidy_registration_number
from purchasing.services.ordering.orders import MOST_PRICE, check_right
from staff.models import User

ENDED = (PurchaseState.RECEIVED, PurchaseState.CLOSED, PurchaseState.CANCELLED)


def open_purchase_orders(supplier_id: int) -> int:
    """Return how many orders at the supplier are neither received, closed nor cancelled."""
    return PurchaseOrder.objects.filter(supplier_id=supplier_id).exclude(state__in=ENDED).count()


def _check_supplier(supplier: Supplier) -> None:
    supplier.country = supplier.country.strip().upper()
    if len(supplier.country) != 2 or not supplier.country.isascii() or not supplier.country.isalpha():
        raise InvalidInput(_("Write the country as two capital letters, such as KR or JP."))
    supplier.registration_number = tidy_registration_number(supplier.country, supplier.registration_number)
    same = Supplier.objects.filter(country=supplier.country, registration_number=supplier.registration_number)
    if supplier.registration_number and (twin := same.exclude(pk=supplier.pk).first()):
        raise Conflict(_("%(supplier)s has this registration number already.") % {"supplier": twin.name})
    if supplier.minimum_amount < 0:
        raise InvalidInput(_("A minimum order is an amount from 0 on."))


@transaction.atomic
def create_supplier(*, values: Mapping[str, Any], actor: User | None = None) -> Supplier:
    """Register a supplier with these columns and return it.

    NotAllowed without the right; InvalidInput for a registration number that cannot be one; Conflict for a number that
    another supplier has.
    """
    check_right(can_write_suppliers, actor)
    supplier = Supplier(**values)
    _check_supplier(supplier)
    supplier.save()
    record(SupplierSaved(supplier_id=supplier.pk, changed=[], is_new=True), subject=supplier, actor=actor)
    return supplier


@transaction.atomic
def update_supplier(*, supplier_id: int, changes: Mapping[str, Any], actor: User | None = None) -> Supplier:
    """Change columns of a supplier and return it; refused as ``create_supplier`` refuses.

    InvalidInput for another currency once there are prices or orders in the old one.
    """
    check_right(can_write_suppliers, actor)
    supplier = Supplier.objects.select_for_update(no_key=True).get(pk=supplier_id)
    changed = [name for name, value in changes.items() if getattr(supplier, name) != value]
    if "currency" in changed and _has_amounts(supplier):
        raise InvalidInput(_("There are prices or orders in the old currency. Register a new supplier instead."))
    for name in changed:
        setattr(supplier, name, changes[name])
    _check_supplier(supplier)
    if changed:
        supplier.save(update_fields=list({*changed, "country", "registration_number"}))
        record(SupplierSaved(supplier_id=supplier.pk, changed=changed), subject=supplier, actor=actor)
    return supplier


def _has_amounts(supplier: Supplier) -> bool:
    return (
        supplier.minimum_amount > 0
        or PriceBreak.objects.filter(item__supplier=supplier).exists()
        or supplier.orders.exists()
    )


@transaction.atomic
def switch_supplier(*, supplier_id: int, is_active: bool, actor: User | None = None) -> int:
    """Let a supplier be ordered from, or no longer; return how many of its orders are still open. They go on."""
    check_right(can_write_suppliers, actor)
    supplier = Supplier.objects.select_for_update(no_key=True).get(pk=supplier_id)
    if supplier.is_active != is_active:
        supplier.is_active = is_active
        supplier.save(update_fields=["is_active"])
        record(SupplierSaved(supplier_id=supplier.pk, changed=["is_active"]), subject=supplier, actor=actor)
    return open_purchase_orders(supplier.pk)


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One piece costs ``price`` (minor units of the supplier's currency) from so many pieces on, from a day on."""

    price: int
    starts_on: date
    from_quantity: int = 1


@transaction.atomic
def save_supplier_item(
    *, supplier_id: int, variant_id: int, changes: Mapping[str, Any] | None = None, actor: User | None = None
) -> SupplierItem:
    """Make or change what a supplier sells of a variant and return it; the first item of a variant is its preferred.

    Preferring one takes the preference from the other. NotAllowed without the right; InvalidInput for a pack or
    minimum below 1.
    """
    check_right(can_write_items, actor)
    # the variant's row orders two people who prefer two suppliers at once
    Variant.objects.select_for_update(no_key=True).get(pk=variant_id)
    item = SupplierItem.objects.filter(supplier_id=supplier_id, variant_id=variant_id).first()
    others = SupplierItem.objects.filter(variant_id=variant_id).exclude(supplier_id=supplier_id)
    if item is None:
        item = SupplierItem(supplier_id=supplier_id, variant_id=variant_id)
        item.is_preferred = not others.filter(is_preferred=True).exists()
    for name, value in (changes or {}).items():
        setattr(item, name, value)
    if item.pack_size < 1 or item.minimum < 1:
        raise InvalidInput(_("Pack and minimum are at least one piece."))
    if item.is_preferred:
        others.filter(is_preferred=True).update(is_preferred=False)
    item.save()
    return item


@transaction.atomic
def set_price_breaks(*, breaks: Mapping[int, Sequence[Break]], actor: User | None = None) -> None:
    """Set prices by item id: what is known for the same day and quantity gets the new price, others stay.

    NotAllowed without the right; InvalidInput for a quantity below 1 or a price below 0.
    """
    check_right(can_write_items, actor)
    rows = [(item_id, one) for item_id, found in breaks.items() for one in found]
    if not all(one.from_quantity >= 1 and 0 <= one.price <= MOST_PRICE for _item, one in rows):
        raise InvalidInput(_("A price cannot be used. Write an amount from 0 on."))
    PriceBreak.objects.bulk_create(
        [
            PriceBreak(item_id=item_id, from_quantity=one.from_quantity, starts_on=one.starts_on, price=one.price)
            for item_id, one in rows
        ],
        update_conflicts=True,
        unique_fields=["item", "from_quantity", "starts_on"],
        update_fields=["price"],
        batch_size=2000,
    )


@transaction.atomic
def remove_price_break(*, break_id: int, actor: User | None = None) -> None:
    """Remove one price; orders keep what they were written at."""
    check_right(can_write_items, actor)
    PriceBreak.objects.filter(pk=break_id).delete()
