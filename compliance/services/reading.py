"""The delivered rules, read from their files into rows that are not saved."""

import csv
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from compliance.models import CertificateKind, LegalRule, NoticeField, NoticeType, PriceClaimRule

DATA = Path(__file__).resolve().parent.parent / "data"
RULE = ("jurisdiction", "source", "source_level")
NAMES = ("name_en", "name_ko", "name_ja")


def read(name: str) -> list[dict[str, str]]:
    """Return the rows of one file of the folder ``data``."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def delivered_notice_types() -> list[NoticeType]:
    """Return the notices."""
    return [
        NoticeType(
            **_texts(row, "code", *RULE, *NAMES),
            **_days(row, "verified_on", "valid_from", "valid_until"),
            applies_to_all=row["applies_to_all"] == "1",
            position=int(row["position"]),
        )
        for row in read("notice_types.csv")
    ]


def delivered_notice_fields(type_ids: Mapping[str, int]) -> list[NoticeField]:
    """Return the lines of the notices; their words stand once in ``words.csv``, however many notices share them."""
    words = {row["word"]: row for row in read("words.csv")}
    return [
        NoticeField(
            notice_type_id=type_ids[row["notice_type"]],
            **_texts(row, "code", "needed_when"),
            **{name: words[row["word"]][name] for name in ("kind", *_in_three("label"), *_in_three("help"))},
            **_days(row, "valid_from", "valid_until"),
            is_required=row["is_required"] == "1",
            max_length=_number(row["max_length"]),
            position=int(row["position"]),
        )
        for row in read("notice_fields.csv")
    ]


def delivered_certificate_kinds() -> list[CertificateKind]:
    """Return the kinds of certificates."""
    return [
        CertificateKind(
            **_texts(row, "code", *RULE, *NAMES, "group", "number_pattern", "number_example"),
            **_days(row, "verified_on", "valid_from", "valid_until"),
            **{name: row[name] == "1" for name in ("needs_number", "needs_document", "needs_expiry")},
            position=int(row["position"]),
        )
        for row in read("certificate_kinds.csv")
    ]


def delivered_needs() -> list[tuple[str, str, bool]]:
    """Return (code of the certificate kind, code of the notice, whether it is required)."""
    return [
        (row["code"], notice_type, column == "needed_for")
        for row in read("certificate_kinds.csv")
        for column in ("needed_for", "asked_for")
        for notice_type in row[column].split()
    ]


def delivered_claim_rules() -> list[PriceClaimRule]:
    """Return the rules for “before” prices."""
    return [
        PriceClaimRule(
            **_texts(row, "code", *RULE, "method"),
            **_days(row, "verified_on", "valid_from", "valid_until"),
            window_days=int(row["window_days"]),
            min_days_total=_number(row["min_days_total"]),
            max_days_since_last=_number(row["max_days_since_last"]),
        )
        for row in read("price_claim_rules.csv")
    ]


def delivered_legal_rules() -> list[LegalRule]:
    """Return the legal terms; the interest with both decimals, as the database gives it back."""
    flags = ("counts_first_day", "ends_on_business_day", "may_restart", "includes_delivery")
    return [
        LegalRule(
            **_texts(row, "code", *RULE, *NAMES, *_in_three("note"), "article", "duty", "kind", "unit"),
            **_texts(row, "starts_by", "stops_by", "extension", "extension_unit"),
            **_days(row, "verified_on", "valid_from", "valid_until"),
            **{name: row[name] == "1" for name in flags},
            **{name: int(row[name]) for name in ("count", "extension_count", "position")},
            interest_percent=Decimal(row["interest_percent"]) if row["interest_percent"] else None,
        )
        for row in read("legal_rules.csv")
    ]


def _texts(row: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: row[name] for name in names}


def _days(row: Mapping[str, str], *names: str) -> dict[str, date | None]:
    return {name: date.fromisoformat(row[name]) if row[name] else None for name in names}


def _number(text: str) -> int | None:
    return int(text) if text else None


def _in_three(name: str) -> list[str]:
    return [f"{name}_{language}" for language in ("en", "ko", "ja")]
