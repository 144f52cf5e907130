"""Every write of purchasing."""

from purchasing.services.invoicing.deciding import approve_invoice, reject_invoice
from purchasing.services.invoicing.entering import InvoiceHead, InvoiceLine, enter_invoice
from purchasing.services.ordering.approving import (
    approve_purchase_order,
    needs_approval,
    reopen_purchase_order,
    submit_purchase_order,
)
from purchasing.services.ordering.drafting import create_purchase_order, duplicate_purchase_order, edit_purchase_order
from purchasing.services.ordering.mailing import mark_purchase_order_sent, resend_purchase_order, send_purchase_order
from purchasing.services.ordering.orders import OrderLine
from purchasing.services.ordering.settling import (
    ConfirmedLine,
    cancel_purchase_order,
    close_purchase_order,
    confirm_purchase_order,
)
from purchasing.services.receiving.arriving import ReceivedLine, receive_goods
from purchasing.services.receiving.inspecting import inspect_goods
from purchasing.services.receiving.landing import add_landed_cost, withdraw_landed_cost
from purchasing.services.receiving.undoing import undo_receipt
from purchasing.services.returning.drafting import (
    PiecesBack,
    cancel_supplier_return,
    draft_supplier_return,
    edit_supplier_return,
)
from purchasing.services.returning.sending_back import credit_supplier_return, send_supplier_return
from purchasing.services.supplying import (
    Break,
    create_supplier,
    open_purchase_orders,
    remove_price_break,
    save_supplier_item,
    set_price_breaks,
    switch_supplier,
    update_supplier,
)
from purchasing.services.valuing.repricing import reprice_receipts
from purchasing.services.valuing.working import set_unknown_cost, set_unknown_costs, value_movements

__all__ = [
    "Break",
    "ConfirmedLine",
    "InvoiceHead",
    "InvoiceLine",
    "OrderLine",
    "PiecesBack",
    "ReceivedLine",
    "add_landed_cost",
    "approve_invoice",
    "approve_purchase_order",
    "cancel_purchase_order",
    "cancel_supplier_return",
    "close_purchase_order",
    "confirm_purchase_order",
    "create_purchase_order",
    "create_supplier",
    "credit_supplier_return",
    "draft_supplier_return",
    "duplicate_purchase_order",
    "edit_purchase_order",
    "edit_supplier_return",
    "enter_invoice",
    "inspect_goods",
    "mark_purchase_order_sent",
    "needs_approval",
    "open_purchase_orders",
    "receive_goods",
    "reject_invoice",
    "remove_price_break",
    "reopen_purchase_order",
    "reprice_receipts",
    "resend_purchase_order",
    "save_supplier_item",
    "send_purchase_order",
    "send_supplier_return",
    "set_price_breaks",
    "set_unknown_cost",
    "set_unknown_costs",
    "submit_purchase_order",
    "switch_supplier",
    "undo_receipt",
    "update_supplier",
    "value_movements",
    "withdraw_landed_cost",
]
