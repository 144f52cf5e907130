"""What one does with purchase orders: one button, one service call, one sentence."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.errors import DomainError
from core.ui import Answer, BulkOutcome, actor, bulk_action, link_action, service_action
from purchasing import policies, services
from purchasing.admin import forms
from purchasing.models import OPEN_MAILS, MailState, PurchaseOrder, PurchaseState

_S = PurchaseState


def _mail(order: PurchaseOrder) -> str:
    """Return the state of the mail that is under way, an empty text without one."""
    return order.mails.filter(state__in=OPEN_MAILS).values_list("state", flat=True).first() or ""


def _writes(user: Any, order: PurchaseOrder) -> bool:
    return policies.can_write_purchase_orders(user)


def _can_edit(user: Any, order: PurchaseOrder) -> bool:
    return order.state == _S.DRAFT and _writes(user, order)


def _can_send(user: Any, order: PurchaseOrder) -> bool:
    return order.state == _S.APPROVED and not _mail(order)


def _can_mark_sent(user: Any, order: PurchaseOrder) -> bool:
    return order.state == _S.APPROVED and _mail(order) != MailState.SENDING


def _each(request: HttpRequest, ids: Sequence[int], run: Callable[[int], Any]) -> BulkOutcome:
    """Do the same to each order; a refused one does not hinder the others."""
    done, refused = 0, []
    numbers = dict(PurchaseOrder.objects.filter(pk__in=ids).values_list("pk", "number"))
    for pk in ids:
        try:
            run(pk)
        except DomainError as error:
            refused.append((numbers.get(pk, str(pk)), str(error)))
        else:
            done += 1
    return BulkOutcome(done, refused)


class PurchaseOrderButtons:
    """Buttons of the order page and of ticked orders."""

    lines = link_action(
        "lines",
        gettext_lazy("Edit lines"),
        permission="purchasing.add_purchaseorder",
        link=lambda order: reverse("admin:purchasing_order_lines", args=[order.pk]),
        icon="edit_note",
        available=_can_edit,
    )

    @service_action(
        gettext_lazy("Hand in"),
        permission="purchasing.add_purchaseorder",
        icon="task_alt",
        variant="primary",
        question=gettext_lazy("Is the order complete? Up to the limit it is approved at once."),
        available=_can_edit,
    )
    def submit_order(self, request: HttpRequest, obj: PurchaseOrder, data: dict[str, Any]) -> str:
        """Hand the draft in."""
        order = services.submit_purchase_order(order_id=obj.pk, actor=actor(request))
        if order.state == _S.APPROVED:
            return _("%(number)s is approved: its total is below the limit.") % {"number": obj.number}
        return _("%(number)s waits for approval.") % {"number": obj.number}

    @service_action(
        gettext_lazy("Approve"),
        permission="purchasing.approve_purchaseorder",
        icon="check_circle",
        variant="primary",
        question=gettext_lazy("Approve this order?"),
        available=policies.can_approve_purchase_order,
    )
    def approve(self, request: HttpRequest, obj: PurchaseOrder, data: dict[str, Any]) -> str:
        """Let the order go out."""
        services.approve_purchase_order(order_id=obj.pk, actor=actor(request))
        return _("%(number)s is approved.") % {"number": obj.number}

    @service_action(
        gettext_lazy("Send by mail"),
        permission="purchasing.send_purchaseorder",
        form=forms.SendForm,
        icon="send",
        variant="primary",
        available=_can_send,
        initial=forms.send_initial,
        submit=gettext_lazy("Send"),
    )
    def send(self, request: HttpRequest, obj: PurchaseOrder, data: dict[str, Any]) -> str:
        """Mail PDF and CSV to the supplier."""
        services.send_purchase_order(order_id=obj.pk, address=data["address"], actor=actor(request))
        return _("%(number)s is being sent. It is “sent” as soon as the mail server took it.") % {"number": obj.number}

    pdf = link_action(
        "pdf",
        "PDF",
        permission="purchasing.view_costs",
        link=lambda order: reverse("admin:purchasing_order_pdf", args=[order.pk]),
        icon="picture_as_pdf",
    )

    @service_action(
        gettext_lazy("I sent it myself"),
        permission="purchasing.send_purchaseorder",
        icon="outgoing_mail",
        question=gettext_lazy("Does the supplier have this order? Then its goods are expected."),
        available=_can_mark_sent,
    )
    def mark_sent(self, request: HttpRequest, obj: PurchaseOrder, data: dict[str, Any]) -> str:
        """Say that the supplier has it."""
        services.mark_purchase_order_sent(order_id=obj.pk, actor=actor(request))
        return _("%(number)s is sent.") % {"number": obj.number}

    @service_action(
        gettext_lazy("Send again"),
        permission="purchasing.send_purchaseorder",
        icon="replay",
        variant="primary",
        question=gettext_lazy("Did you ask the supplier, and the mail did not arrive? Then it is sent once more."),
        available=lambda user, order: _mail(order) == MailState.UNCLEAR,
    )
    def resend(self, request: HttpRequest, obj: PurchaseOrder, data: dict[str, Any]) -> str:
        """Send an unclear mail once more."""
        services.resend_purchase_order(order_id=obj.pk, actor=actor(request))
        return _("%(number)s is being sent. It is “sent” as soon as the mail server took it.") % {"number": obj.number}

    @service_action(
        gettext_lazy("Confirmed by supplier"),
        permission="purchasing.send_purchaseorder",
        form=forms.ConfirmOrderForm,
        icon="handshake",
        variant="primary",
        available=lambda user, order: policies.can_move(order, _S.CONFIRMED),
        initial=forms.confirm_initial,
        submit=gettext_lazy("Write down"),
    )
    def confirm(self, request: HttpRequest, obj: PurchaseOrder, data: dict[str, Any]) -> str:
        """Write the supplier's answer down."""
        services.confirm_purchase_order(
            order_id=obj.pk,
            reference=data["reference"],
            expected_on=data["expected_on"],
            lines=data["lines"],
            actor=actor(request),
        )
        return _("%(number)s is confirmed.") % {"number": obj.number}

    @service_action(
        gettext_lazy("Close with a remainder"),
        permission="purchasing.send_purchaseorder",
        form=forms.CloseForm,
        icon="inventory",
        available=lambda user, order: policies.can_move(order, _S.CLOSED),
        submit=gettext_lazy("Give up the rest"),
    )
    def close(self, request: HttpRequest, obj: PurchaseOrder, data: dict[str, Any]) -> str:
        """Give up what has not arrived."""
        services.close_purchase_order(order_id=obj.pk, reason=data["reason"], actor=actor(request))
        return _("%(number)s is closed; nothing more is expected of it.") % {"number": obj.number}

    @service_action(
        gettext_lazy("Back to draft"),
        permission="purchasing.add_purchaseorder",
        form=forms.ReasonForm,
        icon="undo",
        is_rare=True,
        available=policies.can_reopen,
    )
    def reopen(self, request: HttpRequest, obj: PurchaseOrder, data: dict[str, Any]) -> str:
        """Make it a draft again."""
        services.reopen_purchase_order(order_id=obj.pk, reason=data["reason"], actor=actor(request))
        return _("%(number)s is a draft again.") % {"number": obj.number}

    @service_action(
        pgettext_lazy("purchase order", "Copy"),
        permission="purchasing.add_purchaseorder",
        icon="content_copy",
        question=gettext_lazy("Draft the same order again, at today's prices?"),
        is_rare=True,
        available=_writes,
    )
    def duplicate(self, request: HttpRequest, obj: PurchaseOrder, data: dict[str, Any]) -> Answer:
        """Draft the same again."""
        order = services.duplicate_purchase_order(order_id=obj.pk, actor=actor(request))
        return Answer(
            _("%(number)s is drafted.") % {"number": order.number},
            reverse("admin:purchasing_purchaseorder_change", args=[order.pk]),
        )

    @service_action(
        gettext_lazy("Cancel order"),
        permission="purchasing.add_purchaseorder",
        form=forms.CancelForm,
        icon="cancel",
        variant="danger",
        is_rare=True,
        submit=gettext_lazy("Cancel order"),
        available=policies.can_cancel_purchase_order,
    )
    def cancel(self, request: HttpRequest, obj: PurchaseOrder, data: dict[str, Any]) -> str:
        """Call the order off."""
        services.cancel_purchase_order(order_id=obj.pk, reason=data["reason"], actor=actor(request))
        return _("%(number)s is cancelled.") % {"number": obj.number}

    @bulk_action(
        gettext_lazy("Hand in"),
        permission="purchasing.add_purchaseorder",
        icon="task_alt",
        question=gettext_lazy("Are these orders complete? Up to the limit they are approved at once."),
        limit=200,
    )
    def submit_selected(self, request: HttpRequest, ids: Sequence[int], data: dict[str, Any]) -> BulkOutcome:
        """Hand each draft in."""
        who = actor(request)
        return _each(request, ids, lambda pk: services.submit_purchase_order(order_id=pk, actor=who))

    @bulk_action(
        gettext_lazy("Approve"),
        permission="purchasing.approve_purchaseorder",
        icon="check_circle",
        variant="primary",
        question=gettext_lazy("Approve these orders?"),
        limit=200,
    )
    def approve_selected(self, request: HttpRequest, ids: Sequence[int], data: dict[str, Any]) -> BulkOutcome:
        """Let each go out."""
        who = actor(request)
        return _each(request, ids, lambda pk: services.approve_purchase_order(order_id=pk, actor=who))

    @bulk_action(
        gettext_lazy("Send by mail"),
        permission="purchasing.send_purchaseorder",
        icon="send",
        variant="primary",
        question=gettext_lazy("Mail these orders to their suppliers?"),
        limit=200,
    )
    def send_selected(self, request: HttpRequest, ids: Sequence[int], data: dict[str, Any]) -> BulkOutcome:
        """Mail each to its supplier."""
        who = actor(request)
        return _each(request, ids, lambda pk: services.send_purchase_order(order_id=pk, actor=who))
