"""What one does with orders: one button, one service call, one sentence."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.errors import DomainError
from core.money import format_money
from core.ui import Answer, BulkOutcome, actor, bulk_action, link_action, service_action
from orders import policies, services
from orders.admin import forms
from orders.models import Order


def _outcome(report: services.BatchReport) -> BulkOutcome:
    return BulkOutcome(len(report.done), [(refusal.number, refusal.reason) for refusal in report.refused])


class OrderButtons:
    """Buttons of the order page and of ticked orders."""

    @service_action(
        gettext_lazy("Match product"),
        permission="orders.confirm_order",
        form=forms.MatchForm,
        icon="link",
        variant="primary",
        available=lambda user, order: policies.has_unmatched_line(order),
    )
    def match(self, request: HttpRequest, obj: Order, data: dict[str, Any]) -> str:
        """Say which SKU an unknown line stands for."""
        services.match_line(line_id=data["line"].pk, sku=data["sku"], remember=data["remember"], actor=actor(request))
        return _("Matched to %(sku)s.") % {"sku": data["sku"]}

    @service_action(
        gettext_lazy("Accept"),
        permission="orders.confirm_order",
        icon="task_alt",
        variant="primary",
        question=gettext_lazy("Everything is checked and in order?"),
        available=lambda user, order: policies.is_acceptable(order) and not policies.has_unmatched_line(order),
    )
    def accept(self, request: HttpRequest, obj: Order, data: dict[str, Any]) -> str:
        """Let a checked order go on."""
        order = services.accept_order(order_id=obj.pk, actor=actor(request))
        return _("Accepted; it is now “%(status)s”.") % {"status": order.get_status_display()}

    @service_action(
        pgettext_lazy("hold", "Release"),
        permission="orders.release_order",
        form=forms.ReleaseForm,
        icon="play_circle",
        variant="primary",
        available=lambda user, order: order.is_held,
    )
    def release(self, request: HttpRequest, obj: Order, data: dict[str, Any]) -> str:
        """Let a held order go on."""
        report = services.release_orders(
            order_ids=[obj.pk], hold_ids=data.get("holds"), note=data["note"], actor=actor(request)
        )
        if report.refused:
            raise DomainError(report.refused[0].reason)
        return _("Released; it goes on.")

    @service_action(
        gettext_lazy("Hold"),
        permission="orders.hold_order",
        form=forms.HoldForm,
        icon="pause_circle",
        available=lambda user, order: policies.is_holdable(order),
    )
    def hold(self, request: HttpRequest, obj: Order, data: dict[str, Any]) -> str:
        """Keep the order from leaving."""
        report = services.hold_orders(order_ids=[obj.pk], **data, actor=actor(request))
        if report.refused:
            raise DomainError(report.refused[0].reason)
        return _("Held: nothing of it leaves until somebody releases it.")

    @service_action(
        gettext_lazy("Record payment"),
        permission="orders.record_payment",
        form=forms.PaymentForm,
        icon="payments",
        available=lambda user, order: policies.is_payable(order),
        initial=forms.payment_initial,
    )
    def pay(self, request: HttpRequest, obj: Order, data: dict[str, Any]) -> str:
        """Record money that came in."""
        services.record_payment(
            order_id=obj.pk,
            amount=data["amount"],
            method=data["method"],
            paid_at=data["paid_at"],
            actor=actor(request),
        )
        return _("%(amount)s recorded.") % {"amount": format_money(data["amount"], obj.currency)}

    @service_action(
        gettext_lazy("Confirm"),
        permission="orders.confirm_order",
        icon="check_circle",
        variant="primary",
        question=gettext_lazy("Confirm the order and reserve its stock?"),
        available=lambda user, order: policies.is_confirmable(order),
    )
    def confirm(self, request: HttpRequest, obj: Order, data: dict[str, Any]) -> Answer:
        """Confirm and reserve."""
        report = services.confirm_orders(order_ids=[obj.pk], actor=actor(request))
        if report.refused:
            return Answer(report.refused[0].reason, level="error")
        if short := report.waiting.get(obj.pk):
            return Answer(
                _("Confirmed, but it waits for stock of %(skus)s.") % {"skus": ", ".join(short)}, level="warning"
            )
        return Answer(_("Confirmed; its stock is reserved."))

    @service_action(
        gettext_lazy("Allocate stock"),
        permission="orders.confirm_order",
        icon="inventory",
        variant="primary",
        question=gettext_lazy("Look for stock again and reserve it?"),
        available=lambda user, order: policies.is_allocatable(order),
    )
    def allocate(self, request: HttpRequest, obj: Order, data: dict[str, Any]) -> Answer:
        """Try again to reserve."""
        report = services.allocate_orders(order_ids=[obj.pk], actor=actor(request))
        if report.refused:
            return Answer(report.refused[0].reason, level="warning")
        return Answer(_("Its stock is reserved."))

    change_lines = link_action(
        "change_lines",
        gettext_lazy("Change order"),
        permission="orders.change_order",
        icon="edit_note",
        available=policies.is_changeable,
        link=lambda order: reverse("admin:orders_edit", args=[order.pk]),
    )

    @service_action(
        gettext_lazy("Ship"),
        permission="orders.ship_order",
        form=forms.ShipForm,
        icon="local_shipping",
        variant="primary",
        available=lambda user, order: policies.is_shippable(order),
    )
    def ship(self, request: HttpRequest, obj: Order, data: dict[str, Any]) -> str:
        """Ship all or some pieces."""
        shipments = services.ship_order(
            order_id=obj.pk,
            quantities=data["quantities"],
            carrier=data["carrier"],
            tracking_number=data["tracking_number"],
            serials=data["serials"],
            lots=services.ChosenLots(data["lots"], data.get("lot_reason", "").strip()),
            actor=actor(request),
        )
        return _("Shipped: %(numbers)s.") % {"numbers": ", ".join(shipment.number for shipment in shipments)}

    @service_action(
        gettext_lazy("Record return"),
        permission="orders.record_return",
        form=forms.ReturnForm,
        icon="assignment_return",
        available=lambda user, order: policies.is_returnable(order),
    )
    def take_back(self, request: HttpRequest, obj: Order, data: dict[str, Any]) -> str:
        """Record pieces that came back."""
        record = services.record_return(
            order_id=obj.pk,
            quantities=data["quantities"],
            reason=data["reason"],
            condition=data["condition"],
            serials=data["serials"],
            actor=actor(request),
        )
        return _("Return %(number)s recorded.") % {"number": record.number}

    @service_action(
        gettext_lazy("Cancel order"),
        permission="orders.cancel_order",
        form=forms.CancelForm,
        icon="cancel",
        variant="danger",
        submit=gettext_lazy("Cancel order"),
        available=lambda user, order: policies.is_cancellable(order),
    )
    def cancel(self, request: HttpRequest, obj: Order, data: dict[str, Any]) -> str:
        """Call off the order or the rest of it."""
        services.cancel_order(
            order_id=obj.pk, reason=data["reason"], restock=data["restock"], cause=data["cause"], actor=actor(request)
        )
        return _("Order %(number)s is cancelled.") % {"number": obj.number}

    @bulk_action(
        gettext_lazy("Confirm"),
        permission="orders.confirm_order",
        icon="check_circle",
        variant="primary",
        question=gettext_lazy("Confirm these orders and reserve their stock?"),
    )
    def confirm_selected(self, request: HttpRequest, ids: Sequence[int], data: dict[str, Any]) -> Answer:
        """Confirm and reserve all that can be."""
        report = services.confirm_orders(order_ids=ids, actor=actor(request))
        answer = BulkOutcome(
            len(report.done) + len(report.waiting), [(refusal.number, refusal.reason) for refusal in report.refused]
        ).answer()
        if not report.waiting:
            return answer
        waiting = _("%(count)s of them wait for stock.") % {"count": len(report.waiting)}
        return Answer(f"{answer.sentence}. {waiting}", level="warning")

    @bulk_action(
        gettext_lazy("Allocate stock"),
        permission="orders.confirm_order",
        icon="inventory",
        question=gettext_lazy("Look for stock again and reserve it, the oldest order first?"),
    )
    def allocate_selected(self, request: HttpRequest, ids: Sequence[int], data: dict[str, Any]) -> BulkOutcome:
        """Try again to reserve."""
        return _outcome(services.allocate_orders(order_ids=ids, actor=actor(request)))

    @bulk_action(
        gettext_lazy("Ship"),
        permission="orders.ship_order",
        form=forms.ShipManyForm,
        icon="local_shipping",
        variant="primary",
    )
    def ship_selected(self, request: HttpRequest, ids: Sequence[int], data: dict[str, Any]) -> BulkOutcome:
        """Ship everything that is left of each."""
        return _outcome(services.ship_orders(order_ids=ids, carrier=data["carrier"], actor=actor(request)))

    @bulk_action(
        gettext_lazy("Hold"), permission="orders.hold_order", form=forms.HoldForm, icon="pause_circle",
    )  # fmt: skip
    def hold_selected(self, request: HttpRequest, ids: Sequence[int], data: dict[str, Any]) -> BulkOutcome:
        """Hold each for one reason."""
        return _outcome(services.hold_orders(order_ids=ids, **data, actor=actor(request)))

    @bulk_action(
        pgettext_lazy("hold", "Release"), permission="orders.release_order", form=forms.ReleaseForm, icon="play_circle",
    )  # fmt: skip
    def release_selected(self, request: HttpRequest, ids: Sequence[int], data: dict[str, Any]) -> BulkOutcome:
        """Release all that holds them."""
        return _outcome(services.release_orders(order_ids=ids, note=data["note"], actor=actor(request)))

    @bulk_action(
        gettext_lazy("Cancel orders"),
        permission="orders.cancel_order",
        form=forms.CancelForm,
        icon="cancel",
        variant="danger",
        limit=500,
    )
    def cancel_selected(self, request: HttpRequest, ids: Sequence[int], data: dict[str, Any]) -> BulkOutcome:
        """Call off each."""
        return _outcome(
            services.cancel_orders(
                order_ids=ids,
                reason=data["reason"],
                restock=data["restock"],
                cause=data["cause"],
                actor=actor(request),
            )
        )
