"""Packing slips: what lies in the parcel, in the buyer's language, many in one PDF."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.countries import country_name
from core.display import moment_text
from core.money import format_money
from core.papers import BarcodeRefused, code128, render_pdf
from core.papers.rendering import FAMILIES
from orders.models import Gift, LineKind, Order, OrderLine
from shipping.models import PackingSlip, WaveOrder
from shipping.selectors.waving import IN_A_WAVE

LANGUAGES = {"JP": "ja", "KR": "ko"}


def packing_slips(*, order_ids: Sequence[int], with_prices: bool = False, language: str) -> bytes:
    """Return one PDF with a slip for each of these orders, in this order; a fixed number of statements.

    Each slip is in the language of the country it goes to, carries the bars of the order's number for the scan, and
    says when it was printed before. Presents whose prices are hidden show none, whatever ``with_prices`` says, nor does
    a part of an order. The customer's note stands on the slip, but not on a present's: who opens that is another, so a
    mark sends the packer to the table. ``language`` is that of the file's title.
    """
    orders = Order.objects.select_related("sales_channel", "gift").in_bulk(list(order_ids))
    lines: dict[int, list[OrderLine]] = defaultdict(list)
    for line in OrderLine.objects.filter(order__in=orders).select_related("variant").order_by("position", "pk"):
        lines[line.order_id].append(line)
    printed = dict(PackingSlip.objects.filter(order__in=orders).values_list("order_id", "printed_count"))
    inside = {one.order_id: one for one in WaveOrder.objects.filter(IN_A_WAVE, order__in=orders).select_related("wave")}
    slips = []
    for pk in order_ids:
        if (order := orders.get(pk)) is None:
            continue
        spoken = LANGUAGES.get(order.country or order.sales_channel.country, "en")
        with translation.override(spoken):
            slip = _slip(order, lines[pk], with_prices=with_prices)
            slip["reprint"] = _("Reprint") if printed.get(pk, 0) > 1 else ""
        place = inside.get(pk)
        slips.append(
            {
                **slip,
                "language": spoken,
                "families": FAMILIES[spoken],
                "place": f"{place.wave.number} / {place.slot}" if place else "",
            }
        )
    with translation.override(language):
        data = {"title": _("Packing slips"), "slips": slips}
    return render_pdf("shipping/papers/packing_slip.typ", data, language=language, tagged=False)


def _slip(order: Order, lines: Sequence[OrderLine], *, with_prices: bool) -> dict[str, Any]:
    goods = [line for line in lines if line.kind == LineKind.PRODUCT]
    packed = [line for line in goods if line.open_count] or goods
    is_whole = all(line.open_count == line.quantity for line in goods)
    gift: Gift | None = getattr(order, "gift", None)
    shows = with_prices and is_whole and not (gift is not None and gift.hides_prices)
    heads = ["SKU", _("Product"), _("Quantity")]
    return {
        "heading": _("Packing slip"),
        "shop": order.sales_channel.name,
        "number": order.number,
        "bars": _bars(order.number),
        "facts": [
            [_("Order number"), order.external_number or order.number],
            [_("Ordered"), moment_text(order.placed_at)],
            *_wishes(order),
        ],
        "note_title": _("Your note to us") if order.customer_note and gift is None else "",
        "note": order.customer_note.strip()[:600] if gift is None else "",
        "mark": _("Note at the packing table") if _has_hidden_note(order, gift) else "",
        "to_label": _("To"),
        "recipient": order.recipient_name,
        "kana": order.recipient_kana,
        "address": _address(order),
        "gift": _gift(gift) if gift else [],
        "gift_title": _("A present") if gift else "",
        "message": gift.message if gift else "",
        "heads": [*heads, _("Amount")] if shows else heads,
        "lines": [
            [
                line.variant.sku if line.variant else line.sku,
                f"{line.name} {line.options}".strip(),
                str(line.open_count or line.quantity),
                *([format_money(line.total, order.currency)] if shows else ()),
            ]
            for line in packed
        ],
        "sums": _sums(order, lines) if shows else [],
        "pieces": _("%(count)s pieces") % {"count": sum(line.open_count or line.quantity for line in packed)},
        "thanks": _("Thank you for your order."),
    }


def _has_hidden_note(order: Order, gift: Gift | None) -> bool:
    """Tell whether the packer has to read something that is not for the eyes of who opens the parcel."""
    return bool(order.staff_note.strip() or (gift is not None and order.customer_note.strip()))


def _wishes(order: Order) -> list[list[str]]:
    if not order.delivery_on:
        return []
    return [[_("Wished delivery"), f"{moment_text(order.delivery_on)} {order.delivery_slot}".strip()]]


def _address(order: Order) -> list[str]:
    """Return the address as the country writes it: the largest part first in Japan and Korea, last elsewhere."""
    street = [part for part in (order.address_1, order.address_2) if part]
    if order.country in LANGUAGES:
        mark = "〒" if order.country == "JP" else ""
        return [f"{mark}{order.postcode}".strip(), f"{order.region} {order.city}".strip(), *street]
    place = " ".join(part for part in (order.city, order.region, order.postcode) if part)
    return [*street, place, str(country_name(order.country)) if order.country else ""]


def _gift(gift: Gift) -> list[list[str]]:
    told = [(_("Wrapping"), gift.wrapping)]
    if gift.noshi_kind:
        told.append((pgettext("gift", "Noshi"), f"{gift.get_noshi_kind_display()} {gift.get_noshi_place_display()}"))
        told.append((_("Name on the noshi"), gift.noshi_name))
    return [[label, value.strip()] for label, value in told if value.strip()]


def _sums(order: Order, lines: Sequence[OrderLine]) -> list[list[str]]:
    extras = [line for line in lines if line.kind != LineKind.PRODUCT and line.total]
    rows = [[line.name, format_money(line.total, order.currency)] for line in extras]
    return [*rows, [_("Total"), format_money(order.total, order.currency)]]


def _bars(number: str) -> str:
    try:
        return code128(number)
    except BarcodeRefused:
        return ""
