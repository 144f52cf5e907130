"""The consent ledger: what was said stays, the last word decides, and it is asked at the second of sending."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from core.errors import InvalidInput, NotAllowed
from customers.models import Customer
from privacy.models import Channel, ConsentAct, ConsentEvent, ConsentSource, Purpose
from privacy.selectors.consents import consents_of, consents_to_confirm, may_send
from privacy.services import (
    Said,
    merge_consents,
    record_consents,
    withdraw_by_link,
    withdraw_consents,
    withdrawal_token,
)
from tests.factories import make_customer, make_user

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)  # in Seoul
NIGHT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # 21 o'clock in Seoul
MORNING = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)  # 8 o'clock in Seoul
SMS = {"purpose": Purpose.MARKETING, "channel": Channel.SMS}


def say(customer, act=ConsentAct.GIVEN, **over):
    values = {
        "subject_id": customer.pk, **SMS, "act": act, "source": ConsentSource.SIGN_UP, "text_version": "2026-01",
        "happened_at": NOON - timedelta(days=1),
    }  # fmt: skip
    return record_consents(model=Customer, said=[Said(**{**values, **over})])


def may(customer, now=NOON, country="KR", **over):
    verdict = may_send(model=Customer, subject_id=customer.pk, now=now, country=country, **{**SMS, **over})
    return verdict.reason or verdict.is_allowed


def test_nobody_is_written_to_who_never_agreed_and_the_last_word_decides():
    customer = make_customer()
    assert may(customer) == "Never agreed to this."
    say(customer)
    assert may(customer) is True
    assert may(customer, channel=Channel.EMAIL) == "Never agreed to this."
    withdraw_consents(model=Customer, subject_id=customer.pk, source=ConsentSource.PHONE)
    assert may(customer, now=timezone.now(), country="JP") == "Has withdrawn."
    assert ConsentEvent.objects.count() == 2


def test_an_older_word_that_comes_later_changes_nothing():
    customer = make_customer()
    say(customer, ConsentAct.WITHDRAWN, text_version="")
    say(customer, happened_at=NOON - timedelta(days=2))
    assert may(customer) == "Has withdrawn."


def test_at_the_same_moment_the_stricter_word_decides():
    customer = make_customer()
    say(customer, ConsentAct.WITHDRAWN, text_version="")
    say(customer)
    assert may(customer) == "Has withdrawn."


def test_the_korean_night_needs_its_own_consent_but_not_for_mail():
    customer = make_customer()
    say(customer)
    say(customer, channel=Channel.EMAIL)
    assert may(customer, now=NIGHT) == "It is night in Korea, and there is no consent for the night."
    assert may(customer, now=NIGHT, country="") == "It is night in Korea, and there is no consent for the night."
    assert may(customer, now=MORNING) is True
    assert may(customer, now=NIGHT, country="JP") is True
    assert may(customer, now=NIGHT, channel=Channel.EMAIL) is True
    say(customer, is_night=True)
    assert may(customer, now=NIGHT) is True


def test_a_consent_ends_at_its_time():
    customer = make_customer()
    say(customer, expires_at=NOON)
    assert may(customer, now=NOON - timedelta(seconds=1)) is True
    assert may(customer) == "The consent has ended."


def test_the_same_key_is_said_once():
    customer = make_customer()
    assert (say(customer, key="file:1"), say(customer, key="file:1")) == (1, 0)
    assert ConsentEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("over", "sentence"),
    [({"text_version": " "}, "version of the text"), ({"happened_at": datetime(2999, 1, 1, tzinfo=UTC)}, "future")],
)
def test_what_proves_nothing_is_refused(over, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        say(make_customer(), **over)
    assert not ConsentEvent.objects.exists()


def test_only_who_may_records_consents():
    with pytest.raises(NotAllowed):
        record_consents(model=Customer, said=[], actor=make_user())


def test_the_ledger_cannot_be_changed():
    say(make_customer())
    row = ConsentEvent.objects.get()
    for change in (lambda: ConsentEvent.objects.update(act="withdrawn"), row.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    with pytest.raises(IntegrityError, match="privacy_consent_act_valid"), transaction.atomic():
        ConsentEvent.objects.create(
            subject_type=row.subject_type, subject_id=1, purpose="marketing", channel="sms", act="?", source="phone",
            happened_at=NOON,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("theirs", "ours", "after"),
    [
        ("withdrawn", "given", "Has withdrawn."),
        ("given", "withdrawn", "Has withdrawn."),
        ("given", None, True),
        ("withdrawn", None, "Has withdrawn."),
        (None, "given", True),
        ("given", "given", True),
    ],
)
def test_of_two_customers_that_become_one_the_stricter_word_holds(theirs, ours, after):
    gone, stays = make_customer(), make_customer()
    for customer, word in ((gone, theirs), (stays, ours)):
        if word:
            say(customer, ConsentAct(word))
    merge_consents(model=Customer, from_id=gone.pk, into_id=stays.pk)
    assert may(stays, now=timezone.now() + timedelta(seconds=1), country="JP") == after
    assert merge_consents(model=Customer, from_id=gone.pk, into_id=stays.pk) == 0


def test_a_link_ends_what_it_is_about_and_only_that():
    customer = make_customer()
    say(customer)
    say(customer, is_night=True)
    say(customer, channel=Channel.EMAIL)
    token = withdrawal_token(model=Customer, subject_id=customer.pk, **SMS)
    assert withdraw_by_link(token=token + "x") is None
    assert withdraw_by_link(token=token) == 2
    assert withdraw_by_link(token=token) == 0
    held = {
        (one.channel, one.is_night): one.holds(timezone.now())
        for one in consents_of(model=Customer, subject_id=customer.pk)
    }
    assert held == {("sms", False): False, ("sms", True): False, ("email", False): True}


def test_the_link_works_without_a_login_and_looking_changes_nothing(client):
    customer = make_customer()
    say(customer)
    address = f"/consents/{withdrawal_token(model=Customer, subject_id=customer.pk, **SMS)}/"
    assert client.get(address).status_code == 200
    assert ConsentEvent.objects.count() == 1
    assert client.post(address).status_code == 200
    assert may(customer, now=timezone.now(), country="JP") == "Has withdrawn."
    assert client.post("/consents/nonsense/").status_code == 404


def test_after_two_years_a_consent_is_to_be_confirmed():
    customer, other, third = (make_customer() for _ in range(3))
    long_ago = NOON - timedelta(days=710)
    for one in (customer, other, third):
        say(one, happened_at=long_ago)
    say(other, ConsentAct.CONFIRMED, happened_at=NOON)
    say(third, ConsentAct.WITHDRAWN, happened_at=NOON)
    assert [row.subject_id for row in consents_to_confirm(now=NOON)] == [customer.pk]
    assert not consents_to_confirm(now=NOON - timedelta(days=20)).exists()
