"""What malls paid out and what was earned: sellers, fee rules, advertising, two statements, a few papers."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from accounting.models import (
    AdCost,
    ChannelSeller,
    ChannelTerms,
    DocumentKind,
    FeeKind,
    FeeRule,
    IssuedDocument,
    Seller,
)
from accounting.selectors.settling import Expected, expected_of
from accounting.services import (
    Recipient,
    StatementHead,
    StatementLine,
    Wish,
    decide_differences,
    issue_correction,
    issue_documents,
    match_settlement,
    rebuild_profits,
    spread_ads,
    sync_tax_rates,
    take_settlement,
)
from catalog.models import ChannelKind, SalesChannel
from orders.models import Order, OrderStatus
from staff.models import User

# what a channel of a kind takes: commission and payment fee in basis points
FEES = {
    ChannelKind.RAKUTEN: (550, 250),
    ChannelKind.AMAZON: (1000, 0),
    ChannelKind.YAHOO_JP: (350, 300),
    ChannelKind.NAVER: (300, 363),
    ChannelKind.COUPANG: (1080, 0),
    ChannelKind.SHOPIFY: (0, 290),
    ChannelKind.OWN: (0, 320),
}
LAG = 7  # days from shipping to settlement
SETTLED = (ChannelKind.NAVER, ChannelKind.RAKUTEN)  # whose statement of last month came
MOST = 24  # orders of a statement
RECENT = 150  # orders whose profit is there from the start; the others follow by the clock
SPENT = {"KRW": 180_000, "JPY": 20_000}
LONG_AGO = date(2020, 1, 1)
# a customer that asks for a tax invoice; the number is one that nobody has
COMPANY = Recipient(
    name="견본디자인 주식회사", registration_number="999-98-00008", representative="대표자",
    address="서울특별시 중구 견본로 2", email="tax@design.example", business_type="서비스", business_item="디자인",
)  # fmt: skip
Team = Mapping[str, User]


def reckon(*, now: datetime, team: Team) -> int:
    """Write rules, take the statements of two malls, issue some papers, and return how many lines have a profit."""
    _name_sellers()
    channels = list(SalesChannel.objects.order_by("pk"))
    _write_rules(channels)
    for channel in channels:
        if channel.kind in SETTLED:
            _settle(channel, now, team)
    recent = list(Order.objects.order_by("-placed_at", "-pk").values_list("pk", flat=True)[:RECENT])
    count = rebuild_profits(order_ids=recent)
    _advertise(channels, now)
    _issue(team)
    return count


def _name_sellers() -> None:
    """Name who sells: invented companies whose numbers are nobody's."""
    sync_tax_rates()
    Seller.objects.create(
        code="kr", name="한결상점 주식회사", representative="대표자", country="KR", currency="KRW", is_default=True,
        registration_number="999-99-99999", address="서울특별시 중구 견본로 1", postcode="04500",
        business_type="도소매", business_item="전자상거래",
    )  # fmt: skip
    japan = Seller.objects.create(
        code="jp", name="株式会社はなれ商店", country="JP", currency="JPY", invoice_number="T9990000000001",
        is_company=False, address="東京都千代田区見本町1-1", postcode="100-0000",
    )  # fmt: skip
    ChannelSeller.objects.bulk_create(
        ChannelSeller(sales_channel=one, seller=japan) for one in SalesChannel.objects.filter(country="JP")
    )


def _write_rules(channels: Sequence[SalesChannel]) -> None:
    rules = []
    for channel in channels:
        parts = zip((FeeKind.COMMISSION, FeeKind.PAYMENT), FEES.get(ChannelKind(channel.kind), (0, 0)), strict=True)
        rules += [
            FeeRule(
                sales_channel=channel, kind=kind, basis_points=points, currency=channel.currency, starts_on=LONG_AGO,
                is_of_shipping=kind == FeeKind.PAYMENT,
            )
            for kind, points in parts
            if points
        ]  # fmt: skip
    FeeRule.objects.bulk_create(rules)
    ChannelTerms.objects.bulk_create(
        ChannelTerms(
            sales_channel=channel, starts_on=LONG_AGO, settles_after_days=LAG,
            packaging=300 if channel.currency == "KRW" else 40,
        )
        for channel in channels
        if channel.kind in SETTLED
    )  # fmt: skip


