"""Prices below the lowest margin: what waits for a second person, and what was decided."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import BigIntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from catalog import services
from catalog.admin.price_forms import NoteForm, RefusalForm
from catalog.models import Price, PriceProposal, ProposalState
from catalog.selectors import prices_at
from core.display import badge_html, moment_text
from core.money import format_money
from core.ui import Answer, BulkOutcome, Tab, actor, bulk_action, columns, link_action, service_action
from core.ui.badges import NavigationBadge, register_badge
from core.ui.readonly import ReadOnlyAdmin
from core.ui.tiles import Row, Rows, Tile, register_tile

_S = ProposalState
COLOURS: dict[str, str] = {
    _S.WAITING: "amber",
    _S.APPROVED: "green",
    _S.REFUSED: "red",
    _S.WITHDRAWN: "grey",
}


def _margin(row: PriceProposal) -> SafeString:
    small = format_html("<small>{}</small>", _("lowest %(floor)s %%") % {"floor": row.margin_floor})
    return format_html('<span class="late">{} %</span> {}', row.margin, small)


def _period(row: PriceProposal) -> str:
    start = moment_text(row.starts_at) if row.starts_at else _("once approved")
    return f"{start} – {moment_text(row.ends_at)}" if row.ends_at else str(start)


def _may_decide(user: Any, row: PriceProposal) -> bool:
    return row.state == _S.WAITING and row.requested_by_id != user.pk


@admin.register(PriceProposal)
class PriceProposalAdmin(ReadOnlyAdmin):
    """Prices that wait for a second person."""

    list_display = [
        columns.two_lines("variant.sku", "variant.product.name", "SKU"),
        columns.text("sales_channel.name", gettext_lazy("Sales channel")),
        columns.money("amount_now", gettext_lazy("Now")),
        columns.money("amount", gettext_lazy("Wanted")),
        columns.money("cost", pgettext_lazy("price", "Cost")),
        columns.computed("margin", gettext_lazy("Margin"), _margin, css="num"),
        columns.computed("period", gettext_lazy("Period"), _period),
        columns.two_lines("requested_by", "reason", gettext_lazy("Requested by")),
        columns.badge("state", gettext_lazy("Status"), colours=COLOURS),
    ]
    list_select_related = ("variant__product", "sales_channel", "requested_by")
    list_filter = ["sales_channel"]
    search_fields = ["variant__sku"]
    fields = ("variant", "sales_channel", "reason", "requested_by", "requested_at", "decided_by", "decided_at", "note")
    exact_search_fields = ["variant__sku"]
    ordering = ["-id"]
    tabs = [
        Tab("waiting", _S.WAITING.label, Q(state=_S.WAITING), empty=gettext_lazy("No price waits."), alert=True),
        Tab("decided", gettext_lazy("Decided"), ~Q(state=_S.WAITING), count=False),
        Tab("all", pgettext_lazy("price", "All"), count=False),
    ]
    empty_title = gettext_lazy("No prices to approve")
    empty_text = gettext_lazy("A price below a channel's lowest margin comes here before it begins.")

    def for_display(self, request: HttpRequest, queryset: QuerySet[PriceProposal]) -> QuerySet[PriceProposal]:
        """Add what is asked now."""
        running = Price.objects.filter(
            Q(ends_at=None) | Q(ends_at__gt=Now()),
            variant=OuterRef("variant"),
            sales_channel=OuterRef("sales_channel"),
            starts_at__lte=Now(),
        )
        return queryset.annotate(amount_now=Subquery(running.values("amount")[:1], output_field=BigIntegerField()))

    def facts(self, request: HttpRequest, obj: PriceProposal) -> Sequence[tuple[Any, Any]]:
        """Return what an approver weighs."""
        running = prices_at(variant_ids=[obj.variant_id], sales_channel_id=obj.sales_channel_id).get(obj.variant_id)
        held = running.amount if running else None
        return [
            (_("Status"), badge_html(obj.get_state_display(), COLOURS[obj.state])),
            (_("Sales channel"), obj.sales_channel),
            (_("Now"), format_money(held, obj.currency) or "–"),
            (_("Wanted"), format_money(obj.amount, obj.currency)),
            (pgettext("price", "Cost"), format_money(obj.cost, obj.currency)),
            (_("Margin"), _margin(obj)),
            (_("Period"), _period(obj)),
            (_("Requested by"), obj.requested_by or "–"),
        ]

    @service_action(
        gettext_lazy("Approve"),
        permission="catalog.approve_price",
        form=NoteForm,
        icon="check",
        variant="primary",
        available=_may_decide,
    )
    def approve(self, request: HttpRequest, obj: PriceProposal, data: dict[str, Any]) -> Answer | BulkOutcome:
        """Let the price begin."""
        done, refused = services.approve_prices(proposal_ids=[obj.pk], note=data["note"], actor=actor(request))
        return BulkOutcome(done, refused) if refused else Answer(_("The price is approved."))

    @service_action(
        gettext_lazy("Refuse"),
        permission="catalog.approve_price",
        form=RefusalForm,
        icon="close",
        variant="danger",
        available=_may_decide,
    )
    def refuse(self, request: HttpRequest, obj: PriceProposal, data: dict[str, Any]) -> Answer | BulkOutcome:
        """Say no, and why."""
        refused = services.refuse_prices(proposal_ids=[obj.pk], note=data["note"], actor=actor(request))
        return BulkOutcome(0, refused) if refused else Answer(_("The price is refused."))

    @service_action(
        gettext_lazy("Withdraw"),
        permission="catalog.change_price",
        icon="undo",
        question=gettext_lazy("Take your wish back? The price stays as it is."),
        available=lambda user, row: row.state == _S.WAITING and row.requested_by_id == user.pk,
    )
    def withdraw(self, request: HttpRequest, obj: PriceProposal, data: dict[str, Any]) -> str:
        """Take back what one asked for."""
        services.withdraw_price(proposal_id=obj.pk, actor=actor(request))
        return _("The wish is withdrawn.")

    history = link_action(
        "history",
        gettext_lazy("History and proof"),
        permission="catalog.view_price",
        icon="show_chart",
        link=lambda row: reverse("admin:catalog_price_history", args=[row.variant_id, row.sales_channel_id]),
    )

    @bulk_action(gettext_lazy("Approve"), permission="catalog.approve_price", form=NoteForm, icon="check")
    def approve_selected(self, request: HttpRequest, ids: list[int], data: dict[str, Any]) -> BulkOutcome:
        """Let all of them begin."""
        done, refused = services.approve_prices(proposal_ids=ids, note=data["note"], actor=actor(request))
        return BulkOutcome(done, refused)

    @bulk_action(gettext_lazy("Refuse"), permission="catalog.approve_price", form=RefusalForm, icon="close")
    def refuse_selected(self, request: HttpRequest, ids: list[int], data: dict[str, Any]) -> BulkOutcome:
        """Say no to all of them."""
        refused = services.refuse_prices(proposal_ids=ids, note=data["note"], actor=actor(request))
        return BulkOutcome(len(ids) - len(refused), refused)


def _waiting() -> QuerySet[PriceProposal]:
    return PriceProposal.objects.filter(state=_S.WAITING)


def prices_to_approve(request: HttpRequest) -> Rows:
    """List the prices that wait, the oldest first."""
    rows = _waiting().select_related("variant", "sales_channel").order_by("pk")[:6]
    shown = [
        Row(
            row.variant.sku,
            reverse("admin:catalog_priceproposal_change", args=[row.pk]),
            row.sales_channel.name,
            format_money(row.amount, row.currency),
        )
        for row in rows
    ]
    url = reverse("admin:catalog_priceproposal_changelist")
    return Rows(shown, gettext_lazy("No price waits for a second person."), url)


register_badge(NavigationBadge("prices_to_approve", _waiting, "warning"))
register_tile(
    Tile(
        "catalog.prices_to_approve",
        gettext_lazy("Prices to approve"),
        prices_to_approve,
        "catalog.approve_price",
        "catalog",
        40,
        cache_seconds=60,
    )
)
