"""Suppliers' invoices: entered beside what came, compared in three columns, decided by a person."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from core.admin.tables import TableFilesMixin
from core.display import badge_html, moment_text
from core.errors import DomainError, InvalidInput
from core.money import format_money, minor_digits, parse_amount, to_decimal
from core.ui import (
    ActionForm,
    ModelAdmin,
    Panel,
    Tab,
    actor,
    columns,
    link_action,
    register_action,
    register_panel,
    service_action,
)
from core.ui.pressing import new_key
from core.ui.readonly import ReadOnlyAdmin
from core.ui.sitepages import register_page, render_page
from purchasing import services
from purchasing.admin.receiving import read_count
from purchasing.admin.status import INVOICE_COLOURS
from purchasing.admin.value_resources import InvoiceResource
from purchasing.models import InvoiceState, MatchTolerance, PurchaseOrder, SupplierInvoice
from purchasing.policies import can_approve_invoice, can_decide_invoices
from purchasing.selectors.matching import Billable, billable_lines, match_invoice

UNDECIDED = (InvoiceState.OPEN, InvoiceState.MATCHED, InvoiceState.DIFFERS)


class DecisionForm(ActionForm):
    """A note about the decision."""

    note = forms.CharField(label=gettext_lazy("note"), max_length=200, required=False)


class RefusalForm(ActionForm):
    """Why it is not paid."""

    note = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


def _approvable(user: Any, invoice: SupplierInvoice) -> bool:
    return invoice.state in UNDECIDED and can_approve_invoice(user, invoice)


def _rejectable(user: Any, invoice: SupplierInvoice) -> bool:
    return invoice.state in UNDECIDED and can_decide_invoices(user)


@admin.register(SupplierInvoice)
class SupplierInvoiceAdmin(TableFilesMixin, ReadOnlyAdmin):
    """Invoices, the newest first."""

    resource_class = InvoiceResource
    list_display = [
        columns.two_lines("number", "supplier.name", gettext_lazy("Invoice")),
        columns.badge("state", gettext_lazy("State"), colours=INVOICE_COLOURS),
        columns.money("total", gettext_lazy("Total")),
        columns.text("invoiced_on", gettext_lazy("Invoiced"), order=True),
        columns.text("due_on", gettext_lazy("Due"), order=True),
    ]
    ordering = ["-id"]
    tabs = [
        Tab(
            "differs",
            gettext_lazy("Differs"),
            Q(state=InvoiceState.DIFFERS),
            empty=gettext_lazy("No invoice differs. Well done."),
            alert=True,
        ),
        Tab(
            "matched",
            gettext_lazy("Agrees"),
            Q(state=InvoiceState.MATCHED),
            empty=gettext_lazy("Nothing waits for approval."),
        ),
        Tab("approved", pgettext_lazy("invoices", "Approved"), Q(state=InvoiceState.APPROVED), count=False),
        Tab("all", pgettext_lazy("invoices", "All"), count=False),
    ]
    list_filter = ["supplier"]
    search_fields = ["number"]
    exact_search_fields = ["number"]
    fields = ["note"]
    empty_title = gettext_lazy("No invoices yet")
    empty_text = gettext_lazy("Open a purchase order whose goods came and press “Enter invoice”.")

    def facts(self, request: HttpRequest, obj: SupplierInvoice) -> Sequence[tuple[Any, Any]]:
        """Return what stands on top of it."""
        decided = [(_("Decided"), f"{moment_text(obj.decided_at)} · {obj.decided_by or '–'}")] if obj.decided_at else []
        return [
            (_("State"), badge_html(obj.get_state_display(), INVOICE_COLOURS[obj.state])),
            (_("Supplier"), obj.supplier),
            (_("Total"), format_money(obj.total, obj.currency)),
            (_("Tax"), format_money(obj.tax, obj.currency)),
            (_("Invoiced"), moment_text(obj.invoiced_on)),
            (_("Due"), moment_text(obj.due_on) if obj.due_on else "–"),
            *decided,
        ]

    @service_action(
        gettext_lazy("Approve"),
        permission="purchasing.decide_supplierinvoice",
        form=DecisionForm,
        icon="check",
        variant="primary",
        available=_approvable,
    )
    def approve(self, request: HttpRequest, obj: SupplierInvoice, data: dict[str, Any]) -> str:
        """Let it be paid."""
        services.approve_invoice(invoice_id=obj.pk, note=data["note"], actor=actor(request))
        return _("Invoice %(number)s is approved.") % {"number": obj.number}

    @service_action(
        gettext_lazy("Reject"),
        permission="purchasing.decide_supplierinvoice",
        form=RefusalForm,
        icon="close",
        variant="danger",
        available=_rejectable,
    )
    def reject(self, request: HttpRequest, obj: SupplierInvoice, data: dict[str, Any]) -> str:
        """Refuse it with the reason."""
        services.reject_invoice(invoice_id=obj.pk, note=data["note"], actor=actor(request))
        return _("Invoice %(number)s is rejected.") % {"number": obj.number}


@admin.register(MatchTolerance)
class MatchToleranceAdmin(ModelAdmin):
    """How far prices of invoices may be from the ordered ones."""

    few_rows = True
    list_display = [
        columns.text("currency", gettext_lazy("Currency")),
        columns.text("percent", gettext_lazy("Percent"), css="num"),
        columns.money("amount", gettext_lazy("At most")),
    ]
    fields = ["currency", "percent", "amount"]
    show_timeline = False
    empty_title = gettext_lazy("No tolerance")
    empty_text = gettext_lazy("Every difference in price waits for a second person.")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Say in which unit the amount is written."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "amount":
            field.help_text = _("For one line, in the currency's smallest unit: 1000 is ₩1,000 or $10.00.")
        return field


def compared(_request: HttpRequest, invoice: SupplierInvoice) -> dict[str, Any]:
    """Give the three columns and what differs."""
    return {"match": match_invoice(invoice=invoice), "invoice": invoice}


@register_page(
    "purchasing/purchaseorder/<int:order_id>/invoice/",
    name="purchasing_enter_invoice",
    permission="purchasing.add_supplierinvoice",
)
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest, order_id: int) -> HttpResponseBase:
    """Show what may be invoiced at its ordered price, and enter what the paper says."""
    order = PurchaseOrder.objects.select_related("supplier").filter(pk=order_id).first()
    if order is None or not request.user.has_perm("purchasing.view_costs"):
        raise Http404
    billable = billable_lines(order_id=order.pk)
    refusal = ""
    if request.method == "POST":
        try:
            return _entered(request, order, billable)
        except DomainError as error:
            refusal = str(error)
    return render_page(
        request,
        "purchasing/pages/invoice.html",
        title=_("Enter an invoice for %(number)s") % {"number": order.number},
        order=order,
        rows=[_typed(request, one, order.currency) for one in billable],
        typed=request.POST,
        refusal=refusal,
        today=timezone.localdate().isoformat(),
        key=new_key(),
        back=reverse("admin:purchasing_purchaseorder_change", args=[order.pk]),
    )


def _typed(request: HttpRequest, one: Billable, currency: str) -> dict[str, Any]:
    price = f"{to_decimal(one.line.unit_price, currency):.{minor_digits(currency)}f}"
    return {
        "line": one.line,
        "billable": one.quantity,
        "quantity": request.POST.get(f"quantity_{one.line.pk}", str(one.quantity)),
        "price": request.POST.get(f"price_{one.line.pk}", price),
    }


def _entered(request: HttpRequest, order: PurchaseOrder, billable: Sequence[Billable]) -> HttpResponseRedirect:
    post = request.POST

    def amount(name: str) -> int:
        return parse_amount(post.get(name, "").strip() or "0", order.currency)

    lines = [
        services.InvoiceLine(
            order_line_id=one.line.pk,
            quantity=pieces,
            unit_price=amount(f"price_{one.line.pk}"),
        )
        for one in billable
        if (pieces := read_count(post.get(f"quantity_{one.line.pk}", "")))
    ]
    if other := amount("other_amount"):
        lines.append(services.InvoiceLine(description=post.get("other", ""), unit_price=other))
    head = services.InvoiceHead(
        number=post.get("number", "")[:80],
        invoiced_on=_day(post.get("invoiced_on", "")),
        currency=order.currency,
        total=amount("total"),
        tax=amount("tax"),
        note=post.get("note", ""),
    )
    invoice = services.enter_invoice(
        supplier_id=order.supplier_id,
        head=head,
        lines=lines,
        key=f"{actor(request).pk}:{post.get('_key', '')[:40]}",
        actor=actor(request),
    )
    said = _("Invoice %(number)s is entered: it %(state)s.")
    state = _("agrees") if invoice.state == InvoiceState.MATCHED else _("differs")
    messages.success(request, said % {"number": invoice.number, "state": state})
    return HttpResponseRedirect(reverse("admin:purchasing_supplierinvoice_change", args=[invoice.pk]))


def _day(text: str) -> Any:
    try:
        found = parse_date(text.strip())
    except ValueError:
        found = None
    if found is None:
        raise InvalidInput(_("“%(text)s” is not a day. Write it like 2027-05-31.") % {"text": text})
    return found


def _has_billable(user: Any, order: PurchaseOrder) -> bool:
    return bool(user.has_perm("purchasing.view_costs") and billable_lines(order_id=order.pk))


register_action(
    PurchaseOrder,
    link_action(
        "enter_invoice",
        gettext_lazy("Enter invoice"),
        permission="purchasing.add_supplierinvoice",
        link=lambda order: reverse("admin:purchasing_enter_invoice", args=[order.pk]),
        icon="receipt",
        available=_has_billable,
    ),
)
register_panel(
    SupplierInvoice,
    Panel(
        "match",
        gettext_lazy("Ordered, received, invoiced"),
        "purchasing/panels/match.html",
        compared,
        "purchasing.view_costs",
        position=10,
        wide=True,
        above=True,
    ),
)
