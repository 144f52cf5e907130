"""Reviews are answered in public, sorted by reason, and become tickets in one press."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import record
from service.models import Inlet, InletKind, ReasonNode
from service.services import Incoming, give_reason, link_ticket_order, take_message
from staff.models import User
from voice.events import ReviewAnswered, ReviewBecameTicket, ReviewReplySent
from voice.models import ReplyState, Review, ReviewReply
from voice.policies import can_answer_reviews

_BY_CHANNEL = (InletKind.MALL, InletKind.PRODUCT_QUESTION)


@transaction.atomic
def answer_review(*, review_id: int, body: str, actor: User | None) -> ReviewReply:
    """Write or change our public answer and return it; it is owed to the channel from now on.

    InvalidInput without words; Conflict when the answer is public already; NotAllowed.
    """
    review = _lock(review_id, actor)
    text = body.replace("\x00", "").strip()[:2000]
    if not text:
        raise InvalidInput(_("Write an answer."))
    reply = ReviewReply.objects.filter(review=review).first() or ReviewReply(review=review)
    if reply.state == ReplyState.SENT:
        raise Conflict(_("The answer is public already."))
    reply.body, reply.written_by, reply.written_at = text, actor, timezone.now()
    reply.save()
    record(ReviewAnswered(review_id=review.pk), subject=review, actor=actor)
    return reply


@transaction.atomic
def mark_answers_public(*, review_ids: "list[int]", actor: User | None) -> int:
    """Note that the channel has the answers to these reviews and return how many were owed; repeating changes none."""
    _check_right(actor)
    owed = ReviewReply.objects.filter(review__in=review_ids, state=ReplyState.OWED).order_by("pk")
    rows = list(owed.select_related("review").select_for_update(of=("self",)))
    for row in rows:
        row.state, row.sent_at = ReplyState.SENT, timezone.now()
        row.save(update_fields=["state", "sent_at"])
        record(ReviewReplySent(review_id=row.review_id), subject=row.review, actor=actor)
    return len(rows)


@transaction.atomic
def open_review_ticket(*, review_id: int, actor: User | None) -> Review:
    """Make a ticket of a review, linked with its product and order, and return the review; again: the same ticket.

    InvalidInput where the channel has no inlet; NotAllowed.
    """
    review = _lock(review_id, actor)
    if review.ticket_id is not None:
        return review
    inlets = Inlet.objects.filter(sales_channel=review.sales_channel_id, kind__in=_BY_CHANNEL, is_active=True)
    inlet = inlets.order_by("kind", "pk").first()
    if inlet is None:
        raise InvalidInput(_("There is no inlet for this sales channel. Make one for its inquiries first."))
    stars = "★" * review.rating
    incoming = Incoming(
        external_id=f"review:{review.pk}",
        subject=f"{stars} {review.title or review.body[:80]}".strip(),
        body=review.body or review.title or stars,
        sender_name=review.author_name,
        product_id=review.product_id,
        language=review.language,
        at=review.written_at,
        tags=["review"],
    )
    ticket = take_message(inlet_id=inlet.pk, incoming=incoming).message.ticket
    if review.order_id is not None:
        link_ticket_order(ticket_id=ticket.pk, order_id=review.order_id, actor=None)
    if review.reason_id is not None:
        give_reason(ticket_id=ticket.pk, reason_id=review.reason_id, actor=None)
    review.ticket = ticket
    review.save(update_fields=["ticket", "updated_at"])
    record(ReviewBecameTicket(review_id=review.pk, number=ticket.number), subject=review, actor=actor)
    return review


@transaction.atomic
def sort_review(*, review_id: int, reason_id: int, actor: User | None) -> Review:
    """Say what the review is about and return it. InvalidInput for a reason that is not in use; NotAllowed."""
    review = _lock(review_id, actor)
    reason = ReasonNode.objects.choosable().filter(pk=reason_id).first()
    if reason is None:
        raise InvalidInput(_("Choose one of the reasons that are in use, the finest that fits."))
    review.reason = reason
    review.save(update_fields=["reason", "updated_at"])
    return review


def _lock(review_id: int, actor: User | None) -> Review:
    _check_right(actor)
    review = Review.objects.select_for_update().filter(pk=review_id).first()
    if review is None:
        raise InvalidInput(_("There is no such review. Reload the page."))
    return review


def _check_right(actor: User | None) -> None:
    if not can_answer_reviews(actor):
        raise NotAllowed(_("You may not answer reviews."))
