"""What the database refuses, and what a rule knows about itself."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from compliance.models import CertificateKind, CertificateNeed, LegalRule, NoticeField, NoticeType, PriceClaimRule
from tests.compliance.making import (
    make_certificate_kind,
    make_claim_rule,
    make_legal_rule,
    make_notice_field,
    make_notice_type,
)

pytestmark = pytest.mark.django_db

RULE = [
    ({"jurisdiction": "US"}, "jurisdiction_valid"),
    ({"source_level": "rumour", "source": "Blog", "verified_on": date(2026, 1, 1)}, "level_valid"),
    ({"source_level": "official", "source": "", "verified_on": date(2026, 1, 1)}, "level_proved"),
    ({"source_level": "weak", "source": "Blog", "verified_on": None}, "level_proved"),
    ({"valid_from": date(2026, 1, 2), "valid_until": date(2026, 1, 1)}, "forward"),
]
NOTICE = [*RULE, ({"name_en": ""}, "has_name")]
CERTIFICATE = [
    *RULE,
    ({"name_en": ""}, "has_name"),
    ({"needs_number": False, "number_pattern": "[A-Z]+"}, "number"),
]
CLAIM = [
    *RULE,
    ({"method": "guess"}, "method_valid"),
    ({"window_days": 0}, "window_positive"),
    ({"min_days_total": 3}, "numbers"),
    ({"method": "majority_of_window"}, "numbers"),
    ({"method": "majority_of_window", "min_days_total": 21, "max_days_since_last": 3}, "numbers"),
]
FIELD = [
    ({"kind": "picture"}, "kind_valid"),
    ({"needed_when": "sometimes"}, "needed_valid"),
    ({"label_en": ""}, "has_label"),
    ({"max_length": 0}, "length_of_text"),
    ({"kind": "date", "max_length": 10}, "length_of_text"),
    ({"valid_from": date(2026, 1, 2), "valid_until": date(2026, 1, 1)}, "forward"),
]
TERM = [
    *NOTICE,
    ({"duty": "dance"}, "duty_valid"),
    ({"kind": "wish", "interest_percent": None}, "kind_valid"),
    ({"unit": "moon", "count": 1}, "unit_valid"),
    ({"starts_by": "rain"}, "starts_by_valid"),
    ({"stops_by": "rain"}, "stops_by_valid"),
    ({"extension": "maybe"}, "extension_valid"),
    ({"extension": "fixed", "extension_count": 1, "extension_unit": "moon"}, "ext"),
    ({"count": 0}, "count_fits"),
    ({"unit": "at_once"}, "count_fits"),
    ({"extension_count": 1}, "extension_fits"),
    ({"kind": "window"}, "interest_of_duty"),
]
BROKEN = [
    (model, change, name)
    for model, cases in (
        (NoticeType, NOTICE),
        (CertificateKind, CERTIFICATE),
        (PriceClaimRule, CLAIM),
        (NoticeField, FIELD),
        (LegalRule, TERM),
    )
    for change, name in cases
]


@pytest.mark.parametrize(("model", "change", "name"), BROKEN)
def test_the_database_refuses(model, change, name):
    make_notice_field(make_notice_type())
    make_certificate_kind()
    make_claim_rule()
    make_legal_rule()

    with pytest.raises(IntegrityError, match=f"compliance_{model._meta.model_name}_{name}"), transaction.atomic():
        model.objects.update(**change)

    assert model.objects.filter(**change).count() == 0


def test_a_field_and_a_need_stand_once():
    notice = make_notice_type()
    make_notice_field(notice)
    kind = make_certificate_kind(notice)

    with pytest.raises(IntegrityError, match="compliance_noticefield_once"), transaction.atomic():
        make_notice_field(notice)
    with pytest.raises(IntegrityError, match="compliance_certificateneed_once"), transaction.atomic():
        CertificateNeed.objects.create(certificate_kind=kind, notice_type=notice)

    assert (notice.fields.count(), kind.needs.count()) == (1, 1)


@pytest.mark.parametrize(
    ("valid_from", "valid_until"),
    [(None, None), (None, date(2026, 3, 1)), (date(2026, 6, 30), None), (date(2026, 4, 1), date(2026, 4, 2))],
)
def test_one_claim_rule_holds_at_a_time(valid_from, valid_until):
    make_claim_rule(valid_from=date(2026, 3, 1), valid_until=date(2026, 6, 30))

    with (
        pytest.raises(IntegrityError, match="compliance_priceclaimrule_one_at_a_time"),
        transaction.atomic(),
    ):
        make_claim_rule(code="kr-other", valid_from=valid_from, valid_until=valid_until)

    make_claim_rule(code="jp-test", jurisdiction="JP")
    make_claim_rule(code="kr-next", valid_from=date(2026, 7, 1))
    assert list(PriceClaimRule.objects.values_list("code", flat=True)) == ["jp-test", "kr-test", "kr-next"]


def test_one_term_about_a_matter_holds_at_a_time():
    make_legal_rule(valid_until=date(2026, 6, 30))

    with pytest.raises(IntegrityError, match="compliance_legalrule_one_at_a_time"), transaction.atomic():
        make_legal_rule(code="kr-other", valid_from=date(2026, 6, 30))

    make_legal_rule(code="kr-next", valid_from=date(2026, 7, 1))
    make_legal_rule(code="jp-test", jurisdiction="JP")
    make_legal_rule(code="kr-else", duty="refund_statement")
    assert LegalRule.objects.count() == 4


def test_both_days_belong_to_the_time_in_which_a_rule_holds():
    notice = make_notice_type(valid_from=date(2026, 3, 1), valid_until=date(2026, 6, 30))

    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 6, 30), date(2026, 7, 1)]
    assert [notice.is_in_force(day) for day in days] == [False, True, True, False]
    assert [NoticeType.objects.in_force(day).exists() for day in days] == [False, True, True, False]


def test_a_rule_is_to_be_verified_again_after_half_a_year():
    rule = make_claim_rule(verified_on=date(2026, 1, 10))

    assert [rule.is_to_verify(day) for day in (date(2026, 7, 12), date(2026, 7, 13))] == [False, True]
    assert make_notice_type().is_to_verify(date(2026, 1, 10)) is True


@pytest.mark.parametrize(("language", "name"), [("en", "Clothing"), ("ko", "의류"), ("ja", "Clothing")])
def test_words_are_in_the_readers_language_or_in_what_there_is(language, name):
    notice = make_notice_type(name_en="Clothing", name_ko="의류")
    field = make_notice_field(notice, label_en="Clothing", label_ko="의류", help_en="Clothing", help_ko="의류")
    kind = make_certificate_kind(name_en="Clothing", name_ko="의류")

    with translation.override(language):
        assert [str(notice), str(field), field.help, str(kind)] == [name] * 4
        need = CertificateNeed(certificate_kind=kind, notice_type=notice)
        assert str(need) == f"{name} → {name}"


def test_a_claim_rule_says_what_it_is():
    assert str(make_claim_rule()) == "Korea: Lowest price of the days before (20 days)"
