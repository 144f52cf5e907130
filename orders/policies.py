"""Who may do what to an order; services refuse by these, screens hide by them."""

from django.utils import timezone

from orders.models import OPEN_STATUSES, ORDER_TRANSITIONS, LineKind, Order, OrderStatus
from staff.models import User

OPEN = frozenset(OPEN_STATUSES)


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


def can_record_deliveries(user: User) -> bool:
    """Tell whether the user may note when parcels were received."""
    return user.has_perm("orders.record_delivery")


def can_decide_withdrawals(user: User) -> bool:
    """Tell whether the user may accept and refuse withdrawals."""
    return user.has_perm("orders.decide_withdrawal")


def can_edit_orders(user: User) -> bool:
    """Tell whether the user may change address, contact and notes."""
    return user.has_perm("orders.change_order")


def can_write_orders(user: User) -> bool:
    """Tell whether the user may write orders by hand: what somebody wants on the phone."""
    return user.has_perm("orders.add_order")


def can_replace_goods(user: User) -> bool:
    """Tell whether the user may write an order that replaces goods: who takes returns, too."""
    return can_write_orders(user) or can_record_returns(user)


def can_override_prices(user: User) -> bool:
    """Tell whether the user may sell at another price than the price list's."""
    return user.has_perm("orders.override_price")


def can_plan_parcels(user: User) -> bool:
    """Tell whether the user may combine orders to one parcel, divide them, and undo that."""
    return user.has_perm("orders.plan_parcel")


def can_write_parcel_rules(user: User) -> bool:
    """Tell whether the user may write what may lie in one parcel."""
    return user.has_perm("orders.change_parcelrule")


def can_see_money(user: User) -> bool:
    """Tell whether the user may see what an order costs: who packs and who checks need not know."""
    return user.has_perm("orders.view_payment")


def can_hold_orders(user: User) -> bool:
    """Tell whether the user may hold orders."""
    return user.has_perm("orders.hold_order")


def can_release_orders(user: User) -> bool:
    """Tell whether the user may release held orders."""
    return user.has_perm("orders.release_order")


def can_write_hold_rules(user: User) -> bool:
    """Tell whether the user may write and change hold rules."""
    return user.has_perm("orders.change_holdrule")


def can_change_handling(user: User) -> bool:
    """Tell whether the user may say how a channel's orders go on by themselves."""
    return user.has_perm("orders.change_channelhandling")


def can_decide_oversells(user: User) -> bool:
    """Tell whether the user may decide what becomes of orders that are short of pieces."""
    return user.has_perm("orders.decide_oversell")


def can_send_messages(user: User) -> bool:
    """Tell whether the user may mark messages to customers as sent."""
    return user.has_perm("orders.send_ordermessage")


def is_changeable(user: User, order: Order) -> bool:
    """Tell whether the user may change lines, address and present of the order now; that shows what it costs."""
    return can_edit_orders(user) and can_see_money(user) and order.status in OPEN


def is_dividable(order: Order) -> bool:
    """Tell whether the order can be planned in several parcels."""
    return order.status in {OrderStatus.TO_SHIP, OrderStatus.PARTLY_SHIPPED, OrderStatus.AWAITING_STOCK}


def is_acceptable(order: Order) -> bool:
    """Tell whether the order waits for a person to check it."""
    return order.status == OrderStatus.NEW


def is_confirmable(order: Order) -> bool:
    """Tell whether the order can be confirmed now."""
    return ORDER_TRANSITIONS.permits(OrderStatus(order.status), OrderStatus.AWAITING_STOCK)


def is_shippable(order: Order) -> bool:
    """Tell whether pieces of the order can be shipped now; what is held does not leave."""
    return order.status in {OrderStatus.TO_SHIP, OrderStatus.PARTLY_SHIPPED} and not order.is_held


def is_holdable(order: Order) -> bool:
    """Tell whether the order can be held: it is open."""
    return order.status in OPEN


def is_cancellable(order: Order) -> bool:
    """Tell whether the order, or what is left of it, can be cancelled."""
    return order.status == OrderStatus.PARTLY_SHIPPED or ORDER_TRANSITIONS.permits(
        OrderStatus(order.status), OrderStatus.CANCELLED
    )


def is_allocatable(order: Order) -> bool:
    """Tell whether the order waits for stock."""
    return order.status == OrderStatus.AWAITING_STOCK


def is_payable(order: Order) -> bool:
    """Tell whether money is still due on the order."""
    return order.status != OrderStatus.CANCELLED and order.paid_total < order.total


def is_refundable(order: Order) -> bool:
    """Tell whether money can go back."""
    return order.paid_total > 0


def is_late(order: Order) -> bool:
    """Tell whether the promised shipping time has passed while the order is open."""
    return order.status in OPEN and order.ship_by is not None and order.ship_by < timezone.now()


def is_returnable(order: Order) -> bool:
    """Tell whether pieces are with the customer; reads the lines, so only for the page of one order."""
    return any(line.shipped_count > line.returned_count for line in order.lines.all())


def is_withdrawable(order: Order) -> bool:
    """Tell whether a customer may still call it off, wholly or in part."""
    return order.status not in {OrderStatus.CANCELLED, OrderStatus.NEW}


def has_unmatched_line(order: Order) -> bool:
    """Tell whether a product line has no variant yet; reads the lines, so only for the page of one order."""
    return any(line.kind == LineKind.PRODUCT and line.variant_id is None for line in order.lines.all())
