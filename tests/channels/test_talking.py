"""Malls are told, asked and answered by the clock: once each, whatever is lost, killed or refused on the way."""

from datetime import timedelta

import pytest
from django.utils import timezone

from channels import tasks
from channels.models import Connection, Problem
from channels.services.connecting import save_connection, talk_soon
from channels.services.talking import claim_connection, keep_lease, record_talk, record_talk_failed, tell_of_ending_keys
from core.asking import RefusedError
from core.errors import NotAllowed
from orders.models import Shipment
from orders.services import ship_orders
from service.models import Inlet, Message, Outgoing, OutgoingState, OutgoingWay, Ticket
from service.services import reply_to_ticket
from service.services.intake.filing import FiledMessage
from shipping.models import ChannelNotice
from shipping.services import owe_notices
from staff.models import Notification
from tests.channels.making import connect, open_square
from tests.factories import make_channel, make_user
from tests.service.making import make_agent, make_inlet
from tests.shipping.making import carrier_of, ready_orders

pytestmark = pytest.mark.django_db
NUMBER = "123456789012"


@pytest.fixture
def square(monkeypatch, settings):
    settings.CHANNEL_SECRETS = {}
    return open_square(monkeypatch)


def asked(square, thread="9001", body="Where is my parcel?", **over):
    square.asked.append(FiledMessage(thread=thread, body=body, external_id=thread, **over))


