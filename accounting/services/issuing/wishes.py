"""What somebody wants to be issued, and the unsaved paper that comes of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounting.models import DocumentKind, DocumentTax, IssuedDocument, Seller
from accounting.selectors.billing import Bill
from accounting.selectors.taxing import RateSum
from core.errors import InvalidInput
from core.money import to_decimal, to_minor
from purchasing.selectors.rates import rate_on
from staff.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """For whom a paper is; what is empty is taken from the order."""

    name: str = ""
    registration_number: str = ""
    representative: str = ""
    address: str = ""
    email: str = ""
    business_type: str = ""
    business_item: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One paper that somebody wants for an order; ``language`` empty: that of the sales channel."""

    order_id: int
    kind: str
    language: str = ""
    recipient: Recipient = field(default_factory=Recipient)
    memo: str = ""  # 但し書き: what a receipt says that it was paid for
    purpose: str = ""  # of a cash receipt: income or expense
    identity: str = ""  # of a cash receipt: whose


@dataclass(slots=True)
class Draft:
    """A paper before it has its number."""

    document: IssuedDocument
    taxes: list[DocumentTax]
    seller: Seller
    identity: str = ""


def line_data(bill: Bill) -> list[dict[str, Any]]:
    """Return the lines as they are kept with the paper."""
    return [
        {
            "line": one.line.pk,
            "kind": one.line.kind,
            "name": one.line.name,
            "options": one.line.options,
            "sku": one.line.sku,
            "quantity": one.line.quantity,
            "unit_price": str(one.line.unit_price),
            "total": one.line.total,
            "tax_class": one.rate.tax_class,
            "percent": str(one.rate.percent),
        }
        for one in bill.lines
    ]


def seller_data(seller: Seller) -> dict[str, str]:
    """Return who sells, as it was on that day."""
    names = (
        "name", "representative", "country", "postcode", "address", "phone", "email", "registration_number",
        "invoice_number", "business_type", "business_item", "currency", "rounding",
    )  # fmt: skip
    return {name: str(getattr(seller, name)) for name in names}


def draft(
    *, bill: Bill, wish: Wish, sums: list[RateSum], language: str, day: date, extra: dict[str, Any], actor: User | None
) -> Draft:
    """Return the unsaved paper with its taxes; InvalidInput where the law asks for an exchange rate nobody wrote."""
    order = bill.order
    recipient = {**asdict(wish.recipient), "name": wish.recipient.name.strip() or order.buyer_name}
    data = {
        "order": order.number,
        "external_number": order.external_number,
        "ordered_on": order.placed_at.date().isoformat(),
        "supplied_on": bill.supplied_on.isoformat(),
        "country": bill.country,
        "seller": seller_data(bill.seller),
        "recipient": recipient,
        "lines": line_data(bill),
        "memo": wish.memo.strip(),
        "payment_method": order.payment_method,
        **extra,
    }
    document = IssuedDocument(
        kind=wish.kind, order=order, language=language, currency=order.currency, issued_on=day,
        recipient=recipient["name"][:160], data=data, issued_by=actor,
        gross=sum(one.gross for one in sums), net=sum(one.net for one in sums), tax=sum(one.tax for one in sums),
    )  # fmt: skip
    return Draft(document, taxed(document, sums, bill.seller), bill.seller)


def taxed(document: IssuedDocument, sums: Sequence[RateSum], seller: Seller) -> list[DocumentTax]:
    """Return the unsaved taxes of an unsaved paper, and note them in its data; the tax in the books' currency too."""
    currency, local = document.currency, seller.currency
    rate = local_rate(currency, local, document.issued_on)
    if rate is not None:
        document.data["local_currency"], document.data["local_rate"] = local, f"{rate:.8f}"
    taxes = [
        DocumentTax(
            document=document,
            tax_class=one.rate.tax_class,
            percent=one.rate.percent,
            gross=one.gross,
            net=one.net,
            tax=one.tax,
            local_tax=None if rate is None else to_minor(to_decimal(one.tax, currency) * rate, local),
        )
        for one in sums
    ]
    names = ("tax_class", "gross", "net", "tax", "local_tax")
    document.data["taxes"] = [
        {"percent": str(one.percent), **{name: getattr(one, name) for name in names}} for one in taxes
    ]
    return taxes


def local_rate(currency: str, local: str, day: date) -> Decimal | None:
    """Return what one unit of ``currency`` is worth in ``local`` on that day, None when they are the same."""
    if currency == local:
        return None
    foreign, own = rate_on(currency=currency, day=day), rate_on(currency=local, day=day)
    if foreign is None or own is None:
        raise InvalidInput(
            _("The tax must also be told in %(local)s. Write the exchange rate of %(currency)s first.")
            % {"local": local, "currency": currency if foreign is None else local}
        )
    return foreign / own


KR_ONLY = frozenset({DocumentKind.TAX_INVOICE, DocumentKind.CASH_RECEIPT})
