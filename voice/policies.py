"""Who may do what with reviews and alerts; services refuse by these, screens hide by them."""

from staff.models import User
from voice.models import Hiding, HidingState


def can_answer_reviews(user: User | None) -> bool:
    """Tell whether the user may answer in public and make tickets of reviews; None is the system itself."""
    return user is None or user.has_perm("voice.answer_review")


def can_ask_hiding(user: User | None) -> bool:
    """Tell whether the user may ask that a review is hidden."""
    return user is not None and user.has_perm("voice.ask_hiding")


def can_decide_hiding(user: User | None, hiding: Hiding | None = None) -> bool:
    """Tell whether the user may decide: never about what he asked for himself."""
    if user is None or not user.has_perm("voice.decide_hiding"):
        return False
    return hiding is None or (hiding.asked_by_id != user.pk and hiding.state == HidingState.ASKED)


def can_act_on_voice(user: User | None) -> bool:
    """Tell whether the user may act on the voice of the customer."""
    return user is None or user.has_perm("voice.act_on_voice")
