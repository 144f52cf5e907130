"""Sellers, rates and orders for tests of accounting."""

from typing import Any

from django.utils import timezone

from accounting.models import (
    AdCost,
    ChannelSeller,
    ChannelTerms,
    DocumentSeries,
    DocumentTax,
    FeeRule,
    GoodsTax,
    IssuedDocument,
    IssuedFile,
    Seller,
    SettlementLine,
)
from accounting.services import (
    StatementHead,
    StatementLine,
    match_settlement,
    rebuild_profits,
    sync_tax_rates,
    take_settlement,
)
from catalog.models import Variant
from orders.models import LineKind, Order, OrderLine
from tests.factories import make_channel, make_order

NUMBERS = {"JP": {"invoice_number": "T1180301018771"}, "KR": {"registration_number": "123-45-67891"}}
CURRENCIES = {"JP": "JPY", "KR": "KRW", "US": "USD", "DE": "EUR"}


def make_seller(country: str = "KR", **over: Any) -> Seller:
    """Make the default seller of a country, with the delivered tax rates."""
    sync_tax_rates()
    values = {
        "code": country.lower(), "name": f"{country} Trading", "country": country,
        "currency": CURRENCIES[country], "is_default": True, **NUMBERS.get(country, {}),
    }  # fmt: skip
    return Seller.objects.create(**{**values, **over})


def make_sale(
    *goods: tuple[Variant, int, int], country: str = "KR", shipping: int = 0, discount: int = 0, **over: Any
) -> Order:
    """Make an order of (variant, quantity, line total) on a channel of the country, in its currency."""
    currency = over.pop("currency", CURRENCIES[country])
    languages = {"JP": "ja", "KR": "ko"}
    channel = over.pop("sales_channel", None) or make_channel(
        country=country, currency=currency, language=languages.get(country, "en")
    )
    order = make_order(
        *((variant, quantity) for variant, quantity, _total in goods),
        sales_channel=channel, currency=currency, buyer_name="Hanako Yamada", **over,
    )  # fmt: skip
    for line, (_variant, quantity, total) in zip(order.lines.order_by("position"), goods, strict=True):
        OrderLine.objects.filter(pk=line.pk).update(total=total, unit_price=total / quantity)
    for kind, amount in ((LineKind.SHIPPING, shipping), (LineKind.DISCOUNT, -discount)):
        if amount:
            OrderLine.objects.create(order=order, kind=kind, name=kind.label, quantity=1, unit_price=0, total=amount)
    whole = sum(total for _variant, _quantity, total in goods)
    Order.objects.filter(pk=order.pk).update(
        goods_total=whole, extras_total=shipping - discount, total=whole + shipping - discount
    )
    order.refresh_from_db()
    return order


def fill_papers(order: Order, product: Any) -> None:
    """Make one row of every kind that has a page."""
    seller = make_seller()
    ChannelSeller.objects.create(sales_channel=order.sales_channel, seller=seller)
    GoodsTax.objects.create(country="KR", product=product, tax_class="exempt", starts_on=timezone.localdate())
    series = DocumentSeries.objects.create(seller=seller, kind="receipt", year=2026, prefix="KR-RC-2026", next_serial=2)
    file = IssuedFile.objects.create(path="documents/none.pdf", digest="0" * 64, size=1)
    document = IssuedDocument.objects.create(
        series=series, serial=1, number="KR-RC-2026-000001", kind="receipt", order=order, language="ko",
        currency="KRW", gross=11, net=10, tax=1, issued_on=timezone.localdate(), file=file, page_count=1,
        data={"lines": []},
    )  # fmt: skip
    DocumentTax.objects.create(document=document, tax_class="standard", percent=10, gross=11, net=10, tax=1)


def fill_settlements(order: Order) -> None:
    """Make a statement with a difference, rules of fees and terms, advertising, and what the order earned."""
    today, channel = timezone.localdate(), order.sales_channel
    dated = {"sales_channel": channel, "starts_on": today}
    FeeRule.objects.create(kind="commission", basis_points=550, currency=channel.currency, **dated)
    ChannelTerms.objects.create(**dated)
    AdCost.objects.create(ends_on=today, amount=100, currency=channel.currency, campaign="봄", **dated)
    number = order.external_number or order.number
    settlement, _fresh = take_settlement(
        sales_channel_id=channel.pk,
        head=StatementHead(reference="2026-10", currency=channel.currency),
        lines=[
            StatementLine(kind="sale", amount=1, external_number=number),
            StatementLine(kind="fee", amount=-1, external_number=number),
            StatementLine(kind="sale", amount=5, external_number="UNKNOWN"),
        ],
    )
    match_settlement(settlement_id=settlement.pk)
    rebuild_profits(order_ids=[order.pk])
    assert SettlementLine.objects.filter(order=order).exists()
