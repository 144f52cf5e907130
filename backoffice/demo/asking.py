"""What buyers of the demo ask: inlets, tickets of all states, one that two mails made, one that waits for a mall."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from backoffice.demo.answering import set_terms
from backoffice.demo.chatting import open_chat
from backoffice.demo.premises import channel_ids
from backoffice.demo.vocabulary import load
from catalog.models import SalesChannel
from channels.services.connecting import save_connection
from customers.models import Identity, IdentityKind
from orders.models import Order
from service.models import Inlet, InletKind, Message, Team, Ticket
from service.selectors.reasons import find_reason
from service.services import (
    Incoming,
    claim_ticket,
    reply_to_ticket,
    resolve_ticket,
    sort_ticket,
    take_message,
    write_note,
)
from service.services.reasons.seeding import seed_ticket_reasons
from staff.models import User

# code, name, kind, sales channel, address, language
INLETS = (
    ("mail-kr", "고객센터 메일", InletKind.EMAIL, "", "help@shop.example", "ko"),
    ("mail-jp", "お問い合わせ窓口", InletKind.EMAIL, "", "support@shop.example", "ja"),
    ("naver-qna", "스마트스토어 문의", InletKind.MALL, "naver", "", "ko"),
    ("rakuten-inquiry", "楽天 お問い合わせ", InletKind.MALL, "rakuten", "", "ja"),
    ("phone", "전화 · Phone", InletKind.PHONE, "", "", "ko"),
)


def take_questions(*, now: datetime, team: Mapping[str, User]) -> None:
    """Open the inlets and take in what buyers ask about orders they really have; some of it is answered."""
    channels = channel_ids()
    seed_ticket_reasons()
    set_terms(channels=channels)
    inlets = {
        code: Inlet.objects.create(
            code=code, name=name, kind=kind, address=address, language=language,
            sales_channel_id=channels.get(channel), checked_at=now,
        )
        for code, name, kind, channel, address, language in INLETS
    }  # fmt: skip
    _prepare_connections(channels, inlets)
    Team.objects.create(name="한국 상담").members.add(team["cs"], team["cslead"])
    Team.objects.create(name="日本サポート").members.add(team["cslead"])
    open_chat(now=now, agent=team["cs"])
    for place, plan in enumerate(load("asking")["tickets"]):
        _live(place, plan, inlets[plan["inlet"]], now, team)


def _prepare_connections(channels: Mapping[str, int], inlets: Mapping[str, Inlet]) -> None:
    """Write down how two malls would be reached; they stay off, because nobody has keys for a demo."""
    for channel, account, inlet in (("naver", "", "naver-qna"), ("rakuten", "999999", "rakuten-inquiry")):
        values = {"sales_channel": SalesChannel.objects.get(pk=channels[channel]), "account": account,
                  "mall_inlet": inlets[inlet], "is_active": False}  # fmt: skip
        save_connection(connection_id=None, values=values, actor=None)


def _live(place: int, plan: Mapping[str, object], inlet: Inlet, now: datetime, team: Mapping[str, User]) -> None:
    order, email = _asker(place, str(plan["country"]), inlet)
    first = _ask(f"{place}-1", str(plan["body"]), plan, inlet, order, email, now)
    ticket = Ticket.objects.get(pk=first.ticket_id)
    worker = team["cs"] if place % 3 else team["cslead"]
    changes = {name: plan[name] for name in ("priority", "tags") if name in plan}
    if changes:
        sort_ticket(ticket_id=ticket.pk, changes=changes, actor=worker)
    if "note" in plan or "reply" in plan:
        claim_ticket(ticket_id=ticket.pk, actor=worker)
    if "note" in plan:
        write_note(ticket_id=ticket.pk, body=str(plan["note"]), actor=worker)
    if "reply" in plan:
        ticket.refresh_from_db()
        reply_to_ticket(
            ticket_id=ticket.pk, body=str(plan["reply"]), seen_version=ticket.version, key=f"demo:{place}",
            actor=worker,
        )  # fmt: skip
    if "again" in plan:
        _ask(f"{place}-2", str(plan["again"]), plan, inlet, order, email, now, after=first)
    if plan.get("resolved"):
        reason = find_reason(str(plan.get("reason", "delivery-where")))
        resolve_ticket(ticket_id=ticket.pk, reason_id=reason, actor=worker)


def _ask(
    key: str, body: str, plan: Mapping[str, object], inlet: Inlet, order: Order | None, email: str, now: datetime,
    *, after: Message | None = None,
) -> Message:  # fmt: skip
    # who writes again has read our answer, which is written now
    minutes = 0 if after else int(str(plan["minutes"]))
    message_id = f"{hashlib.sha256(key.encode()).hexdigest()[:20]}@mail.example"
    incoming = Incoming(
        external_id=f"demo:{key}",
        subject=str(plan["subject"]),
        body=body,
        sender_name=order.buyer_name if order else "",
        sender_address=email,
        message_id=message_id,
        in_reply_to=after.message_id if after else "",
        order_number=order.number if order else "",
        at=now - timedelta(minutes=minutes) if minutes else None,
    )
    return take_message(inlet_id=inlet.pk, incoming=incoming).message


def _asker(place: int, country: str, inlet: Inlet) -> tuple[Order | None, str]:
    """Return an order of somebody who writes by this inlet, and their e-mail address."""
    rows = Order.objects.filter(country=country).exclude(customer=None).order_by("-placed_at", "-pk")
    if inlet.sales_channel_id:
        rows = rows.filter(sales_channel=inlet.sales_channel_id)
    order = next(iter(rows[place * 2 : place * 2 + 1]), None) or rows.first()
    if order is None:
        return None, ""
    known = Identity.objects.filter(customer=order.customer_id, kind=IdentityKind.EMAIL)
    return order, known.values_list("value", flat=True).first() or ""
