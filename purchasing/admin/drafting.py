"""The pages on which an order is written: begin one, edit its lines, and its paper."""

import re
import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.errors import DomainError, InvalidInput
from core.money import parse_amount
from core.papers import answer_pdf
from core.ui import actor
from core.ui.amounts import amount_text
from core.ui.sitepages import register_page, render_page
from inventory.models import Warehouse
from purchasing import policies, services
from purchasing.models import PurchaseOrder, PurchaseState, Supplier
from purchasing.selectors.orders import rows_of_purchase_order, suggestions_for, variants_by_code
from purchasing.selectors.papers import order_paper
from purchasing.services import OrderLine

ADD = "purchasing.add_purchaseorder"
MOST_PASTED = 500


class NewOrderForm(forms.Form):
    """At whom, for which warehouse."""

    supplier = forms.ModelChoiceField(label=gettext_lazy("Supplier"), queryset=Supplier.objects.filter(is_active=True))
    warehouse = forms.ModelChoiceField(
        label=gettext_lazy("Deliver to"), queryset=Warehouse.objects.filter(is_active=True), empty_label=None
    )
    expected_on = forms.DateField(
        label=pgettext_lazy("purchase order", "expected"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Empty: after the supplier's lead time."),
    )
    note = forms.CharField(
        label=gettext_lazy("note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Stands on the order; the supplier reads it."),
    )  # fmt: skip
    key = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)


@register_page("purchasing/new-order/", name="purchasing_new_order", permission=ADD)
def new_order(request: HttpRequest) -> HttpResponseBase:
    """Begin a draft: the supplier first, then its lines."""
    _check_writer(request)
    if request.method != "POST":
        form = NewOrderForm(initial={**_begun(request), "key": uuid.uuid4().hex})
        return _new_page(request, form)
    form = NewOrderForm(request.POST)
    if not form.is_valid():
        return _new_page(request, form)
    data = form.cleaned_data
    try:
        order = services.create_purchase_order(
            supplier_id=data["supplier"].pk,
            warehouse_id=data["warehouse"].pk,
            lines=[],
            note=data["note"],
            expected_on=data["expected_on"],
            key=data["key"],
            actor=actor(request),
        )
    except DomainError as error:
        form.add_error(None, str(error))
        return _new_page(request, form)
    return HttpResponseRedirect(reverse("admin:purchasing_order_lines", args=[order.pk]))


def _begun(request: HttpRequest) -> dict[str, Any]:
    chosen = request.GET.get("supplier", "")
    return {"supplier": int(chosen)} if chosen.isascii() and chosen.isdigit() and len(chosen) < 18 else {}


def _new_page(request: HttpRequest, form: NewOrderForm) -> HttpResponse:
    return render_page(request, "purchasing/pages/new_order.html", title=_("New purchase order"), form=form)


@register_page("purchasing/orders/<int:order_id>/lines/", name="purchasing_order_lines", permission=ADD)
def order_lines(request: HttpRequest, order_id: int) -> HttpResponseBase:
    """Write the lines of a draft: change, add from the supplier's items, paste many; then save or hand in."""
    _check_writer(request)
    order = get_object_or_404(PurchaseOrder.objects.select_related("supplier", "warehouse"), pk=order_id)
    page = reverse("admin:purchasing_purchaseorder_change", args=[order.pk])
    if order.state != PurchaseState.DRAFT:
        messages.warning(request, _("Only a draft can be changed. Put the order back to draft first."))
        return HttpResponseRedirect(page)
    problem, pasted = "", ""
    if request.method == "POST":
        pasted = request.POST.get("pasted", "")
        try:
            services.edit_purchase_order(order_id=order.pk, lines=read_lines(order, request.POST), actor=actor(request))
            if request.POST.get("command") == "submit":
                services.submit_purchase_order(order_id=order.pk, actor=actor(request))
        except DomainError as error:
            problem = str(error)
        else:
            return _saved(request, order)
    return _lines_page(request, order, problem=problem, pasted=pasted)


def _saved(request: HttpRequest, order: PurchaseOrder) -> HttpResponseRedirect:
    order.refresh_from_db()
    if request.POST.get("command") == "stay":
        messages.success(request, _("The lines are saved."))
        return HttpResponseRedirect(reverse("admin:purchasing_order_lines", args=[order.pk]))
    messages.success(request, _("%(number)s is saved.") % {"number": order.number})
    return HttpResponseRedirect(reverse("admin:purchasing_purchaseorder_change", args=[order.pk]))


