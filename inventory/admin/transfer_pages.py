"""The lines of a transfer on its page, its note as PDF, and what is in transit on the pages of stock and variants."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalog.models import Variant
from core.errors import DomainError
from core.papers import answer_pdf
from core.ui import Panel, actor, register_panel
from core.ui.sitepages import register_page
from inventory.models import StockItem, Transfer, TransferState, Warehouse
from inventory.policies import can_move_stock
from inventory.selectors.moving import lines_of_transfer, transfers_under_way
from inventory.services import moving
from inventory.services.labelling import transfer_note

MOST = 10_000_000


def transfer_lines(request: HttpRequest, transfer: Transfer) -> dict[str, Any]:
    """Give the lines; a draft's can be changed by who may move stock."""
    is_draft = transfer.state == TransferState.DRAFT
    return {
        "transfer": transfer,
        "rows": lines_of_transfer(transfer=transfer),
        "is_draft": is_draft,
        "may_change": is_draft and can_move_stock(actor(request)),
    }


def arriving(request: HttpRequest, item: StockItem) -> dict[str, Any] | None:
    """Give the transfers that bring pieces to this stock item; None hides the box."""
    rows = [row for row in transfers_under_way(variant_ids=[item.variant_id]) if row.warehouse_id == item.warehouse_id]
    return {"rows": [(row, None) for row in rows], "total": sum(row.quantity for row in rows)} if rows else None


def moving_of_variant(request: HttpRequest, variant: Variant) -> dict[str, Any] | None:
    """Give the transfers that bring pieces of this variant anywhere; None hides the box."""
    rows = transfers_under_way(variant_ids=[variant.pk])
    places = Warehouse.objects.in_bulk([row.warehouse_id for row in rows])
    shown = [(row, places[row.warehouse_id]) for row in rows]
    return {"rows": shown, "total": sum(row.quantity for row in rows)} if rows else None


@register_page(
    "inventory/transfer/<int:transfer_id>/lines/", name="inventory_transfer_lines", permission="inventory.move_stock"
)
@require_POST
def change_lines(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """Add pieces by SKU or barcode (``code``), or set the quantities of the lines (``line_<id>``, 0 takes it out)."""
    if not Transfer.objects.filter(pk=transfer_id).exists():
        raise Http404
    run = _add if "code" in request.POST else _put
    return _answer(request, transfer_id, lambda: run(request, transfer_id))


def _add(request: HttpRequest, transfer_id: int) -> str:
    line = moving.add_by_code(
        transfer_id=transfer_id,
        code=request.POST["code"][:120],
        quantity=_number(request.POST.get("quantity", "1")),
        actor=actor(request),
    )
    return _("%(sku)s: %(count)s pieces on this transfer.") % {"sku": line.variant.sku, "count": line.quantity}


def _put(request: HttpRequest, transfer_id: int) -> str:
    lines = Transfer.objects.get(pk=transfer_id).lines.all()
    kept = [(line, _number(request.POST.get(f"line_{line.pk}", str(line.quantity)))) for line in lines]
    moving.put_transfer_lines(
        transfer_id=transfer_id,
        lines=[
            moving.TransferPieces(variant_id=line.variant_id, lot_id=line.lot_id, quantity=quantity)
            for line, quantity in kept
            if quantity
        ],
        actor=actor(request),
    )
    return _("The quantities are saved.")


def _number(text: str) -> int:
    cleaned = text.strip()
    if not (cleaned.isascii() and cleaned.isdigit() and len(cleaned) < 9):
        raise SuspiciousOperation("no number of pieces")
    return int(cleaned)


def _answer(request: HttpRequest, transfer_id: int, run: Callable[[], str]) -> HttpResponse:
    try:
        messages.success(request, run())
    except DomainError as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(f"{reverse('admin:inventory_transfer_change', args=[transfer_id])}#panel-lines")


@register_page(
    "inventory/transfer/<int:transfer_id>/note/", name="inventory_transfer_note", permission="inventory.view_transfer"
)
@require_safe
def note_view(request: HttpRequest, transfer_id: int) -> HttpResponseBase:
    """Answer the transfer note in the reader's language."""
    transfer = Transfer.objects.filter(pk=transfer_id).first()
    if transfer is None:
        raise Http404
    pdf = transfer_note(transfer_id=transfer_id, language=get_language() or "en")
    return answer_pdf(pdf, name=transfer.number)


register_panel(
    Transfer,
    Panel(
        "lines", gettext_lazy("Lines"), "inventory/panels/transfer_lines.html", transfer_lines, wide=True, above=True
    ),
)
for _model, _give in ((StockItem, arriving), (Variant, moving_of_variant)):
    register_panel(
        _model,
        Panel(
            "in_transit",
            gettext_lazy("In transit"),
            "inventory/panels/in_transit.html",
            _give,
            "inventory.view_transfer",
            position=16,
        ),
    )
