"""By when the law wants an answer: dated rules of the person's country, ended by the answer, shown on the request."""

from datetime import UTC, datetime

import pytest

from compliance.models import LegalClock
from compliance.services import extend_clock, sync_rules
from core.events import deliver_due
from customers.models import Customer
from privacy.models import DataRequest
from privacy.services import answer_data_request, open_data_request
from tests.factories import make_customer, make_user

pytestmark = pytest.mark.django_db
ASKED = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def asked(country, **over):
    guard = make_user(permissions=("privacy.answer_datarequest",))
    request = open_data_request(
        model=Customer, subject_id=make_customer(country=country).pk, subject_label="Customer 1", kind="access",
        asked_at=ASKED, asked_through="letter", identity_check="known address", country=country, actor=guard, **over,
    )  # fmt: skip
    deliver_due()
    request.refresh_from_db()
    return request, guard


@pytest.mark.parametrize(
    ("country", "due_at"),
    [
        ("KR", datetime(2026, 11, 30, 14, 59, 59, 999999, tzinfo=UTC)),
        ("DE", datetime(2026, 12, 21, 22, 59, 59, 999999, tzinfo=UTC)),
        ("JP", datetime(2026, 12, 4, 14, 59, 59, 999999, tzinfo=UTC)),
        ("US", None),
    ],
)
def test_the_clock_is_that_of_the_persons_country(country, due_at):
    sync_rules()
    request, _guard = asked(country)
    assert request.due_at == due_at
    assert LegalClock.objects.count() == (due_at is not None)


def test_the_answer_ends_it_and_an_extension_moves_what_is_shown():
    sync_rules()
    request, guard = asked("DE")
    clock = LegalClock.objects.get()
    extend_clock(clock_id=clock.pk, reason="many systems; told on 2026-11-25")
    deliver_due()
    request.refresh_from_db()
    assert request.due_at == datetime(2027, 2, 22, 22, 59, 59, 999999, tzinfo=UTC)  # the Sunday before moved to it
    answer_data_request(request_id=request.pk, answer="Sent as a bundle", granted=True, actor=guard)
    deliver_due()
    clock.refresh_from_db()
    assert (clock.stopped_at, clock.evidence) == (DataRequest.objects.get().closed_at, request.number)
