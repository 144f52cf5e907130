"""What came: goods receipts with their inspection, their landed costs, and the way to take one back."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, pgettext, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core.display import badge_html, moment_text
from core.money import Currency, format_money, parse_amount
from core.papers import answer_pdf
from core.ui import (
    ActionForm,
    NextAction,
    Panel,
    Tab,
    actor,
    columns,
    link_action,
    register_next_actions,
    register_panel,
    service_action,
)
from core.ui.filters import MomentRangeFilter
from core.ui.readonly import ReadOnlyAdmin
from core.ui.sitepages import register_page
from inventory.services.labelling import LabelSize, Wanted, product_labels
from purchasing import services
from purchasing.models import (
    GoodsReceipt,
    GoodsReceiptLine,
    InspectionState,
    LandedCost,
    LandedCostBasis,
    LandedCostKind,
)
from purchasing.policies import can_add_landed_costs, can_inspect_goods, can_see_costs, can_undo_receipts
from purchasing.selectors.receipts import receipt_lines

WAITING = GoodsReceiptLine.objects.filter(receipt=OuterRef("pk"), inspection=InspectionState.WAITING)


class InspectForm(ActionForm):
    """How many of which line failed."""

    line = forms.ModelChoiceField(label=pgettext_lazy("goods", "Goods"), queryset=GoodsReceiptLine.objects.none())
    failed = forms.IntegerField(
        label=gettext_lazy("Pieces that failed"),
        min_value=0,
        max_value=10_000_000,
        initial=0,
        help_text=gettext_lazy("They stay held as damaged. All other pieces can be sold from now on."),
    )
    note = forms.CharField(label=gettext_lazy("What is wrong with them"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waiting = GoodsReceiptLine.objects.filter(receipt=self.obj.pk, inspection=InspectionState.WAITING)
        field: Any = self.fields["line"]
        field.queryset = waiting.select_related("order_line__variant")
        field.label_from_instance = _waiting_label
        field.empty_label = None


def _waiting_label(line: GoodsReceiptLine) -> str:
    return f"{line.order_line.variant.sku} · {line.to_inspect}"


class ReasonForm(ActionForm):
    """Why a receipt is taken back."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class LandedCostForm(ActionForm):
    """An amount and how it is shared out."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=LandedCostKind.choices)
    amount = forms.CharField(label=gettext_lazy("Amount"), max_length=20)
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), choices=Currency.choices)
    basis = forms.ChoiceField(label=gettext_lazy("Shared"), choices=LandedCostBasis.choices)
    reference = forms.CharField(label=gettext_lazy("Document"), max_length=80, required=False)


class WithdrawForm(ActionForm):
    """Which cost was wrong, and why."""

    cost = forms.ModelChoiceField(label=gettext_lazy("Landed cost"), queryset=LandedCost.objects.none())
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200,
        help_text=gettext_lazy("It comes off the pieces in stock, and off the cost of those that are sold."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["cost"]
        field.queryset = LandedCost.objects.filter(receipt=self.obj.pk, withdrawn_at=None)
        field.label_from_instance = _cost_label
        field.empty_label = None


def _cost_label(cost: LandedCost) -> str:
    parts = [cost.get_kind_display(), format_money(cost.amount, cost.currency), cost.reference]
    return " · ".join(str(part) for part in parts if part)


def _has_waiting(user: Any, receipt: GoodsReceipt) -> bool:
    return can_inspect_goods(user) and receipt.lines.filter(inspection=InspectionState.WAITING).exists()


def _undoable(user: Any, receipt: GoodsReceipt) -> bool:
    return can_undo_receipts(user) and receipt.undone_at is None


def _carries_costs(user: Any, receipt: GoodsReceipt) -> bool:
    return can_add_landed_costs(user) and receipt.undone_at is None and receipt.entry_id is not None


def _has_costs(user: Any, receipt: GoodsReceipt) -> bool:
    return can_add_landed_costs(user) and receipt.landed_costs.filter(withdrawn_at=None).exists()


def _has_goods(_user: Any, receipt: GoodsReceipt) -> bool:
    return receipt.undone_at is None and receipt.entry_id is not None


def _state(receipt: Any) -> Any:
    if receipt.undone_at is not None:
        return badge_html(pgettext("receipt", "Undone"), "grey")
    return badge_html(_("To inspect"), "amber") if receipt.waits else badge_html(_("Entered"), "green")


@admin.register(GoodsReceipt)
class GoodsReceiptAdmin(ReadOnlyAdmin):
    """Deliveries, the newest first."""

    list_display = [
        columns.two_lines("number", "delivery_note", pgettext_lazy("goods", "Receipt")),
        columns.link("order.number", gettext_lazy("Purchase order"), to="purchasing_purchaseorder", key="order_id"),
        columns.text("order.supplier.name", gettext_lazy("Supplier")),
        columns.text("warehouse.name", gettext_lazy("Warehouse")),
        columns.computed("state", gettext_lazy("State"), _state),
        columns.moment("received_at", gettext_lazy("Received")),
    ]
    ordering = ["-id"]
    tabs = [
        Tab("all", pgettext_lazy("receipts", "All"), count=False),
        Tab(
            "waiting",
            gettext_lazy("To inspect"),
            Q(Exists(WAITING), undone_at=None),
            empty=gettext_lazy("Nothing waits for inspection."),
        ),
        Tab("undone", pgettext_lazy("receipt", "Undone"), Q(undone_at__isnull=False), count=False),
    ]
    list_filter = ["warehouse", ("received_at", MomentRangeFilter)]
    search_fields = ["number"]
    exact_search_fields = ["number", "delivery_note", "order__number"]
    fields = ["delivery_note", "note"]
    show_timeline = False
    empty_title = gettext_lazy("Nothing has come yet")
    empty_text = gettext_lazy("Open a purchase order that was sent and press “Receive goods”.")

    def for_display(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Add whether something waits for inspection."""
        shown: QuerySet[Any] = queryset.annotate(waits=Exists(WAITING))
        return shown

    def facts(self, request: HttpRequest, obj: GoodsReceipt) -> Sequence[tuple[Any, Any]]:
        """Return where it came from and who took it in."""
        undone = [(_("Undone"), f"{moment_text(obj.undone_at)} · {obj.undo_reason}")] if obj.undone_at else []
        return [
            (_("Purchase order"), _order_link(obj)),
            (_("Supplier"), obj.order.supplier),
            (_("Warehouse"), obj.warehouse),
            (_("Received"), f"{moment_text(obj.received_at)} · {obj.received_by or '–'}"),
            *undone,
        ]

    @service_action(
        gettext_lazy("Judge inspection"),
        permission="purchasing.inspect_goodsreceipt",
        form=InspectForm,
        icon="fact_check",
        variant="primary",
        available=_has_waiting,
    )
    def inspect(self, request: HttpRequest, obj: GoodsReceipt, data: dict[str, Any]) -> str:
        """Pass what is good, keep what failed."""
        line = services.inspect_goods(
            receipt_line_id=data["line"].pk, failed=data["failed"], note=data["note"], actor=actor(request)
        )
        return _("%(sku)s: %(passed)s passed, %(failed)s failed.") % {
            "sku": line.order_line.variant.sku,
            "passed": line.to_inspect - line.failed,
            "failed": line.failed,
        }

    @service_action(
        gettext_lazy("Add landed cost"),
        permission="purchasing.add_landedcost",
        form=LandedCostForm,
        icon="local_shipping",
        available=_carries_costs,
        initial=lambda _request, _obj: {"currency": settings.SHOP_CURRENCY},
    )
    def add_cost(self, request: HttpRequest, obj: GoodsReceipt, data: dict[str, Any]) -> str:
        """Share freight, duty and the like out over the pieces."""
        cost = services.add_landed_cost(
            receipt_id=obj.pk,
            kind=data["kind"],
            basis=data["basis"],
            amount=parse_amount(data["amount"], data["currency"]),
            currency=data["currency"],
            reference=data["reference"],
            actor=actor(request),
        )
        return _("%(amount)s shared out over the pieces.") % {
            "amount": format_money(cost.in_shop_currency, settings.SHOP_CURRENCY)
        }

    @service_action(
        gettext_lazy("Withdraw landed cost"),
        permission="purchasing.add_landedcost",
        form=WithdrawForm,
        icon="money_off",
        is_rare=True,
        available=_has_costs,
        submit=gettext_lazy("Withdraw"),
    )
    def withdraw_cost(self, request: HttpRequest, obj: GoodsReceipt, data: dict[str, Any]) -> str:
        """Take a wrong cost off the pieces again."""
        cost = services.withdraw_landed_cost(
            landed_cost_id=data["cost"].pk, reason=data["reason"], actor=actor(request)
        )
        return _("%(cost)s is withdrawn; the value of stock follows within a minute.") % {"cost": _cost_label(cost)}

    labels = link_action(
        "labels",
        gettext_lazy("Print labels"),
        permission="purchasing.view_goodsreceipt",
        link=lambda receipt: reverse("admin:purchasing_receipt_labels", args=[receipt.pk]),
        icon="label",
        available=_has_goods,
    )

    @service_action(
        gettext_lazy("Undo receipt"),
        permission="purchasing.receive_purchaseorder",
        form=ReasonForm,
        icon="undo",
        variant="danger",
        available=_undoable,
        question=gettext_lazy("Its pieces leave stock again and are expected once more."),
    )
    def undo(self, request: HttpRequest, obj: GoodsReceipt, data: dict[str, Any]) -> str:
        """Take a mistaken receipt back."""
        services.undo_receipt(receipt_id=obj.pk, reason=data["reason"], actor=actor(request))
        return _("Receipt %(number)s is undone.") % {"number": obj.number}


