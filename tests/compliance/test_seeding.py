"""The delivered rules: brought once, followed where nobody touched them, complete for the Korean notices."""

import csv
import re
from collections import defaultdict
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from compliance.models import (
    CertificateKind,
    CertificateNeed,
    LegalRule,
    NoticeField,
    NoticeType,
    PriceClaimRule,
)
from compliance.services import reading, sync_rules

pytestmark = pytest.mark.django_db

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "codes" / "kr-product-notice-fields.csv"
# terms of the whole shop, see the README
OF_THE_SHOP = {
    "returnCostReason",
    "noRefundReason",
    "qualityAssuranceStandard",
    "compensationProcedure",
    "troubleShootingContents",
}
MODELS = (NoticeType, NoticeField, CertificateKind, CertificateNeed, PriceClaimRule, LegalRule)


def counts():
    return [model.objects.count() for model in MODELS]


def contents():
    return {model: list(model.objects.order_by("pk").values()) for model in MODELS}


def change_file(monkeypatch, name, change):
    """Let the delivered file ``name`` read as if ``change`` had been made to its rows."""
    read = reading.read

    def changed(asked):
        rows = read(asked)
        if asked == name:
            change(rows)
        return rows

    monkeypatch.setattr(reading, "read", changed)


def test_an_empty_shop_gets_the_rules():
    needs = len(reading.delivered_needs())

    assert sync_rules() == {"made": 44 + 442 + 22 + 3 + 27 + needs, "changed": 0}

    assert counts() == [44, 442, 22, needs, 3, 27]
    wear = NoticeType.objects.get(code="kr-wear")
    assert (wear.jurisdiction, wear.name_ko, wear.applies_to_all, wear.source_level) == ("KR", "의류", False, "press")
    assert list(wear.fields.values_list("code", flat=True)) == [
        "material", "color", "size", "maker", "country", "caution", "pack-month", "warranty", "after-service"
    ]  # fmt: skip
    material = wear.fields.get(code="material")
    assert (material.label_ko, material.is_required) == ("제품 소재(섬유의 조성 또는 혼용률)", True)
    assert CertificateKind.objects.filter(group="kr-kc-children").count() == 3


def test_twice_changes_nothing():
    sync_rules()
    before = contents()

    assert sync_rules() == {"made": 0, "changed": 0}
    assert contents() == before


def test_the_command_says_what_it_did():
    out = StringIO()
    call_command("sync_rules", stdout=out)
    call_command("sync_rules", stdout=out)
    made = sum(counts())
    assert out.getvalue().splitlines() == [
        f"legal rules: {made} made, 0 brought up to date",
        "legal rules: 0 made, 0 brought up to date",
    ]


def test_what_a_person_changed_stays(monkeypatch):
    sync_rules()
    NoticeType.objects.filter(code="kr-wear").update(name_en="Garments", valid_until=date(2030, 1, 1))
    NoticeField.objects.filter(notice_type__code="kr-wear", code="color").update(is_required=False)
    CertificateNeed.objects.filter(notice_type__code="kr-sports").delete()
    PriceClaimRule.objects.filter(code="kr-20d").delete()

    def rename(rows):
        rows[0].update(name_en="Clothes")  # kr-wear

    change_file(monkeypatch, "notice_types.csv", rename)

    assert sync_rules() == {"made": 1, "changed": 0}
    wear = NoticeType.objects.get(code="kr-wear")
    assert (wear.name_en, wear.valid_until) == ("Garments", date(2030, 1, 1))
    assert wear.fields.get(code="color").is_required is False
    assert not CertificateNeed.objects.filter(notice_type__code="kr-sports").exists()
    assert PriceClaimRule.objects.filter(code="kr-20d").exists()


def test_what_nobody_touched_follows_the_files(monkeypatch):
    sync_rules()

    def end(rows):
        rows[0].update(valid_until="2027-12-31", source="Law §1", verified_on="2027-01-05")

    change_file(monkeypatch, "notice_types.csv", end)

    assert sync_rules() == {"made": 0, "changed": 1}
    assert sync_rules() == {"made": 0, "changed": 0}
    wear = NoticeType.objects.get(code="kr-wear")
    assert (wear.valid_until, wear.source, wear.verified_on) == (date(2027, 12, 31), "Law §1", date(2027, 1, 5))


@pytest.mark.parametrize(("delivered", "kept"), [("2027-01-05", "2027-01-05"), ("2026-12-01", "2026-12-24")])
def test_the_later_verification_counts(monkeypatch, delivered, kept):
    sync_rules()
    PriceClaimRule.objects.filter(code="kr-20d").update(
        verified_on=date(2026, 12, 24), source_level="official", source="Law §3"
    )

    def verify(rows):
        rows[0].update(verified_on=delivered)  # kr-20d

    change_file(monkeypatch, "price_claim_rules.csv", verify)

    sync_rules()
    assert PriceClaimRule.objects.get(code="kr-20d").verified_on == date.fromisoformat(kept)


