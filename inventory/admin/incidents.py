"""What the proof found wrong, and alerts of stock items: lists, the page of one incident, tiles."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.display import badge_html, moment_text
from core.ui import ActionForm, Panel, Tab, actor, columns, register_panel, service_action
from core.ui.badges import NavigationBadge, register_badge
from core.ui.readonly import ReadOnlyAdmin
from core.ui.tabs import capped_counts, capped_text
from core.ui.tiles import Kpi, Tile, register_tile
from core.verify import invariants
from inventory import selectors, services
from inventory.admin.why import document_link
from inventory.models import AlertKind, StockAlert, StockIncident

AROUND = 6  # movements shown on each side of the last one that agrees
RULES: Mapping[str, Any] = {
    "inventory.counters_equal_movements": gettext_lazy("The counters are not the sums of the movements"),
    "inventory.reserved_equals_reservations": gettext_lazy("Reserved is not what the reservations hold"),
    "inventory.held_equals_holds": gettext_lazy("Held is not what the holds keep"),
    "inventory.shelves_within_on_hand": gettext_lazy("The shelves name more pieces than there are"),
    "inventory.shelves_equal_movements": gettext_lazy("A shelf is not the sum of its movements"),
    "inventory.balances_chain": gettext_lazy("A balance does not follow from the one before"),
    "inventory.reservations_equal_movements": gettext_lazy("A reservation is not the sum of its movements"),
    "inventory.reserved_within_on_hand": gettext_lazy("More is promised than is there"),
    "inventory.numbers_below_sequence": gettext_lazy("The next document number was used already"),
}
COLUMNS: Mapping[str, Any] = {
    "on_hand": gettext_lazy("On hand"),
    "reserved": gettext_lazy("Reserved"),
    "held": pgettext_lazy("stock", "Held"),
    "on_hand_by_movements": gettext_lazy("On hand by movements"),
    "reserved_by_movements": gettext_lazy("Reserved by movements"),
    "held_by_movements": gettext_lazy("Held by movements"),
    "kept": gettext_lazy("Kept by holds"),
    "on_shelves": gettext_lazy("On shelves"),
    "quantity": gettext_lazy("Quantity"),
    "by_movements": gettext_lazy("By movements"),
    "shipped": pgettext_lazy("pieces", "Shipped"),
    "released": gettext_lazy("Released"),
    "on_hand_after": gettext_lazy("On hand after"),
    "reserved_after": gettext_lazy("Reserved after"),
    "held_after": gettext_lazy("Held after"),
    "reservation": gettext_lazy("Reservation"),
    "movement": gettext_lazy("Movement"),
    "shelf": gettext_lazy("Shelf"),
}


def rule_words(rule: str) -> str:
    """Return what an incident says, in words; of a rule without words of its own the rule itself."""
    if rule in RULES:
        return str(RULES[rule])
    return next((one.rule for one in invariants() if one.name == rule), rule)


def _state(row: StockIncident) -> Any:
    if row.closed_at is not None:
        return badge_html(pgettext_lazy("incident", "Closed"), "grey")
    if row.gone_at is not None:
        return badge_html(_("No longer found"), "amber")
    return badge_html(pgettext_lazy("incident", "Found"), "red")


def _item_name(row: StockIncident | StockAlert) -> str:
    return f"{row.stock_item.variant.sku} · {row.stock_item.warehouse}" if row.stock_item else "–"


class NoteForm(ActionForm):
    """What was found out."""

    note = forms.CharField(
        label=gettext_lazy("What was wrong and what was done"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


@admin.register(StockIncident)
class StockIncidentAdmin(ReadOnlyAdmin):
    """Numbers that do not agree: seen by the proof, looked into and closed by a person."""

    list_display = [
        columns.computed("what", gettext_lazy("What is wrong"), lambda row: rule_words(row.rule)),
        columns.computed("item", gettext_lazy("Stock item"), _item_name),
        columns.computed("state", gettext_lazy("State"), _state),
        columns.moment("opened_at", pgettext_lazy("incident", "Opened")),
        columns.moment("seen_at", gettext_lazy("Last seen")),
        columns.text("note", gettext_lazy("note")),
    ]
    list_select_related = ("stock_item__variant", "stock_item__warehouse")
    ordering = ["-id"]
    tabs = [
        Tab("open", pgettext_lazy("incident", "Open"), Q(closed_at=None),
            empty=gettext_lazy("Every number agrees. The proof looks again each night."), alert=True),
        Tab("closed", pgettext_lazy("incident", "Closed"), Q(closed_at__isnull=False), count=False),
        Tab("all", pgettext_lazy("incident", "All"), count=False),
    ]  # fmt: skip
    search_fields = ["stock_item__variant__sku"]
    exact_search_fields = ["stock_item__variant__sku"]
    empty_title = gettext_lazy("No incidents")

    def scope(self, request: HttpRequest, queryset: QuerySet[StockIncident]) -> QuerySet[StockIncident]:
        """Select what every row shows."""
        return queryset.select_related("stock_item__variant", "stock_item__warehouse", "closed_by")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Everything stands in the facts and panels."""
        return []

    def facts(self, request: HttpRequest, obj: StockIncident) -> Sequence[tuple[Any, Any]]:
        """Return what is wrong, where, since when."""
        shown = [
            (_("State"), _state(obj)),
            (_("What is wrong"), rule_words(obj.rule)),
            (_("Stock item"), _item_name(obj)),
            (_("First seen"), moment_text(obj.opened_at)),
            (_("Last seen"), moment_text(obj.seen_at)),
        ]
        if obj.closed_at:
            shown += [(_("Closed by"), str(obj.closed_by or "")), (_("note"), obj.note)]
        return shown

    @service_action(
        gettext_lazy("Set counters to the movements"),
        permission="inventory.close_stockincident",
        form=NoteForm,
        icon="balance",
        question=gettext_lazy(
            "On hand, reserved and held become what the movements say. Count the shelf afterwards: what lies there is "
            "another question."
        ),
        available=lambda user, row: row.closed_at is None and row.stock_item_id is not None,
    )
    def restate(self, request: HttpRequest, obj: StockIncident, data: dict[str, Any]) -> str:
        """Let the ledger have its word."""
        item = services.restate_counters(incident_id=obj.pk, note=data["note"], actor=actor(request))
        return _("Now %(on_hand)s on hand, %(available)s available.") % {
            "on_hand": item.on_hand, "available": item.available,
        }  # fmt: skip

    @service_action(
        pgettext_lazy("incident", "Close"),
        permission="inventory.close_stockincident",
        form=NoteForm,
        icon="task_alt",
        variant="primary",
        available=lambda user, row: row.closed_at is None,
    )
    def close(self, request: HttpRequest, obj: StockIncident, data: dict[str, Any]) -> str:
        """Say what was found out."""
        services.close_incident(incident_id=obj.pk, note=data["note"], actor=actor(request))
        return _("The incident is closed.")


