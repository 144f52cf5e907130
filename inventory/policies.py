"""Who may touch stock by hand; reservations follow the rights of the document they are made for."""

from staff.models import User


def can_adjust_stock(user: User) -> bool:
    """Tell whether the user may count, receive and adjust stock."""
    return user.has_perm("inventory.adjust_stock")


def can_hold_stock(user: User) -> bool:
    """Tell whether the user may hold pieces back and free them again."""
    return user.has_perm("inventory.hold_stock")


def can_set_stock_policy(user: User) -> bool:
    """Tell whether the user may change how the stock of variants is kept and sold."""
    return user.has_perm("inventory.change_stockpolicy")


def can_change_alert_levels(user: User) -> bool:
    """Tell whether the user may set from how few pieces on stock is called low."""
    return user.has_perm("inventory.change_stockitem")


def can_move_stock(user: User) -> bool:
    """Tell whether the user may draft, send, receive and close transfers."""
    return user.has_perm("inventory.move_stock")


def can_assemble_kits(user: User) -> bool:
    """Tell whether the user may pack kits and take them apart."""
    return user.has_perm("inventory.assemble_kits")
