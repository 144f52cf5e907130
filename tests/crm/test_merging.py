"""Two customers that are one person: found, merged, kept apart, and the way back."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core.errors import Conflict, InvalidInput, NotAllowed
from core.models import EventRecord
from crm.models import CustomerNote, CustomerTag, DuplicateProposal, Merge, ProposalState
from crm.services.merging import keep_apart, merge_customers, parts, settle_merges, undo_merge
from crm.services.noting import tag_customer, write_customer_note
from crm.services.proposing import propose_duplicates
from customers.models import Customer, Identity
from customers.services import create_customer
from orders.models import Order
from privacy.models import Channel, ConsentAct, ConsentSource, Purpose
from privacy.records import record_classes
from privacy.selectors.consents import consents_of
from privacy.services.consenting import Said, record_consents
from tests.factories import make_customer, make_order, make_user, make_variant
from tests.service.making import make_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss():
    return make_user(permissions=["crm.merge_customer", "crm.note_customer"])


def two():
    """A customer known by e-mail and one known by phone, with an order each, and a ticket of the second."""
    first = create_customer(name="Kim Minjun", email="minjun@mail.example")
    second = create_customer(name="Kim M.", phone="010-1234-5678")
    orders = [make_order((make_variant(), 1), customer=customer) for customer in (first, second)]
    ticket = make_ticket()
    type(ticket).objects.filter(pk=ticket.pk).update(customer=second)
    return first, second, orders, ticket


def test_everything_that_names_a_customer_is_moved_and_nothing_of_it_can_collide():
    assert {"identities", "orders", "returns", "tickets"} <= {part.code for part in parts()}
    assert len({part.code for part in parts()}) == len(parts())
    for part in parts():
        meta = part.model._meta
        unique = [*meta.unique_together, *(rule.fields for rule in meta.total_unique_constraints)]
        assert not any(part.field in fields for fields in unique), meta.label
        assert not meta.get_field(part.field).unique, meta.label


def test_a_merge_moves_everything_and_undoing_brings_it_back(boss):
    first, second, _orders, ticket = two()
    merge = merge_customers(survivor_id=first.pk, absorbed_id=second.pk, actor=boss)
    assert set(Order.objects.values_list("customer", flat=True)) == {first.pk}
    assert set(Identity.objects.values_list("customer", flat=True)) == {first.pk}
    ticket.refresh_from_db()
    assert ticket.customer_id == first.pk
    first.refresh_from_db()
    assert "01012345678" in first.search_text
    later = make_order((make_variant(), 1), customer=first)
    undo_merge(merge_id=merge.pk, actor=boss)
    ticket.refresh_from_db()
    assert ticket.customer_id == second.pk
    assert list(Order.objects.order_by("pk").values_list("customer", flat=True)) == [first.pk, second.pk, first.pk]
    assert Identity.objects.get(kind="phone").customer_id == second.pk
    assert later.pk
    names = EventRecord.objects.filter(name__startswith="crm.").order_by("pk").values_list("name", "subject_id")
    assert list(names) == [
        ("crm.customers_merged", first.pk),
        ("crm.customers_merged", second.pk),
        ("crm.customers_unmerged", first.pk),
        ("crm.customers_unmerged", second.pk),
    ]
    with pytest.raises(Conflict):
        undo_merge(merge_id=merge.pk, actor=boss)


def test_two_persons_are_never_merged_also_not_through_a_third(boss):
    first, second, _orders, _ticket = two()
    third = make_customer()
    keep_apart(first_id=second.pk, second_id=first.pk, actor=boss)
    merge_customers(survivor_id=third.pk, absorbed_id=second.pk, actor=boss)
    for survivor, absorbed in ((first, second), (first, third), (third, first)):
        with pytest.raises(Conflict):
            merge_customers(survivor_id=survivor.pk, absorbed_id=absorbed.pk, actor=boss)
    assert Merge.objects.count() == 1
    assert propose_duplicates() == 0
    assert DuplicateProposal.objects.get().state == ProposalState.APART


def test_refusals_change_nothing(boss):
    first, second, _orders, _ticket = two()
    with pytest.raises(NotAllowed):
        merge_customers(survivor_id=first.pk, absorbed_id=second.pk, actor=make_user())
    with pytest.raises(InvalidInput):
        merge_customers(survivor_id=first.pk, absorbed_id=first.pk, actor=boss)
    with pytest.raises(InvalidInput):
        merge_customers(survivor_id=first.pk, absorbed_id=999_999, actor=boss)
    merge = merge_customers(survivor_id=first.pk, absorbed_id=second.pk, actor=boss)
    third = make_customer()
    merge_customers(survivor_id=third.pk, absorbed_id=first.pk, actor=boss)
    with pytest.raises(Conflict):  # it was merged on since
        undo_merge(merge_id=merge.pk, actor=boss)
    with pytest.raises(Conflict):
        keep_apart(first_id=first.pk, second_id=second.pk, actor=boss)
    assert set(Order.objects.values_list("customer", flat=True)) == {third.pk}
    assert Merge.objects.filter(undone_at=None).count() == 2


def test_what_comes_late_is_brought_over(boss):
    first, second, _orders, _ticket = two()
    merge_customers(survivor_id=first.pk, absorbed_id=second.pk, actor=boss)
    late = make_order((make_variant(), 1), customer=second)
    assert settle_merges() == 1
    late.refresh_from_db()
    assert late.customer_id == first.pk
    assert settle_merges() == 0


def test_a_pair_is_called_by_names_and_masked_for_who_may_not_read_them(client):
    pair = DuplicateProposal.objects.create(
        first=make_customer(name="김하윤"), second=make_customer(name="김하륜"), score=60, reasons=["email"]
    )
    pages = [
        reverse("admin:crm_duplicateproposal_changelist"),
        reverse("admin:crm_duplicateproposal_change", args=[pair.pk]),
    ]
    rights = ["crm.view_duplicateproposal", "customers.view_customer"]
    for more, shown, hidden in (
        ([], "김** = 김**?", "김하윤"),
        (["customers.see_contact_data"], "김하윤 = 김하륜?", "김**"),
    ):
        client.force_login(make_user(permissions=[*rights, *more]))
        for page in pages:
            text = client.get(page).content.decode()
            assert shown in text
            assert hidden not in text


def test_what_orders_tell_makes_proposals():
    same, other, lone = make_customer(), make_customer(), make_customer()
    make_order(customer=same, buyer_email="Minjun@mail.example", buyer_phone="+82 10-1234-5678")
    make_order(customer=other, buyer_email="minjun@mail.example ", buyer_phone="010 1234 5678")
    make_order(customer=lone, buyer_phone="0501-234-5678", buyer_email="m***@mail.example")
    make_order(customer=other, buyer_phone="0501-234-5678", buyer_email="m***@mail.example")
    assert propose_duplicates() == 1
    found = DuplicateProposal.objects.get()
    assert (found.first, found.second, found.score, found.reasons) == (same, other, 100, ["email", "phone"])
    Order.objects.filter(customer=other).update(buyer_email="", buyer_phone="")
    assert propose_duplicates() == 0
    assert not DuplicateProposal.objects.exists()


def test_name_and_address_are_one_reason_and_an_office_is_none():
    home = {"buyer_name": "Lee Seoyeon", "recipient_name": "Lee Seoyeon", "postcode": "04524", "address_1": "Jung-gu 1"}
    for spelling in ({}, {"address_1": "junggu  1"}):
        make_order(customer=make_customer(), **{**home, **spelling})
    for _ in range(5):
        make_order(customer=make_customer(), buyer_phone="02-123-4567")
    assert propose_duplicates() == 1
    assert (DuplicateProposal.objects.get().reasons, DuplicateProposal.objects.get().score) == (["address"], 40)


def test_notes_stay_and_tags_are_a_set(boss):
    customer = make_customer()
    note = write_customer_note(customer_id=customer.pk, body=" Rings twice. ", actor=boss)
    assert (note.body, note.author) == ("Rings twice.", boss)
    with pytest.raises(InvalidInput):
        write_customer_note(customer_id=customer.pk, body=" ", actor=boss)
    assert tag_customer(customer_id=customer.pk, names=["VIP", " vip", "Gift  box"], actor=boss) == ["gift box", "vip"]
    assert tag_customer(customer_id=customer.pk, names=["vip"], actor=boss) == ["vip"]
    assert CustomerTag.objects.count() == 1
    with pytest.raises(NotAllowed):
        tag_customer(customer_id=customer.pk, names=[], actor=make_user())
    assert CustomerTag.objects.count() == 1


def test_of_two_consents_the_stricter_holds(boss):
    first, second, _orders, _ticket = two()
    now = timezone.now()

    def said(customer, channel, act):
        return Said(
            subject_id=customer.pk, purpose=Purpose.MARKETING, channel=channel, act=act, source=ConsentSource.ORDER,
            happened_at=now - timedelta(days=1), text_version="2026-01" if act == ConsentAct.GIVEN else "",
        )  # fmt: skip

    record_consents(
        model=Customer,
        said=[
            said(first, Channel.EMAIL, ConsentAct.GIVEN),
            said(second, Channel.EMAIL, ConsentAct.WITHDRAWN),
            said(second, Channel.MAIL, ConsentAct.GIVEN),
        ],
    )
    merge_customers(survivor_id=first.pk, absorbed_id=second.pk, actor=boss)
    holds = {one.channel: one.holds(timezone.now()) for one in consents_of(model=Customer, subject_id=first.pk)}
    assert holds == {"email": False, "mail": True}


def test_notes_and_tags_are_forgotten_with_the_person(boss):
    customer, other = make_customer(), make_customer()
    for one in (customer, other):
        write_customer_note(customer_id=one.pk, body="Rings twice.", actor=boss)
        tag_customer(customer_id=one.pk, names=["vip"], actor=boss)
    [notes] = [one for one in record_classes(Customer) if one.key == "crm.notes"]
    assert [row.get("body", row.get("tag")) for row in notes.collect(customer.pk)] == ["Rings twice.", "vip"]
    assert notes.erase(customer.pk) == 2
    assert notes.erase(customer.pk) == 0
    assert (CustomerNote.objects.get().customer, CustomerTag.objects.get().customer) == (other, other)
