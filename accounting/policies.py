"""Who may do what with papers and settlements; services refuse by these, screens hide by them."""

from accounting.models import DocumentKind
from staff.models import User

# what customer service gives out by itself: they bill nothing
HANDED_OUT = frozenset({DocumentKind.RECEIPT, DocumentKind.DELIVERY_NOTE})


def can_issue(user: User, kind: str) -> bool:
    """Tell whether the user may issue a paper of this kind."""
    if user.has_perm("accounting.issue_invoice"):
        return True
    return kind in HANDED_OUT and user.has_perm("accounting.issue_receipt")


def can_correct(user: User) -> bool:
    """Tell whether the user may take papers back."""
    return user.has_perm("accounting.issue_invoice")


def can_take_settlements(user: User) -> bool:
    """Tell whether the user may bring in statements of channels and have them matched."""
    return user.has_perm("accounting.add_settlement")


def can_decide_settlements(user: User) -> bool:
    """Tell whether the user may decide differences and close statements."""
    return user.has_perm("accounting.decide_settlement")


def can_undo_settlements(user: User) -> bool:
    """Tell whether the user may take statements back that are not closed."""
    return user.has_perm("accounting.undo_settlement")


def can_compute_profits(user: User) -> bool:
    """Tell whether the user may have profits worked out anew."""
    return user.has_perm("accounting.compute_profit")
