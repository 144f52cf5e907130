"""Noting that a rule was compared with its source."""

from datetime import date

import pytest
from django.utils import timezone

from compliance.models import NoticeType, PriceClaimRule
from compliance.services import verify_rule
from core.errors import InvalidInput
from core.events import sentences_of
from core.models import EventRecord
from tests.compliance.making import make_claim_rule
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_a_verified_rule_knows_when_and_from_what():
    rule, user = make_claim_rule(), make_user()

    verify_rule(model=PriceClaimRule, rule_id=rule.pk, source=" Law §3 ", source_level="official", actor=user)

    rule.refresh_from_db()
    assert (rule.source, rule.source_level, rule.verified_on) == ("Law §3", "official", timezone.localdate())
    (event,) = EventRecord.objects.all()
    assert (event.name, event.subject_id, event.actor) == ("compliance.rule_verified", rule.pk, user)
    assert sentences_of([event]) == ["Compared with its source: Official text."]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source": "  "}, "Name the source"),
        ({"source_level": "unverified"}, "Say how good the source is"),
        ({"source_level": "rumour"}, "Say how good the source is"),
        ({"model": NoticeType}, "This rule is gone"),
    ],
)
def test_refused_without_a_proof(change, message):
    rule = make_claim_rule()

    with pytest.raises(InvalidInput, match=message):
        verify_rule(
            **{"model": PriceClaimRule, "rule_id": rule.pk, "source": "Law", "source_level": "official", **change}
        )

    rule.refresh_from_db()
    assert (rule.source, rule.source_level, rule.verified_on) == ("Law §3", "press", date(2026, 1, 10))
    assert not EventRecord.objects.exists()