def _settle(channel: SalesChannel, now: datetime, team: Team) -> None:
    """Take a month's statement: one order is paid too little, one is not in it, one nobody knows."""
    until = now.date() - timedelta(days=LAG)
    shipped = Order.objects.filter(
        sales_channel=channel, status=OrderStatus.SHIPPED, shipped_at__date__lte=until, total__gt=0
    ).exclude(external_number="")
    ids = list(shipped.order_by("-shipped_at", "-pk").values_list("pk", flat=True)[:MOST])
    if len(ids) < 3:
        return
    expected = expected_of(ids, channel_id=channel.pk)
    days = [one.order.shipped_at.date() for one in expected.values() if one.order.shipped_at]
    lines = [
        line
        for place, one in enumerate(expected[pk] for pk in ids)
        if place != 1
        for line in _lines_of(one, short=place == 2)
    ]
    unknown = min(one.money for one in expected.values())
    lines.append(StatementLine(kind="sale", amount=unknown, external_number="20260000000000", told="정산"))
    head = StatementHead(
        reference=f"{now:%Y-%m}-1", currency=channel.currency, starts_on=min(days) + timedelta(days=LAG),
        ends_on=max(days) + timedelta(days=LAG), paid_on=now.date(), payout=sum(line.amount for line in lines),
    )  # fmt: skip
    settlement, _fresh = take_settlement(
        sales_channel_id=channel.pk, head=head, lines=lines, actor=team["accountant"]
    )  # fmt: skip
    match_settlement(settlement_id=settlement.pk, actor=team["accountant"])
    first = settlement.differences.order_by("pk").first()
    if first is not None:
        decide_differences(
            difference_ids=[first.pk], state="asked", reason="메일로 문의", actor=team["accountant"]
        )  # fmt: skip
    rebuild_profits(order_ids=ids)


def _lines_of(one: Expected, *, short: bool) -> list[StatementLine]:
    """Return the sale and the fee of an order, as its channel would write them."""
    number, day = one.order.external_number, one.order.shipped_at
    on = day.date() + timedelta(days=LAG) if day else None
    less = one.money // 10 if short else 0
    sale = StatementLine(kind="sale", amount=one.money - less, external_number=number, occurred_on=on)
    if not one.fee:
        return [sale]
    return [sale, StatementLine(kind="fee", amount=-one.fee, external_number=number, occurred_on=on)]


def _advertise(channels: Sequence[SalesChannel], now: datetime) -> None:
    costs = AdCost.objects.bulk_create(
        AdCost(
            sales_channel=channel, campaign="검색 광고" if channel.country == "KR" else "検索広告",
            starts_on=now.date() - timedelta(days=13), ends_on=now.date(), amount=SPENT[channel.currency],
            currency=channel.currency,
        )
        for channel in channels
        if channel.currency in SPENT
    )  # fmt: skip
    spread_ads(ad_cost_ids=[cost.pk for cost in costs])


def _issue(team: Team) -> None:
    """Issue some invoices and receipts, and take one of the invoices back."""
    shipped = Order.objects.filter(status=OrderStatus.SHIPPED, total__gt=0, paid_total__gt=0).order_by("-placed_at")
    japan, korea = (
        list(shipped.filter(sales_channel__country=country, country=country).values_list("pk", flat=True)[:4])
        for country in ("JP", "KR")
    )
    wishes = [Wish(order_id=pk, kind=kind) for kind in (DocumentKind.INVOICE, DocumentKind.RECEIPT) for pk in japan[:3]]
    wishes += [Wish(order_id=pk, kind=DocumentKind.TAX_INVOICE, recipient=COMPANY) for pk in korea[:1]]
    wishes += [Wish(order_id=pk, kind=DocumentKind.CASH_RECEIPT, purpose="income") for pk in korea[1:3]]
    wishes += [Wish(order_id=pk, kind=DocumentKind.RECEIPT) for pk in korea[3:]]
    for kind in dict.fromkeys(wish.kind for wish in wishes):
        report = issue_documents(wishes=[wish for wish in wishes if wish.kind == kind], actor=team["accountant"])
        if report.refused:
            raise RuntimeError(f"not as planned: {report.refused[:3]}")
    invoice = IssuedDocument.objects.filter(kind=DocumentKind.INVOICE).order_by("pk").first()
    if invoice is not None:
        issue_correction(document_id=invoice.pk, reason="返品のため", actor=team["accountant"])
