"""Plain functions that make initial states; later states are reached through services."""

from collections.abc import Iterable
from itertools import count
from typing import Any

from django.contrib.auth.models import Permission
from django.utils import timezone

from catalog.models import Product, SalesChannel, Variant
from customers.models import Customer
from inventory.models import EntryKind, StockItem, Warehouse
from inventory.services import EntryLine, post_entry
from orders.models import LineKind, Order, OrderLine, OrderStatus
from staff.models import User

_numbers = count(1)


def make_user(*, permissions: Iterable[str] = (), **over: Any) -> User:
    """Make a colleague with exactly these permissions ("app.codename")."""
    user = User.objects.create(**{"username": f"user{next(_numbers)}", "is_staff": True, **over})
    for name in permissions:
        app, codename = name.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user


def make_channel(**over: Any) -> SalesChannel:
    """Make a sales channel in Korean won."""
    code = f"channel-{next(_numbers)}"
    return SalesChannel.objects.create(
        **{"code": code, "name": code.title(), "kind": "own", "currency": "KRW", "country": "KR", **over}
    )


def make_variant(**over: Any) -> Variant:
    """Make an active variant, with a product of its own unless one is given."""
    number = next(_numbers)
    if "product" not in over:
        over["product"] = Product.objects.create(code=f"P{number}", name=f"Product {number}", status="active")
    return Variant.objects.create(**{"sku": f"SKU-{number}", **over})


def make_warehouse(**over: Any) -> Warehouse:
    """Make an active warehouse in Korea."""
    number = next(_numbers)
    return Warehouse.objects.create(
        **{"code": f"w{number}", "name": f"Warehouse {number}", "country": "KR", "rank": number % 30000, **over}
    )


def make_stock(
    variant: Variant | None = None, *, on_hand: int = 10, warehouse: Warehouse | None = None, low_at: int = 0
) -> StockItem:
    """Make a stock item by an opening count."""
    variant = variant or make_variant()
    warehouse = warehouse or Warehouse.objects.order_by("rank", "pk").first() or make_warehouse()
    line = EntryLine(variant_id=variant.pk, warehouse_id=warehouse.pk, quantity=on_hand)
    post_entry(kind=EntryKind.OPENING, lines=[line])
    item = StockItem.objects.get(variant=variant, warehouse=warehouse)
    if low_at:
        StockItem.objects.filter(pk=item.pk).update(low_at=low_at)
        item.refresh_from_db()
    return item


def make_customer(**over: Any) -> Customer:
    """Make a customer without identities."""
    return Customer.objects.create(**{"name": f"Customer {next(_numbers)}", "country": "KR", **over})


def make_order(*lines: tuple[Variant | None, int], unit_price: int = 1000, shipping: int = 0, **over: Any) -> Order:
    """Make an order to confirm with (variant, quantity) lines; no variant: unknown to intake."""
    number = next(_numbers)
    channel = over.pop("sales_channel", None) or SalesChannel.objects.first() or make_channel()
    goods = sum(quantity * unit_price for _variant, quantity in lines)
    order = Order.objects.create(
        **{
            "number": f"T-{number:07d}",
            "sales_channel": channel,
            "external_number": f"X{number}",
            "status": OrderStatus.TO_CONFIRM,
            "placed_at": timezone.now(),
            "currency": channel.currency,
            "country": channel.country,
            "goods_total": goods,
            "extras_total": shipping,
            "total": goods + shipping,
            "line_count": len(lines) + bool(shipping),
            "is_prepaid": False,
            **over,
        }
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            position=position,
            external_id=str(position),
            variant=variant,
            sku=variant.sku if variant else "?",
            name=variant.sku if variant else "Unknown goods",
            quantity=quantity,
            unit_price=unit_price,
            total=quantity * unit_price,
        )
        for position, (variant, quantity) in enumerate(lines, 1)
    )
    if shipping:
        OrderLine.objects.create(
            order=order,
            kind=LineKind.SHIPPING,
            position=len(lines) + 1,
            name="Shipping",
            quantity=1,
            unit_price=shipping,
            total=shipping,
        )
    return order
