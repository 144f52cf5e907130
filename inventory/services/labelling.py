"""Labels with barcodes for products and bins, and the transfer note, as PDF. Nothing is written here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from catalog.models import ProductText, SalesChannel, Variant
from catalog.selectors.pricing import running_prices
from core.display import moment_text
from core.errors import InvalidInput
from core.money import format_money
from core.papers import BarcodeRefused, code128, gtin_barcode, render_pdf
from inventory.models import Bin, Transfer
from inventory.selectors.moving import lines_of_transfer

MOST_LABELS = 5_000  # of one paper: about ten seconds


class LabelSize(models.TextChoices):
    """What the labels are printed on."""

    SMALL = "40x30", pgettext_lazy("label", "40 × 30 mm, one by one")
    LARGE = "60x40", pgettext_lazy("label", "60 × 40 mm, one by one")
    A4_24 = "a4_24", pgettext_lazy("label", "A4 sheet of 24 (63.5 × 33.9 mm)")
    A4_44 = "a4_44", pgettext_lazy("label", "A4 sheet of 44 (48.3 × 25.4 mm)")


# Millimetres. Sheets as they are sold in both countries: 3 × 8 with a gap between columns, 4 × 11 without any.
_SIZES: Mapping[LabelSize, Mapping[str, float]] = {
    LabelSize.SMALL: {"width": 40, "height": 30},
    LabelSize.LARGE: {"width": 60, "height": 40},
    LabelSize.A4_24: {
        "width": 63.5, "height": 33.9, "columns": 3, "rows": 8, "left": 7.2, "top": 12.9, "gap": 2.5,
    },
    LabelSize.A4_44: {
        "width": 48.3, "height": 25.4, "columns": 4, "rows": 11, "left": 8.4, "top": 8.8, "gap": 0,
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """So many labels of a variant or a bin."""

    pk: int
    copies: int


def product_labels(
    *,
    wanted: Sequence[Wanted],
    size: LabelSize,
    language: str,
    channel_id: int | None = None,
    skip: int = 0,
) -> bytes:
    """Return labels of variants: name, options, SKU, the price of a channel if one is named, and the barcode.

    The bars are those of the GTIN, else Code 128 of the SKU; a SKU that Code 128 cannot write gets none. ``skip``: so
    many labels of the first sheet are gone already. InvalidInput for no label at all or more than 5,000.
    """
    _check_copies(wanted)
    variants = Variant.objects.select_related("product").in_bulk([part.pk for part in wanted])
    prices = _prices(variants, channel_id, language)
    names = _names({variant.product_id for variant in variants.values()}, language)
    labels = [
        {
            "copies": part.copies,
            "name": names.get(variant.product_id) or variant.product.name,
            "options": variant.name,
            "code": variant.barcode or variant.sku,
            "sku": variant.sku if variant.barcode else "",
            "bars": _bars(variant),
            "price": prices.get(part.pk, ""),
        }
        for part in wanted
        if (variant := variants.get(part.pk)) is not None
    ]
    return _sheet("inventory/papers/label.typ", labels, size, skip, language)


def bin_labels(*, wanted: Sequence[Wanted], size: LabelSize, language: str, skip: int = 0) -> bytes:
    """Return labels of bins: the code large, zone and warehouse, Code 128 of the code; refuses as products do."""
    _check_copies(wanted)
    bins = Bin.objects.select_related("warehouse").in_bulk([part.pk for part in wanted])
    labels = [
        {
            "copies": part.copies,
            "code": place.code,
            "zone": place.zone,
            "warehouse": place.warehouse.name,
            "bars": _code_bars(place.code),
        }
        for part in wanted
        if (place := bins.get(part.pk)) is not None
    ]
    return _sheet("inventory/papers/bin_label.typ", labels, size, skip, language)


def transfer_note(*, transfer_id: int, language: str) -> bytes:
    """Return the paper that travels with a transfer: from, to, lines with lots and pieces, room to sign."""
    transfer = Transfer.objects.select_related("source", "destination", "created_by").get(pk=transfer_id)
    rows = lines_of_transfer(transfer=transfer)
    with translation.override(language):
        data = {
            "title": transfer.number,
            "heading": _("Transfer note"),
            "bars": code128(transfer.number),
            "facts": [
                [pgettext("place", "From"), transfer.source.name],
                [pgettext("place", "To"), transfer.destination.name],
                [_("Status"), transfer.get_state_display()],
                [pgettext("transfer", "Sent"), moment_text(transfer.sent_at) if transfer.sent_at else "–"],
                [pgettext("transfer", "Expected"), moment_text(transfer.expected_on) if transfer.expected_on else "–"],
                [_("Note"), transfer.note or "–"],
            ],
            "heads": ["SKU", _("Product"), _("Lot"), _("Pieces"), pgettext("transfer", "Arrived")],
            "lines": [
                [
                    row.line.variant.sku,
                    row.label,
                    _lot(row.line.lot),
                    str(row.line.sent or row.line.quantity),
                    ", ".join(str(one.serial) for one in row.numbers),
                ]
                for row in rows
            ],
            "total": _("Together"),
            "pieces": str(sum(row.line.sent or row.line.quantity for row in rows)),
            "signs": [_("Handed over"), _("Taken over")],
        }
    return render_pdf("inventory/papers/transfer.typ", data, language=language)


def _lot(lot: Any) -> str:
    if lot is None:
        return ""
    return f"{lot.number} · {moment_text(lot.expires_on)}" if lot.expires_on else str(lot.number)


def _check_copies(wanted: Sequence[Wanted]) -> None:
    count = sum(part.copies for part in wanted)
    if not 0 < count <= MOST_LABELS or any(part.copies < 0 for part in wanted):
        raise InvalidInput(_("Print between 1 and %(limit)s labels at once.") % {"limit": MOST_LABELS})


def _names(product_ids: set[int], language: str) -> dict[int, str]:
    """Return product id -> what it is called everywhere in the language, where that was written."""
    texts = ProductText.objects.filter(product__in=product_ids, language=language, sales_channel=None)
    return dict(texts.values_list("product", "title"))


def _prices(variant_ids: Mapping[int, Variant], channel_id: int | None, language: str) -> dict[int, str]:
    if channel_id is None:
        return {}
    currency = SalesChannel.objects.values_list("currency", flat=True).get(pk=channel_id)
    return {
        variant: format_money(price.amount, currency, locale=language)
        for (variant, channel), price in running_prices(variant_ids=variant_ids).items()
        if channel == channel_id
    }


def _bars(variant: Variant) -> str:
    if variant.barcode:
        try:
            return gtin_barcode(variant.barcode)
        except BarcodeRefused:
            return _code_bars(variant.barcode)
    return _code_bars(variant.sku)


def _code_bars(code: str) -> str:
    try:
        return code128(code)
    except BarcodeRefused:
        return ""  # the label still names the goods


def _sheet(template: str, labels: Sequence[Mapping[str, Any]], size: LabelSize, skip: int, language: str) -> bytes:
    data = {"title": _("Labels"), "size": _SIZES[size], "labels": labels, "skip": skip}
    return render_pdf(template, data, language=language, tagged=False)
