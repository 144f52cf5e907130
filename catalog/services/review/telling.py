"""Who hears of a product's review and of listings that cannot start; each of each occasion once."""

from collections.abc import Collection, Sequence

from catalog.models import Listing, Product, Review, Verdict
from catalog.selectors.reviewing import authors_of
from staff.models import Topic, User
from staff.selectors import users_with_permission
from staff.services.notifications.notifying import Telling, notify_many, settle_key

REVIEW = "catalog.review_product"


def ask_reviewers(*, product: Product, review: Review, without: Collection[int], actor: User | None) -> int:
    """Tell everybody who may judge this product that it waits; return how many."""
    reviewers = users_with_permission(REVIEW).exclude(pk__in=without).values_list("pk", flat=True)
    return _tell(reviewers, Topic.REVIEW_ASKED, _key(review), product, actor)


def settle_review(*, review: Review) -> None:
    """Nobody is asked about this round any more."""
    people = users_with_permission(REVIEW).values_list("pk", flat=True)
    settle_key(key=_key(review), user_ids=list(people))


def tell_decision(*, product: Product, review: Review, actor: User) -> int:
    """Tell whoever registered the product and handed it in what the reviewer decided."""
    people = {product.author_id, review.submitted_by_id} - {None, actor.pk}
    topic = Topic.APPROVED if review.verdict == Verdict.APPROVED else Topic.CHANGES_REQUESTED
    return _tell(people, topic, f"product-decided:{review.pk}", product, actor)


def tell_blocked(*, listings: Sequence[Listing]) -> int:
    """Tell whoever answers for these products that they should be live now and cannot; once for each planned moment.

    ``listings`` have their product and sales channel selected. Without an author the reviewers are told.
    """
    if not listings:
        return 0
    authors = authors_of([listing.product_id for listing in listings])
    reviewers = set(users_with_permission(REVIEW).values_list("pk", flat=True))
    tellings = [
        Telling(
            user_id=user_id,
            topic=Topic.STUCK,
            key=f"listing-blocked:{listing.pk}:{listing.starts_at.isoformat() if listing.starts_at else ''}",
            data={**_about(listing.product), "reason": "listing_blocked", "channel": listing.sales_channel.name},
        )
        for listing in listings
        for user_id in sorted(authors.get(listing.product_id) or reviewers)
    ]
    return notify_many(tellings=tellings)


def _key(review: Review) -> str:
    return f"product-review:{review.pk}"


def _about(product: Product) -> dict[str, str]:
    return {"about": f"catalog.product:{product.pk}", "number": product.code, "title": product.name}


def _tell(user_ids: Collection[int | None], topic: Topic, key: str, product: Product, actor: User | None) -> int:
    words = {**_about(product), **({"by": actor.pk} if actor else {})}
    people = sorted({pk for pk in user_ids if pk is not None and (actor is None or pk != actor.pk)})
    return notify_many(tellings=[Telling(user_id=pk, topic=topic, key=key, data=words) for pk in people])
