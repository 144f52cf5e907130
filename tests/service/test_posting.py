"""Other systems post messages: signed, within five minutes, each id once."""

import base64
import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from service.admin import hooks
from service.models import Attachment, InletKind, Message, Ticket
from service.services.intake.posting import signature_of
from tests.service.making import make_inlet

pytestmark = pytest.mark.django_db
SECRET = "of-a-test"


@pytest.fixture
def inlet(settings):
    settings.INLET_SECRETS = {"OWN_SHOP": SECRET}
    return make_inlet(code="own-shop", kind=InletKind.PRODUCT_QUESTION)


def post(body, *, code="own-shop", secret=SECRET, off=0, kind="application/json", signature=None):
    """Post as another system does, without a cookie and without a token."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    timestamp = str(int((timezone.now() + timedelta(minutes=off)).timestamp()))
    signed = signature if signature is not None else signature_of(secret=secret, timestamp=timestamp, body=raw)
    return Client(enforce_csrf_checks=True).post(
        f"/hooks/inlets/{code}/", raw, content_type=kind, headers={"X-Timestamp": timestamp, "X-Signature": signed}
    )


def message(**over):
    return {
        "id": "q-1",
        "subject": "크기",
        "text": "230이 맞나요?",
        "sender_name": "김민준",
        "sender_code": "buyer7",
        **over,
    }


def test_a_signed_message_becomes_a_ticket_once(inlet):
    picture = {"name": "발.png", "content": base64.b64encode(b"\x89PNG\r\n\x1a\n0").decode()}
    first = post(message(files=[picture], at="2026-11-20T09:00:00+09:00", language="ko"))
    again = post(message(files=[picture], at="2026-11-20T09:00:00+09:00", language="ko"))
    ticket = Ticket.objects.get()
    assert (first.status_code, first.json()["ticket"], first.json()["is_new"]) == (201, ticket.number, True)
    assert (again.status_code, again.json()["is_new"]) == (200, False)
    assert (ticket.subject, ticket.sender_name, ticket.language) == ("크기", "김민준", "ko")
    assert Message.objects.get().at.isoformat() == "2026-11-20T00:00:00+00:00"
    assert Attachment.objects.get().filename == "발.png"


def test_the_same_id_with_other_content_is_a_conflict_and_changes_nothing(inlet):
    post(message())
    answer = post(message(text="Something else"))
    assert answer.status_code == 409
    assert Message.objects.get().body == "230이 맞나요?"


@pytest.mark.parametrize(
    "over",
    [
        {"signature": ""},
        {"signature": "v1=00"},
        {"signature": "v1=é"},
        {"secret": "another"},
        {"secret": ""},
        {"off": -6},
        {"off": 6},
        {"code": "nowhere"},
    ],
)
def test_what_is_not_signed_is_401_and_tells_nothing(inlet, over):
    answer = post(message(), **over)
    assert (answer.status_code, answer.json()) == (401, {"error": "not signed"})
    assert not Message.objects.exists()


def test_an_inlet_without_a_secret_takes_nothing(inlet, settings):
    settings.INLET_SECRETS = {}
    assert post(message(), secret="").status_code == 401


def test_a_closed_inlet_takes_nothing(inlet):
    inlet.is_active = False
    inlet.save()
    assert post(message()).status_code == 401


def test_what_is_too_large_is_not_read(inlet, monkeypatch):
    monkeypatch.setattr(hooks, "MOST_BYTES", 100)
    assert post(message(text="x" * 200)).status_code == 413
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[" * 5000,
        b"[]",
        {"id": "1"},
        {"text": "no id"},
        message(at="yesterday"),
        message(at="2026-11-20T09:00:00"),
        message(at="2026-13-40T09:00:00+09:00"),
        message(language="xx"),
        message(text=7),
        message(subject="x" * 1001),
        message(references="a"),
        message(files=[{"name": "x", "content": "%%%"}]),
        message(files=["x"]),
        message(files=[{}] * 11),
    ],
)
def test_what_is_no_message_is_400_and_changes_nothing(inlet, body):
    assert post(body).status_code == 400
    assert not Message.objects.exists()


def test_odd_signs_are_taken_as_far_as_a_table_holds_them(inlet):
    assert post(message(text="a\x00b \ud800")).status_code == 201
    assert Message.objects.get().body == "ab ?"


def test_a_mail_may_be_posted_as_it_came(inlet):
    raw = b"From: Minjun <minjun@mail.example>\r\nMessage-ID: <1@x>\r\nSubject: Size\r\n\r\nHello"
    first, again = post(raw, kind="message/rfc822"), post(raw, kind="message/rfc822")
    assert (first.status_code, again.status_code) == (201, 200)
    assert Message.objects.get().sender_address == "minjun@mail.example"
    machine = post(b"Auto-Submitted: auto-replied\r\n" + raw.replace(b"Hello", b"Away"), kind="message/rfc822")
    assert (machine.status_code, machine.json()["set_aside"]) == (202, "auto_reply")


def test_it_answers_posts_only(inlet):
    assert Client().get("/hooks/inlets/own-shop/").status_code == 405
