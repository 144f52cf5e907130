"""Everything that writes in accounting."""

from accounting.services.earning.gathering import gather_changed
from accounting.services.earning.queueing import queue_channels, queue_orders
from accounting.services.earning.rebuilding import rebuild_due, rebuild_profits
from accounting.services.earning.spreading import spread_ads
from accounting.services.issuing.correcting import issue_correction
from accounting.services.issuing.issuing import IssueReport, issue_document, issue_documents
from accounting.services.issuing.wishes import Recipient, Wish
from accounting.services.seeding import sync_tax_rates
from accounting.services.settling.deciding import close_settlement, decide_differences, undo_settlement
from accounting.services.settling.matching import match_settlement
from accounting.services.settling.taking import StatementHead, StatementLine, take_settlement

__all__ = [
    "IssueReport",
    "Recipient",
    "StatementHead",
    "StatementLine",
    "Wish",
    "close_settlement",
    "decide_differences",
    "gather_changed",
    "issue_correction",
    "issue_document",
    "issue_documents",
    "match_settlement",
    "queue_channels",
    "queue_orders",
    "rebuild_due",
    "rebuild_profits",
    "spread_ads",
    "sync_tax_rates",
    "take_settlement",
    "undo_settlement",
]
