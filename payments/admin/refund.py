"""Refunds: the list of what waits for approval or to be sent, and the limits."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.display import document_html, moment_text
from core.money import format_money
from core.ui import BulkOutcome, ModelAdmin, Tab, actor, bulk_action, columns, service_action
from core.ui.readonly import ReadOnlyAdmin
from payments import policies, services
from payments.admin import forms
from payments.admin.status import refund_badges, who
from payments.models import Refund, RefundLimit, RefundState
from payments.selectors.refunds import has_source
from payments.services.refunds.batches import approve_refunds


def _to_approve(queryset: QuerySet[Refund], request: HttpRequest) -> QuerySet[Refund]:
    return queryset & Refund.objects.to_approve()


def _to_send(queryset: QuerySet[Refund], request: HttpRequest) -> QuerySet[Refund]:
    return queryset & Refund.objects.to_send()


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    """Approve, send and withdraw what was granted."""

    list_display = [
        columns.text("number", pgettext_lazy("money", "Refund")),
        columns.link("order.number", pgettext_lazy("purchase", "Order"), to="orders_order", key="order_id"),
        columns.money("amount", gettext_lazy("Amount")),
        columns.computed("reason", gettext_lazy("Reason"), lambda refund: refund.get_reason_display()),
        columns.computed("state", gettext_lazy("Status"), refund_badges),
        columns.computed("granted_by", gettext_lazy("Granted by"), lambda row: who(row.granted_by, row.granted_at)),
        columns.moment("granted_at", pgettext_lazy("refund", "Granted")),
    ]
    list_select_related = ("order", "granted_by")
    ordering = ["-id"]
    tabs = [
        Tab("to_approve", pgettext_lazy("refund", "To approve"), _to_approve, alert=True,
            empty=gettext_lazy("No refund waits for a second person.")),
        Tab("to_send", pgettext_lazy("refund", "To send"), _to_send, alert=True,
            empty=gettext_lazy("Every refund that was granted is sent.")),
        Tab("sending", RefundState.SENDING.label, Q(state=RefundState.SENDING),
            empty=gettext_lazy("No refund waits for a provider's answer.")),
        Tab("sent", RefundState.SENT.label, Q(state=RefundState.SENT), count=False),
        Tab("all", pgettext_lazy("refund", "All"), count=False),
    ]  # fmt: skip
    list_filter = ["reason", "currency"]
    exact_search_fields = ["number", "order__number"]
    search_fields = ["number", "order__number"]
    show_timeline = False
    empty_title = gettext_lazy("No refunds")
    empty_text = gettext_lazy("Grant one on the page of its order.")
    fields = ["note", "failure", "granted_at", "approved_at", "sent_at"]

    def scope(self, request: HttpRequest, queryset: QuerySet[Refund]) -> QuerySet[Refund]:
        """Bring along what the page names."""
        return queryset.select_related("order", "granted_by", "approved_by", "sent_by", "payment")

    def facts(self, request: HttpRequest, obj: Refund) -> Sequence[tuple[Any, Any]]:
        """Return how much, why, and who did what."""
        return [
            (_("Status"), refund_badges(obj)),
            (_("Amount"), format_money(obj.amount, obj.currency)),
            (_("Reason"), obj.get_reason_display()),
            (pgettext_lazy("purchase", "Order"), document_html(obj.order.number)),
            (_("Granted by"), who(obj.granted_by, obj.granted_at)),
            *(((_("Approved by"), who(obj.approved_by, obj.approved_at)),) if obj.needs_approval else ()),
            *(
                ((_("Sent by"), f"{who(obj.sent_by, obj.sent_at)} · {moment_text(obj.sent_at)}"),)
                if obj.sent_at
                else ()
            ),
        ]

    @service_action(
        gettext_lazy("Approve"),
        permission="payments.approve_refund",
        icon="task_alt",
        variant="primary",
        question=gettext_lazy("Let this refund be sent?"),
        available=policies.can_approve_refund,
    )
    def approve(self, request: HttpRequest, obj: Refund, data: dict[str, Any]) -> str:
        """Say yes as the second person."""
        services.approve_refund(refund_id=obj.pk, actor=actor(request))
        return _("Approved. It can be sent now.")

    @service_action(
        gettext_lazy("Approve and send"),
        permission="payments.approve_refund",
        icon="task_alt",
        variant="primary",
        question=gettext_lazy("Approve it and send the money back through the provider that took it?"),
        available=lambda user, refund: (
            policies.can_approve_refund(user, refund) and policies.can_send_refunds(user) and has_source(refund=refund)
        ),
    )
    def approve_and_send(self, request: HttpRequest, obj: Refund, data: dict[str, Any]) -> str:
        """Say yes as the second person and ask the provider, in one press."""
        with transaction.atomic():
            services.approve_refund(refund_id=obj.pk, actor=actor(request))
            services.send_refund(refund_id=obj.pk, actor=actor(request))
        return _("The provider is asked; its answer appears here in a moment.")

    @service_action(
        gettext_lazy("Send"),
        permission="payments.send_refund",
        icon="send",
        variant="primary",
        question=gettext_lazy("Send the money back through the provider that took it?"),
        available=lambda user, refund: policies.is_sendable(refund) and has_source(refund=refund),
    )
    def send(self, request: HttpRequest, obj: Refund, data: dict[str, Any]) -> str:
        """Ask the provider to give it back."""
        services.send_refund(refund_id=obj.pk, actor=actor(request))
        return _("The provider is asked; its answer appears here in a moment.")

    @service_action(
        gettext_lazy("Note as sent"),
        permission="payments.send_refund",
        form=forms.SendForm,
        icon="draw",
        initial=forms.send_initial,
        available=lambda user, refund: policies.is_sendable(refund),
    )
    def send_by_hand(self, request: HttpRequest, obj: Refund, data: dict[str, Any]) -> str:
        """Write down that the money went back."""
        services.send_refund(
            refund_id=obj.pk,
            method=data["method"],
            external_id=data["external_id"],
            paid_at=data["paid_at"],
            by_hand=True,
            actor=actor(request),
        )
        return _("%(amount)s refunded.") % {"amount": format_money(obj.amount, obj.currency)}

    @service_action(
        gettext_lazy("Withdraw"),
        permission="payments.grant_refund",
        form=forms.NoteForm,
        icon="undo",
        variant="danger",
        available=lambda user, refund: policies.is_withdrawable(refund),
    )
    def withdraw(self, request: HttpRequest, obj: Refund, data: dict[str, Any]) -> str:
        """Take the promise back."""
        services.withdraw_refund(refund_id=obj.pk, note=data["note"], actor=actor(request))
        return _("Refund %(number)s is withdrawn.") % {"number": obj.number}

    @bulk_action(
        gettext_lazy("Approve"),
        permission="payments.approve_refund",
        icon="task_alt",
        variant="primary",
        question=gettext_lazy("Let these refunds be sent?"),
        limit=200,
    )
    def approve_selected(self, request: HttpRequest, ids: Sequence[int], data: dict[str, Any]) -> BulkOutcome:
        """Say yes to each that somebody else granted."""
        done, refused = approve_refunds(refund_ids=ids, actor=actor(request))
        return BulkOutcome(done, refused)


@admin.register(RefundLimit)
class RefundLimitAdmin(ModelAdmin):
    """Up to which amounts agents grant, and one person alone decides."""

    form = forms.LimitForm
    deletable = False
    list_display = [
        columns.text("currency", gettext_lazy("Currency")),
        columns.money("agent_amount", gettext_lazy("Agents grant up to")),
        columns.money("alone_amount", gettext_lazy("One person decides up to")),
    ]
    ordering = ["currency"]
    fields = ["currency", "agent_amount", "alone_amount"]
    show_timeline = False
    empty_title = gettext_lazy("Every refund needs a second person")
    empty_text = gettext_lazy("Set limits for a currency: smaller refunds are then decided by one person.")

    def save_model(self, request: HttpRequest, obj: RefundLimit, form: Any, change: Any) -> None:
        """Keep the amounts as they were read."""
        obj.agent_amount = form.cleaned_data.get("agent_amount", obj.agent_amount)
        obj.alone_amount = form.cleaned_data.get("alone_amount", obj.alone_amount)
        super().save_model(request, obj, form, change)
