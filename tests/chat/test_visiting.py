"""Visitors of the site: they write once each, read their own conversation only, and prove themselves by a token."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from chat.admin.tiles import chats_waiting
from chat.models import Conversation
from chat.services.proving import Customer, customer_of_token, customer_token, visitor_token
from customers.models import Identity
from service import tasks
from service.models import InletKind, Knock, Message, Note, Outgoing, Ticket
from service.services import GivenFile, merge_tickets, reply_to_ticket, undo_reply, write_note
from tests.chat.making import SITE, make_widget
from tests.factories import make_channel, make_customer
from tests.service.making import make_agent, make_inlet, make_lead, write

pytestmark = pytest.mark.django_db
NONCE = "n" * 16


def post(where, *, origin=SITE, **values):
    headers = {"HTTP_ORIGIN": origin} if origin else {}
    return Client(enforce_csrf_checks=True).post(f"/chat/shop/{where}/", values, **headers)


def begin(**over):
    answer = post("begin", **{"nonce": NONCE, "body": "Is it waterproof?", "consent": "1", "lang": "en", **over})
    return answer, (answer.json() if answer.status_code < 300 else {})


def answer_as_agent(ticket, body="Yes, to 30 m.", key="k1", *, later=5, **over):
    """Answer, and let the seconds pass in which it can be taken back."""
    ticket.refresh_from_db()
    values = {"ticket_id": ticket.pk, "body": body, "seen_version": ticket.version, "key": key, "actor": make_agent()}
    owed = reply_to_ticket(**{**values, **over})
    Outgoing.objects.filter(pk=owed.pk).update(due_at=timezone.now() + timedelta(seconds=5 - later))
    return owed


def bodies(token, since=""):
    answer = post("said", token=token, since=since)
    return [(line["ours"], line["body"]) for line in answer.json()["lines"]]


def test_a_visitor_writes_a_colleague_answers_and_the_visitor_reads_it():
    make_widget()
    answer, told = begin(name="Mina", page="https://shop.example/p/1")
    assert answer.status_code == 201
    ticket = Ticket.objects.get()
    assert (ticket.inlet.kind, ticket.sender_name, ticket.subject) == ("chat", "Mina", "Is it waterproof?")
    evidence = json.loads(Message.objects.get().raw.read())
    assert evidence["consent"].startswith("I agree that")
    assert evidence["page"] == "https://shop.example/p/1"

    owed = answer_as_agent(ticket, later=0)
    assert owed.way == "chat"
    waiting = post("said", token=told["token"], since=told["version"]).json()
    assert [line["body"] for line in waiting["lines"]] == ["Is it waterproof?"]  # it can still be taken back
    Outgoing.objects.update(due_at=timezone.now())
    read = post("said", token=told["token"], since=waiting["version"]).json()
    assert [line["body"] for line in read["lines"]] == ["Is it waterproof?", "Yes, to 30 m."]
    assert post("said", token=told["token"], since=read["version"]).status_code == 204
    tasks.send_replies()
    owed.refresh_from_db()
    assert (owed.state, owed.attempts) == ("sent", 0)

    said = post("say", token=told["token"], place="2", body="Thank you!")
    assert (said.status_code, said.json()["place"]) == (201, 2)
    ticket.refresh_from_db()
    assert (Ticket.objects.count(), ticket.message_count, ticket.status) == (1, 3, "open")


def test_an_answer_taken_back_is_never_read():
    make_widget()
    _answer, told = begin()
    owed = answer_as_agent(Ticket.objects.get(), later=0)
    undo_reply(outgoing_id=owed.pk, actor=owed.message.author)
    with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
        assert bodies(told["token"]) == [(False, "Is it waterproof?")]


def test_the_same_press_again_is_one_message_and_another_page_is_told():
    make_widget()
    first, told = begin()
    second, again = begin()
    assert (first.status_code, second.status_code) == (201, 200)
    assert told["lines"] == again["lines"]
    assert [post("say", token=told["token"], place="2", body="And dust?").status_code for _press in range(2)] == [
        201,
        200,
    ]
    other = post("say", token=told["token"], place="2", body="Something else")
    assert other.status_code == 409
    assert post("say", token=told["token"], place="9", body="Far away").status_code == 409
    assert list(Message.objects.order_by("pk").values_list("body", flat=True)) == ["Is it waterproof?", "And dust?"]
    assert Conversation.objects.get().said_count == 2


def test_only_the_sites_of_a_chat_are_answered():
    widget = make_widget()
    assert begin(origin="https://evil.example")[0].status_code == 403
    assert begin(origin="null")[0].status_code == 403
    assert begin(origin="https://shop.example.evil.example")[0].status_code == 403
    assert Message.objects.count() == 0
    answer, _told = begin()
    assert answer["Access-Control-Allow-Origin"] == SITE
    assert "Access-Control-Allow-Credentials" not in answer
    assert "Origin" in Client().get("/chat/shop/", HTTP_ORIGIN=SITE)["Vary"]
    assert Client().get("/chat/none/").status_code == 404
    widget.is_active = False
    widget.save()
    assert begin(nonce="m" * 16)[0].status_code == 404


def test_a_token_opens_its_own_conversation_only():
    make_widget()
    _answer, told = begin()
    other = make_widget(inlet=make_inlet(code="other", kind=InletKind.CHAT))
    stolen = visitor_token(Conversation.objects.get().key)
    assert Client().post(f"/chat/{other.inlet.code}/said/", {"token": stolen}).status_code == 401
    for token in ("", "x", told["token"][:-1] + "A" * 2, Conversation.objects.get().key):
        assert post("said", token=token).status_code == 401
        assert post("say", token=token, place="2", body="x").status_code == 401
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        assert post("said", token=told["token"]).status_code == 401
    assert Message.objects.count() == 1


def test_notes_and_merged_conversations_of_others_are_never_read():
    make_widget()
    _answer, told = begin()
    ticket = Ticket.objects.get()
    write_note(ticket_id=ticket.pk, body="SECRET-canary-note", actor=make_agent())
    mail = write(body="SECRET of another customer").ticket
    merge_tickets(ticket_id=ticket.pk, into_id=mail.pk, actor=make_lead())
    answer_as_agent(mail, "To the other customer", "k2")  # who wrote last is the mail's customer
    assert bodies(told["token"]) == [(False, "Is it waterproof?")]
    post("say", token=told["token"], place="2", body="Hello?")
    answer_as_agent(mail, "To the visitor", "k3")
    assert bodies(told["token"]) == [(False, "Is it waterproof?"), (False, "Hello?"), (True, "To the visitor")]
    assert Note.objects.count() == 1


def test_files_go_both_ways_and_only_pictures_and_papers_come_in():
    make_widget()
    _answer, told = begin()
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 50

    def sent(content, place="2"):
        return post("say", token=told["token"], place=place, body="", files=SimpleUploadedFile("a.png", content))

    assert sent(b"<html><script>1</script></html>").status_code == 400
    assert sent(b"MZ" + b"0" * 90).status_code == 400
    assert Message.objects.count() == 1
    assert sent(png).json()["lines"][1]["files"][0]["name"] == "a.png"
    answer_as_agent(Ticket.objects.get(), files=[GivenFile(name="manual.pdf", content=b"%PDF-1.7 x")])
    line = post("said", token=told["token"]).json()["lines"][-1]
    got = post("file", token=told["token"], file=str(line["files"][0]["id"]))
    assert (b"".join(got.streaming_content), got["Content-Type"]) == (b"%PDF-1.7 x", "application/octet-stream")
    assert got["Content-Disposition"].startswith("attachment")
    foreign = write(files=[GivenFile(name="b.png", content=png)]).attachments.get()
    assert post("file", token=told["token"], file=str(foreign.pk)).status_code == 404
    assert post("file", token=told["token"], file="x").status_code == 404


def test_who_writes_too_often_waits():
    make_widget()
    answers = [begin(nonce=f"{number:016}")[0].status_code for number in range(6)]
    assert answers == [201] * 5 + [429]
    assert Ticket.objects.count() == 5
    token = visitor_token(Conversation.objects.earliest("pk").key)
    Knock.objects.update(count=1000)
    assert post("say", token=token, place="2", body="again").status_code in {201, 429}


def test_without_consent_and_without_words_nothing_is_kept():
    make_widget()
    assert begin(consent="")[0].status_code == 400
    assert begin(body=" ")[0].status_code == 400
    assert begin(body="x" * 4_001)[0].status_code == 400
    assert begin(address="no address")[0].status_code == 400
    assert (Ticket.objects.count(), Conversation.objects.count()) == (0, 0)


def test_while_nobody_is_there_the_message_goes_to_the_form():
    form = make_inlet(code="form", kind=InletKind.WEB_FORM, address="help@shop.example")
    make_widget(form_inlet=form)
    sunday = timezone.make_aware(timezone.datetime(2026, 11, 22, 3, 0))
    with time_machine.travel(sunday, tick=False) as clock:
        told = Client().get("/chat/shop/?lang=ja", HTTP_ORIGIN=SITE).json()
        assert told["leaves_message"]
        assert told["closed"]
        clock.shift(10)
        values = {"leave": "1", "name": "Aoi", "opened": told["opened"]}
        assert begin(address="", **values)[0].status_code == 400  # no address, no answer
        assert begin(address="aoi@mail.example", **values)[1] == {"left": True}
    ticket = Ticket.objects.get()
    assert (ticket.inlet, ticket.sender_address, Conversation.objects.count()) == (form, "aoi@mail.example", 0)
    monday = timezone.make_aware(timezone.datetime(2026, 11, 23, 10, 0))
    with time_machine.travel(monday, tick=False):
        told = Client().get("/chat/shop/?lang=ko", HTTP_ORIGIN=SITE).json()
    assert (told["closed"], told["leaves_message"], told["language"]) == ("", False, "ko")


def test_the_shop_signs_for_who_is_logged_in(settings):
    settings.INLET_SECRETS = {"SHOP": "not-a-secret"}
    channel = make_channel(code="own")
    customer = make_customer(name="Mina")
    Identity.objects.create(customer=customer, kind="channel", scope="own", value="c-77")
    make_widget(inlet=make_inlet(code="shop", kind=InletKind.CHAT, sales_channel=channel))
    until = timezone.now() + timedelta(hours=1)
    token = customer_token(inlet_code="shop", customer=Customer(code="c-77", name="Mina"), until=until)
    begin(customer=token, name="Somebody else")
    ticket = Ticket.objects.get()
    assert (ticket.customer, ticket.sender_name) == (customer, "Mina")
    forged = token[:-1] + ("0" if token[-1] != "0" else "1")
    for wrong in (forged, "x.y", "", "e30." + "0" * 64):
        assert customer_of_token(wrong, inlet_code="shop", now=timezone.now()) is None
    assert customer_of_token(token, inlet_code="shop", now=until + timedelta(seconds=1)) is None
    settings.INLET_SECRETS = {}
    assert customer_of_token(token, inlet_code="shop", now=timezone.now()) is None


def test_asking_costs_few_statements_when_nothing_changed(django_assert_num_queries):
    make_widget()
    _answer, told = begin()
    with django_assert_num_queries(3):
        assert post("said", token=told["token"], since=told["version"]).status_code == 204


def test_the_home_page_counts_who_waits_in_a_chat_and_the_inbox_lists_them(client, rf):
    assert chats_waiting(rf.get("/")) is None
    make_widget()
    empty = chats_waiting(rf.get("/"))
    assert (empty.value, empty.level) == ("0", "good")
    begin()
    chat, mail = Ticket.objects.get(), write().ticket
    tile = chats_waiting(rf.get("/"))
    assert (tile.value, tile.level, tile.note) == ("1", "danger", "visitors at the page now: 1")
    Conversation.objects.update(seen_at=timezone.now() - timedelta(minutes=5))
    assert chats_waiting(rf.get("/")).level == "warning"
    client.force_login(make_agent())
    page = client.get(tile.url).content.decode()
    assert chat.number in page
    assert mail.number not in page
    answer_as_agent(chat)
    assert chats_waiting(rf.get("/")).value == "0"
