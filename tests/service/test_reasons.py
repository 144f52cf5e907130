"""Why people wrote: nothing is settled without it, merged reasons keep their history."""

import pytest

from compliance.services import sync_rules
from core.errors import InvalidInput, NotAllowed
from returns.models import ReturnReason
from service.models import Outgoing, ReasonNode, Ticket, TicketStatus
from service.selectors.reasons import find_reason, reason_choices
from service.services import (
    ReasonMissing,
    give_reason,
    link_ticket_order,
    merge_reason,
    reply_to_ticket,
    resolve_ticket,
    seed_ticket_reasons,
    unmerge_reason,
)
from tests.factories import make_stock
from tests.returns.making import ask, sold
from tests.service.making import a_reason, make_agent, make_lead, make_ticket

pytestmark = pytest.mark.django_db


def test_nothing_is_settled_without_a_reason():
    ticket, agent = make_ticket(), make_agent()
    with pytest.raises(ReasonMissing):
        resolve_ticket(ticket_id=ticket.pk, actor=agent)
    with pytest.raises(ReasonMissing):
        reply_to_ticket(ticket_id=ticket.pk, body="It comes today.", seen_version=1, key="k", resolve=True, actor=agent)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.reason_id, ticket.version) == (TicketStatus.NEW, None, 1)
    assert not Outgoing.objects.exists()
    done = reply_to_ticket(
        ticket_id=ticket.pk, body="It comes today.", seen_version=1, key="k", resolve=True, reason_id=a_reason(),
        actor=agent,
    )  # fmt: skip
    assert done.message.ticket.reason_id == a_reason()


def test_a_reason_that_was_given_before_is_enough():
    ticket, agent = make_ticket(), make_agent()
    give_reason(ticket_id=ticket.pk, reason_id=a_reason("product-defective"), actor=agent)
    done = resolve_ticket(ticket_id=ticket.pk, actor=agent)
    assert (done.status, done.reason.code) == (TicketStatus.RESOLVED, "product-defective")


@pytest.mark.parametrize("code", ["product", "delivery"])
def test_only_the_finest_reasons_are_chosen(code):
    ticket = make_ticket()
    with pytest.raises(InvalidInput):
        resolve_ticket(ticket_id=ticket.pk, reason_id=a_reason(code), actor=make_agent())
    assert Ticket.objects.get(pk=ticket.pk).reason is None


def test_words_mean_a_reason_in_the_readers_language(settings):
    assert find_reason("Delivery › Came too late") == a_reason("delivery-late")
    assert find_reason("came too LATE") == a_reason("delivery-late")
    assert find_reason("delivery-late") == a_reason("delivery-late")
    assert find_reason("Delivery") is None
    assert find_reason("Not recorded") is None


def test_what_the_order_comes_back_for_is_suggested_first():
    sync_rules()
    case = ask(sold(make_stock(on_hand=10)), reason="defective")
    ticket, agent = make_ticket(), make_agent()
    assert not any(row.is_suggested for row in reason_choices(ticket_id=ticket.pk))
    link_ticket_order(ticket_id=ticket.pk, order_id=case.order_id, actor=agent)
    first, second = reason_choices(ticket_id=ticket.pk)[:2]
    assert (first.code, first.is_suggested, second.is_suggested) == ("product-defective", True, False)


def test_a_merged_reason_keeps_its_tickets_and_can_come_back():
    lead, ticket = make_lead(), make_ticket()
    late, where = a_reason("delivery-late"), a_reason("delivery-where")
    resolve_ticket(ticket_id=ticket.pk, reason_id=late, actor=lead)
    merge_reason(reason_id=late, into_id=where, actor=lead)
    assert Ticket.objects.get(pk=ticket.pk).reason_id == late
    assert "delivery-late" not in {row.code for row in reason_choices()}
    merge_reason(reason_id=where, into_id=a_reason("delivery-lost"), actor=lead)
    assert ReasonNode.objects.get(pk=late).merged_into_id == a_reason("delivery-lost")
    unmerge_reason(reason_id=late, actor=lead)
    assert "delivery-late" in {row.code for row in reason_choices()}


def test_merging_refuses_branches_itself_and_strangers():
    product, late = a_reason("product"), a_reason("delivery-late")
    for reason, into in ((product, late), (late, late), (late, a_reason("not-recorded"))):
        with pytest.raises(InvalidInput):
            merge_reason(reason_id=reason, into_id=into, actor=make_lead())
    with pytest.raises(NotAllowed):
        merge_reason(reason_id=late, into_id=a_reason(), actor=make_agent())
    assert not ReasonNode.objects.exclude(merged_into=None).exists()


def test_seeding_adds_what_is_missing_and_touches_nothing():
    before = ReasonNode.objects.count()
    ReasonNode.objects.filter(code="money-receipt").delete()
    ReasonNode.objects.filter(code="delivery-late").update(name_en="Late", is_active=False)
    assert seed_ticket_reasons() == before
    late = ReasonNode.objects.get(code="delivery-late")
    assert (late.name_en, late.is_active) == ("Late", False)
    assert ReasonNode.objects.get(code="money-receipt").parent.code == "money"
    assert ReturnReason.objects.exclude(pk__in=ReasonNode.objects.values("return_reason")).count() == 0
