"""What stands on a paper, in its reader's language: made from the data that is kept with it, and from nothing else."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounting.models import CORRECTIONS, DocumentKind, IssuedDocument, TaxClass
from compliance.selectors import EU_MEMBERS
from core.countries import country_name
from core.display import moment_text, number_text
from core.money import format_money

_K = DocumentKind
# the mark that Japanese law wants at goods of the reduced rate
REDUCED_MARK = "※"
# a return invoice tells what goes back as it is; the others tell it with a minus
_POSITIVE = frozenset({_K.RETURN_INVOICE})


def paper_of(document: IssuedDocument, language: str) -> dict[str, Any]:
    """Return the texts of an issued (or just being issued) paper for the template, in ``language``."""
    with translation.override(language):
        return _Paper(document).texts()


def title_of(document: IssuedDocument) -> str:
    """Return what the paper is called where it is issued."""
    country, number = document.data["seller"]["country"], document.data["seller"]["invoice_number"]
    is_qualified = country == "JP" and number
    match document.kind:
        case _K.INVOICE if is_qualified:
            return pgettext("paper", "Qualified invoice")
        case _K.INVOICE if country in EU_MEMBERS:
            return pgettext("paper", "VAT invoice")
        case _K.SIMPLIFIED if is_qualified:
            return pgettext("paper", "Simplified qualified invoice")
        case _K.RETURN_INVOICE if is_qualified:
            return pgettext("paper", "Qualified return invoice")
        case _K.RETURN_INVOICE:
            return pgettext("paper", "Credit note")
        case _:
            return str(document.get_kind_display())


class _Paper:
    """Texts of one paper."""

    def __init__(self, document: IssuedDocument) -> None:
        self._document, self._data = document, document.data
        self._sign = -1 if document.kind in _POSITIVE else 1

    def texts(self) -> dict[str, Any]:
        document, data = self._document, self._data
        return {
            "title": title_of(document),
            "number": document.number,
            "reissued": _("Issued again") if data.get("reissue_of") else "",
            "to_label": pgettext("paper", "To"),
            "to": self._recipient(),
            "honorific": pgettext("after a name on a paper", "–") if data["recipient"]["name"] else "",
            "from_label": _("Issuer"),
            "from": self._issuer(),
            "facts": [{"label": label, "value": value} for label, value in self._facts() if value],
            "memo": data["memo"],
            "memo_label": _("Paid for"),
            "amount_label": self._amount_label(),
            "amount": self._money(document.gross),
            "heads": [pgettext("paper", "Goods"), _("Quantity"), _("Unit price"), _("Amount")],
            "lines": [] if document.kind in (_K.RECEIPT, _K.CASH_RECEIPT) else self._lines(),
            "tax_heads": self._tax_heads(),
            "taxes": [self._tax(one) for one in data["taxes"]],
            "notes": self._notes(),
            "page": pgettext("paper", "Page {page} of {pages}"),
        }

    def _money(self, amount: int) -> str:
        return format_money(self._sign * amount, self._document.currency)

    def _recipient(self) -> list[str]:
        to = self._data["recipient"]
        number = _("Registration number %(number)s") % {"number": to["registration_number"]}
        parts = [to["name"], to["representative"], to["address"], number if to["registration_number"] else ""]
        return [part for part in parts if part]

    def _issuer(self) -> list[str]:
        seller = self._data["seller"]
        number = seller["invoice_number"] or seller["registration_number"]
        parts = [
            seller["name"],
            seller["representative"],
            " ".join(part for part in (seller["postcode"], seller["address"]) if part),
            country_name(seller["country"]),
            seller["phone"],
            seller["email"],
            _("Registration number %(number)s") % {"number": number} if number else "",
        ]
        return [part for part in parts if part]

    def _facts(self) -> list[tuple[str, str]]:
        data = self._data
        cited = f"{data['cites']} ({moment_text(date.fromisoformat(data['cited_on']))})" if data.get("cites") else ""
        purposes = {"income": _("Income deduction (소득공제)"), "expense": _("Proof of expense (지출증빙)")}
        return [
            (pgettext("paper", "Date"), moment_text(self._document.issued_on)),
            (_("Supplied"), moment_text(date.fromisoformat(data["supplied_on"]))),
            (pgettext("purchase", "Order"), data["order"]),
            (_("Channel’s order"), data["external_number"]),
            (_("Corrects"), cited),
            (_("Reason"), data.get("reason", "")),
            (_("First issued as"), data.get("reissue_of", "")),
            (_("Purpose"), purposes.get(data.get("purpose", ""), "")),
            (_("Issued to"), data.get("identity", "")),
            (_("Payment method"), data["payment_method"]),
            (_("Currency"), self._document.currency),
        ]

    def _amount_label(self) -> str:
        if self._document.kind in CORRECTIONS:
            return _("Amount given back")
        if self._document.kind in (_K.RECEIPT, _K.CASH_RECEIPT):
            return _("Amount received")
        return _("Total with tax")

    def _lines(self) -> Sequence[dict[str, str]]:
        return [self._line(line) for line in self._data["lines"]]

    def _line(self, line: dict[str, Any]) -> dict[str, str]:
        mark = f" {REDUCED_MARK}" if line["tax_class"] == TaxClass.REDUCED else ""
        is_goods = line["kind"] == "product"
        price = Decimal(line["unit_price"])
        return {
            "name": f"{line['name']}{mark if is_goods else ''}",
            "small": " · ".join(part for part in (line["options"], line["sku"]) if part),
            "quantity": number_text(line["quantity"]) if is_goods and line["quantity"] else "",
            "price": _plain(price) if is_goods and line["quantity"] else "",
            "amount": self._money(line["total"]),
        }

    def _tax_heads(self) -> list[str]:
        heads = [_("Tax rate"), _("With tax"), _("Without tax"), _("Tax")]
        local = self._data.get("local_currency")
        return [*heads, _("Tax in %(currency)s") % {"currency": local}] if local else heads

    def _tax(self, one: dict[str, Any]) -> list[str]:
        percent = f"{Decimal(one['percent']).normalize():f} %"
        names = {
            TaxClass.STANDARD: percent,
            TaxClass.REDUCED: f"{percent} {REDUCED_MARK}",
            TaxClass.ZERO: _("Export, 0 %"),
            TaxClass.EXEMPT: _("Exempt"),
        }
        cells = [names[one["tax_class"]], *(self._money(one[name]) for name in ("gross", "net", "tax"))]
        if local := self._data.get("local_currency"):
            cells.append(format_money(self._sign * one["local_tax"], local))
        return cells

    def _notes(self) -> list[str]:
        data = self._data
        notes = []
        if any(line["tax_class"] == TaxClass.REDUCED for line in data["lines"]):
            notes.append(_("%(mark)s: reduced tax rate applies") % {"mark": REDUCED_MARK})
        if rate := data.get("local_rate"):
            told = {
                "one": self._document.currency,
                "rate": f"{Decimal(rate).normalize():f}",
                "local": data["local_currency"],
            }
            notes.append(_("Exchange rate: 1 %(one)s = %(rate)s %(local)s") % told)
        return notes


def _plain(price: Decimal) -> str:
    """Return a unit price with its separators and without needless decimals."""
    return f"{price.normalize():,f}"
