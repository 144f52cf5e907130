"""What is held back: the list, its pages, and the buttons on the stock item's page."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from catalog.models import Variant
from core.display import badge_html, document_html, moment_text
from core.ui import Panel, Tab, actor, columns, register_action, register_panel, service_action
from core.ui.readonly import ReadOnlyAdmin
from inventory import services
from inventory.admin import forms
from inventory.models import HoldKind, StockHold, StockItem
from inventory.services import moving
from inventory.services.moving.regrading import CONDITIONS

OPEN = Q(quantity__gt=F("released"))
COLOURS = {
    "quarantine": "violet", "inspection": "blue", "damaged": "red", "opened": "amber", "expiry": "red",
    "display": "grey", "exchange": "blue", "deal": "green",
}  # fmt: skip
SOON = timedelta(days=1)


def kind_badge(hold: StockHold) -> Any:
    """Return the kind of a hold in its colour."""
    return badge_html(hold.get_kind_display(), COLOURS.get(hold.kind, "grey"))


def _ending(queryset: QuerySet[StockHold], request: HttpRequest) -> QuerySet[StockHold]:
    return queryset.filter(OPEN, until__lte=timezone.now() + SOON)


def _of(*kinds: HoldKind) -> Q:
    return OPEN & Q(kind__in=[kind.value for kind in kinds])


@admin.register(StockHold)
class StockHoldAdmin(ReadOnlyAdmin):
    """Pieces that are there and not for sale."""

    list_display = [
        columns.two_lines("stock_item.variant.sku", lambda row: row.stock_item.variant.label, "SKU"),
        columns.text("stock_item.warehouse.name", gettext_lazy("Warehouse")),
        columns.badge("kind", gettext_lazy("Kind"), colours=COLOURS),
        columns.number("held", pgettext_lazy("stock", "Held")),
        columns.computed("place", gettext_lazy("Lot and bin"), lambda row: _place(row) or "–", related=("lot", "bin")),
        columns.moment("until", gettext_lazy("Held until"), late=lambda row: row.until <= timezone.now() + SOON),
        columns.two_lines("reference", "note", gettext_lazy("Document")),
        columns.computed(
            "by", pgettext_lazy("person", "By"), lambda row: str(row.created_by or ""), related=("created_by",)
        ),
        columns.moment("created_at", gettext_lazy("Since")),
    ]
    list_select_related = ("stock_item__variant__product",)
    ordering = ["-id"]
    tabs = [
        Tab("open", pgettext_lazy("holds", "Held back"), OPEN, empty=gettext_lazy("Nothing is held back.")),
        Tab("ending", gettext_lazy("Ending within a day"), _ending, empty=gettext_lazy("No hold ends within a day.")),
        Tab("check", gettext_lazy("To inspect"), _of(HoldKind.QUARANTINE, HoldKind.INSPECTION)),
        Tab("bad", gettext_lazy("Damaged, opened"), _of(HoldKind.DAMAGED, HoldKind.OPENED)),
        Tab("expiry", gettext_lazy("Expires soon"), _of(HoldKind.EXPIRY)),
        Tab(
            "promised", gettext_lazy("Display, exchange, deal"), _of(HoldKind.DISPLAY, HoldKind.EXCHANGE, HoldKind.DEAL)
        ),
        Tab("all", pgettext_lazy("holds", "All"), count=False),
    ]
    list_filter = ["kind", "stock_item__warehouse"]
    filter_lookups = ["stock_item__id__exact"]
    exact_search_fields = ["reference", "stock_item__variant__sku"]
    search_fields = ["stock_item__variant__sku", "reference", "note"]
    show_timeline = False
    fields = ["stock_item", "quantity", "released", "until", "created_by"]  # the facts above say the rest
    empty_title = gettext_lazy("Nothing is held back")
    empty_text = gettext_lazy("Pieces are held back on the page of their stock item, or when they arrive.")

    def facts(self, request: HttpRequest, obj: StockHold) -> Sequence[tuple[Any, Any]]:
        """Return what is held, where and why."""
        shown = [
            (_("Lot and bin"), _place(obj)),
            (_("Document"), document_html(obj.reference) if obj.reference else ""),
            (_("Note"), obj.note),
            (_("Since"), moment_text(obj.created_at)),
        ]
        return [
            (_("Kind"), kind_badge(obj)),
            ("SKU", obj.stock_item.variant.sku),
            (_("Warehouse"), obj.stock_item.warehouse),
            (pgettext("stock", "Held"), obj.held),
            *((label, value) for label, value in shown if value),
        ]

    @service_action(
        gettext_lazy("Free for sale"),
        permission="inventory.hold_stock",
        form=forms.FreeForm,
        icon="lock_open",
        variant="primary",
        available=lambda user, hold: hold.held > 0 and hold.kind != HoldKind.EXPIRY,
        initial=lambda request, hold: {"quantity": hold.held},
    )
    def free(self, request: HttpRequest, obj: StockHold, data: dict[str, Any]) -> str:
        """Let pieces be sold again."""
        hold = services.release_hold(hold_id=obj.pk, quantity=data["quantity"], actor=actor(request))
        return _("%(count)s pieces are for sale again; %(left)s are still held.") % {
            "count": data["quantity"],
            "left": hold.held,
        }

    @service_action(
        gettext_lazy("Dispose of"),
        permission="inventory.adjust_stock",
        form=forms.DisposeForm,
        icon="delete",
        variant="danger",
        available=lambda user, hold: hold.held > 0,
        initial=lambda request, hold: {"quantity": hold.held},
    )
    def dispose(self, request: HttpRequest, obj: StockHold, data: dict[str, Any]) -> str:
        """Take pieces out of stock for good."""
        entry = services.dispose_held(
            hold_id=obj.pk,
            quantity=data["quantity"],
            reason_code=data["reason_code"],
            note=data["note"],
            serials=data.get("serials") or (),
            actor=actor(request),
        )
        return _("%(count)s pieces left stock (%(number)s).") % {"count": data["quantity"], "number": entry.number}

    @service_action(
        gettext_lazy("Sell as another grade"),
        permission="inventory.adjust_stock",
        form=forms.RegradeForm,
        icon="swap_horiz",
        question=gettext_lazy("The pieces become another variant, keep what they cost, and can be sold at once."),
        available=lambda user, hold: hold.held > 0 and hold.kind in CONDITIONS,
        initial=lambda request, hold: {"quantity": hold.held},
    )
    def regrade(self, request: HttpRequest, obj: StockHold, data: dict[str, Any]) -> str:
        """Make held pieces into pieces of another variant."""
        made = moving.regrade_held(
            hold_id=obj.pk,
            variant_id=Variant.objects.get(sku=data["sku"]).pk,
            quantity=data["quantity"],
            serials=data.get("serials") or (),
            actor=actor(request),
        )
        return _("%(number)s: %(count)s pieces are now %(sku)s.") % {
            "number": made.number,
            "count": made.quantity,
            "sku": data["sku"],
        }


def _place(hold: StockHold) -> str:
    return " · ".join(str(part) for part in (hold.bin, hold.lot) if part)


@service_action(
    gettext_lazy("Hold back"),
    permission="inventory.hold_stock",
    form=forms.HoldForm,
    icon="front_hand",
    available=lambda user, item: item.available > 0,
)
def hold_back(self: Any, request: HttpRequest, obj: StockItem, data: dict[str, Any]) -> str:
    """Set pieces aside."""
    place = forms.place_of(data)
    wish = services.HoldWish(
        stock_item_id=obj.pk,
        kind=HoldKind(data["kind"]),
        quantity=data["quantity"],
        lot_id=place["lot_id"],
        bin_id=place["bin_id"],
        until=data["until"],
        reference=data["reference"],
        note=data["note"],
    )
    services.hold_stock(wishes=[wish], actor=actor(request))
    obj.refresh_from_db()
    return _("%(count)s pieces are held back; %(available)s are available.") % {
        "count": data["quantity"],
        "available": obj.available,
    }


def held_back(request: HttpRequest, item: StockItem) -> dict[str, Any] | None:
    """Give the holds of a stock item; None without any."""
    holds = item.holds.filter(OPEN).select_related("lot", "bin").order_by("until", "-pk")
    rows = [(hold, kind_badge(hold), _place(hold)) for hold in holds[:50]]
    more = f"{reverse('admin:inventory_stockhold_changelist')}?tab=open&stock_item__id__exact={item.pk}"
    return {"rows": rows, "more": more} if rows else None


def hold_story(request: HttpRequest, hold: StockHold) -> dict[str, Any]:
    """Give what became of the hold's pieces."""
    movements = hold.movements.order_by("pk")
    return {"movements": movements, "item": hold.stock_item}


register_action(StockItem, hold_back)
register_panel(
    StockItem,
    Panel(
        "held", pgettext_lazy("stock", "Held back"), "inventory/panels/held.html", held_back,
        "inventory.view_stockhold", position=15,
    ),
)  # fmt: skip
register_panel(
    StockHold,
    Panel(
        "movements", gettext_lazy("What became of it"), "inventory/panels/hold_story.html", hold_story,
        "inventory.view_stockhold", position=10, wide=True,
    ),
)  # fmt: skip
