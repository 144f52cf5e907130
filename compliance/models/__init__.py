"""What the law asks of goods on sale: notices, certificates, price claims; each with its source and its dates."""

from compliance.models.certificate import CertificateKind, CertificateNeed
from compliance.models.claim import ClaimMethod, PriceClaimRule
from compliance.models.notice import FieldKind, NeededWhen, NoticeField, NoticeType
from compliance.models.rule import DatedQuerySet, Jurisdiction, Rule, SourceLevel

__all__ = [
    "CertificateKind",
    "CertificateNeed",
    "ClaimMethod",
    "DatedQuerySet",
    "FieldKind",
    "Jurisdiction",
    "NeededWhen",
    "NoticeField",
    "NoticeType",
    "PriceClaimRule",
    "Rule",
    "SourceLevel",
]
