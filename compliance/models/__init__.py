"""What the law asks of goods on sale, each rule with its source and its dates; and the deadlines that run by them."""

from compliance.models.certificate import CertificateKind, CertificateNeed
from compliance.models.claim import ClaimMethod, PriceClaimRule
from compliance.models.clock import ClockQuerySet, LegalClock
from compliance.models.ground import GROUNDS, NEEDS_CONSENT, NEEDS_NOTICE, RefusalGround
from compliance.models.notice import FieldKind, NeededWhen, NoticeField, NoticeType
from compliance.models.rule import DatedQuerySet, Jurisdiction, Rule, SourceLevel
from compliance.models.term import ClockEvent, Duty, Extension, LegalRule, TermKind, TermUnit

__all__ = [
    "GROUNDS",
    "NEEDS_CONSENT",
    "NEEDS_NOTICE",
    "CertificateKind",
    "CertificateNeed",
    "ClaimMethod",
    "ClockEvent",
    "ClockQuerySet",
    "DatedQuerySet",
    "Duty",
    "Extension",
    "FieldKind",
    "Jurisdiction",
    "LegalClock",
    "LegalRule",
    "NeededWhen",
    "NoticeField",
    "NoticeType",
    "PriceClaimRule",
    "RefusalGround",
    "Rule",
    "SourceLevel",
    "TermKind",
    "TermUnit",
]
