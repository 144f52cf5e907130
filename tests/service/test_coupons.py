"""Coupons: one code for each customer, told in the answer, taken back only while nobody was told."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from core.errors import InvalidInput, NotAllowed
from core.models import EventRecord
from service.models import Coupon, CouponCode, Draft, Macro, Message, Outgoing, Ticket
from service.services import (
    add_coupon_codes,
    give_coupon,
    merge_tickets,
    reply_to_ticket,
    take_coupon_back,
    undo_reply,
)
from service.services.macros import use_macro, use_macro_on_tickets
from tests.admin.pressing import press
from tests.factories import make_customer, make_user
from tests.service.making import WORK, make_ticket

pytestmark = pytest.mark.django_db
GIVES = (*WORK, "service.give_coupon")
KEEPS = (*GIVES, "service.view_coupon", "service.add_coupon", "service.change_coupon")
CODES = ("SORRY-0001", "SORRY-0002", "SORRY-0003")


def make_coupon(*codes: str, **over):
    until = timezone.localdate() + timedelta(days=30)
    values = {"name": "Sorry", "amount": 3000, "currency": "KRW", "valid_until": until, **over}
    coupon = Coupon.objects.create(**values)
    if codes:
        add_coupon_codes(coupon_id=coupon.pk, codes=codes, actor=None)
    return coupon


def make_macro(coupon, **over):
    words = {"body_ko": "쿠폰 {{coupon.code}}, {{coupon.worth}}, {{coupon.valid_until}}까지", "name": "Sorry", **over}
    return Macro.objects.create(coupon=coupon, **words)


def asked_by(customer):
    ticket = make_ticket()
    Ticket.objects.filter(pk=ticket.pk).update(customer=customer, language="ko")
    ticket.refresh_from_db()
    return ticket


def use(macro, ticket, user, **over):
    wish = {"key": f"k{ticket.pk}", "seen_version": ticket.version, **over}
    return use_macro(macro_id=macro.pk, ticket_id=ticket.pk, actor=user, **wish)


def test_codes_come_in_once_each():
    coupon = make_coupon(*CODES)
    assert add_coupon_codes(coupon_id=coupon.pk, codes=[*CODES, " SORRY-0004 ", "", "SORRY-0004"], actor=None) == 1
    assert CouponCode.objects.count() == 4
    for wrong in ([], [" "], ["two words"], ["x" * 61], ["a\x00b"]):
        with pytest.raises(InvalidInput):
            add_coupon_codes(coupon_id=coupon.pk, codes=wrong, actor=None)
    with pytest.raises(NotAllowed):
        add_coupon_codes(coupon_id=coupon.pk, codes=["A"], actor=make_user(permissions=GIVES))


def test_a_macro_gives_the_next_code_and_says_what_it_is_worth():
    coupon, user = make_coupon(*CODES), make_user(permissions=GIVES)
    ticket = asked_by(make_customer())
    use(make_macro(coupon), ticket, user)
    code = CouponCode.objects.get(ticket=ticket)
    assert (code.code, code.given_by) == (CODES[0], user)
    body = Draft.objects.get(ticket=ticket).body
    assert f"쿠폰 {CODES[0]}, ₩3,000" in body.replace("￦", "₩")
    fact = EventRecord.objects.get(name="service.coupon_given")
    assert CODES[0] not in str(fact.data)
    use(Macro.objects.get(), ticket, user)  # the same press again
    assert CouponCode.objects.exclude(ticket=None).count() == 1


def test_a_customer_gets_it_once_whatever_ticket():
    coupon, user, customer = make_coupon(*CODES), make_user(permissions=GIVES), make_customer()
    macro = make_macro(coupon)
    use(macro, asked_by(customer), user)
    with pytest.raises(InvalidInput, match="already"):
        use(macro, asked_by(customer), user)
    use(macro, asked_by(None), user)
    use(macro, asked_by(None), user)  # nobody knows that it is the same person
    with pytest.raises(InvalidInput, match="left"):
        use(macro, asked_by(make_customer()), user)


def test_what_ended_or_is_switched_off_is_not_given():
    late = make_coupon("A", name="Late", valid_until=timezone.localdate() - timedelta(days=1))
    off = make_coupon("A", name="Off", is_active=False)
    today = make_coupon("A", name="Today", valid_until=timezone.localdate())
    ticket = asked_by(make_customer())
    for coupon in (late, off):
        with pytest.raises(InvalidInput, match="not given any more"):
            give_coupon(coupon_id=coupon.pk, ticket_id=ticket.pk, actor=None)
    assert give_coupon(coupon_id=today.pk, ticket_id=ticket.pk, actor=None).code == "A"


def test_a_macro_that_is_refused_gives_nothing():
    coupon, user = make_coupon(*CODES), make_user(permissions=GIVES)
    macro = make_macro(coupon, body_ko="{{coupon.code}} {{order.number}}")
    with pytest.raises(InvalidInput, match="Missing"):
        use(macro, asked_by(make_customer()), user)
    with pytest.raises(NotAllowed):
        use(make_macro(coupon, name="Other"), asked_by(make_customer()), make_user(permissions=WORK))
    assert not CouponCode.objects.exclude(ticket=None).exists()


def test_many_tickets_get_a_code_each_and_who_has_one_is_told():
    coupon, user, customer = make_coupon(*CODES), make_user(permissions=GIVES), make_customer()
    tickets = [asked_by(customer), asked_by(customer), asked_by(make_customer())]
    report = use_macro_on_tickets(
        macro_id=make_macro(coupon).pk,
        ticket_ids=[one.pk for one in tickets],
        seen_at=timezone.now(),
        sends=True,
        key="many",
        actor=user,
    )
    assert (report.done, [number for number, _why in report.refused]) == (2, [tickets[1].number])
    bodies = [CODES[n] in Message.objects.get(ticket=tickets[n * 2], direction="outbound").body for n in (0, 1)]
    assert bodies == [True, True]


def test_a_code_is_taken_back_while_nobody_was_told():
    coupon, user = make_coupon(*CODES), make_user(permissions=GIVES)
    keeper = make_user(permissions=KEEPS)
    macro, ticket = make_macro(coupon), asked_by(make_customer())
    use(macro, ticket, user)
    with pytest.raises(NotAllowed):
        take_coupon_back(coupon_id=coupon.pk, code=CODES[0], actor=user)
    take_coupon_back(coupon_id=coupon.pk, code=f" {CODES[0]} ", actor=keeper)
    assert not CouponCode.objects.exclude(ticket=None).exists()
    with pytest.raises(InvalidInput, match="No customer"):
        take_coupon_back(coupon_id=coupon.pk, code=CODES[0], actor=keeper)
    again = asked_by(make_customer())
    use(macro, again, user, sends=True)
    with pytest.raises(InvalidInput, match="was told"):
        take_coupon_back(coupon_id=coupon.pk, code=CODES[0], actor=keeper)
    undo_reply(outgoing_id=Outgoing.objects.get(message__ticket=again).pk, actor=user)
    take_coupon_back(coupon_id=coupon.pk, code=CODES[0], actor=keeper)


def test_a_code_told_where_its_ticket_was_merged_into_stays():
    coupon, keeper = make_coupon(*CODES), make_user(permissions=(*KEEPS, "service.direct_ticket"))
    first, into = asked_by(make_customer()), asked_by(None)
    code = give_coupon(coupon_id=coupon.pk, ticket_id=first.pk, actor=keeper)
    merge_tickets(ticket_id=first.pk, into_id=into.pk, actor=keeper)
    into.refresh_from_db()
    reply_to_ticket(ticket_id=into.pk, body=f"Here: {code.code}", seen_version=into.version, key="told", actor=keeper)
    with pytest.raises(InvalidInput, match="was told"):
        take_coupon_back(coupon_id=coupon.pk, code=code.code, actor=keeper)


@pytest.mark.django_db(transaction=True)
def test_two_tickets_of_one_customer_at_the_same_time_get_one_code():
    coupon, customer = make_coupon(*CODES), make_customer()
    tickets = [asked_by(customer) for _one in range(4)]
    start, told = Barrier(len(tickets)), []

    def give(ticket_id):
        start.wait()
        try:
            give_coupon(coupon_id=coupon.pk, ticket_id=ticket_id, actor=None)
        except InvalidInput as error:
            told.append(str(error))
        finally:
            connection.close()

    runs = [Thread(target=give, args=(one.pk,)) for one in tickets]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert len(told) == 3
    assert CouponCode.objects.exclude(ticket=None).count() == 1


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"amount": 0}, "service_coupon_amount_positive"),
        ({"currency": "XXX"}, "service_coupon_currency_valid"),
    ],
)
def test_the_database_refuses_a_coupon(values, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make_coupon(**values)


def test_the_database_refuses_a_code_that_is_half_given():
    coupon, ticket = make_coupon(*CODES), make_ticket()
    with pytest.raises(IntegrityError, match="service_couponcode_given_or_not"), transaction.atomic():
        CouponCode.objects.filter(code=CODES[0]).update(ticket=ticket)
    give_coupon(coupon_id=coupon.pk, ticket_id=ticket.pk, actor=None)
    with pytest.raises(IntegrityError, match="service_couponcode_once_for_a_ticket"), transaction.atomic():
        CouponCode.objects.filter(code=CODES[1]).update(ticket=ticket, given_at=timezone.now())


def test_the_pages_add_codes_show_what_is_left_and_never_a_whole_code(client):
    client.force_login(make_user(permissions=KEEPS))
    coupon = make_coupon()
    press(client, coupon, "add_codes", codes="\n".join(CODES))
    assert CouponCode.objects.count() == 3
    give_coupon(coupon_id=coupon.pk, ticket_id=make_ticket().pk, actor=None)
    page = client.get(reverse("admin:service_coupon_change", args=[coupon.pk])).content.decode()
    assert "…0001" in page
    assert CODES[0] not in page
    press(client, coupon, "take_back", code=CODES[0])
    assert not CouponCode.objects.exclude(ticket=None).exists()
    assert client.get(reverse("admin:service_coupon_changelist")).status_code == 200


def test_a_worth_is_typed_as_people_write_amounts(client):
    client.force_login(make_user(permissions=KEEPS))
    typed = {"name": "Ten", "currency": "USD", "valid_until": "2099-12-31", "is_active": "on"}
    for amount, is_saved in (("abc", False), ("0", False), ("10.50", True)):
        client.post(reverse("admin:service_coupon_add"), {**typed, "amount": amount})
        assert Coupon.objects.filter(name="Ten").exists() == is_saved
    assert Coupon.objects.get().amount == 1050


def test_a_macro_and_its_coupon_belong_together(client):
    client.force_login(make_user(permissions=(*KEEPS, "service.view_macro", "service.add_macro")))
    coupon = make_coupon(*CODES)
    for words, chosen, is_saved in (
        ("{{coupon.code}}", "", False), ("Sorry!", coupon.pk, False), ("", coupon.pk, False),
        ("{{coupon.code}}", coupon.pk, True),
    ):  # fmt: skip
        typed = {"name": "Give", "body_en": words, "coupon": chosen, "is_active": "on"}
        client.post(reverse("admin:service_macro_add"), typed)
        assert Macro.objects.filter(name="Give").exists() == is_saved, words


def test_the_dialog_tells_why_there_is_none_and_no_code_before_it_is_given(client):
    user = make_user(permissions=GIVES)
    client.force_login(user)
    coupon, ticket = make_coupon(*CODES), asked_by(make_customer())
    macro = make_macro(coupon)
    url = reverse("admin:service_macro", args=[ticket.pk, macro.pk])
    page = client.get(url).content.decode()
    assert "••••••" in page
    assert CODES[0] not in page
    assert not CouponCode.objects.exclude(ticket=None).exists()
    use(macro, ticket, user)
    assert "has got the coupon" in client.get(url).content.decode()
    assert "Sorry" in client.get(reverse("admin:service_beside", args=[ticket.pk])).content.decode()
