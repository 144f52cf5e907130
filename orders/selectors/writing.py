"""What somebody who writes an order looks up: goods with their price and stock, callers with their last address."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from catalog.models import SalesChannel, Variant
from catalog.selectors.pricing import prices_at
from core.search import fold
from customers.models import Customer
from inventory.selectors import availability_of
from orders.models import ADDRESS_FIELDS, DraftState, ManualDraft, Order

FOUND = 8


@dataclass(frozen=True, slots=True)
class Goods:
    """A variant that can be written on a line; ``price`` in minor units, None where the price list says nothing."""

    variant: Variant
    price: int | None
    available: int


@dataclass(frozen=True, slots=True)
class Caller:
    """A customer with what their last order says; contact data, for who may see it."""

    customer: Customer
    last: Order | None


def goods_like(*, text: str, channel: SalesChannel, at: datetime | None = None, limit: int = FOUND) -> list[Goods]:
    """Return active variants whose SKU, barcode, name or options have all the words, the exact SKU first."""
    words = fold(text).split()
    if not words:
        return []
    found = Q()
    for word in words:
        found &= Q(search_text__contains=word)
    typed = {text.strip(), text.strip().upper()}
    exact = list(Variant.objects.filter(Q(sku__in=typed) | Q(barcode__in=typed - {""})))
    like = Variant.objects.filter(found, is_active=True).exclude(pk__in=[one.pk for one in exact])
    variants = [*exact, *like.order_by("sku")[: limit - len(exact)]]
    return priced_goods(variants=variants, channel=channel, at=at)


def priced_goods(*, variants: Sequence[Variant], channel: SalesChannel, at: datetime | None = None) -> list[Goods]:
    """Return these variants with their price on the channel and what is free of them."""
    ids = [one.pk for one in variants]
    full = Variant.objects.select_related("product").in_bulk(ids)
    prices = prices_at(variant_ids=ids, sales_channel_id=channel.pk, at=at)
    stock = availability_of(variant_ids=ids)
    return [Goods(full[pk], prices[pk].amount if pk in prices else None, stock[pk].available) for pk in ids]


def callers_like(*, text: str, limit: int = FOUND) -> list[Caller]:
    """Return customers whose name, phone or e-mail have all the words, with their last order."""
    words = fold(text).split()
    if not words or len("".join(words)) < 2:
        return []
    found = Q()
    for word in words:
        found &= Q(search_text__contains=word)
    customers = list(Customer.objects.filter(found).order_by("-pk")[:limit])
    last: dict[int | None, Order] = {}
    rows = Order.objects.filter(customer__in=customers).order_by("customer_id", "-placed_at", "-pk")
    for order in rows.distinct("customer_id"):
        last[order.customer_id] = order
    return [Caller(customer, last.get(customer.pk)) for customer in customers]


def address_of(order: Order) -> dict[str, str]:
    """Return where an order went, by column."""
    return {name: getattr(order, name) for name in ("buyer_name", "buyer_phone", "buyer_email", *ADDRESS_FIELDS)}


def open_drafts(*, limit: int = 20) -> list[ManualDraft]:
    """Return the written orders that wait, the latest first."""
    drafts = ManualDraft.objects.filter(state=DraftState.OPEN).select_related("sales_channel", "created_by")
    return list(drafts[:limit])
