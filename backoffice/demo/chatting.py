"""The live chat of the demo's own site: one visitor has asked, was answered, and asks again."""

from datetime import datetime

from django.conf import settings

from chat.models import Widget
from chat.services import Begun, begin_chat, say_in_chat
from service.models import Inlet, InletKind, Ticket
from service.services import reply_to_ticket
from staff.models import User

ASKED = "안녕하세요, 이 머그컵은 전자레인지에 써도 되나요?"
ANSWER = "네, 전자레인지와 식기세척기 모두 사용하실 수 있습니다."
ASKED_AGAIN = "감사합니다! 오늘 주문하면 언제 도착하나요?"


def open_chat(*, now: datetime, agent: User) -> None:
    """Open a chat that this server's own pages may embed, and let one visitor write."""
    inlet = Inlet.objects.create(
        code="site-chat",
        name="홈페이지 채팅",
        kind=InletKind.CHAT,
        language="ko",
        checked_at=now,
        address="help@shop.example",
    )
    form = Inlet.objects.create(
        code="site-form", name="홈페이지 문의", kind=InletKind.WEB_FORM, address="help@shop.example", language="ko"
    )
    widget = Widget.objects.create(
        inlet=inlet, form_inlet=form, origins=[settings.PUBLIC_URL], greeting="무엇을 도와드릴까요?"
    )
    begun = Begun(nonce="demo-visitor-one", body=ASKED, consent="demo", language="ko", name="방문자")
    conversation = begin_chat(widget_id=widget.pk, begun=begun, origin="demo").conversation
    ticket = Ticket.objects.get(pk=conversation.ticket_id)
    reply_to_ticket(ticket_id=ticket.pk, body=ANSWER, seen_version=ticket.version, key="demo:chat", actor=agent)
    say_in_chat(conversation_id=conversation.pk, place=2, body=ASKED_AGAIN)
