"""Who may do what to an order; services refuse by these, screens hide by them."""

from orders.models import ORDER_TRANSITIONS, Order, OrderStatus
from staff.models import User


def can_confirm_orders(user: User) -> bool:
    """Tell whether the user may accept and confirm orders and allocate stock."""
    return user.has_perm("orders.confirm_order")


def can_ship_orders(user: User) -> bool:
    """Tell whether the user may ship orders."""
    return user.has_perm("orders.ship_order")


def can_cancel_orders(user: User) -> bool:
    """Tell whether the user may cancel orders."""
    return user.has_perm("orders.cancel_order")


def can_record_payments(user: User) -> bool:
    """Tell whether the user may record payments and refunds."""
    return user.has_perm("orders.record_payment")


def can_record_returns(user: User) -> bool:
    """Tell whether the user may record returns."""
    return user.has_perm("orders.record_return")


def can_edit_orders(user: User) -> bool:
    """Tell whether the user may change address, contact and notes."""
    return user.has_perm("orders.change_order")


def is_acceptable(order: Order) -> bool:
    """Tell whether the order waits for a person to check it."""
    return order.status == OrderStatus.NEW


def is_confirmable(order: Order) -> bool:
    """Tell whether the order can be confirmed now."""
    return ORDER_TRANSITIONS.permits(OrderStatus(order.status), OrderStatus.AWAITING_STOCK)


def is_shippable(order: Order) -> bool:
    """Tell whether pieces of the order can be shipped now."""
    return order.status in {OrderStatus.TO_SHIP, OrderStatus.PARTLY_SHIPPED}


def is_cancellable(order: Order) -> bool:
    """Tell whether the order, or what is left of it, can be cancelled."""
    return order.status == OrderStatus.PARTLY_SHIPPED or ORDER_TRANSITIONS.permits(
        OrderStatus(order.status), OrderStatus.CANCELLED
    )
