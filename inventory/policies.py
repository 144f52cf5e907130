"""Who may touch stock by hand; reservations follow the rights of the document they are made for."""

from staff.models import User


def can_adjust_stock(user: User) -> bool:
    """Tell whether the user may count, receive and adjust stock."""
    return user.has_perm("inventory.adjust_stock")
