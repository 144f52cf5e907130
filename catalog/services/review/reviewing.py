"""Products go through review: one person registers, another one looks, and only what was looked at is sold."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.events import (
    ProductApproved,
    ProductChangesRequested,
    ProductContentChanged,
    ProductSubmitted,
    ProductWithdrawn,
)
from catalog.fields import is_part
from catalog.models import PRODUCT_TRANSITIONS, Product, ProductStatus, Review, ReviewComment, Verdict
from catalog.policies import can_change_products, can_review_products
from catalog.selectors.reviewing import open_comments, people_involved
from catalog.services.review.batches import ProductBatch, for_each_product
from catalog.services.review.following import carry_tasks, tick_registration
from catalog.services.review.telling import ask_reviewers, settle_review, tell_decision
from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from core.events import record, record_many
from core.models import EventRecord
from staff.models import TaskStatus, User

LONGEST = 500
# approved or being looked at: what is changed then has not been seen by the reviewer
_SEEN = frozenset({ProductStatus.IN_REVIEW, ProductStatus.APPROVED})
_SAME_WORK = timedelta(minutes=15)  # one event for one sitting of one person


@transaction.atomic
def submit_product(*, product_id: int, actor: User | None = None) -> Review:
    """Hand a draft in for review and return the round; reviewers are told, tasks about it are in review.

    InvalidTransition unless it is a draft or changes were requested, and without an active variant; InvalidInput while
    comments of the last round are open; NotAllowed without the right to change products.
    """
    product = _locked(product_id, actor)
    PRODUCT_TRANSITIONS.check(ProductStatus(product.status), ProductStatus.IN_REVIEW)
    if not product.variants.filter(is_active=True).exists():
        raise InvalidTransition(_("The product has no active variant. Add or activate one first."))
    if waiting := open_comments(product_id).count():
        raise InvalidInput(
            _("%(count)s comments of the reviewer are open. Tick what is done first.") % {"count": waiting}
        )
    number = Review.objects.filter(product=product).exclude(verdict=Verdict.WITHDRAWN).count() + 1
    review = Review.objects.create(product=product, submitted_by=actor)
    _move(product, ProductStatus.IN_REVIEW)
    record(ProductSubmitted(product_id=product.pk, review_id=review.pk, round=number), subject=product, actor=actor)
    ask_reviewers(product=product, review=review, without=people_involved(product), actor=actor)
    tick_registration(product=product, actor=actor)
    carry_tasks(product_id=product.pk, to=TaskStatus.IN_REVIEW, actor=actor)
    return review


def submit_products(*, product_ids: Collection[int], actor: User | None = None) -> ProductBatch:
    """Hand many drafts in, each as ``submit_product`` does."""
    return for_each_product(product_ids, lambda pk: submit_product(product_id=pk, actor=actor))


@transaction.atomic
def withdraw_product(*, product_id: int, actor: User | None = None) -> Product:
    """Take a product back from review to go on working on it: it is a draft again.

    InvalidTransition unless it is in review; NotAllowed without the right to change products.
    """
    product = _locked(product_id, actor)
    review = _waiting(product)
    _move(product, ProductStatus.DRAFT)
    _decide(review, Verdict.WITHDRAWN, "", actor)
    record(ProductWithdrawn(product_id=product.pk, review_id=review.pk), subject=product, actor=actor)
    carry_tasks(product_id=product.pk, to=TaskStatus.IN_PROGRESS, actor=actor)
    return product


@transaction.atomic
def approve_product(*, product_id: int, review_id: int, note: str = "", actor: User) -> Product:
    """Approve what the reviewer saw in this round; whoever registers it is told, tasks about it are delivered.

    1. The product's lock lets one decision through, and no change comes in meanwhile. 2. Conflict when the round was
    decided or taken back since the page was opened: another one shows something else. 3. NotAllowed without the right,
    and for whoever registered it, handed it in or changed it since the last approval.
    """
    product, review = _to_decide(product_id, review_id, actor)
    note = _words(note)
    _move(product, ProductStatus.APPROVED)
    _decide(review, Verdict.APPROVED, note, actor)
    fact = ProductApproved(product_id=product.pk, review_id=review.pk, note=note)
    record(fact, subject=product, actor=actor)
    tell_decision(product=product, review=review, actor=actor)
    tick_registration(product=product, actor=actor)
    carry_tasks(
        product_id=product.pk,
        to=TaskStatus.DELIVERED,
        place=_("product %(product)s") % {"product": product.code},
        actor=actor,
    )
    return product


@transaction.atomic
def request_changes(
    *, product_id: int, review_id: int, comments: Sequence[tuple[str, str]], note: str = "", actor: User
) -> Product:
    """Send a product back with comments, each (key of ``catalog.fields``, text); whoever registers it is told.

    InvalidInput without any comment, for an unknown field and for more than 500 characters; Conflict and NotAllowed as
    in ``approve_product``.
    """
    product, review = _to_decide(product_id, review_id, actor)
    written = [(field, _words(text)) for field, text in comments if text.strip()]
    if not written:
        raise InvalidInput(_("Write at least one comment, beside the field it is about."))
    if not all(is_part(field) for field, _text in written):
        raise InvalidInput(_("Choose a field of the list."))
    note = _words(note)
    ReviewComment.objects.bulk_create(
        [ReviewComment(review=review, field=field, text=text, author=actor) for field, text in written]
    )
    _move(product, ProductStatus.CHANGES_REQUESTED)
    _decide(review, Verdict.CHANGES_REQUESTED, note, actor)
    fields = list(dict.fromkeys(field for field, _text in written))
    fact = ProductChangesRequested(product_id=product.pk, review_id=review.pk, parts=fields, note=note)
    record(fact, subject=product, actor=actor)
    tell_decision(product=product, review=review, actor=actor)
    said = "\n".join(text for _field, text in written)
    carry_tasks(product_id=product.pk, to=TaskStatus.CHANGES_REQUESTED, note=said, actor=actor)
    return product


@transaction.atomic
def resolve_comment(*, comment_id: int, is_done: bool = True, actor: User) -> ReviewComment:
    """Tick a reviewer's comment as done, or open it again; repeating changes nothing.

    Conflict when it is gone; InvalidTransition when the product is being looked at again or was approved; NotAllowed
    without the right to change products.
    """
    product_id = ReviewComment.objects.filter(pk=comment_id).values_list("review__product", flat=True).first()
    if product_id is None:
        raise Conflict(_("This comment is gone. Reload the page."))
    product = _locked(product_id, actor)
    comment = ReviewComment.objects.select_related("review").get(pk=comment_id)
    if product.status not in {ProductStatus.CHANGES_REQUESTED, ProductStatus.DRAFT}:
        raise InvalidTransition(_("The product is not being changed now. Reload the page to see its state."))
    if (comment.done_at is not None) != is_done:
        comment.done_at, comment.done_by = (timezone.now(), actor) if is_done else (None, None)
        comment.save(update_fields=["done_at", "done_by"])
    return comment


@transaction.atomic
def content_changed(*, product_ids: Collection[int], parts: Sequence[str] = (), actor: User | None = None) -> list[int]:
    """Take products back to the draft whose reviewed content was changed, and return their ids.

    An approval is of what was seen, so approved products that are not sold yet become drafts; a review that waits is
    withdrawn. Products on sale stay on sale. What was changed (``parts``: keys of ``catalog.fields``) and by whom is
    recorded, once for each sitting. Call it inside the transaction that changes something.
    """
    wanted = Product.objects.select_for_update(no_key=True).filter(pk__in=product_ids).order_by("pk")
    single = wanted.first() if len(product_ids) == 1 else None
    states = {single.pk: single.status} if single else dict(wanted.values_list("pk", "status"))
    reopened = [pk for pk, status in states.items() if status in _SEEN]
    known = _recorded_just_now(states.keys() - set(reopened), parts, actor)
    said = list(parts)
    record_many(
        [
            (ProductContentChanged(product_id=pk, parts=said, before=status, is_reopened=status in _SEEN), pk)
            for pk, status in states.items()
            if pk not in known
        ],
        model=Product,
        actor=actor,
    )
    Product.objects.filter(pk__in=reopened).update(status=ProductStatus.DRAFT, updated_at=timezone.now())
    for review in Review.objects.filter(product__in=reopened, verdict=Verdict.WAITING).select_related("product"):
        _decide(review, Verdict.WITHDRAWN, "", actor)
        carry_tasks(product_id=review.product_id, to=TaskStatus.IN_PROGRESS, actor=actor)
    if single:  # a person at work: the check lists of tasks follow at once, else when it is handed in
        tick_registration(product=single)
    return reopened


def _recorded_just_now(product_ids: Collection[int], parts: Sequence[str], actor: User | None) -> set[int]:
    """Return those of which the same was recorded of the same person in this sitting, and not looked at since."""
    rows = EventRecord.objects.filter(
        subject_type=ContentType.objects.get_for_model(Product),
        subject_id__in=product_ids,
        name__in=[ProductContentChanged.name, ProductSubmitted.name],
        at__gte=timezone.now() - _SAME_WORK,
    ).order_by("id")
    known: set[int] = set()
    for product, name, by, data in rows.values_list("subject_id", "name", "actor_id", "data"):
        if name == ProductSubmitted.name:
            known.discard(product)
        elif by == (actor.pk if actor else None) and data.get("parts") == list(parts):
            known.add(product)
    return known


def _locked(product_id: int, actor: User | None) -> Product:
    if actor is not None and not can_change_products(actor):
        raise NotAllowed(_("You may not change products."))
    return Product.objects.select_for_update(no_key=True, of=("self",)).get(pk=product_id)


def _to_decide(product_id: int, review_id: int, actor: User) -> tuple[Product, Review]:
    if not can_review_products(actor):
        raise NotAllowed(_("You may not approve products."))
    product = _locked(product_id, None)
    review = _waiting(product)
    if review.pk != review_id:
        raise Conflict(_("The product was taken back and handed in again. Look at what it says now."))
    if actor.pk in people_involved(product):
        raise NotAllowed(_("Nobody approves a product that he registered or changed himself. Ask a colleague."))
    return product, review


def _waiting(product: Product) -> Review:
    review = Review.objects.select_for_update().filter(product=product, verdict=Verdict.WAITING).first()
    if product.status != ProductStatus.IN_REVIEW or review is None:
        raise InvalidTransition(_("The product is not in review any more. Reload the page to see its state."))
    return review


def _move(product: Product, to: ProductStatus) -> None:
    PRODUCT_TRANSITIONS.check(ProductStatus(product.status), to)
    product.status = to
    product.save(update_fields=["status", "updated_at"])


def _decide(review: Review, verdict: Verdict, note: str, actor: User | None) -> None:
    review.verdict, review.note, review.decided_by, review.decided_at = verdict, note, actor, timezone.now()
    review.save(update_fields=["verdict", "note", "decided_by", "decided_at"])
    settle_review(review=review)


def _words(text: str) -> str:
    text = text.replace("\x00", "").strip()
    if len(text) > LONGEST:
        raise InvalidInput(_("Write at most %(limit)s characters.") % {"limit": LONGEST})
    return text
