"""Rules for tests, in their initial state."""

from datetime import date
from decimal import Decimal
from typing import Any

from compliance.models import CertificateKind, LegalRule, NoticeField, NoticeType, PriceClaimRule


def make_notice_type(**over: Any) -> NoticeType:
    """Make a Korean notice that has held for long."""
    return NoticeType.objects.create(**{"code": "kr-test", "jurisdiction": "KR", "name_en": "Test", **over})


def make_notice_field(notice_type: NoticeType, **over: Any) -> NoticeField:
    """Make one required text of a notice."""
    return notice_type.fields.create(**{"code": "material", "label_en": "Material", **over})


def make_certificate_kind(*needed_for: NoticeType, required: bool = True, **over: Any) -> CertificateKind:
    """Make a Korean certificate that these notices need."""
    defaults = {"code": "kr-cert", "jurisdiction": "KR", "name_en": "Certificate"}
    kind = CertificateKind.objects.create(**{**defaults, **over})
    for notice_type in needed_for:
        kind.needs.create(notice_type=notice_type, is_required=required)
    return kind


def make_claim_rule(**over: Any) -> PriceClaimRule:
    """Make the Korean rule of 20 days, verified in January."""
    defaults = {
        "code": "kr-test",
        "jurisdiction": "KR",
        "method": "lowest_in_window",
        "window_days": 20,
        "source": "Law §3",
        "source_level": "press",
        "verified_on": date(2026, 1, 10),
    }
    return PriceClaimRule.objects.create(**{**defaults, **over})


def make_legal_rule(**over: Any) -> LegalRule:
    """Make the Korean refund of three business days with 15 % interest."""
    defaults = {
        "code": "kr-test",
        "jurisdiction": "KR",
        "duty": "refund_return",
        "kind": "duty",
        "name_en": "Refund",
        "count": 3,
        "unit": "business_day",
        "starts_by": "return_received",
        "stops_by": "refund_paid",
    }
    return LegalRule.objects.create(**{**defaults, "interest_percent": Decimal(15), **over})
