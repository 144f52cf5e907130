"""Versions of a delivered rule: by which day a contract counts, and how the next one comes into a running shop."""

from datetime import date, datetime

import pytest

from compliance.models import LegalRule
from compliance.models.rule import holds
from compliance.selectors.reckoning import due_at, extended, local_day, zone_of
from compliance.services import reading, sync_rules

pytestmark = pytest.mark.django_db

OLD = date(2026, 11, 22)
NEW = date(2026, 11, 23)


def the_rule(jurisdiction, duty, contract_on):
    (found,) = [
        rule for rule in LegalRule.objects.filter(jurisdiction=jurisdiction, duty=duty) if holds(rule, contract_on)
    ]
    return found


def last_day(jurisdiction, duty, contract_on, country, received):
    begins = datetime.fromisoformat(received).replace(tzinfo=zone_of(country))
    return local_day(due_at(the_rule(jurisdiction, duty, contract_on), begins, country), country).isoformat()


# law, duty, country, received (there), last day of an older contract, last day of a newer one
ENDS = [
    ("KR", "withdrawal", "KR", "2026-11-29 10:00", "2026-12-06", "2026-12-07"),  # a Sunday
    ("KR", "withdrawal", "KR", "2026-11-28 10:00", "2026-12-05", "2026-12-07"),  # a Saturday
    ("KR", "withdrawal", "KR", "2026-12-18 10:00", "2026-12-25", "2026-12-28"),  # Christmas, a Friday
    ("KR", "withdrawal", "KR", "2027-01-31 10:00", "2027-02-07", "2027-02-10"),  # New Year, and the day that stands in
    ("KR", "withdrawal", "KR", "2026-12-01 10:00", "2026-12-08", "2026-12-08"),  # a Tuesday
    ("KR", "defect_supply", "KR", "2026-12-06 10:00", "2027-03-06", "2027-03-08"),  # a Saturday
    ("KR", "defect_known", "KR", "2027-01-02 10:00", "2027-02-01", "2027-02-01"),  # a Monday
    ("EU", "withdrawal", "DE", "2026-12-11 10:00", "2026-12-25", "2026-12-28"),  # Christmas, a Friday
    ("EU", "withdrawal", "DE", "2026-12-06 10:00", "2026-12-20", "2026-12-21"),  # a Sunday
    ("EU", "withdrawal", "FR", "2027-06-30 10:00", "2027-07-14", "2027-07-15"),  # the French national day
    ("EU", "withdrawal", "DE", "2027-06-30 10:00", "2027-07-14", "2027-07-14"),  # which is none in Germany
    ("JP", "withdrawal", "JP", "2026-11-28 10:00", "2026-12-06", "2026-12-06"),  # an open question: it stays
]


@pytest.mark.parametrize(("law", "duty", "country", "received", "older", "newer"), ENDS)
def test_a_last_day_of_rest_moves_for_contracts_of_the_new_version(law, duty, country, received, older, newer):
    sync_rules()

    assert last_day(law, duty, OLD, country, received) == older
    assert last_day(law, duty, NEW, country, received) == newer


def test_an_extension_that_ends_on_a_day_of_rest_moves_too():
    sync_rules()
    begins = datetime(2026, 11, 25, 12, tzinfo=zone_of("DE"))  # due on December 9th; a year on it is a Thursday
    later = datetime(2026, 11, 27, 12, tzinfo=zone_of("DE"))  # due on December 11th; a year on it is a Saturday
    rule = the_rule("EU", "withdrawal", NEW)

    ends = [local_day(extended(rule, due_at(rule, at, "DE"), "DE"), "DE") for at in (begins, later)]

    assert ends == [date(2027, 12, 9), date(2027, 12, 13)]


class TestAShopThatRuns:
    """It was delivered the rules before there were second versions."""

    @pytest.fixture(autouse=True)
    def first_delivery(self, monkeypatch):
        read = reading.read

        def earlier(asked):
            rows = read(asked)
            if asked != "legal_rules.csv":
                return rows
            return [{**row, "valid_until": ""} for row in rows if not row["code"].endswith("-2026-11")]

        with monkeypatch.context() as patch:
            patch.setattr(reading, "read", earlier)
            sync_rules()
        assert LegalRule.objects.count() == 23

    def test_gets_the_next_version_where_the_one_before_ends(self):
        assert sync_rules() == {"made": 4, "changed": 4}
        assert sync_rules() == {"made": 0, "changed": 0}
        first, second = LegalRule.objects.filter(jurisdiction="KR", duty="withdrawal").order_by("valid_until")
        assert (first.code, first.valid_until, first.ends_on_business_day) == ("kr-withdrawal", OLD, False)
        assert (second.code, second.valid_from, second.valid_until) == ("kr-withdrawal-2026-11", NEW, None)

    def test_keeps_what_a_person_made_of_it(self):
        LegalRule.objects.filter(code="kr-withdrawal").update(count=14)

        assert sync_rules() == {"made": 3, "changed": 3}
        assert sync_rules() == {"made": 0, "changed": 0}
        kept = LegalRule.objects.get(jurisdiction="KR", duty="withdrawal")
        assert (kept.code, kept.count, kept.valid_until) == ("kr-withdrawal", 14, None)
