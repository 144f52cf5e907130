"""The small demo shop of the tests, and what it is."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from backoffice.demo.fates import OFFICE
from backoffice.demo.fill import fill
from backoffice.demo.plan import Begin
from catalog.models import (
    AttributeValue,
    Listing,
    NoticeAnswer,
    Price,
    Product,
    ProductText,
    Variant,
)
from customers.models import Customer
from inventory.models import (
    StockItem,
)
from orders.models import Order, OrderLine, Payment, Return, Shipment

NOW = datetime(2026, 11, 18, 14, 30, tzinfo=OFFICE)  # a Wednesday afternoon
SIZE = 150


def ignore(_sentence: str) -> None:
    """Say nothing."""


def fill_small(now: datetime = NOW) -> Begin:
    return fill(orders=SIZE, now=now, say=ignore, is_quiet=True)


def told_by_channels() -> QuerySet[Order]:
    """Return the orders of the plan: replacements are written at the moment of filling."""
    return Order.objects.filter(source="channel")


def picture_of_data() -> dict[str, list[Any]]:
    """Return what the shop is, without the ids, pictures' names and times that the database gives."""
    return {
        "orders": list(
            told_by_channels()
            .exclude(shipped_at__gt=NOW)  # one is packed at the moment of filling
            .order_by("number")
            .values_list(
                "number",
                "external_number",
                "status",
                "to_check",
                "placed_at",
                "confirmed_at",
                "shipped_at",
                "total",
                "paid_total",
                "buyer_name",
                "search_text",
            )
        ),
        "lines": list(
            OrderLine.objects.order_by("order__number", "position").values_list(
                "sku", "quantity", "total", "variant__sku"
            )
        ),
        "parcels": list(
            Shipment.objects.filter(shipped_at__lte=NOW)
            .order_by("number")
            .values_list("number", "tracking_number", "shipped_at")
        ),
        "payments": list(Payment.objects.order_by("order__number", "pk").values_list("kind", "amount", "paid_at")),
        "returns": list(  # pieces of cases come back at the moment of filling
            Return.objects.filter(request_lines=None).order_by("number").values_list("number", "total", "returned_at")
        ),
        "goods": list(Variant.objects.order_by("sku").values_list("sku", "barcode", "search_text")),
        "prices": list(  # what is planned counts from the moment of filling
            Price.objects.filter(starts_at__lte=NOW)
            .order_by("variant__sku", "sales_channel__code", "starts_at")
            .values_list("amount", "starts_at", "list_price", "cost")
        ),
        "said": list(
            AttributeValue.objects.exclude(attribute__kind="file")
            .order_by("product__code", "variant__sku", "attribute__code", "choice__code")
            .values_list("product__code", "variant__sku", "text", "number", "flag", "day", "choice__code")
        ),
        "told": list(NoticeAnswer.objects.order_by("product__code", "field_id").values_list("product__code", "text")),
        "texts": list(
            ProductText.objects.order_by("product__code", "language", "sales_channel__code").values_list(
                "title", "description", "slug"
            )
        ),
        "states": list(Product.objects.order_by("code").values_list("code", "status", "tags", "replaced_by__code")),
        "listings": list(
            Listing.objects.order_by("product__code", "sales_channel__code").values_list("product__code", "state")
        ),
        "stock": list(
            StockItem.objects.order_by("variant__sku", "warehouse__code").values_list("on_hand", "reserved", "low_at")
        ),
        "people": list(Customer.objects.order_by("search_text").values_list("name", "kana", "search_text")),
    }
