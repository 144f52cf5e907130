"""Factories of payments, and one row of each kind for the crawl."""

from django.utils import timezone

from orders.models import Order
from payments.models import BankDeposit, DepositRule, PaymentMethod, ProviderCall, ProviderPayment, Refund, RefundLimit


def fill_money(order: Order) -> None:
    """Make one row of every kind that has a page."""
    Order.objects.filter(pk=order.pk).update(paid_total=1)
    RefundLimit.objects.create(currency="KRW", agent_amount=1000, alone_amount=100_000)
    Refund.objects.create(number="RF-9000001", order=order, amount=1, currency="KRW", reason="other")
    method = PaymentMethod.objects.create(code="card", name="Card", kind="card", captures="on_shipping")
    payment = ProviderPayment.objects.create(
        order=order, method=method, provider="manual", external_id="C-1", currency="KRW", authorised=1
    )
    ProviderCall.objects.create(payment=payment, kind="void", amount=1, key="k", digest="d", reference="P-1")
    DepositRule.objects.create(currency="KRW")
    BankDeposit.objects.create(
        deposited_on=timezone.localdate(), amount=5, currency="KRW", line_key="1", payer_name="Kim"
    )
