"""An internal note leaves by no path: by structure (who knows the table), and by walking every path."""

import ast
from pathlib import Path

import pytest
from django.core import mail
from django.db import models
from django.test import Client
from django.utils import timezone

from core.models import EventRecord
from service import tasks
from service.adapters.mail import reply_mail
from service.models import Message, Note, Outgoing, Ticket
from service.services import claim_reply, merge_tickets, reply_to_ticket, write_note
from tests.architecture.house import APPS
from tests.chat.making import make_widget
from tests.chat.test_visiting import begin, post
from tests.service.making import make_agent, make_lead, make_ticket

ROOT = Path(__file__).resolve().parents[2]
SECRET = "SECRET-canary-note"
# who may know the table at all: what shows it to colleagues, keeps, counts, moves and checks it. None of them sends.
KNOW_NOTES = {
    "service/services/forgetting.py",  # erases
    "service/services/macros/many.py",  # writes
    "service/models/__init__.py",
    "service/models/message.py",
    "service/selectors/conversation.py",
    "service/services/noting.py",
    "service/services/answering.py",  # counts what is new since somebody began to answer
}
# what hands words to somebody outside
SENDING = (
    "channels/adapters/coupang.py",
    "channels/adapters/naver.py",
    "channels/adapters/rakuten.py",
    "channels/tasks.py",
    "service/adapters/mail.py",
    "service/admin/contact.py",
    "service/admin/hooks.py",
    "service/services/sending.py",
    "service/tasks.py",
    "chat/admin/visiting.py",
    "chat/selectors/showing.py",
    "chat/services/leaving.py",
    "chat/services/visiting.py",
    "chat/tasks.py",
)


def names_of(path: Path) -> set[str]:
    """Return every name that a module imports or reaches by an attribute."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    found |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return found | {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}


def of_service_models(path: Path) -> set[str]:
    """Return what a module takes from ``service.models``."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {alias.name for node in imports if (node.module or "").startswith("service.models") for alias in node.names}


def test_what_sends_does_not_know_the_table():
    for place in SENDING:
        assert not names_of(ROOT / place) & {"Note", "notes", "note_set", "write_note"}, place


def test_only_what_colleagues_read_takes_the_table():
    found = {
        str(path.relative_to(ROOT))
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts and "Note" in of_service_models(path)
    }
    assert found <= KNOW_NOTES, f"{found - KNOW_NOTES}: show that it cannot leave there, then name it here"


def test_every_module_that_sends_mail_is_listed_here():
    senders = {
        str(path.relative_to(ROOT))
        for app in ("service", "chat", "voice", "knowledge", "crm", "channels")
        for path in (ROOT / app).rglob("*.py")
        if names_of(path) & {"EmailMessage", "EmailMultiAlternatives", "send_mail", "get_connection", "SMTP"}
        and "core.mail" in path.read_text(encoding="utf-8")
    }
    assert senders <= set(SENDING), f"new way out: {senders - set(SENDING)}; walk it in this test"


def test_no_row_that_leaves_points_to_a_note():
    leads_to = {
        f"{model._meta.label}.{field.name}"
        for model in (Outgoing, Message)
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.related_model is Note
    }
    assert leads_to == set()
    assert {field.related_model for field in Outgoing._meta.fields if field.is_relation} == {Message}


@pytest.mark.django_db
def test_a_note_leaves_by_no_path(settings):
    settings.INLET_SECRETS = {}
    make_widget()
    _answer, told = begin()
    chat_ticket = Ticket.objects.get()
    ticket = make_ticket()
    other = make_ticket()
    for one in (ticket, other, chat_ticket):
        write_note(ticket_id=one.pk, body=f"{SECRET} {one.number}", actor=make_agent())

    # mail: an answer after the note, a merge and a split; the mail that bounces and comes back quotes it
    merge_tickets(ticket_id=other.pk, into_id=ticket.pk, actor=make_lead())
    ticket.refresh_from_db()
    reply_to_ticket(ticket_id=ticket.pk, body="We look.", seen_version=ticket.version, key="k", actor=make_agent())
    Outgoing.objects.update(due_at=timezone.now())
    owed = claim_reply(now=timezone.now())
    assert owed is not None
    assert SECRET not in reply_mail(owed.message).message().as_string()
    Outgoing.objects.update(due_at=timezone.now(), attempts=0)
    tasks.send_replies()
    assert [SECRET in one.message().as_string() for one in mail.outbox] == [False]

    # the chat, with a file and the setting
    assert SECRET not in post("said", token=told["token"]).content.decode()
    assert SECRET not in Client().get("/chat/shop/").content.decode()
    assert SECRET not in Client().get("/contact/shop/").content.decode()

    # what is remembered of it, and what the search finds: no words of a note
    assert not [event.pk for event in EventRecord.objects.all() if SECRET in str(event.data)]
    assert not Ticket.objects.filter(search_text__icontains=SECRET).exists()
    assert not Ticket.objects.filter(gist__icontains=SECRET).exists()
    assert not Message.objects.filter(body__contains=SECRET).exists()

    # the lists that can be exported have no column of it
    agent = make_lead()
    client = Client()
    client.force_login(agent)
    for path in (
        "/admin/service/ticket/",
        "/admin/service/ticket/?q=canary",
        f"/admin/service/ticket/{ticket.pk}/change/",
    ):
        assert SECRET not in client.get(path).content.decode(), path
    assert SECRET in client.get(f"/admin/inbox/?view=all&ticket={ticket.pk}").content.decode()  # the control
