"""A return as the supplier reads it: the paper that goes with the goods."""

from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.countries import country_name
from core.display import moment_text, number_text
from core.money import format_money
from core.papers import code128, render_pdf
from purchasing.models import SupplierReturn, SupplierReturnLine
from purchasing.selectors.papers import address_lines, language_of, registered
from purchasing.selectors.returns import expected_credit, return_lines


def return_paper(document: SupplierReturn, *, with_prices: bool) -> bytes:
    """Return the document as PDF in the supplier's language; without prices for who may not see them."""
    language = language_of(document.supplier)
    with translation.override(language):
        data = _paper(document, with_prices=with_prices)
    return render_pdf("purchasing/papers/return.typ", data, language=language)


def _paper(document: SupplierReturn, *, with_prices: bool) -> dict[str, Any]:
    supplier, warehouse = document.supplier, document.warehouse
    rows = return_lines(return_id=document.pk)
    facts = [
        (pgettext("supplier return", "Date"), moment_text(timezone.localdate(document.sent_at or timezone.now()))),
        (_("Pieces"), number_text(sum(row.quantity for row in rows))),
        (_("Currency"), document.currency if with_prices else ""),
    ]
    heads = [_("Your code"), _("Our SKU"), pgettext("purchase order", "Goods"), _("Quantity")]
    expected = expected_credit(lines=rows)
    return {
        "title": f"{_('Return of goods')} {document.number}",
        "heading": _("Return of goods"),
        "number": document.number,
        "bars": code128(document.number),
        "to_label": _("Supplier"),
        "to": [supplier.name, *address_lines(supplier.address), country_name(supplier.country)],
        "registration": registered(supplier.registration_number),
        "from_label": pgettext("goods", "Sent from"),
        "from": [warehouse.name, country_name(warehouse.country)],
        "facts": [{"label": label, "value": value} for label, value in facts if value],
        "reason_label": _("Reason"),
        "reason": document.reason,
        "heads": [*heads, _("Unit price"), _("Amount")] if with_prices else heads,
        "lines": [_line(row, document.currency, with_prices=with_prices) for row in rows],
        "total_label": _("Credit note expected"),
        "total": format_money(expected, document.currency) if with_prices else "",
        "foot": _("Please name %(number)s on the credit note.") % {"number": document.number},
    }


def _line(row: SupplierReturnLine, currency: str, *, with_prices: bool) -> dict[str, Any]:
    bought = row.order_line
    small = [
        row.variant.barcode,
        bought.order.number if bought else "",
        _("Lot %(number)s") % {"number": row.lot.number} if row.lot else "",
        str(row.hold.get_kind_display()) if row.hold else "",
    ]
    money = [format_money(row.unit_price, currency), format_money(row.quantity * row.unit_price, currency)]
    return {
        "code": bought.supplier_code if bought else "",
        "sku": row.variant.sku,
        "name": bought.name if bought and bought.name else row.variant.label,
        "small": " · ".join(part for part in small if part),
        "quantity": number_text(row.quantity),
        "money": money if with_prices else [],
    }
