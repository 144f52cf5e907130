"""Of two customers that become one the stricter word about being written to holds, also after undoing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.services.merging import merge_customers, undo_merge
from customers.models import Customer
from privacy.models import Channel, ConsentAct, ConsentSource, Purpose
from privacy.selectors.consents import may_send
from privacy.services import Said, record_consents
from tests.factories import make_customer, make_user

pytestmark = pytest.mark.django_db
EMAIL = {"purpose": Purpose.MARKETING, "channel": Channel.EMAIL}


def say(customer, act):
    said = Said(
        subject_id=customer.pk, **EMAIL, act=act, source=ConsentSource.SIGN_UP, text_version="1",
        happened_at=timezone.now() - timedelta(days=1),
    )  # fmt: skip
    record_consents(model=Customer, said=[said])


def may(customer):
    now = timezone.now() + timedelta(seconds=1)
    return may_send(model=Customer, subject_id=customer.pk, now=now, **EMAIL).is_allowed


def test_the_stricter_word_holds():
    stays, gone = make_customer(), make_customer()
    say(stays, ConsentAct.GIVEN)
    say(gone, ConsentAct.WITHDRAWN)
    boss = make_user(permissions=("crm.merge_customer",))
    merge = merge_customers(survivor_id=stays.pk, absorbed_id=gone.pk, actor=boss)
    assert not may(stays)
    undo_merge(merge_id=merge.pk, actor=boss)
    assert not may(stays)
