"""Statements of channels: the list, the page of one, its differences and what is decided about them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounting import services
from accounting.models import (
    DifferenceKind,
    DifferenceState,
    Settlement,
    SettlementDifference,
    SettlementLine,
    SettlementState,
)
from accounting.selectors.statements import SHOWN, deposit_of, differences_shown, sums_by_kind
from core.display import badge_html, document_html, moment_text
from core.errors import DomainError
from core.money import format_money
from core.ui import (
    ActionForm,
    BulkOutcome,
    Panel,
    Tab,
    actor,
    bulk_action,
    columns,
    register_panel,
    service_action,
)
from core.ui.badges import NavigationBadge, register_badge
from core.ui.readonly import ReadOnlyAdmin
from core.ui.tabs import capped_counts, capped_text
from core.ui.tiles import Kpi, Tile, register_tile
from core.ui.timeline import timeline_icon

_S, _D = SettlementState, DifferenceState
STATE_COLOURS: Mapping[str, str] = {_S.OPEN: "blue", _S.DIFFERENCES: "amber", _S.SETTLED: "green", _S.UNDONE: "grey"}
DIFFERENCE_COLOURS: Mapping[str, str] = {_D.OPEN: "amber", _D.ASKED: "violet", _D.ACCEPTED: "green"}
KIND_COLOURS: Mapping[str, str] = {
    DifferenceKind.UNKNOWN_ORDER: "red",
    DifferenceKind.TWICE: "red",
    DifferenceKind.AMOUNT: "amber",
    DifferenceKind.FEE: "amber",
    DifferenceKind.MISSING: "violet",
    DifferenceKind.REFUND: "violet",
    DifferenceKind.PAYOUT: "red",
}


class ReasonForm(ActionForm):
    """Why."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)


class NoteForm(ActionForm):
    """A word about it, or none."""

    reason = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)


def _is_alive(_user: Any, row: Settlement) -> bool:
    return row.state in (_S.OPEN, _S.DIFFERENCES)


def _is_clear(_user: Any, row: Settlement) -> bool:
    return row.state == _S.OPEN


def _period(row: Settlement) -> str:
    days = [moment_text(day) for day in (row.starts_on, row.ends_on) if day]
    return " – ".join(days)


