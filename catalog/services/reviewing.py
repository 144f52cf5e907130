"""Products go through review: one person registers, another one looks, and only what was looked at is sold."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone

from catalog.events import ProductContentChanged
from catalog.models import Product, ProductStatus, Review, Verdict
from core.events import record_many
from core.models import EventRecord
from staff.models import User

# approved or being looked at: what is changed then has not been seen by the reviewer
_SEEN = frozenset({ProductStatus.IN_REVIEW, ProductStatus.APPROVED})
_SAME_WORK = timedelta(minutes=15)  # one event for one sitting of one person


@transaction.atomic
def content_changed(*, product_ids: Collection[int], parts: Sequence[str] = (), actor: User | None = None) -> list[int]:
    """Take products back to the draft whose reviewed content was changed, and return their ids.

    An approval is of what was seen, so approved products that are not sold yet become drafts; a review that waits is
    withdrawn. Products on sale stay on sale. What was changed (``parts``: keys of ``catalog.fields``) and by whom is
    recorded, once for each sitting. Call it inside the transaction that changes something.
    """
    products = list(
        Product.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=product_ids).order_by("pk")
    )
    reopened = [product.pk for product in products if product.status in _SEEN]
    known = _recorded_just_now([product.pk for product in products if product.pk not in reopened], parts, actor)
    record_many(
        [
            (
                ProductContentChanged(
                    product_id=product.pk,
                    parts=list(parts),
                    before=product.status,
                    is_reopened=product.status in _SEEN,
                ),
                product.pk,
            )
            for product in products
            if product.pk not in known
        ],
        model=Product,
        actor=actor,
    )
    Product.objects.filter(pk__in=reopened).update(status=ProductStatus.DRAFT, updated_at=timezone.now())
    Review.objects.filter(product__in=reopened, verdict=Verdict.WAITING).update(
        verdict=Verdict.WITHDRAWN, decided_by=actor, decided_at=timezone.now()
    )
    return reopened


def _recorded_just_now(product_ids: Collection[int], parts: Sequence[str], actor: User | None) -> set[int]:
    """Return those of which the same was recorded of the same person in this sitting."""
    rows = EventRecord.objects.filter(
        subject_type=ContentType.objects.get_for_model(Product),
        subject_id__in=product_ids,
        name=ProductContentChanged.name,
        actor=actor,
        at__gte=timezone.now() - _SAME_WORK,
        data__parts=list(parts),
    )
    return set(rows.values_list("subject_id", flat=True))
