"""Returns to suppliers: the list, the page with its buttons, and what they are worth."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from core.display import document_html, moment_text
from core.money import format_money
from core.ui import ActionForm, Tab, actor, columns, link_action, service_action
from core.ui.amounts import amount_text, read_amount
from core.ui.filters import MomentRangeFilter
from core.ui.readonly import ReadOnlyAdmin
from inventory.models import StockPolicy
from purchasing import policies, services
from purchasing.admin.status import RETURN_COLOURS, return_badge
from purchasing.models import ReturnState, SupplierReturn
from purchasing.selectors.returns import expected_credit, return_lines, with_sums

_S = ReturnState
SEND = "purchasing.send_supplierreturn"


class SendBackForm(ActionForm):
    """Which numbered pieces leave; asked only where a product has numbers."""

    serials = forms.CharField(
        label=gettext_lazy("serial numbers"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Of all pieces whose product has numbers, one per line."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        variants = self.obj.lines.values("variant")
        if not StockPolicy.objects.filter(variant__in=variants, tracks_serials=True).exists():
            del self.fields["serials"]


class CreditForm(ActionForm):
    """What the supplier's credit note says."""

    credit_number = forms.CharField(label=gettext_lazy("number of the credit note"), max_length=80)
    amount = forms.CharField(
        label=gettext_lazy("Amount"), max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    credited_on = forms.DateField(
        label=pgettext_lazy("credit note", "dated"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].help_text = self.obj.currency

    def clean_amount(self) -> int:
        """Return minor units of the return's currency."""
        return read_amount(self.cleaned_data["amount"], self.obj.currency)


def credit_initial(request: HttpRequest, document: SupplierReturn) -> dict[str, Any]:
    """Propose what is expected, of today."""
    expected = expected_credit(lines=return_lines(return_id=document.pk))
    return {"amount": amount_text(expected, document.currency), "credited_on": timezone.localdate()}


def _is_draft(user: Any, document: SupplierReturn) -> bool:
    return document.state == _S.DRAFT and policies.can_return_to_suppliers(user)


def _is_sent(user: Any, document: SupplierReturn) -> bool:
    return document.state == _S.SENT and policies.can_credit_returns(user)


def _sees_costs(request: HttpRequest) -> bool:
    return policies.can_see_costs(actor(request))


def _money(row: Any) -> str:
    """Return what was credited, before that what is expected."""
    return format_money(row.expected if row.credit is None else row.credit, row.currency)


@admin.register(SupplierReturn)
class SupplierReturnAdmin(ReadOnlyAdmin):
    """Goods that go back, the newest first."""

    list_display = [
        columns.two_lines("number", "reason", gettext_lazy("Return"), order=True),
        columns.badge("state", gettext_lazy("State"), colours=RETURN_COLOURS),
        columns.text("supplier.name", gettext_lazy("Supplier")),
        columns.text("warehouse.name", gettext_lazy("Warehouse")),
        columns.number("pieces", gettext_lazy("Pieces")),
        columns.computed("credit", gettext_lazy("Credit note"), _money, css="num"),
        columns.moment("created_at", pgettext_lazy("document", "Drafted")),
        columns.moment("sent_at", pgettext_lazy("goods", "Sent")),
    ]
    ordering = ["-id"]
    tabs = [
        Tab(
            "draft", pgettext_lazy("supplier returns", "To send"), Q(state=_S.DRAFT),
            empty=gettext_lazy("Nothing waits to be sent back."),
        ),
        Tab(
            "sent", gettext_lazy("Waiting for credit"), Q(state=_S.SENT),
            empty=gettext_lazy("Everything that went back is credited."),
        ),
        Tab("credited", pgettext_lazy("supplier returns", "Credited"), Q(state=_S.CREDITED), count=False),
        Tab("all", pgettext_lazy("supplier returns", "All"), count=False),
    ]  # fmt: skip
    list_filter = ["supplier", "warehouse", ("sent_at", MomentRangeFilter)]
    search_fields = ["number", "reason", "credit_number", "supplier__name"]
    exact_search_fields = ["number", "credit_number"]
    fields = ["created_by", "created_at"]
    empty_title = gettext_lazy("No returns to suppliers yet")
    empty_text = gettext_lazy("Begin one here, on a goods receipt with damaged pieces, or on a hold.")

    def for_display(self, request: HttpRequest, queryset: QuerySet[SupplierReturn]) -> QuerySet[SupplierReturn]:
        """Add pieces and what is expected for them."""
        return with_sums(queryset)

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        """Leave money out for people who may not see what goods cost."""
        return [column for column in self.list_display if column.name != "credit" or _sees_costs(request)]

    def facts(self, request: HttpRequest, obj: SupplierReturn) -> Sequence[tuple[Any, Any]]:
        """Return the state first, then whom, why and how much."""
        supplier_page = reverse("admin:purchasing_supplier_change", args=[obj.supplier_id])
        shown: list[tuple[Any, Any]] = [
            (_("State"), return_badge(obj)),
            (_("Supplier"), format_html('<a href="{}">{}</a>', supplier_page, obj.supplier.name)),
            (_("Warehouse"), obj.warehouse),
            (_("Reason"), obj.reason),
        ]
        if obj.sent_at:
            entry = document_html(obj.entry.number) if obj.entry else "–"
            shown.append((pgettext_lazy("goods", "Sent"), format_html("{} · {}", moment_text(obj.sent_at), entry)))
        if not _sees_costs(request):
            return shown
        expected = expected_credit(lines=return_lines(return_id=obj.pk))
        shown.append((_("Credit note expected"), format_money(expected, obj.currency)))
        if obj.credit is not None:
            said = f"{format_money(obj.credit, obj.currency)} · {obj.credit_number} · {moment_text(obj.credited_on)}"
            shown.append((_("Credited"), said))
        return shown

    edit = link_action(
        "edit",
        gettext_lazy("Edit lines"),
        permission=SEND,
        link=lambda document: reverse("admin:purchasing_return_lines", args=[document.pk]),
        icon="edit_note",
        available=_is_draft,
    )

    @service_action(
        gettext_lazy("Send back"),
        permission=SEND,
        form=SendBackForm,
        icon="local_shipping",
        variant="primary",
        question=gettext_lazy("Are the pieces handed over? They leave stock now."),
        available=_is_draft,
    )
    def send(self, request: HttpRequest, obj: SupplierReturn, data: dict[str, Any]) -> str:
        """Let the pieces leave."""
        numbers = [part for part in data.get("serials", "").replace(",", "\n").split() if part]
        services.send_supplier_return(return_id=obj.pk, serials=numbers, actor=actor(request))
        pieces = sum(line.quantity for line in obj.lines.all())
        told = ngettext(
            "%(number)s is sent: %(count)d piece left stock.",
            "%(number)s is sent: %(count)d pieces left stock.",
            pieces,
        )
        return told % {"number": obj.number, "count": pieces}

    pdf = link_action(
        "pdf",
        "PDF",
        permission="purchasing.view_supplierreturn",
        link=lambda document: reverse("admin:purchasing_return_pdf", args=[document.pk]),
        icon="picture_as_pdf",
    )

    @service_action(
        gettext_lazy("Credit note came"),
        permission="purchasing.credit_supplierreturn",
        form=CreditForm,
        icon="request_quote",
        variant="primary",
        available=_is_sent,
        initial=credit_initial,
        submit=gettext_lazy("Write down"),
    )
    def credit(self, request: HttpRequest, obj: SupplierReturn, data: dict[str, Any]) -> str:
        """Write the supplier's credit note down."""
        done = services.credit_supplier_return(
            return_id=obj.pk,
            amount=data["amount"],
            credit_number=data["credit_number"],
            credited_on=data["credited_on"],
            actor=actor(request),
        )
        return _("%(number)s is credited with %(amount)s.") % {
            "number": obj.number,
            "amount": format_money(done.credit, done.currency),
        }

    @service_action(
        gettext_lazy("Drop the draft"),
        permission=SEND,
        icon="cancel",
        variant="danger",
        is_rare=True,
        question=gettext_lazy("Nothing goes back? The goods stay where they are."),
        available=_is_draft,
    )
    def cancel(self, request: HttpRequest, obj: SupplierReturn, data: dict[str, Any]) -> str:
        """Let the goods stay."""
        services.cancel_supplier_return(return_id=obj.pk, actor=actor(request))
        return _("%(number)s is cancelled; the goods stay.") % {"number": obj.number}
