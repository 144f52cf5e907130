"""What carriers, suppliers and partners are asked to pay."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.display import badge_html, document_html
from core.money import format_money
from core.ui import Tab, actor, columns, service_action
from core.ui.readonly import ReadOnlyAdmin
from orders.policies import can_see_money
from returns import services
from returns.admin.forms import AnswerForm
from returns.admin.status import CHARGE_COLOURS
from returns.models import ChargeState, ReturnCharge
from returns.services.charging import held_bad_pieces

_S = ChargeState
MONEY = {"amount", "paid_amount"}


@admin.register(ReturnCharge)
class ReturnChargeAdmin(ReadOnlyAdmin):
    """Charges, the newest first."""

    list_display = [
        columns.computed(
            "whom", pgettext_lazy("charge", "Charged to"), lambda row: str(row.supplier or row.party_name)
        ),
        columns.badge("state", gettext_lazy("State"), colours=CHARGE_COLOURS),
        columns.link("request.number", gettext_lazy("Case"), to="returns_returnrequest", key="request_id"),
        columns.text("reason", gettext_lazy("Reason")),
        columns.money("amount", gettext_lazy("Amount")),
        columns.money("paid_amount", pgettext_lazy("money", "Paid")),
        columns.moment("created_at", pgettext_lazy("charge", "Claimed"), order=True),
    ]
    list_select_related = ("request", "supplier")
    ordering = ["-created_at", "-id"]
    tabs = [
        Tab("open", pgettext_lazy("charges", "Open"), Q(state__in=[_S.CLAIMED, _S.ACCEPTED]),
            empty=gettext_lazy("Nobody owes us anything.")),
        Tab("paid", pgettext_lazy("charges", "Paid"), Q(state=_S.PAID), count=False),
        Tab("refused", pgettext_lazy("charges", "Refused"), Q(state=_S.REFUSED), count=False),
    ]  # fmt: skip
    list_filter = ["party", "supplier"]
    search_fields = ["request__number", "party_name"]
    exact_search_fields = ["request__number"]
    show_timeline = False
    empty_title = gettext_lazy("Nobody is charged")
    empty_text = gettext_lazy("Charge a carrier or a supplier on the page of a case.")
    fields = ["reason", "answer", "created_by", "created_at"]

    def scope(self, request: HttpRequest, queryset: QuerySet[ReturnCharge]) -> QuerySet[ReturnCharge]:
        """Bring case and supplier along."""
        return queryset.select_related("request", "supplier", "supplier_return", "created_by")

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        """Leave amounts out for people who may not see money."""
        sees_money = can_see_money(actor(request))
        return [column for column in self.list_display if column.name not in MONEY or sees_money]

    def facts(self, request: HttpRequest, obj: ReturnCharge) -> Sequence[tuple[Any, Any]]:
        """Return how far it is, whom it asks, and how much."""
        shown: list[tuple[Any, Any]] = [
            (_("State"), badge_html(obj.get_state_display(), CHARGE_COLOURS[obj.state])),
            (pgettext_lazy("charge", "Charged to"), obj.supplier or obj.party_name),
            (_("Case"), document_html(obj.request.number)),
        ]
        if can_see_money(actor(request)):
            shown.append((_("Amount"), format_money(obj.amount, obj.currency)))
        if obj.supplier_return:
            shown.append((_("Return to a supplier"), document_html(obj.supplier_return.number)))
        return shown

    @service_action(
        gettext_lazy("Write their answer down"), permission="returns.settle_returncharge", form=AnswerForm,
        icon="rule", variant="primary", available=lambda user, charge: charge.state != _S.PAID,
        initial=lambda request, charge: {"state": _S.ACCEPTED},
    )  # fmt: skip
    def settle(self, request: HttpRequest, obj: ReturnCharge, data: dict[str, Any]) -> str:
        """Note what became of it."""
        charge = services.answer_charge(charge_id=obj.pk, **data, actor=actor(request))
        return _("Noted: %(state)s.") % {"state": charge.get_state_display()}

    @service_action(
        gettext_lazy("Send damaged pieces back"), permission="returns.settle_returncharge", icon="undo",
        question=gettext_lazy("Draft a return of the case's damaged pieces to this supplier?"),
        available=lambda user, charge: bool(
            charge.supplier_id and not charge.supplier_return_id and held_bad_pieces(request_id=charge.request_id)
        ),
    )  # fmt: skip
    def send_back(self, request: HttpRequest, obj: ReturnCharge, data: dict[str, Any]) -> str:
        """Draft the return of the goods."""
        document = services.draft_return_to_supplier(charge_id=obj.pk, actor=actor(request))
        return _("%(number)s is drafted.") % {"number": document.number}
