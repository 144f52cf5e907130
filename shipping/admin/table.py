"""The packing table: scan the order, then each piece. For a phone and for a desk with a scanner, by keyboard alone."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError
from core.ui import actor
from core.ui.pressing import new_key
from core.ui.sitepages import register_page, render_page
from orders.models import Gift, Order
from orders.policies import can_hold_orders
from shipping.models import STOPPING_SCANS, UNDER_WAY_WAVES, Packing, PackingCheck, PackingState, ScanOutcome, Wave
from shipping.selectors.packing import news_of_packing, next_of_wave, parcel_of, rows_of
from shipping.selectors.waving import with_counts
from shipping.services import scan, set_aside, stop_packing, take_over

ROUTE = "shipping/pack/"
SHIP = "orders.ship_order"
_KEY = re.compile(r"[0-9a-f]{32}")
_BIGGEST = 2**62
_O = ScanOutcome
# the sound and the colour of an answer
KINDS = {
    _O.STARTED: "good",
    _O.RIGHT: "good",
    _O.COMPLETE: "done",
    _O.LABEL_WANTED: "odd",
    _O.NUMBER_WANTED: "odd",
    **dict.fromkeys(STOPPING_SCANS, "stop"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What the table says, large: a word, a sentence, its colour and sound."""

    kind: str  # good, done, odd, bad, stop
    title: str
    text: str = ""


@register_page(ROUTE, name="shipping_pack", permission=SHIP)
@require_safe
def packing_table(request: HttpRequest) -> HttpResponseBase:
    """Show what is on the table: a packing that goes on, or the field that waits for an order."""
    packing = _packing(request.GET.get("packing", ""))
    wave = _wave(request.GET.get("wave", ""))
    code = request.GET.get("order", "")[:120]
    news = news_of_packing(packing) if packing else None
    said = _stop_said(news[0], packing.order, news[1]) if packing and news else None
    return _answer(request, packing=None if said else packing, wave=wave, said=said, code=code)


@register_page(f"{ROUTE}scan/", name="shipping_pack_scan", permission=SHIP)
@require_POST
def scanned(request: HttpRequest) -> HttpResponseBase:
    """Judge a scan and show what it was told; the same press again shows the same."""
    key = request.POST.get("_key", "")
    if not _KEY.fullmatch(key):
        raise SuspiciousOperation("no key")
    wave, before = _wave(request.POST.get("wave", "")), _packing(request.POST.get("packing", ""))
    code = request.POST.get("code", "").strip()[:120]
    user = actor(request)
    if not code:
        return _answer(request, packing=before, wave=wave)
    try:
        check = scan(
            code=code,
            packing_id=before.pk if before else None,
            wants_label=_wants_label(request),
            key=f"{user.pk}:{key}",
            actor=user,
        )
    except DomainError as error:
        return _answer(request, packing=before, wave=wave, said=Said("bad", str(error)))
    packing = _packing(str(check.packing_id or ""))
    if packing and packing.wave_order:  # the next one is of the same wave
        wave = Wave.objects.get(pk=packing.wave_order.wave_id)
    taken = packing if check.outcome == _O.TAKEN and before is None else None
    goes_on = packing is not None and packing.state == PackingState.OPEN and check.outcome not in STOPPING_SCANS
    return _answer(request, packing=packing if goes_on else None, wave=wave, said=_said(check, packing), taken=taken)


def _change(request: HttpRequest, run: Callable[[Packing], Packing | Said]) -> HttpResponseBase:
    packing = _packing(request.POST.get("packing", ""))
    if packing is None:
        raise SuspiciousOperation("no packing")
    wave = _wave(request.POST.get("wave", ""))
    try:
        found = run(packing)
    except DomainError as error:
        packing = _packing(str(packing.pk))
        return _answer(request, packing=packing, wave=wave, said=Said("bad", str(error)))
    if isinstance(found, Said):
        return _answer(request, packing=None, wave=wave, said=found)
    return _answer(request, packing=_packing(str(found.pk)), wave=wave, said=Said("good", found.order.number))


@register_page(f"{ROUTE}stop/", name="shipping_pack_stop", permission=SHIP)
@require_POST
def stopped(request: HttpRequest) -> HttpResponseBase:
    """Put the pieces back: what was scanned counts for nothing."""

    def run(packing: Packing) -> Said:
        stop_packing(packing_id=packing.pk, actor=actor(request))
        return Said("odd", _("Stopped"), _("Put the pieces of %(order)s back.") % {"order": packing.order.number})

    return _change(request, run)


@register_page(f"{ROUTE}take-over/", name="shipping_pack_take_over", permission=SHIP)
@require_POST
def taken_over(request: HttpRequest) -> HttpResponseBase:
    """Pack what a colleague left."""
    return _change(request, lambda packing: take_over(packing_id=packing.pk, actor=actor(request)))


