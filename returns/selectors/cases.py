"""What the pages of cases show."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from catalog.models import Variant
from orders.models import Order
from returns.models import RequestLine, Resolution, ReturnRequest
from returns.policies import may_change_wishes

EARLIER = 8


def earlier_cases(*, customer_id: int | None, without: int = 0) -> "QuerySet[ReturnRequest]":
    """Return the cases of a customer, the newest first, with what they are about; none for nobody."""
    rows = ReturnRequest.objects.filter(order__customer=customer_id) if customer_id else ReturnRequest.objects.none()
    rows = rows.exclude(pk=without).select_related("order").prefetch_related("lines__reason", "lines__order_line")
    return rows.order_by("-pk")[:EARLIER]


def cases_of_order(*, order: Order) -> "QuerySet[ReturnRequest]":
    """Return the cases of an order, the newest first."""
    return order.return_requests.prefetch_related("lines__reason", "lines__order_line").order_by("-pk")


def exchanges_of(case: ReturnRequest) -> "QuerySet[RequestLine]":
    """Return the lines that are to be exchanged and may still get money instead: no order replaces them yet."""
    if not may_change_wishes(case):
        return RequestLine.objects.none()
    rows = case.lines.filter(wish=Resolution.EXCHANGE).exclude(findings__replacement__isnull=False)
    return rows.select_related("order_line").order_by("pk")


def exchangeable(*, product_ids: Collection[int]) -> dict[int, list[Variant]]:
    """Return by product the variants that could be sent in exchange."""
    rows = Variant.objects.filter(Q(product__in=product_ids)).select_related("product").order_by("sku")
    found: dict[int, list[Variant]] = {}
    for variant in rows:
        found.setdefault(variant.product_id, []).append(variant)
    return found
