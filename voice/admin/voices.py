"""The voice of the customer on one page: by reason, product, lot, supplier or channel, each leading to the others."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core.ui.sitepages import register_page, render_page
from service.models import Ticket
from voice.selectors.voices import GRAINS, Voice, names_of, voices

SPANS = (7, 28, 91)
TICKETS = 30


@register_page("voice/figures/", name="voice_voices", permission="voice.view_voice")
@require_GET
def voices_page(request: HttpRequest) -> HttpResponseBase:
    """Show what was told, per sold piece and against before; each row leads to its reasons, products and tickets."""
    grain, days, only = _asked(request)
    labels = _labels()
    rows = voices(grain=grain, days=days, only=only)
    here = reverse("admin:voice_voices")
    most = max((row.count for row in rows), default=0)
    shown = []
    for row in rows:
        following = next((one for one in GRAINS if one != grain and one not in only), "")
        chosen = {**only, grain: row.id} if row.id else {}
        url = f"{here}?{_query(following, days, chosen)}" if row.id and following else ""
        shown.append((row, url, _bars(row, most)))
    kept = [
        (labels[one], names_of(one, [pk]).get(pk, "–"), f"{here}?{_query(grain, days, _without(only, one))}")
        for one, pk in only.items()
    ]
    return render_page(
        request,
        "voice/pages/voices.html",
        title=_("Voice of the customer"),
        rows=shown,
        label=labels[grain],
        grains=[(labels[one], f"{here}?{_query(one, days, only)}", one == grain) for one in GRAINS if one not in only],
        spans=[(span, f"{here}?{_query(grain, span, only)}", span == days) for span in SPANS],
        kept=kept,
        tickets=_tickets(only, days) if only and request.user.has_perm("service.view_ticket") else [],
    )


def _bars(row: Voice, most: int) -> list[tuple[str, float, float]]:
    """Return (source, where it begins, how wide) of a bar of a hundred units for the row with the most."""
    at, bars = 0.0, []
    for source, count in (("ticket", row.tickets), ("return", row.returns), ("review", row.reviews)):
        width = round(100 * count / most, 2) if most else 0.0
        bars.append((source, at, width))
        at += width
    return bars


def _without(only: dict[str, int], name: str) -> dict[str, int]:
    return {key: value for key, value in only.items() if key != name}


def _tickets(only: dict[str, int], days: int) -> list[Ticket]:
    """Return the latest settled tickets behind the figures; of lots and suppliers the figures alone tell."""
    chosen = {key: value for key, value in only.items() if key in {"reason", "product", "channel"}}
    if not chosen:
        return []
    rows = Ticket.objects.own().filter(resolved_at__gte=timezone.now() - timedelta(days=days))
    for key, value in chosen.items():
        rows = rows.filter(_behind(key, value))
    return list(rows.distinct().order_by("-resolved_at", "-pk")[:TICKETS])


def _behind(key: str, value: int) -> Q:
    """Return which tickets count for it, as ``count_voice`` does."""
    if key == "reason":
        return Q(reason=value) | Q(reason__merged_into=value)
    if key == "channel":
        return Q(sales_channel=value) | Q(sales_channel=None, orders__order__sales_channel=value)
    whole = Q(orders__line=None, orders__order__lines__variant__product=value)
    return Q(products__product=value) | Q(orders__line__variant__product=value) | whole


def _asked(request: HttpRequest) -> tuple[str, int, dict[str, int]]:
    given = request.GET
    grain, days = given.get("by", "reason"), given.get("days", "28")
    if set(given) - {"by", "days", *GRAINS} or grain not in GRAINS or days not in map(str, SPANS):
        raise SuspiciousOperation("no such parameter")
    only: dict[str, int] = {}
    for name in GRAINS:
        value: Any = given.get(name)
        if value is None:
            continue
        if not (value.isascii() and value.isdigit() and len(value) < 19):
            raise SuspiciousOperation("no such number")
        only[name] = int(value)
    return grain, int(days), only


def _query(grain: str, days: int, only: dict[str, int]) -> str:
    return "&".join([f"by={grain}", f"days={days}", *(f"{name}={value}" for name, value in only.items())])


def _labels() -> dict[str, str]:
    return {
        "reason": _("Reason"),
        "product": _("Product"),
        "lot": _("Lot"),
        "supplier": _("Supplier"),
        "channel": _("Sales channel"),
    }
