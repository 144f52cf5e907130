"""Purchase orders are drafted, changed and copied."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Variant
from core.commands import once
from core.errors import InvalidInput
from core.events import record
from core.sequences import document_number, next_numbers
from inventory.models import Warehouse
from purchasing.events import PurchaseOrderDrafted, PurchaseOrderEdited
from purchasing.models import PurchaseOrder, PurchaseOrderLine, Supplier
from purchasing.policies import can_write_purchase_orders
from purchasing.services.ordering.orders import (
    OrderLine,
    build_lines,
    check_draft,
    check_right,
    lock_purchase_order,
    refresh_purchase_total,
)
from staff.models import User

SERIES = "purchasing.order"
EDITABLE = ("warehouse_id", "expected_on", "note")


def create_purchase_order(
    *,
    supplier_id: int,
    warehouse_id: int,
    lines: Sequence[OrderLine],
    key: str = "",
    note: str = "",
    is_automatic: bool = False,
    expected_on: date | None = None,
    copied_from: str = "",
    actor: User | None = None,
) -> PurchaseOrder:
    """Draft an order at one supplier and return it; a line without a price gets the supplier's of today, if known.

    The same ``key`` answers with the same order. NotAllowed without the right to order; InvalidInput for a supplier or
    warehouse that is not active, a variant twice, a quantity below 1 or a price below 0. Lines may be empty: a draft.
    """
    check_right(can_write_purchase_orders, actor)

    def run() -> int:
        order = _draft(
            supplier_id, warehouse_id, lines, note=note, is_automatic=is_automatic, expected_on=expected_on,
            copied_from=copied_from, actor=actor,
        )  # fmt: skip
        return order.pk

    if not key:
        return PurchaseOrder.objects.get(pk=run())
    parameters = {
        "supplier": supplier_id,
        "warehouse": warehouse_id,
        "lines": [asdict(line) for line in lines],
        "note": note,
        "expected_on": expected_on,
        "copied_from": copied_from,
    }
    return PurchaseOrder.objects.get(pk=once(key=f"purchasing.order:{key}", parameters=parameters, run=run))


@transaction.atomic  # not around ``once``: a kept refusal must outlive it
def _draft(
    supplier_id: int,
    warehouse_id: int,
    lines: Sequence[OrderLine],
    *,
    note: str,
    is_automatic: bool,
    expected_on: date | None,
    copied_from: str,
    actor: User | None,
) -> PurchaseOrder:
    # shared with other drafts, but not with switching the supplier off
    supplier = Supplier.objects.select_for_update(no_key=True).get(pk=supplier_id)
    if not supplier.is_active:
        raise InvalidInput(_("%(supplier)s is not active. Activate the supplier first.") % {"supplier": supplier.name})
    _check_warehouse(warehouse_id)
    [value] = next_numbers(series=SERIES)
    order = PurchaseOrder.objects.create(
        number=document_number("PO", value),
        supplier=supplier,
        warehouse_id=warehouse_id,
        currency=supplier.currency,
        note=note.strip(),
        is_automatic=is_automatic,
        expected_on=expected_on,
        created_by=actor,
    )
    PurchaseOrderLine.objects.bulk_create(build_lines(order, lines, supplier))
    refresh_purchase_total(order)
    event = PurchaseOrderDrafted(
        order_id=order.pk, line_count=len(lines), is_automatic=is_automatic, copied_from=copied_from
    )
    record(event, subject=order, actor=actor)
    return order


def _check_warehouse(warehouse_id: int) -> None:
    if not Warehouse.objects.filter(pk=warehouse_id, is_active=True).exists():
        raise InvalidInput(_("This warehouse is not in use. Choose another one."))


@transaction.atomic
def edit_purchase_order(
    *,
    order_id: int,
    lines: Sequence[OrderLine] | None = None,
    changes: Mapping[str, Any] | None = None,
    actor: User | None = None,
) -> PurchaseOrder:
    """Give a draft these lines instead of its own (None: leave them) and columns of EDITABLE; the total follows.

    A line that names its variant again keeps its row. NotAllowed without the right to order; InvalidTransition when it
    is no draft; InvalidInput as for a new order. What changes nothing records nothing.
    """
    check_right(can_write_purchase_orders, actor)
    order = lock_purchase_order(order_id)
    check_draft(order)
    fields = _change(order, changes or {})
    added, changed, removed = _replace(order, lines) if lines is not None else ([], [], [])
    if not (fields or added or changed or removed):
        return order
    refresh_purchase_total(order)
    event = PurchaseOrderEdited(order_id=order.pk, added=added, changed=changed, removed=removed, fields=fields)
    record(event, subject=order, actor=actor)
    return order


def _change(order: PurchaseOrder, changes: Mapping[str, Any]) -> list[str]:
    """Set the columns that differ and return the names of their fields."""
    if unknown := set(changes) - set(EDITABLE):
        raise ValueError(f"not editable: {sorted(unknown)}")
    differing = [name for name, value in changes.items() if getattr(order, name) != value]
    if "warehouse_id" in differing:
        _check_warehouse(changes["warehouse_id"])
    for name in differing:
        setattr(order, name, changes[name])
    if differing:
        order.save(update_fields=differing)
    return [name.removesuffix("_id") for name in differing]


_KEPT = ("quantity", "unit_price", "is_price_known", "expected_on")


def _replace(order: PurchaseOrder, lines: Sequence[OrderLine]) -> tuple[list[str], list[str], list[str]]:
    """Make the lines what is wanted and return the SKUs added, changed and removed."""
    old = {line.variant_id: line for line in order.lines.all()}
    wanted = {line.variant_id: line for line in build_lines(order, lines, order.supplier)}
    gone = [line for variant_id, line in old.items() if variant_id not in wanted]
    new = [line for variant_id, line in wanted.items() if variant_id not in old]
    changed = []
    for variant_id, line in wanted.items():
        known = old.get(variant_id)
        if known is not None and any(getattr(known, name) != getattr(line, name) for name in _KEPT):
            for name in _KEPT:
                setattr(known, name, getattr(line, name))
            changed.append(known)
    PurchaseOrderLine.objects.filter(pk__in=[line.pk for line in gone]).delete()
    PurchaseOrderLine.objects.bulk_update(changed, _KEPT)
    PurchaseOrderLine.objects.bulk_create(new)
    return _skus(new), _skus(changed), _skus(gone)


def _skus(lines: Sequence[PurchaseOrderLine]) -> list[str]:
    ids = [line.variant_id for line in lines]
    return list(Variant.objects.filter(pk__in=ids).order_by("sku").values_list("sku", flat=True)) if ids else []


def duplicate_purchase_order(*, order_id: int, key: str = "", actor: User | None = None) -> PurchaseOrder:
    """Draft the same quantities again at today's prices and return the new order; refused as ``create`` refuses."""
    order = PurchaseOrder.objects.get(pk=order_id)
    lines = [OrderLine(variant_id=line.variant_id, quantity=line.quantity) for line in order.lines.all()]
    return create_purchase_order(
        supplier_id=order.supplier_id,
        warehouse_id=order.warehouse_id,
        lines=lines,
        note=order.note,
        key=key,
        copied_from=order.number,
        actor=actor,
    )
