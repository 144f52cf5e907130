"""What happened in purchasing; the subject is the supplier, order, invoice or return. Amounts stay out of it."""

from purchasing.events.invoicing import InvoiceDecided, InvoiceEntered, InvoiceEvent
from purchasing.events.ordering import (
    PurchaseEvent,
    PurchaseMailFailed,
    PurchaseMailQueued,
    PurchaseOrderApproved,
    PurchaseOrderCancelled,
    PurchaseOrderClosed,
    PurchaseOrderConfirmed,
    PurchaseOrderDrafted,
    PurchaseOrderEdited,
    PurchaseOrderReopened,
    PurchaseOrderSent,
    PurchaseOrderSubmitted,
    pieces,
)
from purchasing.events.receiving import (
    GoodsInspected,
    GoodsReceived,
    LandedCostAdded,
    LandedCostWithdrawn,
    ReceiptRepriced,
    ReceiptUndone,
)
from purchasing.events.returning import (
    SupplierReturnCancelled,
    SupplierReturnCredited,
    SupplierReturnDrafted,
    SupplierReturnEdited,
    SupplierReturnEvent,
    SupplierReturnSent,
)
from purchasing.events.supplying import SupplierEvent, SupplierSaved
from purchasing.events.valuing import UnknownCostSet

__all__ = [
    "GoodsInspected",
    "GoodsReceived",
    "InvoiceDecided",
    "InvoiceEntered",
    "InvoiceEvent",
    "LandedCostAdded",
    "LandedCostWithdrawn",
    "PurchaseEvent",
    "PurchaseMailFailed",
    "PurchaseMailQueued",
    "PurchaseOrderApproved",
    "PurchaseOrderCancelled",
    "PurchaseOrderClosed",
    "PurchaseOrderConfirmed",
    "PurchaseOrderDrafted",
    "PurchaseOrderEdited",
    "PurchaseOrderReopened",
    "PurchaseOrderSent",
    "PurchaseOrderSubmitted",
    "ReceiptRepriced",
    "ReceiptUndone",
    "SupplierEvent",
    "SupplierReturnCancelled",
    "SupplierReturnCredited",
    "SupplierReturnDrafted",
    "SupplierReturnEdited",
    "SupplierReturnEvent",
    "SupplierReturnSent",
    "SupplierSaved",
    "UnknownCostSet",
    "pieces",
]
