"""Money that waits for somebody: deposits to match, refunds to approve and to send, reservations that end."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from core.money import Currency
from orders.models import Order, OrderStatus
from payments.models import (
    OPEN_DEPOSITS,
    BankDeposit,
    CaptureTime,
    DepositRule,
    MethodKind,
    PaymentMethod,
    ProviderCode,
    RefundLimit,
    RefundReason,
)
from payments.services import grant_refund
from payments.services.deposits.taking import BankLine, take_deposits
from staff.models import User

_LIMITS = {Currency.KRW: (30_000, 300_000), Currency.JPY: (3_000, 30_000), Currency.USD: (3_000, 30_000)}
_METHODS = (
    ("card", "Card", MethodKind.CARD, ProviderCode.STRIPE, CaptureTime.ON_SHIPPING),
    ("card-kr", "카드", MethodKind.CARD, ProviderCode.TOSS, CaptureTime.AT_ONCE),
    ("paypal", "PayPal", MethodKind.PAYPAL, ProviderCode.PAYPAL, CaptureTime.ON_SHIPPING),
    ("bank", "銀行振込", MethodKind.BANK_TRANSFER, ProviderCode.MANUAL, CaptureTime.AT_ONCE),
    ("virtual", "가상계좌", MethodKind.VIRTUAL_ACCOUNT, ProviderCode.TOSS, CaptureTime.AT_ONCE),
    ("cod", "代金引換", MethodKind.CASH_ON_DELIVERY, ProviderCode.MANUAL, CaptureTime.AT_ONCE),
)
_ACCOUNT = "000-0000"


def arrange_money(*, now: datetime, team: Mapping[str, User]) -> int:
    """Set limits and ways to pay, take a list of the bank, grant three refunds; return how many deposits wait."""
    for currency, (agent, alone) in _LIMITS.items():
        RefundLimit.objects.create(currency=currency, agent_amount=agent, alone_amount=alone)
        DepositRule.objects.create(currency=currency, fee_tolerance=agent // 10)
    for code, name, kind, provider, captures in _METHODS:
        PaymentMethod.objects.create(code=code, name=name, kind=kind, provider=provider, captures=captures)
    _deposits(now, team["accountant"])
    _refunds(team["cslead"])
    return BankDeposit.objects.filter(state__in=OPEN_DEPOSITS).count()


def _deposits(now: datetime, actor: User) -> None:
    """Let some of the orders that wait for payment be paid: by name, with a fee missing, and by somebody unknown."""
    day = (now - timedelta(days=1)).date()
    waiting = Order.objects.filter(status=OrderStatus.AWAITING_PAYMENT, paid_total=0, total__gt=0)
    lines = []
    for place, order in enumerate(waiting.order_by("pk")[:6]):
        missing = 220 if place == 2 and order.total > 1000 else 0
        lines.append(
            BankLine(
                account=_ACCOUNT,
                deposited_on=day,
                amount=order.total - missing + (1000 if place == 4 else 0),
                currency=order.currency,
                payer_name=(order.recipient_kana or order.buyer_name or order.recipient_name)[:20],
                message=order.number if place == 1 else "",
                reference=f"{place + 1:04d}",
            )
        )
    for place, amount in enumerate((47_300, 9_900)):
        lines.append(
            BankLine(
                account=_ACCOUNT, deposited_on=day, amount=amount, currency="KRW", payer_name="무통장",
                reference=f"9{place:03d}",
            )
        )  # fmt: skip
    take_deposits(lines=lines, actor=actor)


def _refunds(actor: User) -> None:
    """Promise three customers money back: two small ones, and one that somebody else has to approve."""
    paid = Order.objects.filter(status=OrderStatus.SHIPPED, paid_total__gt=0, returns=None, refunds=None)
    small = list(paid.filter(currency="KRW", paid_total__gte=20_000).order_by("-pk")[:2])
    large = paid.filter(currency="KRW", paid_total__gt=300_000).exclude(pk__in=[order.pk for order in small])
    for order, reason in zip(small, (RefundReason.DAMAGED, RefundReason.LATE), strict=False):
        grant_refund(order_id=order.pk, amount=5_000, reason=reason, actor=actor)
    for order in large.order_by("-pk")[:1]:
        grant_refund(order_id=order.pk, amount=order.paid_total, reason=RefundReason.NOT_DELIVERED, actor=actor)
