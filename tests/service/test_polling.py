"""The poll: nothing is drawn while the page looks the same, and only the part that does not is."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from service.models import Outgoing, Ticket
from service.services import claim_ticket, mark_sent_by_hand, reply_to_ticket, write_note
from staff.models import User
from tests.factories import make_user
from tests.service.making import WORK, make_agent, make_inlet, make_ticket, write

pytestmark = pytest.mark.django_db
PARTS = {"views": 'id="inbox-views"', "rows": 'id="inbox-rows"', "thread": 'id="thread"'}


@pytest.fixture
def agent(client, monkeypatch):
    monkeypatch.setattr("service.admin.polling.TICK", 10**12)
    cache.clear()
    user = make_user(permissions=[*WORK, "customers.see_contact_data"])
    client.force_login(user)
    return user


@pytest.fixture
def ask(client):
    """Poll one page again and again; return the status and the parts that were drawn."""
    tags: dict[str, str] = {}

    def poll(query: str) -> tuple[int, set[str]]:
        cache.clear()
        headers = {"If-None-Match": tags[query]} if query in tags else {}
        answer = client.get(reverse("admin:service_inbox_poll") + query, headers=headers)
        tags[query] = answer["ETag"]
        text = answer.content.decode()
        return answer.status_code, {part for part, sign in PARTS.items() if sign in text}

    return poll


def test_what_happens_elsewhere_draws_nothing(client, agent, ask):
    mine, other = make_ticket(), write()
    claim_ticket(ticket_id=mine.pk, actor=agent)
    claim_ticket(ticket_id=other.ticket_id, actor=make_agent())
    query = f"?view=mine&ticket={mine.pk}"
    assert ask(query) == (200, {"views", "rows", "thread"})
    write(in_reply_to=other.message_id, body="And?")
    assert ask(query) == (304, set())
    assert ask(query) == (304, set())


def test_a_304_after_a_change_elsewhere_asks_little(client, agent):
    mine, other = make_ticket(), write()
    claim_ticket(ticket_id=mine.pk, actor=agent)
    url = reverse("admin:service_inbox_poll") + f"?view=mine&ticket={mine.pk}"
    tag = client.get(url)["ETag"]
    write(in_reply_to=other.message_id, body="And?")
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(url, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")
    assert len(asked) <= 10, [
        one["sql"][:90] for one in asked
    ]  # session, person, rights; pulse, saved, counts, rows, thread
    assert answer["ETag"] != tag


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (lambda ticket, user: make_ticket(), {"views"}),
        (lambda ticket, user: write_note(ticket_id=ticket.pk, body="VIP", actor=None), {"rows", "thread"}),
        (
            lambda ticket, user: mark_sent_by_hand(outgoing_id=Outgoing.objects.get().pk, actor=None),
            {"views", "thread"},
        ),
    ],
)
def test_only_what_changed_is_drawn(client, agent, ask, change, parts):
    ticket = make_ticket(make_inlet(kind="mall"))
    claim_ticket(ticket_id=ticket.pk, actor=agent)
    reply_to_ticket(ticket_id=ticket.pk, body="It left.", seen_version=1, key="a", actor=agent)
    query = f"?view=waiting&ticket={ticket.pk}"
    assert ask(query)[0] == 200
    assert ask(query) == (304, set())
    change(ticket, agent)
    assert ask(query) == (200, parts)
    assert ask(query) == (304, set())


def test_clocks_and_names_are_compared_each_minute(client, agent, ask, monkeypatch):
    ticket = make_ticket()
    claim_ticket(ticket_id=ticket.pk, actor=agent)
    Ticket.objects.filter(pk=ticket.pk).update(due_at=timezone.now() + timedelta(minutes=5))
    assert ask("?view=mine")[0] == 200
    monkeypatch.setattr("service.admin.polling.TICK", 10**12 + 1)  # the same moment has another number
    assert ask("?view=mine")[0] == 304
    now = timezone.now() + timedelta(minutes=6)
    monkeypatch.setattr(timezone, "now", lambda: now)
    monkeypatch.setattr("service.admin.polling.TICK", 60)
    assert ask("?view=mine") == (200, {"views", "rows"})  # it is late
    User.objects.filter(pk=agent.pk).update(first_name="Hana")
    monkeypatch.setattr("service.admin.polling.TICK", 30)
    assert ask("?view=mine") == (200, {"rows"})


def test_counts_of_a_moment_ago_are_asked_again(client, agent):
    url = reverse("admin:service_inbox_poll") + "?view=mine"
    tag = client.get(url)["ETag"]
    make_ticket()
    answer = client.get(url, headers={"If-None-Match": tag})
    assert answer.status_code == 304  # somebody else's page counted just now
    cache.clear()
    answer = client.get(url, headers={"If-None-Match": answer["ETag"]})
    assert answer.status_code == 200
    assert 'class="count' in answer.content.decode()


@pytest.mark.parametrize("tag", ['"odd"', '"1-2.a.b"', '"1-2.a.b.c.d"', "", '"1-2.zz"'])
def test_a_tag_that_we_never_said_draws_everything(client, agent, tag):
    answer = client.get(reverse("admin:service_inbox_poll") + "?view=all", headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert PARTS["views"] in answer.content.decode()
    assert PARTS["rows"] in answer.content.decode()