@register_page(f"{ROUTE}set-aside/", name="shipping_pack_set_aside", permission="orders.hold_order")
@require_POST
def put_aside(request: HttpRequest) -> HttpResponseBase:
    """Hold the order because something is missing or damaged."""

    def run(packing: Packing) -> Said:
        set_aside(packing_id=packing.pk, note=request.POST.get("note", ""), actor=actor(request))
        return Said("odd", _("Set aside"), _("%(order)s is held.") % {"order": packing.order.number})

    return _change(request, run)


@register_page(f"{ROUTE}state/", name="shipping_pack_state", permission=SHIP)
@require_safe
def state_of_packing(request: HttpRequest) -> HttpResponseBase:
    """Tell an open table whether its packing still goes on: nobody should pack what was cancelled a minute ago."""
    packing = _packing(request.GET.get("packing", ""))
    goes_on = packing is not None and packing.state == PackingState.OPEN and news_of_packing(packing) is None
    answer = JsonResponse({"goes_on": goes_on})
    answer["Cache-Control"] = "no-store"
    return answer


def _answer(
    request: HttpRequest,
    *,
    packing: Packing | None,
    wave: Wave | None,
    said: Said | None = None,
    taken: Packing | None = None,
    code: str = "",
) -> HttpResponseBase:
    """Render the table; a script that replaces only the table asks for just that."""
    if packing is not None and packing.state != PackingState.OPEN:
        packing = None
    if wave is None and packing is not None and packing.wave_order is not None:
        wave = Wave.objects.get(pk=packing.wave_order.wave_id)
    parcel = parcel_of(packing=packing) if packing else None
    context: dict[str, Any] = {
        "packing": packing,
        "parcel": parcel,
        "rows": rows_of(parcel=parcel) if parcel else [],
        "gift": Gift.objects.filter(order=packing.order_id).first() if packing else None,
        "wave": with_counts(Wave.objects.filter(pk=wave.pk)).get() if wave else None,
        "waves": [] if wave or packing else list(_waves()),
        "next": next_of_wave(wave.pk) if wave and not packing else None,
        "said": said,
        "taken": taken,
        "code": code,
        "wants_label": _wants_label(request),
        "may_hold": can_hold_orders(actor(request)),
        "sees_names": request.user.has_perm("customers.see_contact_data"),
        "key": new_key(),
    }
    if request.headers.get("X-Table") == "1":
        return render(request, "shipping/pages/pack_table.html", context)
    return render_page(request, "shipping/pages/pack.html", title=_("Packing table"), **context)


def _waves() -> Any:
    return with_counts(Wave.objects.filter(state__in=UNDER_WAY_WAVES)).select_related("warehouse").order_by("pk")[:12]


def _said(check: PackingCheck, packing: Packing | None) -> Said:
    outcome = ScanOutcome(check.outcome)
    if outcome in STOPPING_SCANS:
        return _stop_said(outcome, check.order, check.note)
    order = check.order.number if check.order else ""
    goods = check.variant.sku if check.variant else check.code
    texts = {
        _O.STARTED: _("A present: wrap it as said below.") if _is_present(check) else _("Scan each piece."),
        _O.COMPLETE: f"{order} · {packing.shipment}" if packing and packing.shipment else order,
        _O.WRONG: _("%(sku)s does not belong to this order.") % {"sku": goods},
        _O.TOO_MANY: _("%(sku)s: all its pieces are in the parcel.") % {"sku": goods},
        _O.LABEL_WANTED: order,
        _O.OTHER_ORDER: _("Finish or stop this one before %(order)s.") % {"order": check.note},
        _O.REFUSED: check.note,
        _O.UNKNOWN: check.code,
        _O.NUMBER_TWICE: check.code,
    }
    title = order if outcome == _O.STARTED else str(outcome.label)
    kind = "odd" if outcome == _O.STARTED and _is_present(check) else KINDS.get(outcome, "bad")
    return Said(kind, title, texts.get(outcome, goods))


def _is_present(check: PackingCheck) -> bool:
    return check.outcome == _O.STARTED and Gift.objects.filter(order=check.order_id).exists()


def _stop_said(outcome: ScanOutcome, order: Order | None, note: str) -> Said:
    number = order.number if order else ""
    back = _("Put the pieces of %(order)s back.") % {"order": number}
    texts = {_O.CANCELLED: f"{back} {note}", _O.HELD: f"{back} {note}"}
    title, text = str(outcome.label), texts.get(outcome, f"{number} {note}")
    return Said("stop", title, text)


def _wants_label(request: HttpRequest) -> bool:
    """Return whether labels are scanned at this table; it stays so for the session."""
    if request.method == "POST" and "label_choice" in request.POST:
        request.session["shipping_pack_label"] = request.POST.get("label") == "1"
    return bool(request.session.get("shipping_pack_label", False))


def _number(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text) < _BIGGEST):
        raise SuspiciousOperation("no number")
    return int(text)


def _packing(text: str) -> Packing | None:
    pk = _number(text)
    return (
        Packing.objects.select_related("order", "warehouse", "wave_order", "shipment").filter(pk=pk).first()
        if pk
        else None
    )


def _wave(text: str) -> Wave | None:
    pk = _number(text)
    return Wave.objects.filter(pk=pk).first() if pk else None
