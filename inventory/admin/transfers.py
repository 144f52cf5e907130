"""Transfers: the list by state, and the page on which a transfer is written, sent, received and closed."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from core.display import badge_html, moment_text, register_document
from core.ui import ModelAdmin, Tab, actor, columns, link_action, service_action
from core.ui.badges import NavigationBadge, register_badge
from core.ui.timeline import timeline_icon
from inventory.admin.transfer_forms import ArriveForm, CloseForm, NewTransferForm, SendForm, TransferForm
from inventory.models import UNDER_WAY, Transfer, TransferState
from inventory.selectors.moving import is_late, late_transfers, pieces_to_move, with_sums
from inventory.selectors.shelves import shop_day
from inventory.services import moving
from staff.admin.offering import offer_tasks
from staff.models import TaskKind

MOVE = "inventory.move_stock"
COLOURS = {
    TransferState.DRAFT.value: "grey",
    TransferState.IN_TRANSIT.value: "blue",
    TransferState.PARTLY_RECEIVED.value: "amber",
    TransferState.RECEIVED.value: "green",
    TransferState.CANCELLED.value: "grey",
}


def _late(transfer: Transfer) -> bool:
    day = transfer.expected_on
    return day is not None and transfer.state in UNDER_WAY and day < shop_day()


def _is_under_way(_user: Any, transfer: Transfer) -> bool:
    return transfer.state in UNDER_WAY


def _is_draft(_user: Any, transfer: Transfer) -> bool:
    return transfer.state == TransferState.DRAFT


def labels_url(transfer: Transfer) -> str:
    """Return the page of labels, filled with the transfer's lines."""
    lines = list(transfer.lines.order_by("variant__sku").values_list("variant", "sent", "quantity"))
    query = {
        "list": "variant",
        "ids": ",".join(str(variant) for variant, _sent, _wanted in lines),
        "pieces": ",".join(str(sent or wanted) for _variant, sent, wanted in lines),
    }
    return f"{reverse('admin:inventory_labels')}?{urlencode(query, safe=',')}"