@admin.register(Settlement)
class SettlementAdmin(ReadOnlyAdmin):
    """What channels paid out, statement by statement."""

    list_display = [
        columns.two_lines("reference", "sales_channel.name", gettext_lazy("Statement")),
        columns.computed("period", gettext_lazy("Period"), _period),
        columns.badge("state", gettext_lazy("Status"), colours=STATE_COLOURS),
        columns.number("difference_count", gettext_lazy("To decide"), order=True),
        columns.money("total", gettext_lazy("Sum of the lines")),
        columns.money("payout", gettext_lazy("Paid out")),
        columns.text("paid_on", gettext_lazy("Paid out on"), order=True),
    ]
    ordering = ["-id"]
    tabs = [
        Tab("differences", _S.DIFFERENCES.label, Q(state=_S.DIFFERENCES), alert=True,
            empty=gettext_lazy("No statement differs from the books.")),
        Tab("open", _S.OPEN.label, Q(state=_S.OPEN), empty=gettext_lazy("No statement waits to be closed.")),
        Tab("settled", _S.SETTLED.label, Q(state=_S.SETTLED), count=False),
        Tab("undone", _S.UNDONE.label, Q(state=_S.UNDONE), count=False),
        Tab("all", pgettext_lazy("settlements", "All"), count=False),
    ]  # fmt: skip
    list_filter = ["sales_channel", "currency"]
    search_fields = ["reference"]
    exact_search_fields = ["reference"]
    fields: Sequence[str] = []
    empty_title = gettext_lazy("No settlements yet")
    empty_text = gettext_lazy("Import the statement of a channel under “Import”: choose “Settlements of channels”.")

    def facts(self, request: HttpRequest, obj: Settlement) -> Sequence[tuple[Any, Any]]:
        """Return whose it is, for when, and what should have come and came."""
        deposit = deposit_of(obj) if request.user.has_perm("payments.view_bankdeposit") else None
        payout = [(_("Paid out"), _payout(obj))] if obj.payout is not None else []
        came = [(_("Bank deposit"), _deposit_link(deposit))] if deposit else []
        return [
            (_("Status"), badge_html(obj.get_state_display(), STATE_COLOURS[SettlementState(obj.state)])),
            (_("Sales channel"), obj.sales_channel.name),
            (_("Period"), _period(obj) or "–"),
            (_("Sum of the lines"), format_money(obj.total, obj.currency)),
            *payout,
            (_("Paid out on"), moment_text(obj.paid_on) if obj.paid_on else "–"),
            *came,
        ]

    @service_action(
        pgettext_lazy("settlement", "Close"),
        permission="accounting.decide_settlement",
        icon="task_alt",
        variant="primary",
        available=_is_clear,
        question=gettext_lazy("Is everything in it right? A closed statement is not changed any more."),
    )
    def close(self, request: HttpRequest, obj: Settlement, data: dict[str, Any]) -> str:
        """Close it."""
        services.close_settlement(settlement_id=obj.pk, actor=actor(request))
        return _("Statement %(reference)s is settled.") % {"reference": obj.reference}

    @service_action(
        gettext_lazy("Compare again"),
        permission="accounting.add_settlement",
        icon="sync",
        available=_is_alive,
        question=gettext_lazy("Orders may have come or changed since. What was accepted stays so."),
    )
    def compare(self, request: HttpRequest, obj: Settlement, data: dict[str, Any]) -> str:
        """Match it anew."""
        row = services.match_settlement(settlement_id=obj.pk, actor=actor(request))
        return _("Compared; differences to decide: %(count)s") % {"count": row.difference_count}

    @service_action(
        gettext_lazy("Undo the import"),
        permission="accounting.undo_settlement",
        form=ReasonForm,
        icon="undo",
        variant="danger",
        available=_is_alive,
        is_rare=True,
        question=gettext_lazy("Its lines and differences are removed; the right file can be imported afterwards."),
    )
    def undo(self, request: HttpRequest, obj: Settlement, data: dict[str, Any]) -> str:
        """Take it back."""
        services.undo_settlement(settlement_id=obj.pk, reason=data["reason"], actor=actor(request))
        return _("Statement %(reference)s is undone.") % {"reference": obj.reference}


def _payout(row: Settlement) -> Any:
    told = format_money(row.payout, row.currency)
    if row.payout == row.total:
        return told
    gap = format_money((row.payout or 0) - row.total, row.currency)
    return format_html('{} <em class="late">({})</em>', told, gap)


def _deposit_link(deposit: Any) -> Any:
    url = reverse("admin:payments_deposit", args=[deposit.pk])
    return format_html('<a href="{}">{} · {}</a>', url, moment_text(deposit.deposited_on), deposit.payer_name or "–")


def _statement_link(row: Settlement) -> Any:
    url = reverse("admin:accounting_settlement_change", args=[row.pk])
    return format_html('<a href="{}">{}</a> · {}', url, row.reference, row.sales_channel.name)


def settlement_sums(_request: HttpRequest, row: Settlement) -> dict[str, Any] | None:
    """Give the sums by kind; nothing for an undone statement."""
    sums = sums_by_kind(row)
    lines = f"{reverse('admin:accounting_settlementline_changelist')}?settlement__id__exact={row.pk}"
    return {"sums": sums, "total": row.total, "currency": row.currency, "lines": lines} if sums else None


def settlement_differences(_request: HttpRequest, row: Settlement) -> dict[str, Any] | None:
    """Give the differences, those to decide first."""
    rows = differences_shown(row)
    url = f"{reverse('admin:accounting_settlementdifference_changelist')}?settlement__id__exact={row.pk}"
    shown = [(one, badge_html(one.get_state_display(), DIFFERENCE_COLOURS[DifferenceState(one.state)])) for one in rows]
    return {"rows": shown, "is_more": len(rows) == SHOWN, "url": f"{url}&tab=all"} if rows else None


register_panel(
    Settlement,
    Panel("sums", gettext_lazy("What it is made of"), "accounting/panels/sums.html", settlement_sums, position=10,
          above=True),
)  # fmt: skip
register_panel(
    Settlement,
    Panel("differences", gettext_lazy("Differences"), "accounting/panels/differences.html", settlement_differences,
          position=20, wide=True, above=True),
)  # fmt: skip


