"""The pages on which a return to a supplier is written, and its paper."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from core.errors import DomainError
from core.money import parse_amount
from core.papers import answer_pdf
from core.ui import actor
from core.ui.amounts import amount_text
from core.ui.pressing import new_key
from core.ui.sitepages import register_page, render_page
from inventory.models import StockHold, Warehouse
from orders.admin.forms import Suggested
from purchasing import policies, services
from purchasing.admin.receiving import read_count
from purchasing.models import GoodsReceipt, ReturnState, Supplier, SupplierReturn
from purchasing.selectors.return_papers import return_paper
from purchasing.selectors.returns import (
    Begun,
    Offer,
    Place,
    begun_from_hold,
    begun_from_receipt,
    begun_from_variant,
    offers_for,
    return_lines,
)
from purchasing.services import PiecesBack

SEND, VIEW = "purchasing.send_supplierreturn", "purchasing.view_supplierreturn"
SOURCES = ("receipt", "hold", "variant")
REASONS = [
    gettext_lazy("Damaged on arrival"),
    gettext_lazy("Failed the inspection"),
    gettext_lazy("Not what was ordered"),
    gettext_lazy("More than was ordered"),
    gettext_lazy("Does not sell; agreed with the supplier"),
]


class WhyForm(forms.Form):
    """Why the goods go back."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200, widget=Suggested(REASONS),
        help_text=gettext_lazy("Stands on the paper; the supplier reads it."),
    )  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A place on the page with what was typed beside it."""

    offer: Offer
    pieces: str
    price: str


@register_page("purchasing/new-return/", name="purchasing_new_return", permission=SEND)
@require_http_methods(["GET", "POST"])
def new_return(request: HttpRequest) -> HttpResponseBase:
    """Draft a return: to whom and from where, then the pieces; begun from a receipt, a hold or a variant."""
    begun = _begun(request)
    supplier = Supplier.objects.filter(pk=_number(request.GET.get("supplier")) or begun.supplier_id or 0).first()
    warehouse = Warehouse.objects.filter(pk=_number(request.GET.get("warehouse")) or begun.warehouse_id or 0).first()
    problem = ""
    if request.method == "POST" and supplier and warehouse and request.POST.get("command") != "find":
        try:
            return _drafted(request, supplier, warehouse)
        except DomainError as error:
            problem = str(error)
    return _page(
        request,
        title=_("New return to a supplier"),
        supplier=supplier,
        warehouse=warehouse,
        wanted=_wanted(begun, warehouse),
        problem=problem,
        suppliers=Supplier.objects.order_by("name"),
        warehouses=Warehouse.objects.filter(is_active=True).order_by("name"),
        kept=[(name, request.GET[name]) for name in (*SOURCES, "quantity") if name in request.GET],
        back=(reverse("admin:purchasing_supplierreturn_changelist"), _("Returns to suppliers")),
        reason=_usual_reason(request),
    )


@register_page("purchasing/returns/<int:return_id>/lines/", name="purchasing_return_lines", permission=SEND)
@require_http_methods(["GET", "POST"])
def edit_return(request: HttpRequest, return_id: int) -> HttpResponseBase:
    """Write other pieces or another reason into a draft."""
    document = get_object_or_404(SupplierReturn.objects.select_related("supplier", "warehouse"), pk=return_id)
    page = reverse("admin:purchasing_supplierreturn_change", args=[document.pk])
    if document.state != ReturnState.DRAFT:
        messages.warning(request, _("Only a draft can be changed."))
        return HttpResponseRedirect(page)
    problem = ""
    if request.method == "POST" and request.POST.get("command") != "find":
        try:
            lines = _pieces(request.POST, document.supplier)
            reason = request.POST.get("reason", "")
            services.edit_supplier_return(return_id=document.pk, lines=lines, reason=reason, actor=actor(request))
        except DomainError as error:
            problem = str(error)
        else:
            messages.success(request, _("%(number)s is saved.") % {"number": document.number})
            return HttpResponseRedirect(page)
    rows = return_lines(return_id=document.pk)
    return _page(
        request,
        title=f"{document.number} · {pgettext('goods', 'Goods')}",
        supplier=document.supplier,
        warehouse=document.warehouse,
        wanted={Place(row.variant_id, row.hold_id, row.lot_id): row.quantity for row in rows},
        prices={Place(row.variant_id, row.hold_id, row.lot_id): row.unit_price for row in rows},
        problem=problem,
        back=(page, document.number),
        reason=document.reason,
    )


@register_page("purchasing/returns/<int:return_id>/pdf/", name="purchasing_return_pdf", permission=VIEW)
@require_GET
def return_pdf(request: HttpRequest, return_id: int) -> HttpResponseBase:
    """Answer with the paper that goes with the goods; prices are on it for who may see costs."""
    document = get_object_or_404(SupplierReturn.objects.select_related("supplier", "warehouse"), pk=return_id)
    pdf = return_paper(document, with_prices=policies.can_see_costs(actor(request)))
    return answer_pdf(pdf, name=document.number)


def _begun(request: HttpRequest) -> Begun:
    """Read what the page was opened for; 404 for what is not there."""
    if "receipt" in request.GET:
        receipts = GoodsReceipt.objects.select_related("order").filter(undone_at=None)
        return begun_from_receipt(receipt=get_object_or_404(receipts, pk=_number(request.GET["receipt"])))
    if "hold" in request.GET:
        holds = StockHold.objects.select_related("stock_item")
        return begun_from_hold(hold=get_object_or_404(holds, pk=_number(request.GET["hold"])))
    if "variant" in request.GET:
        variant_id, quantity = _number(request.GET["variant"]), _number(request.GET.get("quantity"))
        if variant_id is None:
            raise Http404
        return begun_from_variant(variant_id=variant_id, quantity=quantity or 0)
    return Begun(wanted={})


def _wanted(begun: Begun, warehouse: Warehouse | None) -> Mapping[Place, int]:
    """Return what was asked for; out of another warehouse than it lies in, the products without their pieces."""
    if warehouse is None or warehouse.pk == begun.warehouse_id:
        return begun.wanted
    return {Place(place.variant_id): 0 for place in begun.wanted}


def _number(text: str | None) -> int | None:
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def _usual_reason(request: HttpRequest) -> str:
    """Propose why: what came with a receipt is damaged, what is named by its variant does not sell."""
    if "receipt" in request.GET or "hold" in request.GET:
        return str(REASONS[0])
    return str(REASONS[-1]) if "variant" in request.GET else ""


def _drafted(request: HttpRequest, supplier: Supplier, warehouse: Warehouse) -> HttpResponseRedirect:
    document = services.draft_supplier_return(
        supplier_id=supplier.pk,
        warehouse_id=warehouse.pk,
        lines=_pieces(request.POST, supplier),
        reason=request.POST.get("reason", ""),
        key=f"{actor(request).pk}:{request.POST.get('_key', '')[:40]}",
        actor=actor(request),
    )
    messages.success(request, _("%(number)s is drafted. The pieces stay in stock until it is sent.")
                     % {"number": document.number})  # fmt: skip
    return HttpResponseRedirect(reverse("admin:purchasing_supplierreturn_change", args=[document.pk]))


def _pieces(posted: Mapping[str, str], supplier: Supplier) -> list[PiecesBack]:
    """Read the pieces beside each place; nothing typed is nothing sent."""
    lines = []
    for name, text in posted.items():
        place = _place(name.removeprefix("pieces_")) if name.startswith("pieces_") else None
        quantity = read_count(text) if place else 0
        if place is None or not quantity:
            continue
        price = posted.get(f"price_{place.key}", "").strip()
        lines.append(
            PiecesBack(
                variant_id=place.variant_id,
                quantity=quantity,
                hold_id=place.hold_id,
                lot_id=place.lot_id,
                unit_price=parse_amount(price, supplier.currency) if price else None,
            )
        )
    return lines


def _place(key: str) -> Place | None:
    """Read a place's key; None for what is none."""
    if key.startswith("h") and (hold_id := _number(key[1:])):
        hold = StockHold.objects.filter(pk=hold_id).values_list("stock_item__variant", "lot").first()
        return Place(hold[0], hold_id, hold[1]) if hold else None
    variant, _line, lot = key.removeprefix("v").partition("_")
    variant_id, lot_id = _number(variant), _number(lot)
    return Place(variant_id, None, lot_id or None) if variant_id else None