@admin.register(Transfer)
class TransferAdmin(ModelAdmin):
    """Pieces on their way between our warehouses."""

    form = TransferForm
    list_display = [
        columns.two_lines("number", "note", gettext_lazy("Transfer"), order="id"),
        columns.text("source.name", pgettext_lazy("place", "From")),
        columns.text("destination.name", pgettext_lazy("place", "To")),
        columns.badge("state", gettext_lazy("Status"), colours=COLOURS),
        columns.number("piece_count", gettext_lazy("Pieces")),
        columns.number("left_count", gettext_lazy("In transit")),
        columns.moment("expected_on", pgettext_lazy("transfer", "Expected"), order=True, late=_late),
        columns.moment("sent_at", pgettext_lazy("transfer", "Sent"), order=True),
    ]
    list_select_related = ["source", "destination"]
    ordering = ["-id"]
    tabs = [
        Tab("draft", TransferState.DRAFT.label, Q(state=TransferState.DRAFT), empty=gettext_lazy("No drafts.")),
        Tab(
            "in_transit",
            TransferState.IN_TRANSIT.label,
            Q(state__in=UNDER_WAY),
            empty=gettext_lazy("Nothing is on its way between warehouses."),
        ),
        Tab(
            "late",
            pgettext_lazy("transfer", "Late"),
            lambda rows, _request: rows.filter(is_late()),
            empty=gettext_lazy("Everything arrives in time. Well done."),
            alert=True,
        ),
        Tab("received", TransferState.RECEIVED.label, Q(state=TransferState.RECEIVED), count=False),
        Tab("all", pgettext_lazy("transfer", "All"), count=False),
    ]
    list_filter = ["source", "destination"]
    search_fields = ["number", "note"]
    exact_search_fields = ["number", "lines__variant__sku"]
    empty_title = gettext_lazy("No transfers here")
    empty_text = gettext_lazy("A transfer moves pieces from one warehouse to another.")

    def for_display(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> QuerySet[Transfer]:
        """Add how many pieces, and how many of them are in transit."""
        return with_sums(queryset)

    def get_form(self, request: HttpRequest, obj: Transfer | None = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 Django's signature
        """Ask where from and where to once, at the beginning."""
        return super().get_form(request, obj, change=change, form=TransferForm if obj else NewTransferForm, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Transfer | None = None) -> Any:
        """Show what can still be changed."""
        if obj is None:
            return [(None, {"fields": ["source", "destination", "expected_on", "note", "suggest"]})]
        return [(_("Expected, note"), {"classes": ["collapse"], "fields": ["expected_on", "note"]})]

    def save_model(self, request: HttpRequest, obj: Transfer, form: Any, change: Any) -> None:
        """Make a draft through its service; of one that stands only day and note change here."""
        if change:
            super().save_model(request, obj, form, change)
            return
        source_id, destination_id = obj.source_id, obj.destination_id
        wants_some = form.cleaned_data["suggest"]
        found = pieces_to_move(source_id=source_id, destination_id=destination_id) if wants_some else []
        made = moving.create_transfer(
            source_id=source_id,
            destination_id=destination_id,
            lines=[moving.TransferPieces(variant_id=row.variant_id, quantity=row.quantity) for row in found],
            expected_on=obj.expected_on,
            note=obj.note,
            actor=actor(request),
        )
        obj.pk, obj.number = made.pk, made.number

    def facts(self, request: HttpRequest, obj: Transfer) -> Sequence[tuple[Any, Any]]:
        """Return the state first, then the way and its days."""
        lines = list(obj.lines.all())
        left = sum(line.in_transit for line in lines)
        shown: list[tuple[Any, Any]] = [
            (_("Status"), badge_html(obj.get_state_display(), COLOURS[obj.state])),
            (pgettext_lazy("place", "From"), obj.source),
            (pgettext_lazy("place", "To"), obj.destination),
            (_("Pieces"), sum(line.sent or line.quantity for line in lines)),
        ]
        if obj.state in UNDER_WAY:
            shown.append((_("In transit"), left))
        if obj.expected_on:
            shown.append((pgettext_lazy("transfer", "Expected"), moment_text(obj.expected_on)))
        if obj.loss_reason:
            shown.append((pgettext_lazy("transfer", "Lost"), f"{sum(line.lost for line in lines)} – {obj.loss_reason}"))
        return shown

    @service_action(
        pgettext_lazy("transfer", "Send"),
        permission=MOVE,
        form=SendForm,
        icon="local_shipping",
        variant="primary",
        question=gettext_lazy("The pieces leave the stock of the source and are in transit."),
        available=_is_draft,
    )
    def send(self, request: HttpRequest, obj: Transfer, data: dict[str, Any]) -> str:
        """Take the pieces off the shelves."""
        moving.send_transfer(transfer_id=obj.pk, actor=actor(request), **data)
        sent = sum(obj.lines.values_list("sent", flat=True))
        said = ngettext("%(count)s piece is in transit.", "%(count)s pieces are in transit.", sent)
        return said % {"count": sent}

    @service_action(
        pgettext_lazy("transfer", "Receive"),
        permission=MOVE,
        form=ArriveForm,
        icon="move_to_inbox",
        variant="primary",
        question=gettext_lazy("Damaged pieces are held back from sale."),
        available=_is_under_way,
    )
    def receive(self, request: HttpRequest, obj: Transfer, data: dict[str, Any]) -> str:
        """Put what arrived on hand."""
        after = moving.receive_transfer(transfer_id=obj.pk, pieces=data["pieces"], actor=actor(request))
        count = sum(part.quantity for part in data["pieces"])
        left = sum(line.in_transit for line in after.lines.all())
        said = ngettext("%(count)s piece received", "%(count)s pieces received", count) % {"count": count}
        still = _("%(count)s are still in transit.") % {"count": left} if left else _("the transfer is complete.")
        return f"{said}; {still}"

    @service_action(
        gettext_lazy("Close, the rest is lost"),
        permission=MOVE,
        form=CloseForm,
        icon="playlist_remove",
        variant="danger",
        is_rare=True,
        question=gettext_lazy("What is still in transit will not arrive any more."),
        available=_is_under_way,
    )
    def close(self, request: HttpRequest, obj: Transfer, data: dict[str, Any]) -> str:
        """Write the rest off."""
        moving.close_transfer(transfer_id=obj.pk, reason=data["reason"], actor=actor(request))
        return _("%(number)s is closed.") % {"number": obj.number}

    @service_action(
        gettext_lazy("Cancel the draft"),
        permission=MOVE,
        icon="block",
        variant="danger",
        is_rare=True,
        question=gettext_lazy("Nothing has moved yet, and nothing will."),
        available=_is_draft,
    )
    def cancel(self, request: HttpRequest, obj: Transfer, data: dict[str, Any]) -> str:
        """Give the draft up."""
        moving.cancel_transfer(transfer_id=obj.pk, actor=actor(request))
        return _("%(number)s is cancelled.") % {"number": obj.number}

    note = link_action(
        "note",
        gettext_lazy("Transfer note (PDF)"),
        permission="inventory.view_transfer",
        icon="picture_as_pdf",
        link=lambda transfer: reverse("admin:inventory_transfer_note", args=[transfer.pk]),
    )
    labels = link_action(
        "labels",
        gettext_lazy("Print labels"),
        permission="inventory.view_stockitem",
        icon="label",
        link=labels_url,
        is_rare=True,
    )


register_document("TR-", lambda number: f"{reverse('admin:inventory_transfer_changelist')}?tab=all&q={number}")
register_badge(NavigationBadge("late_transfers", late_transfers, "warning"))
offer_tasks(Transfer, kinds=(TaskKind.STOCK_CHECK,))
for _name, _icon in (
    ("drafted", "edit_note"),
    ("changed", "edit"),
    ("sent", "local_shipping"),
    ("received", "move_to_inbox"),
    ("closed", "playlist_remove"),
    ("cancelled", "block"),
):
    timeline_icon(f"inventory.transfer_{_name}", _icon)
