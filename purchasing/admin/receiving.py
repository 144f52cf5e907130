"""Receiving at the gate: a page for a phone and a scanner."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from core.errors import DomainError, InvalidInput
from core.ui import Panel, actor, link_action, register_action, register_panel
from core.ui.pressing import new_key
from core.ui.sitepages import register_page, render_page
from inventory.services import LotGiven
from purchasing.models import EXPECTED_STATES, PurchaseOrder
from purchasing.policies import can_take_overdelivery
from purchasing.selectors.receipts import ExpectedLine, expected_lines, receipts_of
from purchasing.services import ReceivedLine, receive_goods

COUNTS = ("good", "damaged", "inspect", "refused")
MOST_DIGITS = 7


@dataclass(frozen=True)
class SheetLine:
    """A line of the sheet with what was typed before a refusal."""

    expected: ExpectedLine
    typed: dict[str, str]


def read_count(text: str) -> int:
    """Return typed pieces, 0 for nothing; InvalidInput for what is no number."""
    text = text.strip()
    if not text:
        return 0
    if not text.isascii() or not text.isdigit() or len(text) > MOST_DIGITS:
        raise InvalidInput(_("A quantity cannot be used. Write how many pieces, as a whole number."))
    return int(text)


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        found = parse_date(text.strip())
    except ValueError:
        found = None
    if found is None:
        raise InvalidInput(_("“%(text)s” is not a day. Write it like 2027-05-31.") % {"text": text})
    return found


def _received(post: Any, expected: ExpectedLine) -> ReceivedLine:
    pk = expected.line.pk
    good, damaged, inspect, refused = (read_count(post.get(f"{name}_{pk}", "")) for name in COUNTS)
    number = post.get(f"lot_{pk}", "").strip()
    lot = LotGiven(number=number, expires_on=_day(post.get(f"expires_{pk}", ""))) if number else None
    serials = tuple(part for part in post.get(f"serials_{pk}", "").replace(",", "\n").split() if part)
    return ReceivedLine(
        line_id=pk, accepted=good, damaged=damaged, to_inspect=inspect, refused=refused, lot=lot, serials=serials,
        note=post.get(f"note_{pk}", "")[:300],
    )  # fmt: skip


def _sheet(request: HttpRequest, order: PurchaseOrder) -> list[SheetLine]:
    names = (*COUNTS, "lot", "expires", "serials", "note")
    return [
        SheetLine(one, {name: request.POST.get(f"{name}_{one.line.pk}", "") for name in names})
        for one in expected_lines(order=order)
    ]


@register_page(
    "purchasing/purchaseorder/<int:order_id>/receive/",
    name="purchasing_receive",
    permission="purchasing.receive_purchaseorder",
)
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest, order_id: int) -> HttpResponseBase:
    """Show what is expected and take in what is counted; a refusal shows the counts again with its reason."""
    order = PurchaseOrder.objects.select_related("supplier", "warehouse").filter(pk=order_id).first()
    if order is None:
        raise Http404
    refusal = ""
    if request.method == "POST":
        try:
            return _take_in(request, order)
        except DomainError as error:
            refusal = str(error)
            order.refresh_from_db()
    sheet = _sheet(request, order)
    return render_page(
        request,
        "purchasing/pages/receive.html",
        title=_("Receive %(number)s") % {"number": order.number},
        order=order,
        sheet=sheet,
        is_expected=order.state in EXPECTED_STATES,
        may_take_more=can_take_overdelivery(actor(request)),
        refusal=refusal,
        typed=request.POST,
        key=new_key(),
        data=_data(sheet, order),
        back=reverse("admin:purchasing_purchaseorder_change", args=[order.pk]),
    )


def _take_in(request: HttpRequest, order: PurchaseOrder) -> HttpResponseRedirect:
    receipt = receive_goods(
        order_id=order.pk,
        lines=[_received(request.POST, one) for one in expected_lines(order=order)],
        delivery_note=request.POST.get("delivery_note", "")[:80],
        note=request.POST.get("note", "")[:300],
        key=f"{actor(request).pk}:{request.POST.get('_key', '')[:40]}",
        actor=actor(request),
    )
    messages.success(request, _("Receipt %(number)s is entered.") % {"number": receipt.number})
    return HttpResponseRedirect(reverse("admin:purchasing_goodsreceipt_change", args=[receipt.pk]))


def _data(sheet: list[SheetLine], order: PurchaseOrder) -> dict[str, Any]:
    """Return what the script of the page reads."""
    codes: dict[str, int] = {}
    for one in reversed(sheet):
        codes.update({code.casefold(): one.expected.line.pk for code in one.expected.codes})
    return {
        "codes": codes,
        "order": order.pk,
        "words": {
            "unknown": _("%s is not on this order."),
            "added": _("%s: one more"),
            "over": _("%s: more than ordered"),
            "left": _("%s left"),
            "too_many": _("%s too many"),
            "complete": _("complete"),
        },
    }


def _is_expected(_user: Any, order: PurchaseOrder) -> bool:
    return order.state in EXPECTED_STATES


def came(_request: HttpRequest, order: PurchaseOrder) -> dict[str, Any] | None:
    """Give the deliveries of an order; None before the first one."""
    rows = receipts_of(order_id=order.pk)
    return {"rows": rows} if rows else None


register_action(
    PurchaseOrder,
    link_action(
        "receive",
        gettext_lazy("Receive goods"),
        permission="purchasing.receive_purchaseorder",
        link=lambda order: reverse("admin:purchasing_receive", args=[order.pk]),
        icon="move_to_inbox",
        variant="primary",
        available=_is_expected,
    ),
)
register_panel(
    PurchaseOrder,
    Panel(
        "receipts",
        pgettext_lazy("goods", "Deliveries"),
        "purchasing/panels/receipts.html",
        came,
        "purchasing.view_goodsreceipt",
        position=30,
        wide=True,
    ),
)
