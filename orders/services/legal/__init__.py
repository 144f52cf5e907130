"""What the law of the customer's country makes of orders: deadlines, deliveries, withdrawals."""

from orders.services.legal.delivering import Delivered, record_deliveries
from orders.services.legal.noting import start_heard_clocks
from orders.services.legal.withdrawing import (
    WithdrawalRefusal,
    accept_withdrawal,
    record_withdrawal,
    refuse_withdrawal,
)

__all__ = [
    "Delivered",
    "WithdrawalRefusal",
    "accept_withdrawal",
    "record_deliveries",
    "record_withdrawal",
    "refuse_withdrawal",
    "start_heard_clocks",
]
