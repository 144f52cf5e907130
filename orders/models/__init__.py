"""From order to the customer's door: orders, their lines, payments, shipments, returns."""

from orders.models.holding import ChannelHandling, HoldReason, HoldRule, OrderHold
from orders.models.order import (
    ADDRESS_FIELDS,
    BUYER_FIELDS,
    OPEN_STATUSES,
    ORDER_TRANSITIONS,
    TO_CHECK,
    UNHELD,
    Allocation,
    LineKind,
    Order,
    OrderLine,
    OrderQuerySet,
    OrderStatus,
    WaitReason,
)
from orders.models.oversell import CancelPenalty, DecisionKind, OrderMessage, Oversell, OversellDecision
from orders.models.payment import Payment, PaymentKind
from orders.models.returning import Return, ReturnCondition, ReturnLine
from orders.models.shipment import DeliverySource, Shipment, ShipmentLine
from orders.models.withdrawal import CancelCause, Withdrawal, WithdrawalDecision, WithdrawalWay

__all__ = [
    "ADDRESS_FIELDS",
    "BUYER_FIELDS",
    "OPEN_STATUSES",
    "ORDER_TRANSITIONS",
    "TO_CHECK",
    "UNHELD",
    "Allocation",
    "CancelCause",
    "CancelPenalty",
    "ChannelHandling",
    "DecisionKind",
    "DeliverySource",
    "HoldReason",
    "HoldRule",
    "LineKind",
    "Order",
    "OrderHold",
    "OrderLine",
    "OrderMessage",
    "OrderQuerySet",
    "OrderStatus",
    "Oversell",
    "OversellDecision",
    "Payment",
    "PaymentKind",
    "Return",
    "ReturnCondition",
    "ReturnLine",
    "Shipment",
    "ShipmentLine",
    "WaitReason",
    "Withdrawal",
    "WithdrawalDecision",
    "WithdrawalWay",
]
