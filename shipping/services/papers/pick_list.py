"""The pick list of a wave: bins in walking order, pieces, and into which slots they go."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from catalog.models import Variant
from core.display import moment_text
from core.papers import BarcodeRefused, code128, gtin_barcode, render_pdf
from orders.models import Order
from shipping.models import Wave
from shipping.selectors.picking import PickRow, pick_rows, reserved_for
from shipping.selectors.waving import open_orders


def pick_list(*, wave_id: int, language: str) -> bytes:
    """Return the PDF of what is still to be picked of a wave: the walk with pieces and slots, then the slots.

    Orders that were packed or left are not in it; every code is read by the scanner.
    """
    wave = Wave.objects.select_related("warehouse").get(pk=wave_id)
    with translation.override(language):
        return render_pdf("shipping/papers/pick_list.typ", _data(wave), language=language, tagged=False)


def _data(wave: Wave) -> dict[str, Any]:
    inside = list(open_orders(wave.pk).select_related("order__sales_channel"))
    reserved = reserved_for([one.order_id for one in inside], warehouse_id=wave.warehouse_id)
    rows = pick_rows(reserved=reserved, slot_of={one.order_id: one.slot for one in inside})
    pieces: Counter[int] = Counter()
    for one in reserved:
        pieces[one.order_id] += one.pieces
    return {
        "title": wave.number,
        "heading": _("Pick list"),
        "bars": code128(wave.number),
        "facts": [
            [_("Warehouse"), wave.warehouse.name],
            [_("Orders"), str(len(inside))],
            [_("Pieces"), str(sum(pieces.values()))],
            [_("Made"), moment_text(wave.created_at)],
            [_("Note"), wave.note or "–"],
        ],
        "heads": [
            pgettext("shelf", "Bin"), _("Code"), _("Product"), _("Pieces"), pgettext("picking", "Slot × pieces"), "✓",
        ],
        "lines": [_line(row) for row in rows],
        "slot_heads": [
            pgettext("picking", "Slot"), pgettext("purchase", "Order"), _("Channel"), _("Mind"), _("Pieces"),
        ],
        "slots_title": pgettext("picking", "Slots"),
        "slots": [
            [
                str(one.slot),
                one.order.number,
                f"{one.order.sales_channel} {one.order.external_number}".strip(),
                marks_of(one.order),
                str(pieces[one.order_id]),
            ]
            for one in inside
        ],
        "empty": _("Nothing is left to pick.") if not rows else "",
    }  # fmt: skip


def marks_of(order: Order) -> str:
    """Return what the packer has to mind of an order beside its goods: "A present · Note", or nothing.

    Read ``order`` with its gift.
    """
    marks = [_("A present")] if hasattr(order, "gift") else []
    return " · ".join([*marks, *([_("Note")] if order.customer_note or order.staff_note else [])])


def _line(row: PickRow) -> dict[str, Any]:
    variant = row.variant
    return {
        "bin": row.place.code if row.place else "–",
        "zone": row.place.zone if row.place else "",
        "sku": variant.sku,
        "code": variant.barcode,
        "bars": bars_of(variant),
        "name": variant.product.name,
        "options": variant.name,
        "lot": _lot(row),
        "pieces": str(row.pieces),
        "slots": slot_words(row.slots),
    }


def _lot(row: PickRow) -> str:
    if row.lot is None:
        return ""
    ends = f" · {moment_text(row.lot.expires_on)}" if row.lot.expires_on else ""
    return f"{_('Lot')} {row.lot.number}{ends}"


def slot_words(slots: Sequence[tuple[int, int]]) -> str:
    """Return e.g. "1, 4 × 2, 7": one piece needs no number."""
    return ", ".join(str(slot) if count == 1 else f"{slot} × {count}" for slot, count in slots)


def bars_of(variant: Variant) -> str:
    """Return the bars of a variant's GTIN, else of its SKU; nothing for a SKU that no scanner could read."""
    try:
        return gtin_barcode(variant.barcode) if variant.barcode else code128(variant.sku)
    except BarcodeRefused:
        return ""
