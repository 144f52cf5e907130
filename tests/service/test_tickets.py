"""Who has a ticket, how it ends, and what is one matter."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from core.models import EventRecord
from service.models import Inlet, Pulse, ReadMark, Team, Ticket
from service.services import (
    assign_ticket,
    claim_ticket,
    close_silent_tickets,
    link_ticket_order,
    link_ticket_product,
    mark_ticket_read,
    merge_tickets,
    release_ticket,
    reopen_ticket,
    resolve_ticket,
    sort_ticket,
    split_ticket,
    unlink_ticket,
    unmerge_ticket,
)
from tests.factories import make_customer, make_order, make_user, make_variant
from tests.orders.stories import assert_sound
from tests.service.making import a_reason, make_agent, make_inlet, make_lead, make_ticket, write

pytestmark = pytest.mark.django_db


def beats():
    return sum(Pulse.objects.values_list("version", flat=True))


def test_claimed_once_given_back_and_given():
    ticket, one, other, lead = make_ticket(), make_agent(), make_agent(), make_lead()
    before = beats()
    assert claim_ticket(ticket_id=ticket.pk, actor=one).status == "open"
    assert claim_ticket(ticket_id=ticket.pk, actor=one).assignee == one
    assert beats() == before + 1
    with pytest.raises(Conflict, match="was faster"):
        claim_ticket(ticket_id=ticket.pk, actor=other)
    with pytest.raises(NotAllowed):
        release_ticket(ticket_id=ticket.pk, actor=other)
    with pytest.raises(NotAllowed):
        assign_ticket(ticket_id=ticket.pk, assignee_id=other.pk, actor=one)
    with pytest.raises(InvalidInput):
        assign_ticket(ticket_id=ticket.pk, assignee_id=make_user().pk, actor=lead)
    assert Ticket.objects.get().assignee == one
    assert assign_ticket(ticket_id=ticket.pk, assignee_id=other.pk, actor=lead).assignee == other
    assert release_ticket(ticket_id=ticket.pk, actor=other).assignee is None
    names = EventRecord.objects.filter(name="service.ticket_assigned").count()
    assert names == 3


def test_resolved_opened_again_and_closed_by_silence():
    ticket, agent = make_ticket(), make_agent()
    assert resolve_ticket(ticket_id=ticket.pk, reason_id=a_reason(), actor=agent).assignee == agent
    with pytest.raises(InvalidTransition):
        resolve_ticket(ticket_id=ticket.pk, reason_id=a_reason(), actor=agent)
    assert reopen_ticket(ticket_id=ticket.pk, actor=agent).status == "open"
    resolve_ticket(ticket_id=ticket.pk, reason_id=a_reason(), actor=agent)
    assert close_silent_tickets() == 0
    Ticket.objects.update(resolved_at=timezone.now() - timedelta(days=15))
    assert (close_silent_tickets(), close_silent_tickets()) == (1, 0)
    assert Ticket.objects.get().status == "closed"


def test_a_merge_is_a_pointer_that_can_be_taken_back():
    first, second, lead = write(), write(), make_lead()
    with pytest.raises(NotAllowed):
        merge_tickets(ticket_id=second.ticket_id, into_id=first.ticket_id, actor=make_agent())
    merge_tickets(ticket_id=second.ticket_id, into_id=first.ticket_id, actor=lead)
    with pytest.raises(InvalidInput):
        merge_tickets(ticket_id=first.ticket_id, into_id=second.ticket_id, actor=lead)
    # what comes to the merged one goes on in the other
    assert write(in_reply_to=second.message_id).ticket == first.ticket
    second.refresh_from_db()
    assert second.ticket_id != first.ticket_id
    assert unmerge_ticket(ticket_id=second.ticket_id, actor=lead).merged_into is None
    assert write(in_reply_to=second.message_id).ticket == second.ticket
    assert_sound()


def test_a_split_moves_messages_and_leaves_at_least_one():
    first, lead = write(body="Wrong colour"), make_lead()
    second = write(in_reply_to=first.message_id, body="And where is the other order?")
    with pytest.raises(InvalidInput):
        split_ticket(ticket_id=first.ticket_id, message_ids=[first.pk, second.pk], actor=lead)
    assert Ticket.objects.count() == 1
    fresh = split_ticket(ticket_id=first.ticket_id, message_ids=[second.pk], actor=lead)
    old = Ticket.objects.get(pk=first.ticket_id)
    assert (old.message_count, old.gist, fresh.messages.get().pk) == (1, "Wrong colour", second.pk)
    fresh.refresh_from_db()
    assert (fresh.message_count, fresh.status, fresh.sender_address) == (1, "open", "minjun@mail.example")
    assert write(in_reply_to=second.message_id).ticket == fresh
    assert_sound()


def test_orders_lines_and_products_are_linked_as_rows():
    ticket, agent = make_ticket(), make_agent()
    order = make_order((make_variant(), 1), customer=make_customer())
    other = make_order((make_variant(), 1))
    line = order.lines.get()
    with pytest.raises(InvalidInput):
        link_ticket_order(ticket_id=ticket.pk, order_id=order.pk, line_id=other.lines.get().pk, actor=agent)
    assert not ticket.orders.exists()
    link = link_ticket_order(ticket_id=ticket.pk, order_id=order.pk, line_id=line.pk, actor=agent)
    assert link_ticket_order(ticket_id=ticket.pk, order_id=order.pk, line_id=line.pk, actor=agent).pk == link.pk
    product = link_ticket_product(ticket_id=ticket.pk, product_id=line.variant.product_id, actor=agent)
    ticket.refresh_from_db()
    assert ticket.customer == order.customer
    unlink_ticket(ticket_id=ticket.pk, order_link_id=link.pk, product_link_id=product.pk, actor=agent)
    assert not ticket.orders.exists()
    assert not ticket.products.exists()


def test_sorted_by_priority_tags_language_and_team():
    ticket, agent = make_ticket(), make_agent()
    team = Team.objects.create(name="Korea")
    changes = {"priority": 4, "tags": [" vip ", "vip", ""], "language": "ja", "team": team.pk, "subject": " A  b "}
    sort_ticket(ticket_id=ticket.pk, changes=changes, actor=agent)
    ticket.refresh_from_db()
    assert (ticket.priority, ticket.tags, ticket.language, ticket.team) == (4, ["vip"], "ja", team)
    assert ticket.subject == "A b"
    for wrong in ({"priority": 9}, {"status": "closed"}, {"team": 10**9}):
        with pytest.raises(InvalidInput):
            sort_ticket(ticket_id=ticket.pk, changes=wrong, actor=agent)


def test_read_marks_only_rise():
    ticket, agent = make_ticket(), make_agent()
    for version in (2, 1):
        mark_ticket_read(ticket_id=ticket.pk, version=version, actor=agent)
    assert ReadMark.objects.get().version == 2


@pytest.mark.parametrize(
    ("model", "values", "constraint"),
    [
        (Ticket, {"status": "odd"}, "service_ticket_status_valid"),
        (Ticket, {"priority": 9}, "service_ticket_priority_valid"),
        (Ticket, {"language": "xx"}, "service_ticket_language_valid"),
        (Ticket, {"status": "closed"}, "service_ticket_closed_has_moment"),
        (Inlet, {"kind": "odd"}, "service_inlet_kind_valid"),
        (Inlet, {"language": "xx"}, "service_inlet_language_valid"),
        (Inlet, {"address": ""}, "service_inlet_mailbox_has_address"),
    ],
)
def test_the_database_refuses(model, values, constraint):
    make_ticket(make_inlet())
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        model.objects.update(**values)
