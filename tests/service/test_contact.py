"""The public form: three languages, a token, a trap, and as many messages as a person writes."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from service.models import InletKind, Knock, Message, Ticket
from service.services.intake import contact
from service.services.intake.contact import opened_form
from tests.service.making import make_inlet

pytestmark = pytest.mark.django_db
PLACE = "/contact/help-form/"


@pytest.fixture
def inlet():
    return make_inlet(code="help-form", kind=InletKind.WEB_FORM, name="Hanok Shop", address="help@shop.example")


def opened(nonce="n1", ago=60):
    with time_machine.travel(timezone.now() - timedelta(seconds=ago), tick=False):
        return opened_form(nonce)


def send(client=None, *, lang="ko", origin="203.0.113.9", **over):
    values = {
        "name": "김민준",
        "address": "Minjun@mail.example",
        "subject": "교환",
        "body": "사이즈를 바꾸고 싶어요",
        "order_number": "",
        "consent": "on",
        "website": "",
        "opened": opened(),
        **over,
    }
    return (client or Client()).post(f"{PLACE}?lang={lang}", values, REMOTE_ADDR=origin)


@pytest.mark.parametrize(("lang", "words"), [("en", "Your message"), ("ko", "help-form"), ("ja", "help-form")])
def test_the_form_stands_open_in_three_languages(inlet, lang, words):
    page = Client().get(PLACE, {"lang": lang})
    assert page.status_code == 200
    assert words in page.content.decode() or "Hanok Shop" in page.content.decode()
    assert f'lang="{lang}"' in page.content.decode()
    assert "no-store" in page["Cache-Control"]


def test_a_message_becomes_a_ticket_with_what_was_agreed_to(inlet):
    answer = send()
    assert (answer.status_code, answer["Location"]) == (302, f"{PLACE}?lang=ko&done=1")
    ticket, message = Ticket.objects.get(), Message.objects.get()
    assert (ticket.subject, ticket.sender_address, ticket.language) == ("교환", "minjun@mail.example", "ko")
    with message.raw.open("rb") as file:
        kept = json.loads(file.read())
    assert (set(kept), kept["language"]) == ({"consent", "at", "language"}, "ko")
    assert kept["consent"]
    assert Client().get(answer["Location"]).status_code == 200


def test_pressed_twice_it_is_one_message(inlet):
    token = opened()
    send(opened=token)
    assert send(opened=token).status_code == 302
    assert Message.objects.count() == 1


def test_without_its_token_the_form_takes_nothing(inlet):
    assert send(Client(enforce_csrf_checks=True)).status_code == 403
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "over",
    [
        {"consent": ""},
        {"address": "nobody"},
        {"body": " "},
        {"opened": "n1:forged"},
        {"opened": "old"},
        {"opened": "fast"},
    ],
)
def test_what_is_missing_or_not_from_this_form_is_told_and_nothing_is_kept(inlet, over):
    values = dict(over)
    if values.get("opened") == "old":
        values["opened"] = opened(ago=13 * 3600)
    if values.get("opened") == "fast":
        values["opened"] = opened(ago=0)
    assert send(**values).status_code == 400
    assert not Message.objects.exists()


def test_who_fills_in_what_nobody_sees_is_thanked_and_not_heard(inlet):
    assert send(website="https://spam.example").status_code == 302
    assert not Message.objects.exists()


def test_who_writes_too_often_waits_and_others_do_not(inlet, monkeypatch):
    now = timezone.now().replace(minute=1, second=0)
    with time_machine.travel(now, tick=False):
        for number in range(5):
            assert send(opened=opened(f"n{number}")).status_code == 302
        assert send(opened=opened("n5")).status_code == 429
        assert send(opened=opened("n6"), origin="203.0.113.10").status_code == 302
        monkeypatch.setattr(contact, "MOST_OF_ALL", 6)
        assert send(opened=opened("n7"), origin="203.0.113.11").status_code == 429
    assert Message.objects.count() == 6
    with time_machine.travel(now + timedelta(minutes=11), tick=False):
        assert send(opened=opened("n8")).status_code == 302
    assert "203.0.113" not in "".join(Knock.objects.values_list("origin", flat=True))


def test_forms_that_are_not_there_are_404(inlet):
    assert Client().get("/contact/nowhere/").status_code == 404
    inlet.is_active = False
    inlet.save()
    assert Client().get(PLACE).status_code == 404
    make_inlet(code="box")
    assert Client().get("/contact/box/").status_code == 404
