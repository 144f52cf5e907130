"""The inbox: what it shows to whom, that it asks little, and that nothing typed is lost."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from orders.models import Order
from service.admin.tiles import to_answer
from service.models import Draft, Message, Note, Outgoing, Presence, ReadMark, Ticket
from service.services import claim_ticket, link_ticket_order, reply_to_ticket, write_note
from tests.factories import make_customer, make_order, make_user, make_variant
from tests.service.making import WORK, make_agent, make_inlet, make_lead, make_ticket, write

pytestmark = pytest.mark.django_db

SEES = (*WORK, "customers.see_contact_data", "customers.view_customer", "orders.view_order")


@pytest.fixture
def agent(client):
    cache.clear()
    user = make_user(permissions=SEES)
    client.force_login(user)
    return user


def page(client, **query):
    return client.get(reverse("admin:service_inbox"), query)


def act(client, ticket, do, **values):
    return client.post(reverse("admin:service_act", args=[ticket.pk]), {"do": do, **values}, follow=True)


def test_views_count_and_the_open_ticket_is_read(client, agent):
    ticket = make_ticket(body="Where is <b>it</b>?")
    text = page(client, view="unassigned").content.decode()
    assert "Parcel" in text
    assert 'class="unread"' in text
    text = page(client, view="unassigned", ticket=ticket.pk).content.decode()
    assert "Where is &lt;b&gt;it&lt;/b&gt;?" in text
    assert ReadMark.objects.get().version == 1
    assert 'class="unread"' not in page(client, view="unassigned").content.decode()
    assert "Parcel" not in page(client, view="mine").content.decode()
    assert "Parcel" in page(client, view="all", q=ticket.number.lower()).content.decode()
    assert "Parcel" not in page(client, view="all", q="nowhere").content.decode()


@pytest.mark.parametrize("stretch", [1, 5_000])
@pytest.mark.parametrize("words", ["parcel", "와요", "배송이 안", "ワンピース", "わんぴーす", "와"])
def test_words_are_found_whether_rare_or_common(client, agent, monkeypatch, stretch, words):
    monkeypatch.setattr("core.search.STRETCH", stretch)
    first = make_ticket(subject="parcel", body="배송이 안 와요, ワンピース")
    second = make_ticket(subject="parcel", body="배송이 안 와요, ワンピース")
    make_ticket(subject="Other", body="배송")
    rows = page(client, view="all", q=words).context["rows"]
    assert [row["ticket"].pk for row in rows] == [second.pk, first.pk]


def test_an_address_finds_who_wrote_from_it_and_a_part_of_it_too(client, agent):
    mine = make_ticket(sender_address="mina@mail.example")
    make_ticket(sender_address="nari@mail.example")
    for words in ("MINA@mail.example", "mina@mail"):
        rows = page(client, view="all", q=words).context["rows"]
        assert [row["ticket"].pk for row in rows] == [mine.pk]


def test_who_has_nothing_of_his_own_comes_to_what_nobody_has(client, agent):
    assert page(client).context["asked"].view.key == "mine"
    ticket = make_ticket()
    assert page(client)["Location"] == "?view=unassigned"
    claim_ticket(ticket_id=ticket.pk, actor=agent)
    assert page(client).context["asked"].view.key == "mine"


def test_a_view_can_be_made_from_the_inbox(client, agent):
    assert f'href="{reverse("admin:service_inbox_views")}"' in page(client).content.decode()


def test_the_tile_counts_what_waits_and_what_is_late(rf):
    empty = to_answer(rf.get("/"))
    assert (empty.value, empty.level) == ("0", "good")
    late, _other = make_ticket(), make_ticket()
    Ticket.objects.update(due_at=None)
    Ticket.objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(minutes=1))
    tile = to_answer(rf.get("/"))
    assert (tile.value, tile.level, "late: 1" in tile.note) == ("2", "danger", True)
    assert tile.url.endswith("?view=late")


@pytest.mark.parametrize("query", ["view=odd", "odd=1", "ticket=x", "page=-1", "ticket=99999999999999999999"])
def test_odd_parameters_are_refused(client, agent, query):
    assert client.get(reverse("admin:service_inbox") + f"?{query}").status_code == 400


def test_a_page_asks_at_most_fifteen_times_however_much_there_is(client, agent):
    first = write()
    customer = make_customer()
    for place in range(12):
        write(in_reply_to=first.message_id, body=f"More {place}")
        write_note(ticket_id=first.ticket_id, body="VIP", actor=None)
        make_ticket(subject=f"Other {place}")
        order = make_order((make_variant(), 1), customer=customer)
        link_ticket_order(ticket_id=first.ticket_id, order_id=order.pk, actor=None)
    urls = [
        reverse("admin:service_inbox") + f"?view=all&ticket={first.ticket_id}",
        reverse("admin:service_beside", args=[first.ticket_id]),
        reverse("admin:service_inbox_poll") + f"?view=all&ticket={first.ticket_id}",
    ]
    for url in urls:
        client.get(url)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(url).status_code == 200
        assert len(asked) <= 15, (url, [one["sql"][:90] for one in asked])


def test_the_poll_answers_304_until_something_is_committed(client, agent):
    ticket = make_ticket()
    url = reverse("admin:service_inbox_poll") + f"?view=all&ticket={ticket.pk}"
    tag = client.get(url)["ETag"]
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url, headers={"If-None-Match": tag}).status_code in {304, 200}  # 200: a minute has begun
    assert len(asked) <= 20
    write_note(ticket_id=ticket.pk, body="VIP", actor=agent)
    answer = client.get(url, headers={"If-None-Match": tag})
    assert (answer.status_code, "VIP" in answer.content.decode()) == (200, True)


def test_the_poll_asks_four_things_for_a_304(client, agent, monkeypatch):
    monkeypatch.setattr("service.admin.polling.TICK", 10**12)
    url = reverse("admin:service_inbox_poll") + "?view=all"
    make_ticket()
    tag = client.get(url)["ETag"]
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(url, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")
    assert len(asked) <= 5, [one["sql"][:90] for one in asked]  # session, person, rights, pulse


def test_an_answer_from_the_page_and_one_that_comes_too_late(client, agent):
    first = write()
    act(client, first.ticket, "reply", body="It left.", version="1", key="k1")
    assert Outgoing.objects.get().message.body == "It left."
    write(in_reply_to=first.message_id, body="Cancel it please")
    answer = act(client, first.ticket, "reply", body="Second", version="2", key="k2").content.decode()
    assert "1 entry is new since you opened this conversation" in answer
    assert "is-new" in answer
    assert re.search(r"<textarea[^>]*>\s*Second</textarea>", answer)
    assert Outgoing.objects.count() == 1
    assert act(client, first.ticket, "reply", body="Second", version="3", key="k2").status_code == 200
    assert Outgoing.objects.count() == 2
    assert not Draft.objects.exists()


def test_claim_note_undo_draft_and_presence(client, agent):
    ticket = make_ticket()
    act(client, ticket, "claim")
    act(client, ticket, "note", body="VIP")
    assert Note.objects.get().body == "VIP"
    quiet = client.post(
        reverse("admin:service_act", args=[ticket.pk]),
        {"do": "draft", "body": "It le", "version": "2"},
        headers={"X-Quiet": "1"},
    )
    assert (quiet.status_code, Draft.objects.get().body) == (204, "It le")
    act(client, ticket, "reply", body="It left.", version="2", key="k1")
    act(client, ticket, "undo", outgoing=Outgoing.objects.get().pk)
    assert Outgoing.objects.get().state == "undone"
    assert "It left." in page(client, view="all", ticket=ticket.pk).content.decode()
    other = make_agent(first_name="Jisu")
    Presence.objects.create(user=other, ticket=ticket)
    beat = client.post(reverse("admin:service_presence", args=[ticket.pk]), {"typing": "1"})
    assert "is reading" in beat.content.decode()
    assert Presence.objects.get(user=agent).typed_at is not None
    assert Ticket.objects.get().assignee == agent


def test_an_answer_of_another_ticket_is_not_taken_back_here(client, agent):
    ticket, other = make_ticket(), make_ticket()
    owed = reply_to_ticket(ticket_id=other.pk, body="It left.", seen_version=1, key="k1", actor=agent)
    assert act(client, ticket, "undo", outgoing=owed.pk).status_code == 400
    assert act(client, ticket, "odd").status_code == 400
    owed.refresh_from_db()
    assert owed.state == "owed"


def test_who_may_only_look_writes_nothing_and_who_may_not_look_sees_nothing(client):
    ticket = make_ticket()
    client.force_login(make_user(permissions=["service.view_ticket"]))
    text = page(client, view="all", ticket=ticket.pk).content.decode()
    assert "reply-body" not in text
    assert "Kim Minjun" not in text  # masked without the right to contact data
    assert "minjun@" not in text
    assert act(client, ticket, "claim").status_code == 403
    client.force_login(make_user(permissions=["orders.view_order"]))
    assert page(client).status_code == 403
    ticket.refresh_from_db()
    assert ticket.assignee is None


def test_the_customer_beside_with_orders_and_a_link_by_one_press(client, agent):
    ticket = make_ticket()
    order = make_order((make_variant(), 1), customer=make_customer())
    link_ticket_order(ticket_id=ticket.pk, order_id=order.pk, actor=agent)
    text = client.get(reverse("admin:service_beside", args=[ticket.pk])).content.decode()
    assert order.number in text
    assert "minjun@mail.example" in text
    line = order.lines.get()
    act(client, ticket, "link", order=order.pk, line=line.pk)
    assert ticket.orders.filter(line=line).exists()


def test_a_phone_call_becomes_a_ticket_once(client, agent):
    inlet = make_inlet(kind="phone")
    form = client.get(reverse("admin:service_call")).context["form"]
    values = {
        "inlet": inlet.pk, "subject": "Receipt", "body": "Wants a receipt", "language": "ko", "key": form["key"].value()
    }  # fmt: skip
    for _press in range(2):
        assert client.post(reverse("admin:service_call"), values).status_code == 302
    assert Ticket.objects.get().subject == "Receipt"


def test_html_of_a_message_is_shown_in_a_sandbox_that_loads_nothing(client, agent):
    message = write(body="", html='<p>Hi</p><script>alert(1)</script><img src="https://track.example/a.png">')
    answer = client.get(reverse("admin:service_message_html", args=[message.pk]))
    assert b"<script" not in answer.content
    policy = answer["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert policy.endswith("; sandbox")
    assert answer["X-Frame-Options"] == "SAMEORIGIN"  # the conversation shows it


def test_order_and_customer_pages_show_their_tickets(client):
    client.force_login(make_user(is_superuser=True))
    ticket = make_ticket()
    order = make_order((make_variant(), 1), customer=make_customer())
    link_ticket_order(ticket_id=ticket.pk, order_id=order.pk, actor=None)
    for url in (
        reverse("admin:orders_order_change", args=[order.pk]),
        reverse("admin:customers_customer_change", args=[order.customer_id]),
    ):
        assert ticket.number in client.get(url).content.decode()


@pytest.mark.parametrize(
    "name", ["resolve", "sort", "assign", "release", "link_order", "link_product", "merge", "split"]
)
def test_dialogs_open(client, name):
    client.force_login(make_lead())
    first = write()
    write(in_reply_to=first.message_id)
    Ticket.objects.update(assignee=make_agent())
    assert client.get(reverse("admin:service_ticket_press", args=[first.ticket_id, name])).status_code == 200
    assert (Message.objects.count(), Order.objects.count()) == (2, 0)
