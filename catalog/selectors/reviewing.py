"""Who may judge a product, what was said about it, and what changed since it was looked at last."""

from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db.models import Prefetch, QuerySet

from catalog.events import PriceChanged, PriceTakenBack, ProductContentChanged
from catalog.fields import PARTS
from catalog.models import Product, ProductStatus, Review, ReviewComment, Verdict
from core.models import EventRecord
from staff.models import User

_CHANGED = ProductContentChanged.name
_PRICES = PriceChanged.name, PriceTakenBack.name  # of a draft they are recorded as prices only


@dataclass(frozen=True, kw_only=True)
class PartChange:
    """A part that was changed since the last round: by whom, the newest first."""

    part: str
    by: tuple[User, ...]


def rounds_of(product_id: int) -> list[Review]:
    """Return the rounds of a product, the newest first, with their comments and people (two queries)."""
    comments = ReviewComment.objects.select_related("author", "done_by")
    rows = Review.objects.filter(product=product_id).select_related("submitted_by", "decided_by")
    return list(rows.prefetch_related(Prefetch("comments", comments)).order_by("-pk"))


def open_comments(product_id: int) -> "QuerySet[ReviewComment]":
    """Return what reviewers want changed and nobody has done yet."""
    return ReviewComment.objects.filter(
        review__product=product_id, review__verdict=Verdict.CHANGES_REQUESTED, done_at=None
    )


def people_involved(product: Product) -> set[int]:
    """Return who may not judge the product: its author, who handed it in, who changed it since the last approval."""
    last = Review.objects.filter(product=product, verdict=Verdict.APPROVED).order_by("-pk").first()
    changes = _changes(product.pk, *_PRICES)
    if last is not None and last.decided_at is not None:
        changes = changes.filter(at__gt=last.decided_at)
    waiting = Review.objects.filter(product=product, verdict=Verdict.WAITING).values_list("submitted_by", flat=True)
    found = {product.author_id, *changes.values_list("actor", flat=True), *waiting}
    return {pk for pk in found if pk is not None}


def changed_since_last_round(product_id: int) -> list[PartChange]:
    """Return the parts that were changed since the round before this one was decided, in the order of the page.

    In the first round everything is new: the list is empty then.
    """
    last = (
        Review.objects.filter(product=product_id, verdict__in=[Verdict.APPROVED, Verdict.CHANGES_REQUESTED])
        .order_by("-pk")
        .first()
    )
    if last is None or last.decided_at is None:
        return []
    by_part: dict[str, dict[int, User]] = {}
    rows = _changes(product_id).filter(at__gt=last.decided_at).select_related("actor").order_by("-id")
    for row in rows:
        for key in row.data.get("parts") or [""]:
            people = by_part.setdefault(key, {})
            if row.actor is not None:
                people.setdefault(row.actor.pk, row.actor)
    order = {part.key: place for place, part in enumerate(PARTS)}
    return [
        PartChange(part=key, by=tuple(by_part[key].values()))
        for key in sorted(by_part, key=lambda key: order.get(key, len(order)))
    ]


def products_to_review() -> "QuerySet[Product]":
    """Return what waits for a reviewer."""
    return Product.objects.filter(status=ProductStatus.IN_REVIEW)


def _changes(product_id: int, *names: str) -> "QuerySet[EventRecord]":
    subject_type = ContentType.objects.get_for_model(Product)
    return EventRecord.objects.filter(subject_type=subject_type, subject_id=product_id, name__in=[_CHANGED, *names])


def authors_of(product_ids: Collection[int]) -> dict[int, set[int]]:
    """Return who answers for each product: its author, else who handed it in last (two queries)."""
    found = {
        pk: {author} for pk, author in Product.objects.filter(pk__in=product_ids).values_list("pk", "author") if author
    }
    missing = [pk for pk in product_ids if pk not in found]
    rows = Review.objects.filter(product__in=missing, submitted_by__isnull=False).order_by("pk")
    for pk, user in rows.values_list("product", "submitted_by"):
        if user is not None:
            found[pk] = {user}
    return found