@admin.register(SettlementLine)
class SettlementLineAdmin(ReadOnlyAdmin):
    """The lines of statements."""

    list_display = [
        columns.two_lines("external_number", "external_line", gettext_lazy("Channel’s order")),
        columns.badge("kind", gettext_lazy("Kind"), colours={"fee": "amber", "refund": "red", "sale": "green"}),
        columns.money("amount", gettext_lazy("Amount"), currency="settlement.currency"),
        columns.link("order.number", pgettext_lazy("purchase", "Order"), to="orders_order", key="order_id"),
        columns.two_lines("told", "sku", gettext_lazy("As the channel calls it")),
        columns.text("settlement.reference", gettext_lazy("Statement")),
    ]
    ordering = ["-id"]
    tabs = [
        Tab("all", pgettext_lazy("settlement lines", "All"), count=False),
        Tab("unknown", gettext_lazy("Order unknown"), Q(order=None) & ~Q(external_number=""), count=False),
    ]
    list_filter = ["kind"]
    filter_lookups = ["settlement__id__exact"]
    search_fields = ["external_number", "sku"]
    fields: Sequence[str] = []
    show_timeline = False
    empty_title = gettext_lazy("No lines")

    def facts(self, request: HttpRequest, obj: SettlementLine) -> Sequence[tuple[Any, Any]]:
        """Return what the line says."""
        return [
            (_("Statement"), _statement_link(obj.settlement)),
            (_("Kind"), obj.get_kind_display()),
            (_("Amount"), format_money(obj.amount, obj.settlement.currency)),
            (
                pgettext_lazy("purchase", "Order"),
                document_html(obj.order.number) if obj.order else obj.external_number or "–",
            ),
            (_("As the channel calls it"), obj.told or "–"),
        ]


def _is_undecided(_user: Any, row: SettlementDifference) -> bool:
    return row.state != _D.ACCEPTED and row.settlement.state in (_S.OPEN, _S.DIFFERENCES)


def _is_decided(_user: Any, row: SettlementDifference) -> bool:
    return row.state != _D.OPEN and row.settlement.state in (_S.OPEN, _S.DIFFERENCES)


def _gap(row: SettlementDifference) -> str:
    return format_money(row.gap, row.currency)


