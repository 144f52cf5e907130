"""The steps of “why can I sell only 12?” as lines of a sum: each with where to look."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from catalog.models import Variant
from core.display import document_html, moment_text
from inventory.models import HoldKind, Reservation, StockHold, WhenOut
from inventory.selectors import Sellable
from inventory.selectors.stock import kept_pieces

Linker = Callable[[str, str, int | None], SafeString]
QUOTED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the sum; ``note`` says for whom or why, ``is_sum`` draws a rule above it."""

    label: Any
    value: str
    note: Any = ""
    url: str = ""
    is_sum: bool = False
    is_part: bool = False  # a detail of the line above


def steps_of(sellable: Sellable, link: Linker) -> list[Step]:
    """Return the lines from what lies in the warehouses down to what may be sold."""
    steps = list(_stock(sellable))
    if sellable.parts:
        steps += _parts(sellable)
    else:
        steps += _ahead(sellable, link)
    total = _("any number") if sellable.is_unlimited else f"{sellable.count:,}"
    return [*steps, Step(label=_("May still be sold"), value=total, is_sum=True)]


def _stock(sellable: Sellable) -> Iterator[Step]:
    reserved, held = kept_pieces(stock_item_ids=[place.stock_item_id for place in sellable.places])
    if not sellable.places:
        said = _("Packed bundles") if sellable.parts else _("On hand")
        yield Step(label=said, value="0", note=_("It lies in no warehouse that serves this channel."))
    for place in sellable.places:
        url = reverse("admin:inventory_stockitem_change", args=[place.stock_item_id])
        yield Step(label=_("On hand in %(warehouse)s") % {"warehouse": place.warehouse},
                   value=f"{place.on_hand:,}", url=url)  # fmt: skip
        if place.reserved:
            rows = reserved.get(place.stock_item_id, [])
            yield Step(label=_("reserved for"), value=_minus(place.reserved), note=_documents(rows), is_part=True)
        if place.held:
            rows_held = held.get(place.stock_item_id, [])
            yield Step(label=pgettext("stock", "held back"), value=_minus(place.held), note=_why(rows_held),
                       is_part=True)  # fmt: skip
    if len(sellable.places) > 1 or any(place.reserved or place.held for place in sellable.places):
        yield Step(label=_("Available"), value=f"{sellable.available:,}", is_sum=True)


def _documents(rows: Sequence[Reservation]) -> SafeString:
    return _shortened([(document_html(row), row.held) for row in rows])


def _shortened(pairs: Sequence[tuple[SafeString, int]]) -> SafeString:
    """Return the first documents with their pieces, and how many more there are."""
    shown = format_html_join(", ", "{} × {}", pairs[:QUOTED])
    more = len(pairs) - QUOTED
    if more <= 0:
        return shown
    return format_html("{} {}", shown, ngettext("and %(count)s more", "and %(count)s more", more) % {"count": more})


def _why(rows: Sequence[StockHold]) -> str:
    kinds: dict[str, int] = {}
    for row in rows:
        kinds[row.kind] = kinds.get(row.kind, 0) + row.held
    return ", ".join(f"{HoldKind(kind).label} × {count}" for kind, count in kinds.items())


def _ahead(sellable: Sellable, link: Linker) -> Iterator[Step]:
    if sellable.incoming:
        rows = [
            (link(row.reference, row.page, row.page_id), row.quantity, _day(row.expected_on))
            for row in sellable.incoming[:QUOTED]
        ]
        note = format_html_join(", ", "{} × {} {}", rows)
        yield Step(label=_("On its way, sold already"), value=f"+{sellable.incoming_count:,}", note=note)
    if sellable.waiting:
        note = _shortened([(link(row.reference, row.page, row.page_id), row.quantity) for row in sellable.waiting])
        yield Step(label=_("Sold, not reserved yet"), value=_minus(sellable.waiting_count), note=note)
    ahead = sellable.ahead
    if ahead.when_out != WhenOut.REFUSE:
        words = WhenOut(ahead.when_out).label
        release = _("released on %(day)s") % {"day": moment_text(ahead.release_on)} if ahead.release_on else ""
        value = _("any number") if ahead.limit is None else f"+{ahead.limit:,}"
        yield Step(label=words, value=value, note=release)


def _parts(sellable: Sellable) -> Iterator[Step]:
    skus = dict(
        Variant.objects.filter(pk__in=[part.sellable.variant_id for part in sellable.parts]).values_list("pk", "sku")
    )
    scarcest = sellable.scarcest
    base = f"?channel={sellable.sales_channel_id}"
    for part in sellable.parts:
        count = _("any number") if part.sellable.is_unlimited else f"{part.sellable.count:,}"
        note = _("%(count)s may be sold, %(each)s in each bundle") % {"count": count, "each": part.per_unit}
        if part is scarcest:
            note = _("%(note)s: the scarcest") % {"note": note}
        yield Step(
            label=_("From %(sku)s") % {"sku": skus[part.sellable.variant_id]},
            value=_("any number") if part.sellable.is_unlimited else f"{part.count:,}",
            note=note,
            url=reverse("admin:inventory_sellable", args=[part.sellable.variant_id]) + base,
        )
    if sellable.packable is not None and scarcest is not None and sellable.packable < scarcest.count:
        yield Step(label=_("Complete in one warehouse"), value=f"{sellable.packable:,}")
    value = _("any number") if sellable.is_unlimited else f"+{sellable.from_parts:,}"
    yield Step(label=_("Can be packed"), value=value, is_sum=True)


def _minus(count: int) -> str:
    return f"−{count:,}"


def _day(day: Any) -> str:
    return f"({moment_text(day)})" if day else ""
