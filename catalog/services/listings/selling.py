"""Products go on sale and off again, and another one takes their place."""

from collections.abc import Collection

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.events import ListingMoved, ProductEnded
from catalog.models import Listing, ListingState, Price, Product, ProductStatus
from catalog.policies import can_change_products, is_activatable, is_endable
from catalog.services.listings.listing import list_products
from catalog.services.pictures.receiving import retire_creatives
from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.events import record, record_many
from staff.models import User


@transaction.atomic
def activate_product(
    *, product_id: int, sales_channel_ids: Collection[int] | None = None, actor: User | None = None
) -> Product:
    """Put an approved or ended product on sale, live on these channels (default: wherever it has a price).

    Where a blocking check speaks against it, it is not live; delivered pictures of tasks are live from now on.
    InvalidTransition when it is on sale already, not approved, without an active variant or any price, and, with all
    reasons, when it could be live on none of the channels.
    """
    product = _locked(product_id, actor)
    if product.status == ProductStatus.ACTIVE:
        raise InvalidTransition(_("The product is on sale already."))
    if not is_activatable(product):
        raise InvalidTransition(_("The product is not approved yet. Have it reviewed first."))
    if not product.variants.filter(is_active=True).exists():
        raise InvalidTransition(_("The product has no active variant. Add or activate one first."))
    channels = _priced(product) if sales_channel_ids is None else list(sales_channel_ids)
    if not channels:
        raise InvalidTransition(_("The product has no price on any sales channel. Set one first."))
    batch = list_products(product_ids=[product.pk], sales_channel_ids=channels, actor=actor)
    if not batch.live:
        raise InvalidTransition(" ".join(reason for _where, reason in batch.refused))
    product.refresh_from_db(fields=["status"])
    return product


@transaction.atomic
def end_product(
    *, product_id: int, replaced_by_id: int | None = None, reason: str = "", actor: User | None = None
) -> Product:
    """Stop selling a product everywhere, or give up one that was never sold; its live pictures are retired.

    ``replaced_by_id``: what customers are shown instead. Stock, prices and orders stay as they are. InvalidTransition
    when it has ended already or waits in review; InvalidInput for a replacement that has ended, or that is replaced by
    this very product, directly or by way of others.
    """
    product = _locked(product_id, actor)
    if not is_endable(product):
        raise InvalidTransition(_("The product is not on sale."))
    successor = _successor(product, replaced_by_id)
    _end_listings(product, actor)
    product.status, product.replaced_by = ProductStatus.ENDED, successor
    product.save(update_fields=["status", "replaced_by", "updated_at"])
    fact = ProductEnded(
        product_id=product.pk, replaced_by=successor.code if successor else "", reason=reason.strip()[:200]
    )
    record(fact, subject=product, actor=actor)
    retire_creatives(product_id=product.pk)
    return product


@transaction.atomic
def replace_product(*, product_id: int, replaced_by_id: int | None, actor: User | None = None) -> Product:
    """Say what takes the place of an ended product, None for nothing; InvalidInput as in ``end_product``."""
    product = _locked(product_id, actor)
    if product.status != ProductStatus.ENDED:
        raise InvalidTransition(_("Only a product that has ended is replaced. End it first."))
    product.replaced_by = _successor(product, replaced_by_id)
    product.save(update_fields=["replaced_by", "updated_at"])
    return product


def _successor(product: Product, replaced_by_id: int | None) -> Product | None:
    """Return the replacement; one at a time, so that two replacements cannot close a circle together."""
    if replaced_by_id is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('catalog_product_replaced_by'))")
        cursor.execute(
            "WITH RECURSIVE next (id, replaced_by_id) AS ("
            " SELECT id, replaced_by_id FROM catalog_product WHERE id = %s"
            " UNION SELECT p.id, p.replaced_by_id FROM catalog_product p JOIN next ON p.id = next.replaced_by_id)"
            " SELECT id FROM next",
            [replaced_by_id],
        )
        chain = {row[0] for row in cursor.fetchall()}
    if product.pk in chain:
        raise InvalidInput(_("These products would replace each other in a circle. Choose another one."))
    successor = Product.objects.filter(pk=replaced_by_id).first()
    if successor is None or successor.status == ProductStatus.ENDED:
        raise InvalidInput(_("What takes the place of a product must not have ended itself. Choose another one."))
    return successor


def _end_listings(product: Product, actor: User | None) -> None:
    rows = list(product.listings.exclude(state=ListingState.ENDED).select_related("sales_channel"))
    facts = [
        ListingMoved(
            product_id=product.pk,
            listing_id=row.pk,
            sales_channel=row.sales_channel.name,
            state=ListingState.ENDED,
            before=row.state,
        )
        for row in rows
        if row.state != ListingState.PLANNED
    ]
    Listing.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=ListingState.ENDED, reason="", changed_at=timezone.now()
    )
    if facts:
        record_many([(fact, product.pk) for fact in facts], model=Product, actor=actor)


def _priced(product: Product) -> list[int]:
    now = timezone.now()
    prices = Price.objects.filter(
        variant__product=product, variant__is_active=True, sales_channel__is_active=True, starts_at__lte=now
    ).exclude(ends_at__lte=now)
    return sorted(set(prices.values_list("sales_channel", flat=True)))


def _locked(product_id: int, actor: User | None) -> Product:
    if actor is not None and not can_change_products(actor):
        raise NotAllowed(_("You may not change products."))
    return Product.objects.select_for_update(no_key=True, of=("self",)).get(pk=product_id)
