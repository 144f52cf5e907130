"""From order to the customer's door: orders, their lines, payments, shipments, returns."""

from orders.models.changing import OrderChange
from orders.models.gift import Gift, NoshiKind, NoshiPlace
from orders.models.holding import ChannelHandling, HoldReason, HoldRule, OrderHold
from orders.models.manual import DraftState, ManualDraft
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
    OrderSource,
    OrderStatus,
    WaitReason,
)
from orders.models.oversell import CancelPenalty, DecisionKind, OrderMessage, Oversell, OversellDecision
from orders.models.parcel import Parcel, ParcelPiece, ParcelReason, ParcelRule, ParcelRuleKind, ParcelState
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
    "DraftState",
    "Gift",
    "HoldReason",
    "HoldRule",
    "LineKind",
    "ManualDraft",
    "NoshiKind",
    "NoshiPlace",
    "Order",
    "OrderChange",
    "OrderHold",
    "OrderLine",
    "OrderMessage",
    "OrderQuerySet",
    "OrderSource",
    "OrderStatus",
    "Oversell",
    "OversellDecision",
    "Parcel",
    "ParcelPiece",
    "ParcelReason",
    "ParcelRule",
    "ParcelRuleKind",
    "ParcelState",
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
