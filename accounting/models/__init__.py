"""Tables of accounting."""

from accounting.models.document import (
    BILLING,
    CORRECTED_BY,
    CORRECTIONS,
    LETTERS,
    CashReceiptIdentity,
    DocumentKind,
    DocumentSeries,
    DocumentTax,
    IssuedDocument,
    IssuedFile,
)
from accounting.models.profit import PARTS, AdCost, AdShare, LineProfit, ProfitDue, ProfitProgress
from accounting.models.seller import ChannelSeller, Rounding, Seller
from accounting.models.settlement import (
    DifferenceKind,
    DifferenceState,
    Settlement,
    SettlementDifference,
    SettlementKind,
    SettlementLine,
    SettlementState,
)
from accounting.models.tax import GoodsTax, TaxClass, TaxRate
from accounting.models.terms import ChannelTerms, FeeKind, FeeRule

__all__ = [
    "BILLING",
    "CORRECTED_BY",
    "CORRECTIONS",
    "LETTERS",
    "PARTS",
    "AdCost",
    "AdShare",
    "CashReceiptIdentity",
    "ChannelSeller",
    "ChannelTerms",
    "DifferenceKind",
    "DifferenceState",
    "DocumentKind",
    "DocumentSeries",
    "DocumentTax",
    "FeeKind",
    "FeeRule",
    "GoodsTax",
    "IssuedDocument",
    "IssuedFile",
    "LineProfit",
    "ProfitDue",
    "ProfitProgress",
    "Rounding",
    "Seller",
    "Settlement",
    "SettlementDifference",
    "SettlementKind",
    "SettlementLine",
    "SettlementState",
    "TaxClass",
    "TaxRate",
]
