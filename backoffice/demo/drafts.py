"""Invented orders in the words of intake."""

from datetime import datetime, timedelta
from decimal import Decimal
from zlib import crc32

from backoffice.demo.fates import OFFICE, SHIP
from backoffice.demo.shopping import PlannedLine, PlannedOrder
from backoffice.demo.vocabulary import load
from orders.services.intake.drafts import LineDraft, OrderDraft, PaymentDraft, SourceState

UNKNOWN_SKU = "OLD-"  # goods of a time before this catalogue
PRIVATE_CHANNELS = {"coupang"}  # they hide e-mail and phone behind numbers lent for one parcel


def draft_of(order: PlannedOrder) -> OrderDraft:
    """Return the order as its channel tells it on the day it is placed."""
    fate, buyer, recipient = order.fate, order.buyer, order.recipient
    is_private = order.channel in PRIVATE_CHANNELS
    is_told_paid = fate.paid_at is not None and not fate.is_paid_by_hand and fate.gone_at_source is None
    return OrderDraft(
        external_number=order.number,
        placed_at=order.placed_at,
        currency=order.currency,
        lines=[_line(order, line, place) for place, line in enumerate(order.lines, start=1)],
        payments=[_payment(order, fate.paid_at)] if is_told_paid and fate.paid_at else [],
        state=SourceState.CANCELLED.value if fate.gone_at_source else "",
        is_paid=is_told_paid,
        is_prepaid=order.is_prepaid,
        payment_method=order.payment_method,
        ship_by=_ship_by(order),
        cancelled_at=fate.gone_at_source,
        cancel_reason=fate.reason if fate.gone_at_source else "",
        stated_total=order.total + 1000 if fate.problem == "total" else order.total,
        customer_code=order.buyer_code if is_private else "",
        buyer_name=buyer.name,
        buyer_kana=buyer.kana,
        buyer_email="" if is_private else buyer.email,
        buyer_phone=_lent_number(order) if is_private else buyer.phone,
        recipient_name=recipient.name,
        recipient_kana=recipient.kana,
        recipient_phone=_lent_number(order) if is_private else recipient.phone,
        postcode=recipient.postcode,
        region=recipient.region,
        city=recipient.city,
        address_1="" if fate.problem == "no_address" else recipient.address_1,
        address_2=recipient.address_2,
        country=recipient.country,
        customer_note=order.note,
    )


def code_of(number: str, digits: int = 10) -> str:
    """Return digits that follow from a number, for tracking and payment numbers."""
    return f"{crc32(number.encode()) % 10**digits:0{digits}d}"


def _line(order: PlannedOrder, line: PlannedLine, place: int) -> LineDraft:
    is_unknown = order.fate.problem == "unknown_sku" and place == 1
    return LineDraft(
        external_id=str(place),
        quantity=line.quantity,
        unit_price=Decimal(line.unit_price),
        total=line.total,
        kind=line.kind,
        sku=UNKNOWN_SKU + line.sku if is_unknown else line.sku,
        name=line.name,
        options=line.options,
    )


def _payment(order: PlannedOrder, paid_at: datetime) -> PaymentDraft:
    return PaymentDraft(
        amount=order.total, method=order.payment_method, external_id=f"P{code_of(order.number)}", paid_at=paid_at
    )


def _ship_by(order: PlannedOrder) -> datetime:
    """Return the end of the working day by which the channel wants the parcel to leave."""
    [days] = [one["ship_within_days"] for one in load("shop")["channel"] if one["code"] == order.channel]
    until = order.placed_at.astimezone(OFFICE)
    while days or until.weekday() > 4:
        until += timedelta(days=1)
        days -= until.weekday() <= 4 and days > 0
    return until.replace(hour=SHIP + 3, minute=0, second=0, microsecond=0)


def _lent_number(order: PlannedOrder) -> str:
    return f"0502-0000-{code_of(order.number, 4)}"
