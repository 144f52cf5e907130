"""A review is hidden for a lawful reason only, with evidence, and by two people; and shown again when it ends."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from core.events import record
from staff.models import User
from voice.events import HidingAsked, HidingDecided, HidingLifted
from voice.models import Hiding, HidingGround, HidingState, Review, ReviewState
from voice.policies import can_ask_hiding, can_decide_hiding
from voice.services.telling import ask_deciders, settle_hiding_bell


@transaction.atomic
def ask_hiding(*, review_id: int, ground_id: int, evidence: str, actor: User) -> Hiding:
    """Ask that a review is hidden and return the wish; the review is shown until somebody else has decided.

    InvalidInput for a reason that is not on the list or without evidence; Conflict when a wish stands; NotAllowed.
    Whoever may decide is told.
    """
    if not can_ask_hiding(actor):
        raise NotAllowed(_("You may not ask that reviews are hidden."))
    review = Review.objects.select_for_update().get(pk=review_id)
    ground = HidingGround.objects.filter(pk=ground_id, is_active=True).first()
    text = evidence.replace("\x00", "").strip()[:2000]
    if ground is None or not text:
        raise InvalidInput(_("Choose a lawful reason and show why it holds. Dissatisfaction is none."))
    if Hiding.objects.filter(review=review, state__in=[HidingState.ASKED, HidingState.HIDDEN]).exists():
        raise Conflict(_("Somebody has asked for this already, or the review is hidden."))
    hiding = Hiding.objects.create(review=review, ground=ground, evidence=text, asked_by=actor)
    ask_deciders(hiding, actor=actor)
    record(HidingAsked(review_id=review.pk, ground=ground.code), subject=review, actor=actor)
    return hiding


@transaction.atomic
def decide_hiding(*, hiding_id: int, is_hidden: bool, answer: str = "", actor: User) -> Hiding:
    """Hide the review, or refuse, and return the wish. NotAllowed for who asked; InvalidInput to refuse silently."""
    hiding = _lock(hiding_id)
    if hiding.state != HidingState.ASKED:
        raise InvalidTransition(_("This was decided already."))
    if not can_decide_hiding(actor, hiding):
        raise NotAllowed(_("Somebody else than who asked decides, with the right to do so."))
    if not is_hidden and not answer.strip():
        raise InvalidInput(_("Say why it stays shown."))
    hiding.state = HidingState.HIDDEN if is_hidden else HidingState.REFUSED
    hiding.decided_by, hiding.decided_at, hiding.answer = actor, timezone.now(), answer.strip()[:300]
    hiding.save(update_fields=["state", "decided_by", "decided_at", "answer"])
    if is_hidden:
        _show(hiding.review, ReviewState.HIDDEN)
    settle_hiding_bell(hiding)
    record(HidingDecided(review_id=hiding.review_id, is_hidden=is_hidden), subject=hiding.review, actor=actor)
    return hiding


@transaction.atomic
def lift_hiding(*, hiding_id: int, actor: User) -> Hiding:
    """Show a hidden review again and return the wish. InvalidTransition unless it is hidden; NotAllowed."""
    if not can_decide_hiding(actor):
        raise NotAllowed(_("You may not decide about hidden reviews."))
    hiding = _lock(hiding_id)
    if hiding.state != HidingState.HIDDEN:
        raise InvalidTransition(_("Only a hidden review can be shown again."))
    hiding.state, hiding.lifted_at = HidingState.LIFTED, timezone.now()
    hiding.save(update_fields=["state", "lifted_at"])
    _show(hiding.review, ReviewState.SHOWN)
    record(HidingLifted(review_id=hiding.review_id), subject=hiding.review, actor=actor)
    return hiding


def _show(review: Review, state: ReviewState) -> None:
    review.state = state
    review.save(update_fields=["state", "updated_at"])


def _lock(hiding_id: int) -> Hiding:
    known = Hiding.objects.get(pk=hiding_id)
    Review.objects.select_for_update().get(pk=known.review_id)
    return Hiding.objects.select_for_update(of=("self",)).select_related("review").get(pk=hiding_id)