def found_numbers(request: HttpRequest, row: StockIncident) -> dict[str, Any]:
    """Give the breaching rows in words."""
    rows = row.found.get("rows", [])
    names = [name for name in (rows[0] if rows else ()) if name != "stock_item"]
    return {
        "names": [COLUMNS.get(name, name) for name in names],
        "rows": [[one.get(name) for name in names] for one in rows],
        "more": max(0, row.found.get("count", 0) - len(rows)),
    }


def around_the_break(request: HttpRequest, row: StockIncident) -> dict[str, Any] | None:
    """Give the movements around the last one up to which all balances agree; None without a stock item."""
    if row.stock_item_id is None or row.stock_item is None:
        return None
    last = selectors.last_agreeing(stock_item_id=row.stock_item_id)
    newer = selectors.stock_story(stock_item_id=row.stock_item_id, after_id=last, limit=AROUND) if last else []
    older = selectors.stock_story(stock_item_id=row.stock_item_id, before_id=last + 1 if last else None, limit=AROUND)
    return {
        "newer": _lines(newer),
        "older": _lines(older),
        "last": older[0] if last and older else None,
        "item_url": reverse("admin:inventory_stockitem_change", args=[row.stock_item_id]),
        "item": _item_name(row),
    }


def _lines(rows: Sequence[selectors.StockLine]) -> list[dict[str, Any]]:
    return [{"line": row, "document": document_link(row.document, row.page, row.page_id)} for row in rows]


