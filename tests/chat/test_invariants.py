"""Invariants of chats find what is planted."""

import pytest
from django.db import connection

from core.verify import verify
from service.models import Ticket
from tests.chat.making import make_widget
from tests.chat.test_visiting import answer_as_agent, begin

pytestmark = pytest.mark.django_db
PLANTS = {
    "chat.conversations_said_what_they_count": "UPDATE chat_conversation SET said_count = 2",
    "chat.answers_stay_in_chats": "UPDATE service_inlet SET kind = 'phone'",
}


@pytest.fixture
def talk():
    """A visitor asked and was answered."""
    make_widget()
    begin()
    answer_as_agent(Ticket.objects.get())


@pytest.mark.parametrize("name", PLANTS)
def test_each_finds_what_is_planted_and_only_that(talk, name):
    chats = [finding for finding in verify() if finding.invariant.name.startswith("chat.")]
    assert [finding.holds for finding in chats] == [True, True]
    with connection.cursor() as cursor:
        cursor.execute(PLANTS[name])
    broken = [finding.invariant.name for finding in verify() if not finding.holds]
    assert broken == [name]
