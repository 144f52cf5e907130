"""The page for the phone on which goods are put away: scan the goods, read the bin, scan the bin."""

import re
from urllib.parse import urlencode

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core.commands import once
from core.errors import DomainError, InvalidInput
from core.ui import actor
from core.ui.pressing import new_key
from core.ui.sitepages import register_page, render_page
from inventory.models import Bin, ShelfStock, Warehouse
from inventory.selectors.putting_away import (
    ToPutAway,
    bin_of,
    lots_by_number,
    put_away_of,
    to_put_away,
    variants_of_code,
    warehouses_with_bins,
)
from inventory.services import move_between_bins, put_away

ROUTE = "inventory/put-away/"
ADJUST = "inventory.adjust_stock"
SAID = "inventory_put_away_said"
_KEY = re.compile(r"[0-9a-f]{32}")


@register_page(ROUTE, name="inventory_put_away", permission=ADJUST)
@require_safe
def put_away_page(request: HttpRequest) -> HttpResponseBase:
    """Show what lies in no bin; with a scanned ``code``, or a ``row``, what to put where."""
    places = warehouses_with_bins()
    place = _place(request, places)
    if place is None:
        return render_page(request, "inventory/pages/put_away.html", title=_("Put away"), places=[])
    code = request.GET.get("code", "").strip()[:120]
    found = _found(place, code) if code else []
    now = _in_hand(found, request.GET.get("row", ""))
    rows, count = to_put_away(warehouse_id=place.pk) if now is None else ([], 0)
    said = request.session.pop(SAID, None)
    if code and not found and said is None:
        said = ("bad", _("Nothing of “%(code)s” waits to be put away here.") % {"code": code})
    return render_page(
        request,
        "inventory/pages/put_away.html",
        title=_("Put away"),
        places=places,
        place=place,
        said=said,
        code=code,
        now=now,
        choices=found if now is None else [],
        rows=rows,
        count=count,
        key=new_key(),
        has_more=count > len({row.item.pk for row in rows}),
    )


@register_page(f"{ROUTE}done/", name="inventory_put_away_done", permission=ADJUST)
@require_POST
def confirm_put_away(request: HttpRequest) -> HttpResponseBase:
    """Put the pieces into the scanned bin; sent twice with the same key it happens once."""
    item_id, shelf_id = _number(request, "item"), _number(request, "shelf", empty=True)
    place_id, key = _number(request, "warehouse"), request.POST.get("_key", "")
    if not _KEY.fullmatch(key):
        raise SuspiciousOperation("no key")
    code, pieces = request.POST.get("bin", "").strip()[:30], request.POST.get("pieces", "").strip()
    back: dict[str, str | int] = {"warehouse": place_id}
    try:
        wanted = bin_of(warehouse_id=place_id, code=code)
        if wanted is None:
            raise InvalidInput(_("“%(code)s” is no bin of this warehouse. Scan the label of the bin.") % {"code": code})
        quantity = _pieces(pieces)
        parameters = {"item": item_id, "shelf": shelf_id, "bin": wanted.pk, "pieces": quantity}
        user = actor(request)

        def run() -> int:
            if shelf_id:
                return move_between_bins(shelf_id=shelf_id, bin_id=wanted.pk, quantity=quantity, actor=user).pk
            return put_away(stock_item_id=item_id, quantity=quantity, bin_id=wanted.pk, actor=user).pk

        shelf_now = once(key=f"inventory.put_away:{user.pk}:{key}", parameters=parameters, run=run)
        request.session[SAID] = ("good", _sentence(shelf_now, quantity, wanted))
    except DomainError as error:
        request.session[SAID] = ("bad", str(error))
        back |= {"code": request.POST.get("code", "")[:120], "row": request.POST.get("row", "")[:40]}
    return HttpResponseRedirect(f"{reverse('admin:inventory_put_away')}?{urlencode(back)}")


def _sentence(shelf_id: int, quantity: int, place: Bin) -> str:
    shelf = ShelfStock.objects.select_related("stock_item__variant").get(pk=shelf_id)
    said = ngettext("%(sku)s: %(count)s piece in %(bin)s", "%(sku)s: %(count)s pieces in %(bin)s", quantity)
    return said % {"sku": shelf.stock_item.variant.sku, "count": quantity, "bin": place.code}


def _row_name(row: ToPutAway) -> str:
    """Return how an address names a row: the stock item, and the shelf without a bin."""
    return f"{row.item.pk}-{row.shelf.pk}" if row.shelf else f"{row.item.pk}-0"


def _place(request: HttpRequest, places: list[Warehouse]) -> Warehouse | None:
    """Return the chosen warehouse, the one of last time, or the first."""
    wanted = request.GET.get("warehouse", "")
    if wanted and not (wanted.isascii() and wanted.isdigit() and len(wanted) < 10):
        raise SuspiciousOperation("no warehouse")
    chosen = int(wanted) if wanted else request.session.get("inventory_put_away_place")
    found = next((place for place in places if place.pk == chosen), places[0] if places else None)
    if wanted and found is not None:
        request.session["inventory_put_away_place"] = found.pk
    return found


def _found(place: Warehouse, code: str) -> list[ToPutAway]:
    variants = variants_of_code(code=code)
    lots = [] if variants else lots_by_number(number=code)
    return put_away_of(warehouse_id=place.pk, variant_ids=variants, lot_ids=lots)


def _in_hand(found: list[ToPutAway], name: str) -> ToPutAway | None:
    """Return the row that is meant: the named one, or the only one."""
    named = [row for row in found if _row_name(row) == name]
    if named:
        return named[0]
    return found[0] if len(found) == 1 else None


def _number(request: HttpRequest, name: str, *, empty: bool = False) -> int:
    value = request.POST.get(name, "")
    if empty and not value:
        return 0
    if not (value.isascii() and value.isdigit() and len(value) < 19):
        raise SuspiciousOperation(f"no {name}")
    return int(value)


def _pieces(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise InvalidInput(_("“%(text)s” is no number of pieces.") % {"text": text})
    return int(text)
