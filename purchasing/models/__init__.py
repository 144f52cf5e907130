"""Tables of purchasing."""

from purchasing.models.demand import DemandDay, DemandEvent, Forecast, ForecastMethod, StockoutDay
from purchasing.models.order import (
    EXPECTED_STATES,
    PURCHASE_TRANSITIONS,
    PurchaseOrder,
    PurchaseOrderLine,
    PurchaseState,
)
from purchasing.models.receipt import (
    GoodsReceipt,
    GoodsReceiptLine,
    InspectionState,
    InvoiceState,
    LandedCost,
    LandedCostBasis,
    LandedCostKind,
    ReturnState,
    SupplierInvoice,
    SupplierInvoiceLine,
    SupplierReturn,
    SupplierReturnLine,
)
from purchasing.models.replenishment import ProposalState, PurchaseBudget, ReorderProposal, ReorderRule, ServiceLevel
from purchasing.models.supplier import ExchangeRate, PriceBreak, Supplier, SupplierItem
from purchasing.models.valuation import CostEntry, CostLayer, VariantValue

__all__ = [
    "EXPECTED_STATES",
    "PURCHASE_TRANSITIONS",
    "CostEntry",
    "CostLayer",
    "DemandDay",
    "DemandEvent",
    "ExchangeRate",
    "Forecast",
    "ForecastMethod",
    "GoodsReceipt",
    "GoodsReceiptLine",
    "InspectionState",
    "InvoiceState",
    "LandedCost",
    "LandedCostBasis",
    "LandedCostKind",
    "PriceBreak",
    "ProposalState",
    "PurchaseBudget",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "PurchaseState",
    "ReorderProposal",
    "ReorderRule",
    "ReturnState",
    "ServiceLevel",
    "StockoutDay",
    "Supplier",
    "SupplierInvoice",
    "SupplierInvoiceLine",
    "SupplierItem",
    "SupplierReturn",
    "SupplierReturnLine",
    "VariantValue",
]
