"""Payments at providers, what they are asked, and the ways to pay."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.display import badge_html, document_html
from core.money import format_money
from core.ui import ModelAdmin, Panel, Tab, actor, columns, register_panel, service_action
from core.ui.readonly import ReadOnlyAdmin
from payments import services
from payments.admin import provider_forms as forms
from payments.admin.status import CALL_COLOURS, PROVIDER_COLOURS
from payments.models import (
    OPEN_CALLS,
    SOON,
    CallState,
    PaymentMethod,
    ProviderCall,
    ProviderPayment,
    ProviderState,
)


def _expiring(queryset: QuerySet[ProviderPayment], request: HttpRequest) -> QuerySet[ProviderPayment]:
    return queryset & ProviderPayment.objects.expiring()


def is_ending(payment: ProviderPayment) -> bool:
    """Tell whether the reservation ends within two days."""
    ends = payment.expires_at
    return payment.state == ProviderState.AUTHORISED and ends is not None and ends < timezone.now() + SOON


def _problem(payment: ProviderPayment) -> Any:
    return badge_html(payment.problem, "red") if payment.problem else ""


@admin.register(ProviderPayment)
class ProviderPaymentAdmin(ReadOnlyAdmin):
    """What is reserved, taken and given back; capture and void."""

    list_display = [
        columns.two_lines("provider", "external_id", gettext_lazy("Provider")),
        columns.link("order.number", pgettext_lazy("purchase", "Order"), to="orders_order", key="order_id"),
        columns.badge("state", gettext_lazy("Status"), colours=PROVIDER_COLOURS),
        columns.money("authorised", gettext_lazy("Authorised")),
        columns.money("captured", gettext_lazy("Captured")),
        columns.money("refunded", gettext_lazy("Refunded")),
        columns.moment("expires_at", gettext_lazy("Authorisation ends"), late=is_ending),
        columns.computed("problem", gettext_lazy("Problem"), _problem),
    ]
    list_select_related = ("order",)
    ordering = ["-id"]
    tabs = [
        Tab("authorised", ProviderState.AUTHORISED.label, Q(state=ProviderState.AUTHORISED),
            empty=gettext_lazy("No money is reserved.")),
        Tab("expiring", gettext_lazy("Ends soon"), _expiring, alert=True,
            empty=gettext_lazy("No reservation ends within two days.")),
        Tab("problem", gettext_lazy("With a problem"), ~Q(problem=""), alert=True,
            empty=gettext_lazy("Providers and ledger agree.")),
        Tab("all", pgettext_lazy("payment", "All"), count=False),
    ]  # fmt: skip
    list_filter = ["provider", "state"]
    exact_search_fields = ["external_id", "order__number"]
    search_fields = ["external_id", "order__number"]
    show_timeline = False
    empty_title = gettext_lazy("No payments at providers")
    empty_text = gettext_lazy("Note one on the page of its order, or let the provider tell of it.")
    fields = ["method", "expires_at", "problem", "created_at"]

    def facts(self, request: HttpRequest, obj: ProviderPayment) -> Sequence[tuple[Any, Any]]:
        """Return whose it is and where the money is."""
        return [
            (_("Status"), badge_html(obj.get_state_display(), PROVIDER_COLOURS[obj.state])),
            (pgettext_lazy("purchase", "Order"), document_html(obj.order.number)),
            (_("Authorised"), format_money(obj.authorised, obj.currency)),
            (_("Captured"), format_money(obj.captured, obj.currency)),
            (_("Refunded"), format_money(obj.refunded, obj.currency)),
        ]

    @service_action(
        pgettext_lazy("payment", "Capture"),
        permission="payments.capture_payment",
        form=forms.CaptureForm,
        icon="download_done",
        variant="primary",
        initial=forms.capture_initial,
        available=lambda user, payment: payment.capturable > 0,
    )
    def capture(self, request: HttpRequest, obj: ProviderPayment, data: dict[str, Any]) -> str:
        """Take what is reserved, or a part of it."""
        services.capture_payment(payment_id=obj.pk, amount=data["amount"], actor=actor(request))
        return _("The provider is asked; its answer appears here in a moment.")

    @service_action(
        pgettext_lazy("payment", "Void"),
        permission="payments.void_payment",
        icon="block",
        variant="danger",
        question=gettext_lazy("Let go what is reserved? It cannot be taken any more."),
        available=lambda user, payment: payment.capturable > 0,
    )
    def void(self, request: HttpRequest, obj: ProviderPayment, data: dict[str, Any]) -> str:
        """Let go what is reserved."""
        services.void_payment(payment_id=obj.pk, actor=actor(request))
        return _("The provider is asked; its answer appears here in a moment.")


def provider_steps(request: HttpRequest, payment: ProviderPayment) -> dict[str, Any]:
    """Give what the provider did and was asked."""
    calls = payment.calls.all()
    return {
        "payment": payment,
        "transactions": payment.transactions.all(),
        "calls": [(call, badge_html(call.get_state_display(), CALL_COLOURS[call.state])) for call in calls],
    }


register_panel(
    ProviderPayment,
    Panel("steps", gettext_lazy("Steps"), "payments/panels/steps.html", provider_steps, position=10, above=True),
)


@admin.register(ProviderCall)
class ProviderCallAdmin(ReadOnlyAdmin):
    """What providers were asked, and what is not known of it."""

    list_display = [
        columns.text("reference", pgettext_lazy("provider call", "Reference")),
        columns.text("payment.provider", gettext_lazy("Provider")),
        columns.computed("kind", gettext_lazy("Kind"), lambda call: call.get_kind_display()),
        columns.money("amount", gettext_lazy("Amount"), currency="payment.currency"),
        columns.badge("state", gettext_lazy("Status"), colours=CALL_COLOURS),
        columns.two_lines("external_id", "error", gettext_lazy("Answer")),
        columns.moment("created_at", pgettext_lazy("provider call", "Asked")),
    ]
    list_select_related = ("payment",)
    ordering = ["-id"]
    tabs = [
        Tab("unknown", CallState.UNKNOWN.label, Q(state=CallState.UNKNOWN), alert=True,
            empty=gettext_lazy("Every answer of a provider has arrived.")),
        Tab("open", gettext_lazy("Under way"), Q(state__in=OPEN_CALLS), empty=gettext_lazy("Nothing is being asked.")),
        Tab("refused", CallState.REFUSED.label, Q(state=CallState.REFUSED), count=False),
        Tab("all", pgettext_lazy("provider call", "All"), count=False),
    ]  # fmt: skip
    exact_search_fields = ["reference", "external_id"]
    search_fields = ["reference"]
    show_timeline = False
    empty_title = gettext_lazy("Nothing was asked yet")
    fields = ["kind", "reference", "external_id", "error", "attempts", "created_at", "due_at", "ended_at"]


@admin.register(PaymentMethod)
class PaymentMethodAdmin(ModelAdmin):
    """Ways to pay: who confirms them, and when reserved money is taken."""

    deletable = False
    few_rows = True
    list_display = [
        columns.two_lines("name", "code", gettext_lazy("Payment method")),
        columns.computed("kind", gettext_lazy("Kind"), lambda row: row.get_kind_display()),
        columns.computed("confirmed", gettext_lazy("Confirmed by"), lambda row: row.way.confirmed_by.label),
        columns.computed("provider", gettext_lazy("Provider"), lambda row: row.get_provider_display()),
        columns.computed("captures", gettext_lazy("Money is taken"), lambda row: row.get_captures_display()),
        columns.flag("is_active", pgettext_lazy("payment method", "Offered")),
    ]
    ordering = ["name", "id"]
    fields = ["code", "name", "kind", "provider", "captures", "words", "is_active"]
    show_timeline = False
    empty_title = gettext_lazy("No payment methods")
    empty_text = gettext_lazy("Add the ways to pay that your shop offers.")