def answer(body="It left today."):
    ticket = Ticket.objects.get()
    owed = reply_to_ticket(ticket_id=ticket.pk, body=body, seen_version=ticket.version, key=body, actor=make_agent())
    Outgoing.objects.filter(pk=owed.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    return owed


def again(connection):
    """Let the connection be due, with its questions."""
    talk_soon(connection_id=connection.pk, actor=None)
    Outgoing.objects.filter(state="owed").update(due_at=timezone.now() - timedelta(seconds=1))
    return tasks.talk_with_malls()


def test_a_question_comes_in_and_its_answer_leaves_once(square):
    connection = connect()
    asked(square)

    assert tasks.talk_with_malls() == 1
    owed = answer()
    assert again(connection) == 1
    assert again(connection) == 1

    owed.refresh_from_db()
    assert (owed.way, owed.state, square.answers) == (OutgoingWay.MALL, OutgoingState.SENT, {"9001": "It left today."})
    assert Message.objects.count() == 2
    connection.refresh_from_db()
    assert (connection.problem, connection.worked_at is not None, connection.lease) == ("", True, "")
    assert Inlet.objects.get().checked_at is not None
    assert square.closed == 3
    assert square.accesses[0].secrets == {"key": "s3cret"}
    assert "s3cret" not in repr(square.accesses[0])


def test_parcels_that_left_are_told_by_themselves(square):
    connection = connect()
    orders = ready_orders(2, sales_channel=connection.sales_channel)
    [elsewhere] = ready_orders(sales_channel=make_channel(code="other", kind="coupang"))
    carrier_of("cjlogistics")
    ship_orders(
        order_ids=[order.pk for order in (*orders, elsewhere)], carrier="CJ대한통운",
        tracking_numbers={order.pk: NUMBER for order in (*orders, elsewhere)},
    )  # fmt: skip
    owe_notices(shipment_ids=list(Shipment.objects.values_list("pk", flat=True)))

    tasks.talk_with_malls()

    assert [(one.order_number, one.tracking_number) for one in square.told] == [
        (order.external_number, NUMBER) for order in orders
    ]
    states = dict(ChannelNotice.objects.values_list("shipment__order", "state"))
    assert states == {orders[0].pk: "accepted", orders[1].pk: "accepted", elsewhere.pk: "owed"}
    again(connection)
    assert len(square.told) == 2


def test_a_connection_that_tells_nothing_leaves_parcels_to_files(square):
    connection = connect(tells_shipments=False)
    [order] = ready_orders(sales_channel=connection.sales_channel)
    carrier_of("cjlogistics")
    ship_orders(order_ids=[order.pk], carrier="CJ대한통운", tracking_numbers={order.pk: NUMBER})
    owe_notices(shipment_ids=[order.shipments.get().pk])

    tasks.talk_with_malls()

    assert square.told == []


def test_an_answer_whose_confirmation_was_lost_does_not_go_twice(square):
    connection = connect()
    asked(square)
    tasks.talk_with_malls()
    owed = answer()
    square.loses.add("answer")
    again(connection)
    owed.refresh_from_db()
    assert (owed.state, square.answers) == (OutgoingState.OWED, {"9001": "It left today."})
    connection.refresh_from_db()
    assert (connection.problem, connection.failure_count) == (Problem.UNREACHABLE, 1)

    square.loses.clear()
    again(connection)

    owed.refresh_from_db()
    assert owed.state == OutgoingState.SENT
    connection.refresh_from_db()
    assert (connection.problem, connection.failure_count) == ("", 0)


def test_a_worker_killed_between_the_mall_and_the_mark_sends_nothing_twice(square, monkeypatch):
    connection = connect()
    asked(square)
    tasks.talk_with_malls()
    owed = answer()

    def killed(**_kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(tasks, "record_reply_sent", killed)
        with pytest.raises(KeyboardInterrupt):
            again(connection)
    assert again(connection) == 0  # its lease stands
    Connection.objects.update(leased_until=timezone.now())

    assert again(connection) == 1

    owed.refresh_from_db()
    assert (owed.state, square.answers) == (OutgoingState.SENT, {"9001": "It left today."})


def test_an_answer_that_the_mall_refuses_is_sent_by_hand_and_the_rest_goes_on(square):
    connection = connect()
    asked(square)
    tasks.talk_with_malls()
    owed = answer()
    square.answers["9001"] = "Somebody answered in the mall"

    again(connection)

    owed.refresh_from_db()
    assert (owed.way, owed.error) == (OutgoingWay.BY_HAND, "answered already")
    connection.refresh_from_db()
    assert connection.problem == ""


def test_wrong_keys_lose_no_answer_and_who_keeps_connections_is_told_once(square):
    keeper = make_user(permissions=["channels.change_connection"])
    connection = connect()
    asked(square)
    tasks.talk_with_malls()
    owed = answer()
    square.refusal = RefusedError("bad signature", 401)

    for _round in range(3):
        again(connection)

    owed.refresh_from_db()
    assert (owed.way, owed.state) == (OutgoingWay.MALL, OutgoingState.OWED)
    connection.refresh_from_db()
    assert (connection.problem, connection.word, connection.failure_count) == (Problem.REFUSED, "bad signature", 3)
    assert connection.due_at > timezone.now() + timedelta(minutes=5)  # it waits longer each time
    [told] = Notification.objects.all()
    assert (told.user, told.data["reason"], told.read_at) == (keeper, "connection_fails", None)

    square.refusal = None
    again(connection)
    told.refresh_from_db()
    owed.refresh_from_db()
    assert told.read_at is not None
    assert owed.state == OutgoingState.SENT


def test_a_key_that_is_not_set_is_said_and_no_mall_is_asked(square, settings):
    connection = connect()
    settings.CHANNEL_SECRETS = {}

    tasks.talk_with_malls()

    connection.refresh_from_db()
    assert (connection.problem, square.accesses) == (Problem.NO_SECRET, [])


def test_what_a_silent_mall_would_have_shown_is_read_when_it_speaks_again(square):
    connection = connect(asks_since=timezone.localdate() - timedelta(days=30))
    tasks.talk_with_malls()
    connection.refresh_from_db()
    read = connection.mall_until
    square.silent.add("questions")
    again(connection)
    connection.refresh_from_db()
    assert connection.mall_until == read

    square.silent.clear()
    Connection.objects.update(mall_until=read - timedelta(days=3), reread_at=timezone.now())
    again(connection)

    _kind, since, until = square.windows[-1]
    assert since == read - timedelta(days=3, hours=1)
    assert until > read


def test_a_mall_that_answers_otherwise_than_it_documents_keeps_no_other_waiting(square, monkeypatch):
    odd, good = connect(), connect(make_channel(code="cp-2", kind="coupang"), account="A-2")
    said = square.questions

    def questions(self, kind, **window):
        if self.account == "A-1":
            raise KeyError("content")
        return said(self, kind, **window)

    monkeypatch.setattr(square, "questions", questions)

    assert tasks.talk_with_malls() == 2

    odd.refresh_from_db()
    good.refresh_from_db()
    assert (odd.problem, odd.word, good.problem) == (Problem.ODD, "KeyError", "")


def test_once_a_day_a_week_is_read_again_but_never_before_the_chosen_day(square):
    connection = connect(asks_since=timezone.localdate() - timedelta(days=30))
    tasks.talk_with_malls()
    first = square.windows[-1]
    assert first[2] - first[1] > timedelta(days=29)
    again(connection)
    assert square.windows[-1][2] - square.windows[-1][1] < timedelta(hours=2)

    Connection.objects.update(reread_at=timezone.now() - timedelta(days=1))
    again(connection)
    assert square.windows[-1][2] - square.windows[-1][1] == timedelta(days=7)

    Connection.objects.update(reread_at=None, asks_since=timezone.localdate())
    again(connection)
    assert square.windows[-1][2] - square.windows[-1][1] <= timedelta(days=1, hours=15)


def test_questions_are_looked_for_every_five_minutes_parcels_every_minute(square):
    connect()
    tasks.talk_with_malls()
    assert tasks.talk_with_malls() == 0
    Connection.objects.update(due_at=timezone.now())

    assert tasks.talk_with_malls() == 1

    assert len(square.windows) == 1


def test_a_question_that_cannot_be_taken_keeps_no_other_out(square):
    connect()
    asked(square, thread="1", body="  ")
    asked(square, thread="2", body="Is it blue?")

    tasks.talk_with_malls()

    assert Message.objects.get().body == "Is it blue?"


def test_two_workers_never_talk_with_one_account(square):
    connect()
    first = claim_connection(now=timezone.now())

    assert claim_connection(now=timezone.now()) is None
    second = claim_connection(now=timezone.now() + timedelta(minutes=11))  # the first one is held for dead

    assert not keep_lease(first)
    assert keep_lease(second)
    record_talk_failed(first, problem=Problem.UNREACHABLE)
    record_talk(first)
    connection = Connection.objects.get()
    assert (connection.lease, connection.problem, connection.worked_at) == (second.lease, "", None)


def test_without_its_connection_answers_are_sent_by_hand(square):
    connection = connect()
    asked(square)
    tasks.talk_with_malls()
    owed = answer()

    values = {"is_active": False}
    with pytest.raises(NotAllowed):
        save_connection(connection_id=connection.pk, values=values, actor=make_user())
    save_connection(connection_id=connection.pk, values=values, actor=None)

    owed.refresh_from_db()
    assert owed.way == OutgoingWay.BY_HAND
    assert again(connection) == 0
    with pytest.raises(NotAllowed):
        talk_soon(connection_id=connection.pk, actor=make_user())


def test_a_closed_inlet_takes_nothing_and_still_answers(square):
    connection = connect()
    asked(square)
    tasks.talk_with_malls()
    owed = answer()
    Inlet.objects.filter(pk=connection.mall_inlet_id).update(is_active=False)
    square.windows.clear()

    again(connection)

    owed.refresh_from_db()
    assert (owed.state, square.windows) == (OutgoingState.SENT, [])


def test_another_inlet_is_read_from_its_start_and_the_old_one_sends_by_hand(square):
    connection = connect()
    tasks.talk_with_malls()
    old, new = connection.mall_inlet, make_inlet(kind="mall")

    connection = save_connection(connection_id=connection.pk, values={"mall_inlet": new}, actor=None)

    assert connection.mall_until is None
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.is_connected, new.is_connected) == (False, True)


def test_who_keeps_connections_is_told_of_an_ending_key_twice(square):
    make_user(permissions=["channels.change_connection"])
    today = timezone.now().date()
    connect(key_expires_on=today + timedelta(days=20))
    now = timezone.now()

    told = [tell_of_ending_keys(now=now + timedelta(days=days)) for days in (0, 6, 7, 16, 17, 17, 19, 25)]

    assert told == [0, 1, 0, 0, 1, 0, 0, 0]
    assert {row.data["reason"] for row in Notification.objects.all()} == {"connection_key_ends"}