def test_a_new_notice_comes_with_its_needs(monkeypatch):
    sync_rules()
    CertificateNeed.objects.filter(notice_type__code="kr-children").delete()
    NoticeType.objects.get(code="kr-sports").delete()

    sync_rules()

    assert CertificateNeed.objects.filter(notice_type__code="kr-sports").count() == 6
    assert not CertificateNeed.objects.filter(notice_type__code="kr-children").exists()


def test_labels_are_there_in_three_languages():
    sync_rules()
    for language in ("en", "ko", "ja"):
        assert not NoticeField.objects.filter(**{f"label_{language}": ""}).exists()
        assert not NoticeType.objects.filter(**{f"name_{language}": ""}).exists()
        assert not CertificateKind.objects.filter(**{f"name_{language}": ""}).exists()
        assert not LegalRule.objects.filter(**{f"name_{language}": ""}).exists()


def test_helps_are_in_all_languages_or_in_none():
    sync_rules()
    for field in NoticeField.objects.all():
        assert len({bool(text) for text in (field.help_en, field.help_ko, field.help_ja)}) == 1, field.code


def test_legal_terms_are_as_their_research_says():
    sync_rules()
    said = ("count", "unit", "interest_percent", "source_level")
    rules = {row["code"]: tuple(row[name] for name in said) for row in LegalRule.objects.values("code", *said)}
    assert rules["kr-withdrawal"] == (7, "day", None, "official")
    assert rules["kr-defect-supply"] == (3, "month", None, "official")
    assert rules["kr-defect-known"] == (30, "day", None, "official")
    assert rules["kr-refund-return"] == (3, "business_day", Decimal("15.00"), "press")
    assert rules["kr-ship-prepaid"] == (3, "business_day", None, "press")
    assert rules["kr-ship-ordered"] == (7, "day", None, "press")
    assert rules["kr-complaint-progress"] == (3, "business_day", None, "press")
    assert rules["kr-complaint-result"] == (10, "business_day", None, "press")
    assert rules["jp-return"] == (8, "day", None, "press")
    assert rules["eu-withdrawal"] == (14, "day", None, "press")
    assert rules["eu-refund"] == (14, "day", None, "press")
    assert rules["eu-data-request"] == (1, "month", None, "press")
    for code in ("kr-withdrawal", "kr-defect-supply", "kr-defect-known", "eu-withdrawal"):
        assert rules[f"{code}-2026-11"] == rules[code]
    unverified = LegalRule.objects.filter(source_level="unverified")
    codes = {"kr-refund-statement", "jp-records-invoice", "kr-data-request"}
    assert set(unverified.values_list("code", flat=True)) == codes
    assert not LegalRule.objects.filter(article="").exists()


def test_an_interest_that_a_person_changed_stays(monkeypatch):
    sync_rules()
    LegalRule.objects.filter(code="kr-refund-return").update(interest_percent=Decimal("12.00"))

    def change_refund(rows):
        next(row for row in rows if row["code"] == "kr-refund-return").update(count="4")

    change_file(monkeypatch, "legal_rules.csv", change_refund)

    assert sync_rules() == {"made": 0, "changed": 0}
    assert LegalRule.objects.get(code="kr-refund-return").count == 3


def test_codes_begin_with_their_jurisdiction():
    sync_rules()
    for model in (NoticeType, CertificateKind, PriceClaimRule, LegalRule):
        wrong = [row.code for row in model.objects.all() if not row.code.startswith(row.jurisdiction.lower() + "-")]
        assert wrong == []


def test_examples_of_numbers_fit_their_patterns():
    sync_rules()
    wrong = [
        kind.code
        for kind in CertificateKind.objects.exclude(number_pattern="")
        if not re.fullmatch(kind.number_pattern, kind.number_example)
    ]
    assert wrong == []


@pytest.mark.skipif(not SHARED.exists(), reason="the shared research data is not on this machine")
def test_every_korean_notice_and_each_field_of_it_is_covered():
    theirs = defaultdict(dict)
    with SHARED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["field"] not in OF_THE_SHOP:
                theirs[row["notice_type_field"]][row["field"]] = row["required"] == "True"
    named = {row["code"]: row["naver_type"] for row in reading.read("notice_types.csv") if row["naver_type"]}
    ours = defaultdict(dict)
    for row in reading.read("notice_fields.csv"):
        for field in row["naver_field"].split():
            ours[named[row["notice_type"]]][field] = row["is_required"] == "1"

    assert len(theirs) == 35
    assert ours.keys() == theirs.keys()
    for notice, fields in theirs.items():
        assert ours[notice].keys() == fields.keys(), notice
        asked_less = [name for name, required in fields.items() if required and not ours[notice][name]]
        assert asked_less == [], notice


@pytest.mark.skipif(not SHARED.exists(), reason="the shared research data is not on this machine")
def test_no_sentence_of_the_mall_is_taken_over():
    with SHARED.open(encoding="utf-8", newline="") as file:
        theirs = {row["field_description"].strip() for row in csv.DictReader(file)} - {""}
    ours = {row[name] for row in reading.read("words.csv") for name in ("label_ko", "help_ko")} - {""}
    assert {text for text in ours for sentence in theirs if len(text) > 25 and text in sentence} == set()
