"""Reviews come in by files: each once for the number that its channel gave it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from catalog.models import Product, Variant
from core.errors import InvalidInput
from core.search import fold
from orders.models import Order
from staff.models import Language
from voice.models import Review

_HANGUL, _KANA = re.compile("[가-힣]"), re.compile("[ぁ-ゖァ-ヺ]")
_MOST_WORDS = 4000  # of one review's words that are searched


@dataclass(frozen=True, kw_only=True)
class GivenReview:
    """One row of a file."""

    external_id: str
    rating: int  # 1 to 5
    body: str = ""
    title: str = ""
    author_name: str = ""
    product_code: str = ""
    order_number: str = ""
    written_at: datetime | None = None


@transaction.atomic
def take_reviews(*, sales_channel_id: int, rows: Sequence[GivenReview]) -> list[tuple[Review, bool]]:
    """Take in these reviews and return each with whether it is new, in their order; known ones change nothing.

    Product by code, SKU or the order; customer by the order's buyer. InvalidInput for stars outside 1 to 5. Five
    statements for all rows together.
    """
    if any(not 1 <= row.rating <= 5 for row in rows):
        raise InvalidInput("A review has one to five stars.")
    products, variants = _goods({row.product_code for row in rows if row.product_code})
    numbers = {row.order_number for row in rows if row.order_number}
    found_orders = Order.objects.filter(sales_channel=sales_channel_id, external_number__in=numbers) if numbers else ()
    orders = {order.external_number: order for order in found_orders}
    now = timezone.now()
    fresh = [
        Review(
            sales_channel_id=sales_channel_id,
            external_id=row.external_id[:150],
            product_id=products.get(row.product_code),
            variant_id=variants.get(row.product_code),
            product_code=row.product_code[:120],
            order=orders.get(row.order_number),
            customer_id=orders[row.order_number].customer_id if row.order_number in orders else None,
            rating=row.rating,
            title=row.title[:300],
            body=row.body[:20_000],
            author_name=row.author_name[:120],
            language=_language(f"{row.title} {row.body}"),
            search_text=fold(f"{row.title} {row.body} {row.product_code}")[:_MOST_WORDS],
            written_at=min(row.written_at or now, now),
        )
        for row in rows
    ]
    wanted = [row.external_id for row in fresh]
    known = Review.objects.filter(sales_channel=sales_channel_id, external_id__in=wanted)
    before = set(known.values_list("external_id", flat=True))
    Review.objects.bulk_create(fresh, ignore_conflicts=True)
    rows_of = {row.external_id: row for row in known.all()}
    seen, taken = set(before), []
    for external_id in wanted:
        taken.append((rows_of[external_id], external_id not in seen))
        seen.add(external_id)
    return taken


def _goods(codes: set[str]) -> tuple[dict[str, int], dict[str, int]]:
    by_sku = list(Variant.objects.filter(sku__in=codes).values_list("sku", "product_id", "pk"))
    products = dict(Product.objects.filter(code__in=codes).values_list("code", "pk"))
    return {**{sku: product for sku, product, _pk in by_sku}, **products}, {sku: pk for sku, _product, pk in by_sku}


def _language(words: str) -> str:
    if _HANGUL.search(words):
        return Language.KOREAN
    return Language.JAPANESE if _KANA.search(words) else Language.ENGLISH