def _lines_page(request: HttpRequest, order: PurchaseOrder, *, problem: str, pasted: str) -> HttpResponse:
    term = request.GET.get("q", "").replace("\x00", "").strip()[:80]
    rows = [
        (row, amount_text(row.line.unit_price, order.currency) if row.line.is_price_known else "")
        for row in rows_of_purchase_order(order.pk)
    ]
    return render_page(
        request,
        "purchasing/pages/lines.html",
        title=f"{order.number} · {_('Lines')}",
        order=order,
        rows=rows,
        suggested=suggestions_for(order, term=term),
        problem=problem,
        pasted=pasted,
        term=term,
    )


def read_lines(order: PurchaseOrder, posted: Mapping[str, str]) -> list[OrderLine]:
    """Return the lines that the page asks for: its own, chosen suggestions and pasted ones; InvalidInput names a fault.

    A quantity that is empty or 0 takes the line away. What is pasted adds to a line that is there already.
    """
    lines: dict[int, OrderLine] = {}
    for name, text in posted.items():
        if name.startswith("quantity_") and name[9:].isdigit() and len(name) < 28:
            variant_id = int(name[9:])
            quantity = _number(text)
            if quantity:
                lines[variant_id] = OrderLine(
                    variant_id=variant_id,
                    quantity=quantity,
                    unit_price=_price(posted.get(f"price_{variant_id}", ""), order.currency),
                    expected_on=_day(posted.get(f"due_{variant_id}", "")),
                )
    for line in read_pasted(order, posted.get("pasted", "")):
        known = lines.get(line.variant_id)
        lines[line.variant_id] = (
            line
            if known is None
            else OrderLine(
                variant_id=line.variant_id,
                quantity=known.quantity + line.quantity,
                unit_price=known.unit_price if line.unit_price is None else line.unit_price,
                expected_on=known.expected_on,
            )
        )
    return list(lines.values())


def read_pasted(order: PurchaseOrder, text: str) -> list[OrderLine]:
    """Return lines of "code quantity [price]" as spreadsheets paste them; codes are SKU, barcode or the supplier's."""
    cells = [re.split(r"[\t;]+|\s{2,}|\s", line.strip()) for line in text.splitlines() if line.strip()]
    if len(cells) > MOST_PASTED:
        raise InvalidInput(_("Paste at most %(count)s lines at once.") % {"count": MOST_PASTED})
    if short := [row[0] for row in cells if len(row) not in {2, 3}]:
        raise InvalidInput(_("Write code, quantity and perhaps a price in each line: “%(code)s”.") % {"code": short[0]})
    known = variants_by_code([row[0] for row in cells], supplier_id=order.supplier_id)
    if missing := [row[0] for row in cells if row[0] not in known]:
        raise InvalidInput(_("Nothing has the code %(codes)s.") % {"codes": ", ".join(missing[:10])})
    sums: dict[int, OrderLine] = {}
    for code, quantity, *price in cells:
        before = sums.get(known[code])
        sums[known[code]] = OrderLine(
            variant_id=known[code],
            quantity=_number(quantity) + (before.quantity if before else 0),
            unit_price=_price(price[0] if price else "", order.currency),
        )
    return list(sums.values())


def _number(text: str) -> int:
    plain = text.strip().replace(",", "")
    if not plain:
        return 0
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 9):
        raise InvalidInput(_("“%(text)s” is no number of pieces.") % {"text": text[:20]})
    return int(plain)


def _price(text: str, currency: str) -> int | None:
    return parse_amount(text, currency) if text.strip() else None


def _day(text: str) -> date | None:
    try:
        return parse_date(text.strip()) if text.strip() else None
    except ValueError:
        raise InvalidInput(_("“%(text)s” is no day.") % {"text": text[:20]}) from None


@register_page("purchasing/orders/<int:order_id>/pdf/", name="purchasing_order_pdf", permission="purchasing.view_costs")
def order_pdf(request: HttpRequest, order_id: int) -> HttpResponseBase:
    """Answer with the order as the supplier gets it; it has prices on it."""
    if not actor(request).has_perm("purchasing.view_purchaseorder"):
        raise PermissionDenied
    order = get_object_or_404(PurchaseOrder.objects.select_related("supplier", "warehouse"), pk=order_id)
    return answer_pdf(order_paper(order), name=order.number)


def _check_writer(request: HttpRequest) -> None:
    if not policies.can_write_purchase_orders(actor(request)):
        raise PermissionDenied
