"""The voice of the customer on one page: by reason, product, lot, supplier or channel, each leading to the others."""

from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core.ui.sitepages import register_page, render_page
from service.models import Ticket
from voice.selectors.voices import GRAINS, voices

SPANS = (7, 28, 91)
TICKETS = 30


@register_page("voice/", name="voice_voices", permission="voice.view_voice")
@require_GET
def voices_page(request: HttpRequest) -> HttpResponseBase:
    """Show what was told, per sold piece and against before; each row leads to its reasons, products and tickets."""
    grain, days, only = _asked(request)
    labels = _labels()
    rows = voices(grain=grain, days=days, only=only)
    here = reverse("admin:voice_voices")
    shown = []
    for row in rows:
        following = next((one for one in GRAINS if one != grain and one not in only), "")
        chosen = {**only, grain: row.id} if row.id else {}
        shown.append((row, f"{here}?{_query(following, days, chosen)}" if row.id and following else ""))
    return render_page(
        request,
        "voice/pages/voices.html",
        title=_("Voice of the customer"),
        rows=shown,
        grains=[(labels[one], f"{here}?{_query(one, days, only)}", one == grain) for one in GRAINS if one not in only],
        spans=[(span, f"{here}?{_query(grain, span, only)}", span == days) for span in SPANS],
        whole=f"{here}?{_query('reason', days, {})}" if only else "",
        tickets=_tickets(only, days) if only and request.user.has_perm("service.view_ticket") else [],
    )


def _tickets(only: dict[str, int], days: int) -> list[Ticket]:
    """Return the latest settled tickets behind the figures."""
    paths = {"reason": "reason", "product": "products__product", "channel": "sales_channel"}
    named = {paths[key]: value for key, value in only.items() if key in paths}
    rows = Ticket.objects.own().filter(resolved_at__isnull=False, **named) if named else Ticket.objects.none()
    return list(rows.order_by("-resolved_at", "-pk")[:TICKETS])


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
