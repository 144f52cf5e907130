"""Tables of purchasing."""

from purchasing.models.demand import DemandDay, DemandEvent, DemandProgress, Forecast, ForecastMethod, StockoutDay
from purchasing.models.health import AGES, Remedy, StockHealth, Verdict
from purchasing.models.landed_cost import LandedCost, LandedCostBasis, LandedCostKind, LandedCostShare
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
    MatchTolerance,
    SupplierInvoice,
    SupplierInvoiceLine,
)
from purchasing.models.replenishment import ProposalState, PurchaseBudget, ReorderProposal, ReorderRule, ServiceLevel
from purchasing.models.sending import OPEN_MAILS, ApprovalLimit, MailState, PurchaseMail
from purchasing.models.supplier import ExchangeRate, PriceBreak, Supplier, SupplierItem
from purchasing.models.supplier_return import ReturnState, SupplierReturn, SupplierReturnLine
from purchasing.models.valuation import CostEntry, CostLayer, ValuationProgress, VariantValue

__all__ = [
    "AGES",
    "EXPECTED_STATES",
    "OPEN_MAILS",
    "PURCHASE_TRANSITIONS",
    "ApprovalLimit",
    "CostEntry",
    "CostLayer",
    "DemandDay",
    "DemandEvent",
    "DemandProgress",
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
    "LandedCostShare",
    "MailState",
    "MatchTolerance",
    "PriceBreak",
    "ProposalState",
    "PurchaseBudget",
    "PurchaseMail",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "PurchaseState",
    "Remedy",
    "ReorderProposal",
    "ReorderRule",
    "ReturnState",
    "ServiceLevel",
    "StockHealth",
    "StockoutDay",
    "Supplier",
    "SupplierInvoice",
    "SupplierInvoiceLine",
    "SupplierItem",
    "SupplierReturn",
    "SupplierReturnLine",
    "ValuationProgress",
    "VariantValue",
    "Verdict",
]
