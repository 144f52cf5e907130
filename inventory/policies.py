"""Who may touch stock by hand; reservations follow the rights of the document they are made for."""

from inventory.models import Stocktake, StocktakeCount
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


def can_count_stock(user: User | None) -> bool:
    """Tell whether the user may plan stocktakes and count; None is the system itself."""
    return user is None or user.has_perm("inventory.count_stock")


def can_approve_stocktakes(user: User | None) -> bool:
    """Tell whether the user may judge counts, other people's only; None is the system itself."""
    return user is None or user.has_perm("inventory.approve_stocktake")


def can_approve_stocktake(user: User | None, stocktake: Stocktake) -> bool:
    """Tell whether the user may approve and post this one: who planned it or counted in it may not."""
    if user is None:
        return True
    if not can_approve_stocktakes(user) or stocktake.created_by_id == user.pk:
        return False
    return not StocktakeCount.objects.filter(line__stocktake=stocktake, counted_by=user).exists()


def can_see_expected(user: User, stocktake: Stocktake) -> bool:
    """Tell whether the user may see what the books say: while a blind count goes on, only who judges it."""
    return not (stocktake.is_blind and stocktake.is_under_way) or can_approve_stocktakes(user)


def can_see_costs(user: User) -> bool:
    """Tell whether the user may see what goods cost us."""
    return user.has_perm("purchasing.view_costs")


def can_close_incidents(user: User) -> bool:
    """Tell whether the user may close incidents of stock and set counters right."""
    return user.has_perm("inventory.close_stockincident")
