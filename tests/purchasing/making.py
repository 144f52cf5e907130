"""What tests of purchasing start from."""

from itertools import count
from typing import Any

from django.utils import timezone

from catalog.models import Variant
from purchasing.models import PurchaseOrder, PurchaseOrderLine, PurchaseState, Supplier, SupplierItem
from tests.factories import make_warehouse

_numbers = count(1)


def make_supplier(**over: Any) -> Supplier:
    """Make an active supplier in Korea, paid in won."""
    number = next(_numbers)
    return Supplier.objects.create(
        **{"code": f"supplier-{number}", "name": f"Supplier {number}", "country": "KR", "currency": "KRW", **over}
    )


def make_supplier_item(variant: Variant, supplier: Supplier | None = None, **over: Any) -> SupplierItem:
    """Make a supplier's item, preferred, in single pieces."""
    row = {"variant": variant, "supplier": supplier or make_supplier(), "is_preferred": True, **over}
    return SupplierItem.objects.create(**row)


def make_purchase_order(*lines: tuple[Variant, int], unit_price: int = 1000, **over: Any) -> PurchaseOrder:
    """Make a purchase order that was sent, with these lines."""
    row = {
        "number": f"PO-{90000 + next(_numbers)}",
        "state": PurchaseState.SENT,
        "currency": "KRW",
        "approved_at": timezone.now(),
        "sent_at": timezone.now(),
        **over,
    }
    row.setdefault("supplier", None)
    row["supplier"] = row["supplier"] or make_supplier()
    row["warehouse"] = row.get("warehouse") or make_warehouse()
    order = PurchaseOrder.objects.create(**row)
    PurchaseOrderLine.objects.bulk_create(
        PurchaseOrderLine(order=order, variant=variant, quantity=quantity, unit_price=unit_price)
        for variant, quantity in lines
    )
    PurchaseOrder.objects.filter(pk=order.pk).update(total=sum(quantity * unit_price for _v, quantity in lines))
    order.refresh_from_db()
    return order
