"""Who may do what with reviews and alerts; services refuse by these, screens hide by them."""

from catalog.policies import can_change_products
from inventory.policies import can_hold_stock
from purchasing.policies import can_return_to_suppliers
from staff.models import User
from staff.policies import can_request_tasks
from voice.models import Alert, Hiding, HidingState


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


def can_stop_sale(user: User, alert: Alert) -> bool:
    """Tell whether the user may stop what the alert is about: a lot by holding it back, a product by pausing it."""
    return can_act_on_voice(user) and (can_change_products(user) or (alert.lot_id is not None and can_hold_stock(user)))


def can_claim_from_supplier(user: User) -> bool:
    """Tell whether the user may draft from an alert what goes back to the supplier."""
    return can_act_on_voice(user) and can_return_to_suppliers(user)


def can_open_alert_task(user: User) -> bool:
    """Tell whether the user may ask for work about an alert."""
    return can_act_on_voice(user) and can_request_tasks(user)
