"""The page for the phone at the shelf: one input for scanner or fingers, blind, patient with the network."""

import json
import re
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from core.errors import DomainError
from core.ui import actor
from core.ui.sitepages import register_page, render_page
from inventory.models import Bin, Stocktake, StocktakeLine, StocktakeState
from inventory.selectors.counting import left_to_count, lines_to_count, phone_row, variants_by_code
from inventory.services.counting import add_to_stocktake, count_line

ROUTE = "inventory/stocktake/<int:stocktake>/count/"
COUNT = "inventory.count_stock"
_KEY = re.compile(r"[0-9a-f]{32}")
_BIGGEST = 2**62


@register_page(ROUTE, name="inventory_count", permission=COUNT)
@require_GET
def count_page(request: HttpRequest, stocktake: int) -> HttpResponseBase:
    """Show what is left to count; of a blind stocktake the page holds no number of the books."""
    wanted = _stocktake(stocktake)
    user = actor(request)
    data = {
        "stocktake": wanted.pk,
        "user": user.pk,
        "lines": lines_to_count(stocktake=wanted, user=user),
        "bins": list(Bin.objects.filter(warehouse=wanted.warehouse_id, is_active=True).values_list("code", flat=True)),
        "urls": {
            "send": reverse("admin:inventory_count_send", args=[wanted.pk]),
            "add": reverse("admin:inventory_count_add", args=[wanted.pk]),
            "find": reverse("admin:inventory_count_find", args=[wanted.pk]),
        },
        "words": _words(),
    }
    return render_page(
        request,
        "inventory/pages/count.html",
        title=_("Count %(number)s") % {"number": wanted.number},
        stocktake=wanted,
        is_counting=wanted.state == StocktakeState.COUNTING,
        data=data,
        back=reverse("admin:inventory_stocktake_change", args=[wanted.pk]),
    )


@register_page(f"{ROUTE}send/", name="inventory_count_send", permission=COUNT)
@require_POST
def send_count(request: HttpRequest, stocktake: int) -> HttpResponseBase:
    """Take one count; sent twice with the same key it counts once. Answers what is left, or why it is refused."""
    wanted, given = _stocktake(stocktake), _posted(request)
    line_id, pieces = _number(given, "line"), _number(given, "counted")
    if not wanted.lines.filter(pk=line_id).exists():
        raise Http404
    try:
        count_line(line_id=line_id, counted=pieces, key=_key(request, given), actor=actor(request))
    except DomainError as error:
        return JsonResponse({"sentence": str(error)}, status=409)
    return JsonResponse({"left": left_to_count(stocktake=wanted, user=actor(request))})


@register_page(f"{ROUTE}add/", name="inventory_count_add", permission=COUNT)
@require_POST
def add_line(request: HttpRequest, stocktake: int) -> HttpResponseBase:
    """Add a variant to the count, in the bin that was scanned last; answers its line."""
    wanted, given = _stocktake(stocktake), _posted(request)
    code = str(given.get("bin", ""))[:30]
    place = Bin.objects.filter(warehouse=wanted.warehouse_id, code=code).first() if code else None
    try:
        line = add_to_stocktake(
            stocktake_id=wanted.pk,
            variant_id=_number(given, "variant"),
            bin_id=place.pk if place else None,
            key=_key(request, given),
            actor=actor(request),
        )
    except DomainError as error:
        return JsonResponse({"sentence": str(error)}, status=409)
    found = StocktakeLine.objects.select_related("stock_item__variant__product", "lot", "bin").get(pk=line.pk)
    return JsonResponse({"line": phone_row(line=found, user=actor(request))})


@register_page(f"{ROUTE}find/", name="inventory_count_find", permission=COUNT)
@require_GET
def find_variant(request: HttpRequest, stocktake: int) -> HttpResponseBase:
    """Answer which variants a code or words mean."""
    _stocktake(stocktake)
    found = variants_by_code(text=request.GET.get("code", "")[:120])
    return JsonResponse({"variants": [{"id": one.pk, "sku": one.sku, "name": one.label} for one in found]})


def _stocktake(pk: int) -> Stocktake:
    found = Stocktake.objects.select_related("warehouse").filter(pk=pk).first() if pk < _BIGGEST else None
    if found is None:
        raise Http404
    return found


def _posted(request: HttpRequest) -> Mapping[str, Any]:
    try:
        given = json.loads(request.body)
    except ValueError as error:
        raise SuspiciousOperation("not JSON") from error
    if not isinstance(given, dict):
        raise SuspiciousOperation("not an object")
    return given


def _number(given: Mapping[str, Any], name: str) -> int:
    value = given.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _BIGGEST:
        raise SuspiciousOperation(f"no {name}")
    return value


def _key(request: HttpRequest, given: Mapping[str, Any]) -> str:
    """Return the key of one press, a person's own: nobody answers under another's."""
    key = str(given.get("key", ""))
    if not _KEY.fullmatch(key):
        raise SuspiciousOperation("no key")
    return f"{actor(request).pk}:{key}"


def _words() -> dict[str, str]:
    return {
        "scan": _("Scan a barcode, or type a SKU or bin"),
        "bin": _("In bin %s"),
        "noBin": _("No bin"),
        "unknown": _("%s is unknown. Search for it by its name."),
        "notPlanned": _("%s is not in this count."),
        "add": _("Add it to the count"),
        "added": _("Added to the count"),
        "choose": _("In several places. Where are you?"),
        "noted": _("%(sku)s: %(count)s noted"),
        "refused": _("Not noted: %s"),
        "offline": _("No network. Adding works when it is back; what you count is kept."),
        "waiting": _("%s not sent yet"),
        "sent": _("Everything is sent"),
        "login": _("You are logged out. Log in again in another tab; your counts are kept here."),
        "left": _("%s left"),
        "allDone": _("Everything here is counted. Well done."),
        "again": pgettext("count", "Counted"),
        "number": _("That is no number of pieces."),
        "nothing": _("Nothing found"),
    }