register_panel(
    StockIncident,
    Panel("found", gettext_lazy("What the proof found"), "inventory/panels/found.html", found_numbers,
          position=10, wide=True, above=True),
)  # fmt: skip
register_panel(
    StockIncident,
    Panel("around", gettext_lazy("Around the last movement that agrees"), "inventory/panels/around.html",
          around_the_break, position=20, wide=True, above=True),
)  # fmt: skip

_ALERT_COLOURS = {AlertKind.LOW: "amber", AlertKind.OUT: "red", AlertKind.EXPIRING: "violet"}


def _alert_state(row: StockAlert) -> Any:
    return badge_html(row.get_kind_display(), "grey" if row.closed_at else _ALERT_COLOURS[AlertKind(row.kind)])


@admin.register(StockAlert)
class StockAlertAdmin(ReadOnlyAdmin):
    """What runs low, is sold out or expires soon; opens and closes by itself."""

    list_display = [
        columns.link("stock_item.variant.sku", "SKU", to="inventory_stockitem", key="stock_item_id", css="fit"),
        columns.text("stock_item.variant.label", gettext_lazy("Product")),
        columns.text("stock_item.warehouse.name", gettext_lazy("Warehouse")),
        columns.computed("kind", pgettext_lazy("stock", "Alert"), _alert_state),
        columns.number("available", gettext_lazy("Available then")),
        columns.computed(
            "available_now", gettext_lazy("Available now"), lambda row: str(row.stock_item.available), css="num"
        ),
        columns.moment("opened_at", pgettext_lazy("incident", "Opened")),
        columns.moment("closed_at", pgettext_lazy("incident", "Closed")),
    ]
    list_select_related = ("stock_item__variant__product", "stock_item__warehouse")
    ordering = ["-id"]
    tabs = [
        Tab("out", gettext_lazy("Sold out"), Q(closed_at=None, kind=AlertKind.OUT), alert=True,
            empty=gettext_lazy("Nothing is sold out.")),
        Tab("low", pgettext_lazy("stock", "Low"), Q(closed_at=None, kind=AlertKind.LOW),
            empty=gettext_lazy("Nothing runs low. Well done.")),
        Tab("expiring", gettext_lazy("Expires soon"), Q(closed_at=None, kind=AlertKind.EXPIRING),
            empty=gettext_lazy("No lot ends soon.")),
        Tab("closed", pgettext_lazy("incident", "Closed"), Q(closed_at__isnull=False), count=False),
    ]  # fmt: skip
    list_filter = ["stock_item__warehouse"]
    search_fields = ["stock_item__variant__sku"]
    exact_search_fields = ["stock_item__variant__sku"]
    empty_title = gettext_lazy("No alerts here")
    empty_text = gettext_lazy("Give stock items a stock buffer, and alerts appear by themselves.")

    def scope(self, request: HttpRequest, queryset: QuerySet[StockAlert]) -> QuerySet[StockAlert]:
        """Select what every row shows."""
        return queryset.select_related("stock_item__variant__product", "stock_item__warehouse")


def open_alerts(request: HttpRequest) -> Kpi:
    """Count what is sold out, and what runs low or ends soon."""
    alerts = StockAlert.objects.filter(closed_at=None)
    out, others = capped_counts([alerts.filter(kind=AlertKind.OUT), alerts.exclude(kind=AlertKind.OUT)])
    note = _("%(count)s run low or expire soon") % {"count": capped_text(others)} if others else ""
    url = reverse("admin:inventory_stockalert_changelist")
    return Kpi(capped_text(out), note, url, "danger" if out else "good", "notification_important")


def open_incidents(request: HttpRequest) -> Kpi | None:
    """Count what does not agree; nothing when everything does."""
    count = StockIncident.objects.filter(closed_at=None).count()
    url = reverse("admin:inventory_stockincident_changelist")
    return Kpi(str(count), _("found by the nightly proof"), url, "danger", "rule") if count else None


register_tile(
    Tile("stock.alerts", gettext_lazy("Alert: sold out"), open_alerts, "inventory.view_stockalert", "stock", 31)
)
register_tile(
    Tile("stock.incidents", gettext_lazy("Stock incidents"), open_incidents, "inventory.view_stockincident", "stock", 5)
)
register_badge(
    NavigationBadge("stock_incidents", lambda: StockIncident.objects.filter(closed_at=None).order_by("pk"), "danger")
)
