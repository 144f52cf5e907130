"""What customer service has in the world of the pages."""

from django.utils import timezone

from catalog.models import SalesChannel
from channels.models import Connection
from chat.models import Widget
from orders.models import Order
from service.models import (
    AgentProfile,
    AnswerFile,
    ApprovalRule,
    AsideMail,
    AssignmentRule,
    Coupon,
    EscalationStep,
    Inlet,
    Macro,
    Mailbox,
    MallDeadline,
    SlaPolicy,
    Team,
)
from service.services import Incoming, add_coupon_codes, link_ticket_order, take_message
from staff.models import User
from tests.admin.world_of_voice import make_told


def make_connected(channel: SalesChannel) -> None:
    """Connect a channel to its mall."""
    Connection.objects.create(sales_channel=channel, account="A00000000", user="test")


def make_asked() -> None:
    """Make one ticket with a message of the customer, and all that is set up around it."""
    inlet = Inlet.objects.create(code="test", name="Test", kind="email", address="help@shop.example")
    Inlet.objects.create(code="phone", name="Test", kind="phone")
    Widget.objects.create(inlet=Inlet.objects.create(code="chat", name="Test", kind="chat"))
    Mailbox.objects.create(inlet=inlet, host="mail.example", username="test", takes_since=timezone.localdate())
    AsideMail.objects.create(inlet=inlet, external_id="test", reason="auto_reply", subject="Test")
    Team.objects.create(name="Test")
    AnswerFile.objects.create(name="Test")
    coupon = Coupon.objects.create(name="Test", amount=3000, currency="KRW", valid_until="2099-12-31")
    add_coupon_codes(coupon_id=coupon.pk, codes=["TEST-1"], actor=None)
    ApprovalRule.objects.create(name="Test", words=["refund"])
    SlaPolicy.objects.create(name="Test", first_reply_minutes=60)
    AgentProfile.objects.create(user=User.objects.all()[0], languages=["ko"], skills=["repair"])
    AssignmentRule.objects.create(name="Test", is_active=True)
    MallDeadline.objects.create(sales_channel=SalesChannel.objects.all()[0], length=24)
    EscalationStep.objects.create(term="first_reply")
    incoming = Incoming(external_id="1", subject="Bag", body="Bag", sender_address="minjun@example.com")
    ticket = take_message(inlet_id=inlet.pk, incoming=incoming).message.ticket
    link_ticket_order(ticket_id=ticket.pk, order_id=Order.objects.all()[0].pk, actor=None)
    Macro.objects.create(name="Test", shortcut="test", body_en="{{customer.name}}", body_ko="{{customer.name}}")
    make_told()
