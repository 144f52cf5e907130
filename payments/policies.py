"""Who may do what with money; services refuse by these, screens hide by them."""

from payments.models import Refund, RefundState
from staff.models import User


def can_grant_refunds(user: User) -> bool:
    """Tell whether the user may promise money back, up to the limit for agents."""
    return user.has_perm("payments.grant_refund")


def can_grant_large_refunds(user: User) -> bool:
    """Tell whether the limit for agents does not hold for the user."""
    return user.has_perm("payments.grant_large_refund")


def can_approve_refunds(user: User) -> bool:
    """Tell whether the user may be the second person."""
    return user.has_perm("payments.approve_refund")


def can_send_refunds(user: User) -> bool:
    """Tell whether the user may send what was granted."""
    return user.has_perm("payments.send_refund")


def can_approve_refund(user: User, refund: Refund) -> bool:
    """Tell whether this user may approve this refund: it waits for it, and somebody else granted it."""
    waits = refund.state == RefundState.GRANTED and not refund.is_approved
    return waits and refund.granted_by_id != user.pk and can_approve_refunds(user)


def is_sendable(refund: Refund) -> bool:
    """Tell whether the refund can be sent now."""
    return refund.state in {RefundState.GRANTED, RefundState.FAILED} and refund.is_approved


def is_withdrawable(refund: Refund) -> bool:
    """Tell whether the promise can be taken back: nothing left, and nothing is on its way."""
    return refund.state in {RefundState.GRANTED, RefundState.FAILED}


def can_note_payments(user: User) -> bool:
    """Tell whether the user may say which order a provider's payment belongs to."""
    return user.has_perm("payments.add_providerpayment")


def can_capture_payments(user: User) -> bool:
    """Tell whether the user may take what is reserved."""
    return user.has_perm("payments.capture_payment")


def can_void_payments(user: User) -> bool:
    """Tell whether the user may let go what is reserved."""
    return user.has_perm("payments.void_payment")


def can_take_deposits(user: User) -> bool:
    """Tell whether the user may bring in lists of banks."""
    return user.has_perm("payments.add_bankdeposit")


def can_match_deposits(user: User) -> bool:
    """Tell whether the user may say which orders a deposit pays."""
    return user.has_perm("payments.match_bankdeposit")


def can_return_deposits(user: User) -> bool:
    """Tell whether the user may note that a deposit went back."""
    return user.has_perm("payments.return_bankdeposit")