@admin.register(SettlementDifference)
class SettlementDifferenceAdmin(ReadOnlyAdmin):
    """Where statements and our books differ."""

    list_display = [
        columns.two_lines("subject", "settlement.reference", gettext_lazy("Channel’s order")),
        columns.badge("kind", gettext_lazy("Kind"), colours=KIND_COLOURS),
        columns.money("expected", gettext_lazy("Expected")),
        columns.money("actual", pgettext_lazy("difference", "Settled")),
        columns.computed("gap", gettext_lazy("Difference"), _gap, css="num"),
        columns.badge("state", gettext_lazy("Status"), colours=DIFFERENCE_COLOURS),
        columns.link("order.number", pgettext_lazy("purchase", "Order"), to="orders_order", key="order_id"),
    ]
    ordering = ["-id"]
    tabs = [
        Tab("open", _D.OPEN.label, Q(state=_D.OPEN), alert=True, empty=gettext_lazy("Nothing is to decide.")),
        Tab("asked", _D.ASKED.label, Q(state=_D.ASKED), empty=gettext_lazy("No channel owes an answer.")),
        Tab("accepted", _D.ACCEPTED.label, Q(state=_D.ACCEPTED), count=False),
        Tab("all", pgettext_lazy("differences", "All"), count=False),
    ]
    list_filter = ["kind", "settlement__sales_channel"]
    filter_lookups = ["settlement__id__exact"]
    search_fields = ["subject"]
    fields: Sequence[str] = []
    show_timeline = False
    empty_title = gettext_lazy("No differences")
    empty_text = gettext_lazy("They are found when the statement of a channel is imported.")

    def facts(self, request: HttpRequest, obj: SettlementDifference) -> Sequence[tuple[Any, Any]]:
        """Return what differs, and what was decided."""
        decided = [(_("Decided"), f"{moment_text(obj.decided_at)} {obj.decided_by or ''}")] if obj.decided_at else []
        reason = [(_("Reason"), obj.reason)] if obj.reason else []
        return [
            (_("Status"), badge_html(obj.get_state_display(), DIFFERENCE_COLOURS[DifferenceState(obj.state)])),
            (_("Kind"), obj.get_kind_display()),
            (_("Statement"), _statement_link(obj.settlement)),
            (pgettext_lazy("purchase", "Order"), document_html(obj.order.number) if obj.order else obj.subject or "–"),
            (_("Expected"), format_money(obj.expected, obj.currency)),
            (pgettext_lazy("difference", "Settled"), format_money(obj.actual, obj.currency)),
            (_("Difference"), _gap(obj)),
            *decided,
            *reason,
        ]

    @service_action(
        gettext_lazy("Accept"), permission="accounting.decide_settlement", form=ReasonForm, icon="check",
        variant="primary", available=_is_undecided,
    )  # fmt: skip
    def accept(self, request: HttpRequest, obj: SettlementDifference, data: dict[str, Any]) -> str:
        """Take what the statement says."""
        _decide(request, [obj.pk], _D.ACCEPTED, data["reason"])
        return _("Accepted.")

    @service_action(
        gettext_lazy("Channel is asked"), permission="accounting.decide_settlement", form=NoteForm, icon="help",
        available=_is_undecided,
    )  # fmt: skip
    def ask(self, request: HttpRequest, obj: SettlementDifference, data: dict[str, Any]) -> str:
        """Note that the channel owes an answer."""
        _decide(request, [obj.pk], _D.ASKED, data["reason"])
        return _("Noted: the channel is asked.")

    @service_action(
        gettext_lazy("Open again"), permission="accounting.decide_settlement", form=NoteForm, icon="undo",
        available=_is_decided, is_rare=True,
    )  # fmt: skip
    def reopen(self, request: HttpRequest, obj: SettlementDifference, data: dict[str, Any]) -> str:
        """Let it be decided anew."""
        _decide(request, [obj.pk], _D.OPEN, data["reason"])
        return _("It is to decide again.")

    @bulk_action(gettext_lazy("Accept"), permission="accounting.decide_settlement", form=ReasonForm, icon="check")
    def accept_selected(self, request: HttpRequest, ids: Sequence[int], data: dict[str, Any]) -> BulkOutcome:
        """Take what the statements say of many orders."""
        return _decide_many(request, ids, _D.ACCEPTED, data["reason"])

    @bulk_action(
        gettext_lazy("Channel is asked"), permission="accounting.decide_settlement", form=NoteForm, icon="help"
    )
    def ask_selected(self, request: HttpRequest, ids: Sequence[int], data: dict[str, Any]) -> BulkOutcome:
        """Note that channels owe an answer about many orders."""
        return _decide_many(request, ids, _D.ASKED, data["reason"])


def _decide(request: HttpRequest, ids: Sequence[int], state: str, reason: str) -> int:
    rows = services.decide_differences(difference_ids=ids, state=state, reason=reason, actor=actor(request))
    return len(rows)


def _decide_many(request: HttpRequest, ids: Sequence[int], state: str, reason: str) -> BulkOutcome:
    try:
        return BulkOutcome(_decide(request, ids, state, reason))
    except DomainError as error:
        return BulkOutcome(0, [(str(len(ids)), str(error))])


def open_differences(request: HttpRequest) -> Kpi | None:
    """Count what is to decide; nothing to decide is no tile."""
    waiting, asked = capped_counts(
        [SettlementDifference.objects.filter(state=_D.OPEN), SettlementDifference.objects.filter(state=_D.ASKED)]
    )
    if not waiting and not asked:
        return None
    note = _("%(count)s asked at channels") % {"count": capped_text(asked)} if asked else ""
    url = f"{reverse('admin:accounting_settlementdifference_changelist')}?tab=open"
    return Kpi(capped_text(waiting), note, url, level="warning" if waiting else "", icon="difference")


register_tile(
    Tile("accounting.differences", gettext_lazy("Differences in settlements"), open_differences,
         "accounting.view_settlementdifference", "orders", 27)
)  # fmt: skip
register_badge(
    NavigationBadge(
        "settlement_differences",
        lambda: SettlementDifference.objects.filter(state=_D.OPEN).order_by("pk"),
        "warning",
    )
)
for name, icon in {
    "settlement_matched": "compare_arrows", "differences_decided": "gavel", "settlement_closed": "task_alt",
    "settlement_undone": "undo",
}.items():  # fmt: skip
    timeline_icon(f"accounting.{name}", icon)
