"""Listings start and end by the clock."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Listing, ListingState, Product
from catalog.services.listings.listing import (
    RUNNING,
    SELLABLE,
    obstacles_of,
    put_on_sale,
    save_listings,
    take_off_sale,
)
from catalog.services.review.telling import tell_blocked

L = ListingState
BATCH = 500


def switch_listings(*, now: datetime | None = None) -> tuple[int, int]:
    """Start scheduled listings whose moment has come and end those whose time is over; return (started, ended).

    1. In batches of products, each one transaction under their locks; what somebody else holds just now is left for
    the next minute. 2. What was switched is no longer due, so a killed run goes on where it stopped and a repeated
    one finds nothing. 3. What a blocking check speaks against stays scheduled, and who answers for it is told once.
    """
    at = now or timezone.now()
    started = ended = last = 0
    while True:
        due = Listing.objects.filter(_due(at), product_id__gt=last).order_by("product_id")
        ids = list(due.values_list("product_id", flat=True).distinct()[:BATCH])
        if not ids:
            return started, ended
        more = _switch(ids, at)
        started, ended, last = started + more[0], ended + more[1], ids[-1]


@transaction.atomic
def _switch(product_ids: Sequence[int], at: datetime) -> tuple[int, int]:
    locked = Product.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
    products = {product.pk: product for product in locked.filter(pk__in=product_ids).order_by("pk")}
    due = list(
        Listing.objects.filter(_due(at), product__in=products)
        .select_related("product", "sales_channel")
        .order_by("product", "sales_channel")
    )
    over = [row for row in due if row.ends_at is not None and row.ends_at <= at]
    waiting = [row for row in due if row not in over]
    obstacles = obstacles_of(
        [products[pk] for pk in dict.fromkeys(row.product_id for row in waiting)],
        list({row.sales_channel_id: row.sales_channel for row in waiting}.values()),
    )
    free = [
        row
        for row in waiting
        if products[row.product_id].status in SELLABLE and (row.product_id, row.sales_channel_id) not in obstacles
    ]
    tell_blocked(listings=[row for row in waiting if row not in free])
    before = {row.pk: row.state for row in due}
    for row in over:
        row.state, row.reason = L.ENDED, _("The planned time is over.")
    for row in free:
        row.state, row.reason = L.LIVE, ""
    save_listings([*over, *free], before, None)
    put_on_sale([products[pk] for pk in dict.fromkeys(row.product_id for row in free)], None)
    take_off_sale([products[pk] for pk in dict.fromkeys(row.product_id for row in over)], None)
    return len(free), len(over)


def _due(at: datetime) -> Q:
    over = Q(state__in=RUNNING, ends_at__lte=at)
    return over | Q(state=L.SCHEDULED, starts_at__lte=at)
