"""A call goes on in the ticket that is open, a coupon says sorry, and the matter is settled with its reason."""

import re

from django.urls import reverse
from playwright.sync_api import expect

from customers.services import add_identity
from service.models import Coupon, CouponCode, Macro, Message, Outgoing, Ticket, TicketStatus
from service.services import add_coupon_codes, seed_ticket_reasons
from staff.models import Role
from tests.factories import make_customer, make_order
from tests.service.making import make_inlet, write


def test_somebody_who_calls_about_an_open_ticket_gets_a_coupon_and_an_answer(open_desk, shop):
    seed_ticket_reasons()
    customer = make_customer(name="김하윤")
    add_identity(customer_id=customer.pk, kind="phone", value="010-2345-6789")
    add_identity(customer_id=customer.pk, kind="email", value="hayun@mail.example")
    order = make_order((shop.tee, 1), customer=customer, sales_channel=shop.seoul)
    make_inlet(kind="phone")
    asked = write(subject="Colour", body="The colour is wrong", sender_address="hayun@mail.example").ticket
    coupon = Coupon.objects.create(name="Sorry", amount=3000, currency="KRW", valid_until="2099-12-31")
    add_coupon_codes(coupon_id=coupon.pk, codes=["SORRY-1"], actor=None)
    words = "We are sorry. {{coupon.worth}}: {{coupon.code}}"
    Macro.objects.create(name="Say sorry", shortcut="sorry", coupon=coupon, body_en=words, body_ko=words)
    desk = open_desk(Role.CS_AGENT)
    page = desk.page

    desk.open(reverse("admin:service_call"))
    expect(page.get_by_label("Phone")).to_be_focused()
    page.keyboard.type("010-2345-6789")
    caller = page.get_by_role("status", name="Who calls")
    expect(caller).to_contain_text("김하윤")
    caller.get_by_label(re.compile("Colour")).check()
    caller.get_by_role("button", name="It is about this one").click()
    expect(page.get_by_label("Order number")).to_have_value(order.number)
    page.get_by_label("What was said").fill("Wants to keep it for a coupon")
    desk.fits_a_phone()
    desk.follow("Write down")
    ticket = Ticket.objects.get()
    assert (ticket, ticket.message_count) == (asked, 2)
    assert ticket.orders.get().order == order

    page.locator("#reply-body").click()
    page.keyboard.type("/")
    page.locator("#macro-q").fill("sorry")
    page.locator("#macro-list").get_by_text("Say sorry").click()
    dialog = page.locator("dialog#dialog[open]")
    expect(dialog).to_contain_text("••••••")
    assert not CouponCode.objects.exclude(ticket=None).exists()
    with page.expect_navigation():
        dialog.get_by_role("button", name="Put into the answer").click()
    expect(page.locator("#reply-body")).to_have_value(re.compile("₩3,000: SORRY-1$"))
    assert CouponCode.objects.get().ticket == ticket

    page.locator("[name=reason]").fill("delivery-where")
    desk.follow("Send and resolve")
    ticket.refresh_from_db()
    assert ticket.status == TicketStatus.RESOLVED
    assert "SORRY-1" in Message.objects.get(ticket=ticket, direction="outbound").body
    assert Outgoing.objects.get().state == "owed"
    desk.sees(re.compile("SORRY-1"))
