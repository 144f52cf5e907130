"""Which rules hold where and when."""

from datetime import date

import pytest
from django.utils import timezone

from compliance import selectors
from compliance.services import sync_rules
from tests.compliance.making import make_certificate_kind, make_claim_rule, make_notice_field, make_notice_type

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2026, 3, 1), date(2026, 6, 30)
BEFORE, AFTER = date(2026, 2, 28), date(2026, 7, 1)


@pytest.mark.parametrize(
    ("country", "jurisdiction"),
    [
        *[("KR", "KR"), ("jp", "JP"), ("DE", "EU"), ("GR", "EU"), ("HR", "EU"), (" fr ", "EU"), ("EU", "EU")],
        *[("GB", ""), ("CH", ""), ("NO", ""), ("US", ""), ("", "")],
    ],
)
def test_countries_have_a_jurisdiction_where_we_have_rules(country, jurisdiction):
    assert selectors.jurisdiction_of(country) == jurisdiction


def test_the_union_has_27_members():
    assert len(selectors.EU_MEMBERS) == 27


def test_notices_of_a_jurisdiction_at_the_edges_of_their_time(django_assert_num_queries):
    make_notice_type(code="kr-b", position=2)
    make_notice_type(code="kr-a", position=1, valid_from=FIRST, valid_until=LAST)
    make_notice_type(code="kr-all", position=3, applies_to_all=True)
    make_notice_type(code="jp-a", jurisdiction="JP")

    def codes(on):
        return [row.code for row in selectors.notice_types_for("KR", on)]

    with django_assert_num_queries(1):
        assert codes(FIRST) == ["kr-all", "kr-a", "kr-b"]
    assert [codes(day) for day in (BEFORE, LAST, AFTER)] == [
        ["kr-all", "kr-b"],
        ["kr-all", "kr-a", "kr-b"],
        ["kr-all", "kr-b"],
    ]
    assert selectors.notice_types_for("US") == []


def test_fields_at_the_edges_of_their_time(django_assert_num_queries):
    notice, other = make_notice_type(), make_notice_type(code="kr-empty")
    make_notice_field(notice, code="use-by", position=2, valid_from=FIRST)
    make_notice_field(notice, code="sell-by", position=1, valid_until=BEFORE)
    make_notice_field(notice, code="name", position=3)

    def codes(on):
        return [row.code for row in selectors.notice_fields(notice.pk, on)]

    assert [codes(BEFORE), codes(FIRST)] == [["sell-by", "name"], ["use-by", "name"]]
    with django_assert_num_queries(1):
        several = selectors.notice_fields_of([notice.pk, other.pk], FIRST)
    assert {key: [row.code for row in rows] for key, rows in several.items()} == {
        notice.pk: ["use-by", "name"],
        other.pk: [],
    }


def test_today_is_meant_when_no_day_is_given():
    today = timezone.localdate()
    notice = make_notice_type(valid_from=today, valid_until=today)
    field = make_notice_field(notice, valid_from=today, valid_until=today)
    kind = make_certificate_kind(notice, valid_from=today, valid_until=today)
    rule = make_claim_rule(valid_from=today, valid_until=today)

    assert selectors.notice_types_for("KR") == [notice]
    assert selectors.notice_fields(notice.pk) == [field]
    assert [group.kinds for group in selectors.needed_certificates([notice.pk], "KR")] == [(kind,)]
    assert selectors.claim_rule("KR") == rule


def test_certificates_of_a_group_are_alternatives(django_assert_num_queries):
    home, toys, other = (make_notice_type(code=code) for code in ("kr-home", "kr-toys", "kr-other"))
    make_certificate_kind(home, code="kc-a", group="kc", position=2)
    make_certificate_kind(home, code="kc-b", group="kc", position=1)
    make_certificate_kind(toys, required=False, code="st", position=0)
    make_certificate_kind(other, code="never")
    make_certificate_kind(home, code="jp", jurisdiction="JP")
    make_certificate_kind(home, code="old", valid_until=BEFORE)
    make_certificate_kind(toys, required=False, code="kc-c", group="kc", position=3)

    with django_assert_num_queries(1):
        groups = selectors.needed_certificates([home.pk, toys.pk], "KR", FIRST)
        found = [(group.group, [kind.code for kind in group.kinds], group.is_required) for group in groups]

    assert found == [("kc", ["kc-b", "kc-a", "kc-c"], True), ("st", ["st"], False)]
    assert groups[0].notice_type_ids == {home.pk, toys.pk}
    assert groups[0].name == "Certificate / Certificate / Certificate"
    assert [group.group for group in selectors.needed_certificates([home.pk], "KR", BEFORE)] == ["old", "kc"]
    assert selectors.needed_certificates([], "KR") == []


def test_the_claim_rule_of_a_day():
    old = make_claim_rule(code="kr-old", valid_until=LAST)
    new = make_claim_rule(code="kr-new", window_days=30, valid_from=AFTER)

    assert selectors.claim_rule("KR", LAST) == old
    assert selectors.claim_rule("KR", AFTER) == new
    assert selectors.claim_rule("EU", AFTER) is None


def test_what_is_delivered_answers_the_questions_of_a_shop():
    sync_rules()

    kinds = {row.code: row for row in selectors.notice_types_for("KR", FIRST)}
    assert len(kinds) == 35
    food = {day: [row.code for row in selectors.notice_fields(kinds["kr-processed-food"].pk, day)]
            for day in (date(2022, 12, 31), date(2023, 1, 1))}  # fmt: skip
    assert "sell-by" in food[date(2022, 12, 31)]
    assert "sell-by" not in food[date(2023, 1, 1)]
    assert "use-by" in food[date(2023, 1, 1)]
    phones = selectors.needed_certificates([kinds["kr-mobile-phones"].pk], "KR", FIRST)
    assert [(group.group, len(group.kinds), group.is_required) for group in phones] == [
        ("kr-radio", 2, True),
        ("kr-kc-electrical", 3, False),
    ]
    everywhere = {
        place: [row.code for row in selectors.notice_types_for(place, FIRST) if row.applies_to_all]
        for place in ("KR", "JP", "EU")
    }
    assert everywhere == {"KR": [], "JP": ["jp-mail-order", "jp-double-pricing"], "EU": ["eu-gpsr"]}
    gpsr_day = [[row.code for row in selectors.notice_types_for("EU", day) if row.applies_to_all]
                for day in (date(2024, 12, 12), date(2024, 12, 13))]  # fmt: skip
    assert gpsr_day == [[], ["eu-gpsr"]]
    pricing = selectors.notice_types_for("JP", FIRST)[1]
    assert {row.needed_when for row in selectors.notice_fields(pricing.pk, FIRST)} == {"compare_at"}
    rules = [selectors.claim_rule(place, FIRST) for place in ("KR", "JP", "EU")]
    assert [(rule.method, rule.window_days, rule.min_days_total, rule.max_days_since_last) for rule in rules] == [
        ("lowest_in_window", 20, None, None),
        ("majority_of_window", 56, 14, 14),
        ("lowest_in_window", 30, None, None),
    ]