def _order_link(receipt: GoodsReceipt) -> Any:
    return columns.link("order.number", "", to="purchasing_purchaseorder", key="order_id").cell(receipt)


@register_page(
    "purchasing/goodsreceipt/<int:receipt_id>/labels/",
    name="purchasing_receipt_labels",
    permission="purchasing.view_goodsreceipt",
)
@require_GET
def labels_of_receipt(request: HttpRequest, receipt_id: int) -> HttpResponseBase:
    """Answer with a label for each piece that was taken in."""
    receipt = GoodsReceipt.objects.filter(pk=receipt_id, undone_at=None).first()
    lines = [line for line in receipt_lines(receipt_id=receipt_id) if line.taken] if receipt else []
    if receipt is None or not lines:
        raise Http404
    wanted = [Wanted(pk=line.order_line.variant_id, copies=line.taken) for line in lines]
    pdf = product_labels(wanted=wanted, size=LabelSize.A4_24, language=get_language() or "en")
    return answer_pdf(pdf, name=receipt.number)


def lines(request: HttpRequest, receipt: GoodsReceipt) -> dict[str, Any]:
    """Give what came line by line, with landed costs for those who see costs."""
    may_see = can_see_costs(actor(request))
    return {
        "lines": receipt_lines(receipt_id=receipt.pk),
        "costs": list(receipt.landed_costs.all()) if may_see else [],
        "may_see_costs": may_see,
        "currency": settings.SHOP_CURRENCY,
    }


def to_judge(request: HttpRequest, receipt: GoodsReceipt) -> list[NextAction]:
    """Ask for the inspection of what waits."""
    if receipt.undone_at is None and receipt.lines.filter(inspection=InspectionState.WAITING).exists():
        return [
            NextAction(_("Goods of this receipt wait for inspection; nobody can buy them until then."), "", "warning")
        ]
    return []


register_panel(
    GoodsReceipt,
    Panel(
        "lines",
        pgettext_lazy("goods", "Goods"),
        "purchasing/panels/receipt.html",
        lines,
        position=10,
        wide=True,
        above=True,
    ),
)
register_next_actions(GoodsReceipt, to_judge)
