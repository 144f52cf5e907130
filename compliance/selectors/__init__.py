"""Reads of rules and of the deadlines that run by them."""

from compliance.selectors.rules import (
    EU_MEMBERS,
    CertificateGroup,
    claim_rule,
    jurisdiction_of,
    needed_certificates,
    notice_fields,
    notice_fields_of,
    notice_types_for,
)

__all__ = [
    "EU_MEMBERS",
    "CertificateGroup",
    "claim_rule",
    "jurisdiction_of",
    "needed_certificates",
    "notice_fields",
    "notice_fields_of",
    "notice_types_for",
]
