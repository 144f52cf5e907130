"""A purchase order as the supplier reads it: what stands on the paper, and the same lines as a file."""

import csv
from datetime import date
from io import StringIO
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.countries import country_name
from core.display import moment_text, number_text
from core.money import format_money, minor_digits, to_decimal
from core.papers import code128, render_pdf
from purchasing.models import PurchaseOrder, PurchaseOrderLine, Supplier

LANGUAGES = frozenset(code for code, _name in settings.LANGUAGES)


def language_of(supplier: Supplier) -> str:
    """Return the language in which the supplier is written to."""
    return supplier.language if supplier.language in LANGUAGES else "en"


def paper_lines(order: PurchaseOrder) -> "QuerySet[PurchaseOrderLine]":
    """Return the lines with what paper and file say of them, in their order."""
    return order.lines.select_related("variant__product", "item").order_by("pk")


def order_paper(order: PurchaseOrder) -> bytes:
    """Return the order as PDF in the supplier's language."""
    language = language_of(order.supplier)
    with translation.override(language):
        data = _paper(order)
    return render_pdf("purchasing/papers/order.typ", data, language=language)


def _paper(order: PurchaseOrder) -> dict[str, Any]:
    supplier, warehouse = order.supplier, order.warehouse
    facts = [
        (_("Order date"), moment_text(timezone.localdate(order.sent_at or timezone.now()))),
        (_("Delivery until"), moment_text(order.expected_on) if order.expected_on else ""),
        (
            pgettext("purchase order", "Payment terms"),
            _("%(days)s days after the invoice") % {"days": supplier.payment_days},
        ),
        (_("Currency"), order.currency),
    ]
    return {
        "title": f"{_('Purchase order')} {order.number}",
        "heading": _("Purchase order"),
        "number": order.number,
        "bars": code128(order.number),
        "to_label": _("Supplier"),
        "to": [supplier.name, *address_lines(supplier.address), country_name(supplier.country)],
        "registration": registered(supplier.registration_number),
        "ship_label": _("Deliver to"),
        "ship": [warehouse.name, country_name(warehouse.country)],
        "facts": [{"label": label, "value": value} for label, value in facts if value],
        "heads": [
            _("Your code"),
            _("Our SKU"),
            pgettext("purchase order", "Goods"),
            _("Quantity"),
            _("Unit price"),
            _("Amount"),
        ],
        "lines": [_line(order, line) for line in paper_lines(order)],
        "total_label": _("Total"),
        "total": format_money(order.total, order.currency),
        "note_label": _("Note"),
        "note": order.note,
        "foot": _("Please name %(number)s on delivery notes and invoices.") % {"number": order.number},
    }


def registered(number: str) -> str:
    """Return the line of a registration number, an empty text without one."""
    return _("Registration number %(number)s") % {"number": number} if number else ""


def address_lines(text: str) -> list[str]:
    """Return the lines of an address that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def _line(order: PurchaseOrder, line: PurchaseOrderLine) -> dict[str, Any]:
    packs = _packs(line)
    return {
        "code": line.supplier_code,
        "sku": line.variant.sku,
        "name": line.name or line.variant.label,
        "barcode": line.variant.barcode,
        "due": moment_text(line.expected_on) if line.expected_on else "",
        "quantity": number_text(line.quantity),
        "packs": packs,
        "price": format_money(line.unit_price, order.currency),
        "amount": format_money(line.amount, order.currency),
    }


def _packs(line: PurchaseOrderLine) -> str:
    """Return e.g. "8 packs of 6", an empty text where packs do not matter."""
    size = line.item.pack_size if line.item else 1
    if size == 1 or line.quantity % size:
        return ""
    return _("%(count)s packs of %(size)s") % {"count": line.quantity // size, "size": size}


COLUMNS = ("order", "line", "supplier_code", "sku", "barcode", "name", "quantity", "unit_price", "currency",
           "amount", "expected_on")  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def order_file(order: PurchaseOrder) -> bytes:
    """Return the lines as CSV (UTF-8 with its mark, for spreadsheets); plain amounts, ISO days."""
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for place, line in enumerate(paper_lines(order), 1):
        due: date | None = line.expected_on or order.expected_on
        texts = (line.supplier_code, line.variant.sku, line.variant.barcode, line.name or line.variant.label)
        writer.writerow(
            [
                order.number,
                place,
                *(_harmless(text) for text in texts),
                line.quantity,
                _plain(line.unit_price, order.currency),
                order.currency,
                _plain(line.amount, order.currency),
                due.isoformat() if due else "",
            ]
        )
    return out.getvalue().encode("utf-8-sig")


def _plain(minor: int, currency: str) -> str:
    return f"{to_decimal(minor, currency):.{minor_digits(currency)}f}"


def _harmless(text: str) -> str:
    """Keep a text from being run as a formula by the supplier's spreadsheet."""
    return f"'{text}" if text.startswith(_FORMULA) else text
