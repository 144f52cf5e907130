"""The screens of connections: said in the mall's words, tried, and seen when they fail."""

import pytest
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from channels import tasks
from channels.admin.connection import failing_tile
from channels.models import Connection
from core.asking import RefusedError
from service.models import Outgoing
from service.services import reply_to_ticket
from service.services.intake.filing import FiledMessage, Ticket
from tests.admin.pressing import opened, press, said
from tests.channels.making import connect, open_square
from tests.factories import make_channel, make_user
from tests.service.making import make_agent, make_inlet

pytestmark = pytest.mark.django_db
ALL = [f"channels.{action}_connection" for action in ("view", "add", "change")]
LIST = "admin:channels_connection_changelist"


@pytest.fixture(autouse=True)
def square(monkeypatch, settings):
    settings.CHANNEL_SECRETS = {}
    return open_square(monkeypatch)


@pytest.fixture
def keeper(client):
    user = make_user(permissions=ALL)
    client.force_login(user)
    return user


def form(**over):
    return {
        "account": "A-1", "user": "", "tells_shipments": "on", "is_active": "on",
        "asks_since": timezone.localdate().isoformat(), "mall_inlet": "", "question_inlet": "", **over,
    }  # fmt: skip


def test_a_channel_is_connected_and_its_inlet_answers_there(client, keeper):
    channel = make_channel(code="cp", kind="coupang")
    make_channel(code="own", kind="own", name="Own shop that has no mall")
    inlet = make_inlet(kind="mall")

    page = client.get(reverse("admin:channels_connection_add")).content.decode()
    assert "쿠팡 (Coupang): Shop number" in page
    assert "Own shop that has no mall" not in page
    client.post(reverse("admin:channels_connection_add"), form(sales_channel=channel.pk, mall_inlet=inlet.pk))

    connection = Connection.objects.get()
    inlet.refresh_from_db()
    assert (connection.sales_channel, connection.account, inlet.is_connected) == (channel, "A-1", True)
    page = client.get(reverse("admin:channels_connection_change", args=[connection.pk])).content.decode()
    assert "CHANNEL_SECRET_CP_KEY – not set" in page
    assert "Not talked with yet" in page

    url = reverse("admin:channels_connection_change", args=[connection.pk])
    client.post(url, {**form(mall_inlet=inlet.pk), "is_active": "", **opened(client, connection)})
    inlet.refresh_from_db()
    assert not inlet.is_connected


def test_what_does_not_fit_is_said_beside_its_input(client, keeper):
    channel, other = make_channel(code="cp", kind="coupang"), make_channel(code="cp2", kind="coupang")
    foreign = make_inlet(kind="mall", sales_channel=other)

    answer = client.post(
        reverse("admin:channels_connection_add"), form(sales_channel=channel.pk, account=" ", mall_inlet=foreign.pk)
    )

    errors = answer.context["adminform"].form.errors
    assert errors == {"account": ["Needed: Shop number."], "mall_inlet": ["This inlet belongs to another channel."]}
    assert not Connection.objects.exists()


def test_the_connection_is_tried_and_the_answer_says_what_is_wrong(client, keeper, square, settings):
    connection = connect()

    assert said(press(client, connection, "test_connection")) == ["The mall answers: account and keys are right."]
    square.refusal = RefusedError("bad signature", 401)
    assert said(press(client, connection, "test_connection"))[-1] == "The mall refuses account or keys (bad signature)"
    square.refusal = None
    square.silent.add("check")
    assert said(press(client, connection, "test_connection"))[-1] == "The mall does not answer (ConnectTimeout)"
    settings.CHANNEL_SECRETS = {}
    assert said(press(client, connection, "test_connection"))[-1] == "Its keys are not set in the environment"


def test_the_list_tells_what_works_what_fails_and_what_waits(client, keeper, square):
    connection = connect()
    square.asked.append(FiledMessage(thread="1", body="Hm?"))
    tasks.talk_with_malls()
    ticket = Ticket.objects.get()
    reply_to_ticket(ticket_id=ticket.pk, body="So", seen_version=ticket.version, key="k", actor=make_agent())
    request = RequestFactory().get("/")

    page = client.get(reverse(LIST)).content.decode()
    assert "Works" in page
    assert "1 answer" in page
    assert "tells tracking numbers · reads and answers questions" in page
    assert failing_tile(request) is None

    square.refusal = RefusedError("bad signature", 401)
    press(client, connection, "talk_now")
    tasks.talk_with_malls()
    page = client.get(reverse(LIST) + "?tab=failing").content.decode()
    assert "The mall refuses account or keys" in page
    assert failing_tile(request).value == "1"
    assert Outgoing.objects.get().attempts == 0  # it is not due yet


def test_the_conversation_shows_which_way_an_answer_takes_and_why_it_came_back(client, square):
    connection = connect()
    square.asked.append(FiledMessage(thread="1", body="Hm?"))
    tasks.talk_with_malls()
    ticket = Ticket.objects.get()
    agent = make_agent()
    client.force_login(agent)
    reply_to_ticket(ticket_id=ticket.pk, body="So", seen_version=ticket.version, key="k", actor=agent)
    url = f"{reverse('admin:service_inbox')}?view=all&ticket={ticket.pk}"
    assert "in the mall" in client.get(url).content.decode()

    square.answers["1"] = "Somebody was faster"
    Outgoing.objects.update(due_at=timezone.now())
    Connection.objects.filter(pk=connection.pk).update(due_at=timezone.now())
    tasks.talk_with_malls()

    page = client.get(url).content.decode()
    assert "The mall did not take it: answered already" in page
    assert "I have sent it" in page


def test_who_only_looks_presses_nothing(client):
    connection = connect()
    client.force_login(make_user(permissions=ALL[:1]))
    page = client.get(reverse("admin:channels_connection_change", args=[connection.pk])).content.decode()
    assert "Talk now" not in page
    for name in ("test_connection", "talk_now"):
        assert press(client, connection, name).status_code in {302, 403}
    connection.refresh_from_db()
    assert connection.asked_at is None
    client.force_login(make_user())
    assert client.get(reverse(LIST)).status_code in {302, 403}
