"""What the demo's customer service does with tickets: macros, order work, one matter in two tickets, two in one."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from backoffice.demo.vocabulary import load
from orders.models import OPEN_STATUSES, Order, OrderStatus
from returns.models import ReturnReason
from service.models import UNSOLVED, Coupon, Direction, Macro, Message, Ticket, TicketOrder, TicketStatus
from service.services import Incoming, add_coupon_codes, claim_ticket, merge_tickets, split_ticket, take_message
from service.services.macros import like_macro, use_macro
from service.services.order_work import change_ticket_address, refund_ticket_order
from staff.models import User


def use_macros(*, now: datetime, team: Mapping[str, User]) -> int:
    """Write macros down, use some, work on orders from tickets, merge two tickets and split one; return how many."""
    coupon = _coupon(now, team)
    macros = {plan["shortcut"]: _macro(plan, coupon) for plan in load("macros")["macros"]}
    _merge(now, team)
    _split(team)
    _work(team)
    for shortcut in ("late", "photo"):
        like_macro(macro_id=macros[shortcut].pk, is_liked=True, actor=team["cs"])
    for place, ticket in enumerate(_open()[:3]):
        macro = macros[("photo", "check", "queue")[place]]
        use_macro(
            macro_id=macro.pk, ticket_id=ticket.pk, seen_version=ticket.version,
            sends=place == 0, key=f"demo:macro:{place}", actor=team["cslead"],
        )  # fmt: skip
    _say_sorry(macros["sorry"], team)
    return len(macros)


def _say_sorry(macro: Macro, team: Mapping[str, User]) -> None:
    """Give one customer who waits a coupon."""
    waiting = Ticket.objects.filter(status__in=UNSOLVED, merged_into=None, inlet__kind="email", language="ko")
    ticket = waiting.exclude(customer=None).order_by("-pk").first()
    if ticket is not None:
        use_macro(
            macro_id=macro.pk, ticket_id=ticket.pk, seen_version=ticket.version, sends=True, key="demo:coupon",
            actor=team["cslead"],
        )  # fmt: skip


def _coupon(now: datetime, team: Mapping[str, User]) -> Coupon:
    until = (now + timedelta(days=60)).date()
    coupon = Coupon.objects.create(name="사과 쿠폰 · お詫びクーポン", amount=3000, currency="KRW", valid_until=until)
    codes = [f"SORRY-{number:04d}" for number in range(1, 41)]
    add_coupon_codes(coupon_id=coupon.pk, codes=codes, actor=team["cslead"])
    return coupon


def _macro(plan: Mapping[str, str], coupon: Coupon) -> Macro:
    values = {
        **plan,
        "return_reason": ReturnReason.objects.filter(code=plan.get("return_reason", "")).first(),
        "coupon": coupon if "coupon." in plan.get("body_ko", "") else None,
    }
    return Macro.objects.create(**values)


def _open() -> list[Ticket]:
    rows = Ticket.objects.filter(status=TicketStatus.NEW, merged_into=None, inlet__kind="email", assignee=None)
    return list(rows.order_by("pk"))


def _merge(now: datetime, team: Mapping[str, User]) -> None:
    """Let somebody who waits write once more, in a new mail; both are one matter."""
    ticket = Ticket.objects.filter(inlet__kind="email", status=TicketStatus.NEW).order_by("pk").first()
    if ticket is None:
        return
    incoming = Incoming(
        external_id="demo:again", subject=ticket.subject, body="앞서 보낸 문의에 아직 답이 없어서 다시 보냅니다.",
        sender_name=ticket.sender_name, sender_address=ticket.sender_address, at=now - timedelta(minutes=20),
    )  # fmt: skip
    again = take_message(inlet_id=ticket.inlet_id, incoming=incoming).message
    if again.ticket_id != ticket.pk:
        merge_tickets(ticket_id=again.ticket_id, into_id=ticket.pk, actor=team["cslead"])


def _split(team: Mapping[str, User]) -> None:
    """Let the second question of a conversation be a ticket of its own."""
    heard = Message.objects.filter(
        direction=Direction.INBOUND, external_id__startswith="demo:", external_id__endswith="-2"
    )
    second = heard.order_by("-pk").first()
    if second is not None:
        split_ticket(ticket_id=second.ticket_id, message_ids=[second.pk], actor=team["cslead"])


def _work(team: Mapping[str, User]) -> None:
    """Change the address of an order that has not left, and promise some money back on one that was late."""
    links = TicketOrder.objects.filter(ticket__merged_into=None).select_related("order").order_by("pk")
    reachable = links.filter(order__status__in=OPEN_STATUSES).exclude(order__address_1="").first()
    if reachable is not None:
        order: Order = reachable.order
        change_ticket_address(
            ticket_id=reachable.ticket_id, order_id=order.pk, changes={"address_2": f"{order.address_2} 3F".strip()},
            key="demo:address", actor=team["cslead"],
        )  # fmt: skip
    sent = links.filter(order__status=OrderStatus.SHIPPED, order__paid_total__gt=1000).first()
    if sent is not None and not sent.order.refunds.exists():
        if Ticket.objects.filter(pk=sent.ticket_id, assignee=None, status=TicketStatus.NEW).exists():
            claim_ticket(ticket_id=sent.ticket_id, actor=team["cslead"])
        refund_ticket_order(
            ticket_id=sent.ticket_id, order_id=sent.order_id, amount=sent.order.paid_total // 20, reason="late",
            note="배송 지연 보상", key="demo:refund", actor=team["cslead"],
        )  # fmt: skip