def _page(
    request: HttpRequest,
    *,
    title: str,
    supplier: Supplier | None,
    warehouse: Warehouse | None,
    wanted: Mapping[Place, int],
    problem: str,
    reason: str,
    prices: Mapping[Place, int] | None = None,
    **context: Any,
) -> HttpResponse:
    posted: Mapping[str, str] | None = request.POST if request.method == "POST" else None
    typed: Mapping[str, str] = posted or {}
    term = typed.get("q", "").replace("\x00", "").strip()[:80]
    rows: Sequence[Row] = []
    if supplier and warehouse:
        places = [*wanted, *_typed_places(typed)]
        offers = offers_for(supplier=supplier, warehouse_id=warehouse.pk, places=places, term=term)
        rows = [_row(offer, posted, wanted, prices or {}, supplier.currency) for offer in offers]
    return render_page(
        request,
        "purchasing/pages/return.html",
        title=title,
        supplier=supplier,
        warehouse=warehouse,
        rows=rows,
        form=WhyForm(initial={"reason": posted.get("reason", "") if posted is not None else reason}),
        term=term,
        problem=problem,
        may_see_costs=policies.can_see_costs(actor(request)),
        key=typed.get("_key") or new_key(),
        **context,
    )


def _typed_places(posted: Mapping[str, str]) -> list[Place]:
    """Return the places beside which something was typed: they stay on the page when one searches on."""
    named = [name.removeprefix("pieces_") for name, text in posted.items() if name.startswith("pieces_") and text]
    return [place for key in named if (place := _place(key))]


def _row(
    offer: Offer,
    posted: Mapping[str, str] | None,
    wanted: Mapping[Place, int],
    prices: Mapping[Place, int],
    currency: str,
) -> Row:
    place = offer.place
    price = prices.get(place, offer.price)
    typed_price = amount_text(price, currency) if price is not None else ""
    pieces = str(wanted[place]) if wanted.get(place) else ""
    if posted is not None:
        pieces, typed_price = posted.get(f"pieces_{place.key}", ""), posted.get(f"price_{place.key}", typed_price)
    return Row(offer, pieces, typed_price)
