"""What lies too long: age, cover, money tied up, and what to do about it with one press."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from import_export.fields import Field

from core.admin.tables import TableFilesMixin
from core.display import badge_html
from core.money import format_money
from core.resources import BulkResource
from core.ui import (
    ActionForm,
    Answer,
    Panel,
    Tab,
    actor,
    bulk_action,
    columns,
    link_action,
    register_action,
    register_panel,
    service_action,
)
from core.ui.readonly import ReadOnlyAdmin
from core.ui.tiles import Kpi, Tile, register_tile
from inventory.models import AdjustReason, EntryKind, StockItem
from inventory.services import EntryLine, post_entry
from purchasing.models import Remedy, StockHealth, Verdict
from purchasing.selectors.health import stock_sums
from purchasing.services.replenishing.asking import Wanted, ask_for_work
from staff.admin.offering import request_url, tasks_panel

COLOURS = {Verdict.HEALTHY: "green", Verdict.EXCESS: "blue", Verdict.SLOW: "amber", Verdict.DEAD: "red"}
AGES = ("age_30", "age_60", "age_90", "age_180", "age_365", "age_older")
# remedy -> page that does it and what it is told
PAGES = {
    Remedy.MARK_DOWN: "catalog_price_rule",
    Remedy.BUNDLE: "catalog_variant_change",
    Remedy.MOVE: "catalog_product_change",
    Remedy.SEND_BACK: "purchasing_new_return",
    Remedy.STOP: "purchasing_reorderrule_add",
}


PLACES = {Remedy.BUNDLE: "#panel-bundle"}
# per cent to begin with; the lowest margin and a second person decide how far it goes
MARKED_DOWN = {Verdict.DEAD: "-30", Verdict.SLOW: "-20", Verdict.EXCESS: "-10", Verdict.HEALTHY: "-10"}


def remedy_url(row: StockHealth) -> str:
    """Return the page on which the remedy is done, filled in as far as it can be; empty without one."""
    if row.remedy == Remedy.DISPOSE:  # a dialog of this page
        return reverse("admin:purchasing_stockhealth_change", args=[row.pk])
    name = PAGES.get(Remedy(row.remedy))
    queries: dict[Remedy, dict[str, Any]] = {
        Remedy.MARK_DOWN: {
            "product": row.variant.product_id,
            "value": MARKED_DOWN[Verdict(row.verdict)],
            "reason": f"{row.get_verdict_display()}: {row.variant.sku}",
        },
        Remedy.SEND_BACK: {"variant": row.variant_id, "quantity": row.on_hand},
        Remedy.STOP: {"variant": row.variant_id, "is_never": "on"},
    }
    ids = {Remedy.BUNDLE: row.variant_id, Remedy.MOVE: row.variant.product_id}
    if name is None:
        return ""
    args = [ids[Remedy(row.remedy)]] if row.remedy in ids else []
    try:
        address = reverse(f"admin:{name}", args=args)
    except NoReverseMatch:
        return ""
    query = urlencode(queries.get(Remedy(row.remedy), {}))
    return f"{address}?{query}" if query else address + PLACES.get(Remedy(row.remedy), "")


def _remedy(row: StockHealth) -> SafeString | str:
    if not row.remedy:
        return "–"
    url = remedy_url(row)
    label = row.get_remedy_display()
    return format_html('<a href="{}">{}</a>', url, label) if url else str(label)


def _cover(row: StockHealth) -> str:
    return "∞" if row.cover_days is None else f"{row.cover_days:,}"


def _verdict(row: StockHealth) -> SafeString:
    return badge_html(row.get_verdict_display(), COLOURS[Verdict(row.verdict)])


def _value(field: str, label: Any) -> columns.Column:
    return columns.computed(
        field, label, lambda row: format_money(getattr(row, field), settings.SHOP_CURRENCY), css="num", order=field
    )


class StockHealthResource(BulkResource):
    """Age, cover and verdict of all stock, for a table of one's own."""

    can_import = False
    sku = Field(attribute="variant__sku", column_name="sku")
    product_name = Field(attribute="variant__product__name", column_name="product_name")

    class Meta:
        model = StockHealth
        fields = [
            "sku", "product_name", "verdict", "remedy", "on_hand", *AGES, "value", "excess_value", "daily",
            "cover_days", "last_sold_on", "last_received_on",
        ]  # fmt: skip
        export_order = fields
        name = gettext_lazy("Stock health")


class DisposeForm(ActionForm):
    """Which pieces go for good, why, and a second look: the SKU, written once more."""

    place = forms.ModelChoiceField(queryset=StockItem.objects.none(), label=gettext_lazy("warehouse"))
    quantity = forms.IntegerField(label=gettext_lazy("Pieces"), min_value=1, max_value=10_000_000)
    reason_code = forms.ChoiceField(
        label=gettext_lazy("cause"), initial=AdjustReason.DISPOSED,
        choices=[(one.value, one.label) for one in (
            AdjustReason.DISPOSED, AdjustReason.EXPIRED, AdjustReason.DAMAGED, AdjustReason.SAMPLE
        )],
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("reason"), max_length=200)
    sku = forms.CharField(
        label=gettext_lazy("SKU, once more"), max_length=64,
        help_text=gettext_lazy("It cannot be taken back: write the SKU to say that it is this one."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = StockItem.objects.filter(variant=self.obj.variant_id, on_hand__gt=0).select_related("warehouse")
        chosen = self.fields["place"]
        if isinstance(chosen, forms.ModelChoiceField):
            chosen.queryset = places
            chosen.label_from_instance = _place  # type: ignore[method-assign, assignment] # as Django's documentation advises
            chosen.initial = places.first()

    def clean_sku(self) -> str:
        """Refuse another SKU."""
        sku: str = self.cleaned_data["sku"].strip()
        if sku.casefold() != self.obj.variant.sku.casefold():
            raise forms.ValidationError(
                _("This is another SKU: %(sku)s is disposed of.") % {"sku": self.obj.variant.sku}
            )
        return sku


class WorkForm(ActionForm):
    """What is asked of a colleague about the ticked products."""

    wanted = forms.ChoiceField(label=gettext_lazy("What is wanted"), choices=Wanted.choices)
    words = forms.CharField(
        label=gettext_lazy("In a sentence"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("What lies there is added to each brief."),
    )  # fmt: skip
    go_live_on = forms.DateField(
        label=gettext_lazy("Goes live on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


def _place(item: StockItem) -> str:
    return _("%(warehouse)s: %(count)s available") % {"warehouse": item.warehouse.name, "count": item.available}


@admin.register(StockHealth)
class StockHealthAdmin(TableFilesMixin, ReadOnlyAdmin):
    """Dead, slow and excess stock, the dearest first."""

    resource_class = StockHealthResource
    change_list_template = "purchasing/health_list.html"
    list_display = [
        columns.two_lines("variant.sku", lambda row: row.variant.label, "SKU", order="variant__sku"),
        columns.computed("verdict", gettext_lazy("Verdict"), _verdict),
        columns.number("on_hand", gettext_lazy("On hand"), order=True),
        columns.number("age_90", gettext_lazy("61–90 days"), order=True),
        columns.number("age_180", gettext_lazy("91–180"), order=True),
        columns.number("age_365", gettext_lazy("181–365"), order=True),
        columns.number("age_older", gettext_lazy("Over a year"), order=True),
        columns.computed("cover", gettext_lazy("Lasts (days)"), _cover, css="num", order="cover_days"),
        columns.computed(
            "sold", gettext_lazy("Last sold"), lambda row: row.last_sold_on or "–", css="num", order="last_sold_on"
        ),
        _value("value", gettext_lazy("Tied up")),
        columns.computed("what_to_do", gettext_lazy("What to do"), _remedy),
    ]
    list_select_related = ("variant__product",)
    list_filter = ["remedy", "variant__product__category"]
    search_fields = ["variant__search_text"]
    exact_search_fields = ["variant__sku", "variant__barcode"]
    ordering = ["-value", "id"]
    tabs = [
        Tab("dead", Verdict.DEAD.label, Q(verdict=Verdict.DEAD), empty=gettext_lazy("Nothing is dead. Well done.")),
        Tab("slow", Verdict.SLOW.label, Q(verdict=Verdict.SLOW), empty=gettext_lazy("Nothing is slow.")),
        Tab("excess", Verdict.EXCESS.label, Q(verdict=Verdict.EXCESS), empty=gettext_lazy("Nothing is too much.")),
        Tab("all", pgettext_lazy("stock", "All"), count=False),
    ]
    fields = [*AGES, "daily", "cover_days", "last_sold_on", "last_received_on", "computed_at"]
    show_timeline = False
    empty_title = gettext_lazy("Nothing worked out yet")
    empty_text = gettext_lazy("Every night the age of all stock is worked out from what was received and sold.")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show above the rows what is tied up in all stock, by verdict and by age."""
        sums = {"sums": _sums()} if self.has_view_permission(request) else {}
        return super().changelist_view(request, {**sums, **(extra_context or {})})

    def facts(self, request: HttpRequest, obj: StockHealth) -> Sequence[tuple[Any, Any]]:
        """Return the verdict with its reasons."""
        money = settings.SHOP_CURRENCY
        return [
            ("SKU", obj.variant.sku),
            (_("Product"), obj.variant.label),
            (_("Verdict"), _verdict(obj)),
            (_("On hand"), obj.on_hand),
            (_("Tied up"), format_money(obj.value, money)),
            (_("Of it too much"), format_money(obj.excess_value, money)),
            (_("What to do"), _remedy(obj)),
        ]

    def has_view_permission(self, request: HttpRequest, obj: StockHealth | None = None) -> bool:
        """Show it to those who may see what goods cost."""
        return super().has_view_permission(request, obj) and request.user.has_perm("purchasing.view_costs")

    @service_action(
        gettext_lazy("Dispose of it"),
        permission="inventory.adjust_stock",
        form=DisposeForm,
        icon="delete_sweep",
        variant="danger",
        submit=gettext_lazy("Dispose of it"),
        available=lambda user, row: row.on_hand > 0 and row.verdict != Verdict.HEALTHY,
    )
    def dispose(self, request: HttpRequest, obj: StockHealth, data: dict[str, Any]) -> str:
        """Write pieces off for good."""
        entry = post_entry(
            kind=EntryKind.ADJUSTMENT,
            lines=[
                EntryLine(
                    variant_id=obj.variant_id, warehouse_id=data["place"].warehouse_id, quantity=-data["quantity"]
                )
            ],
            reason=data["reason"],
            reason_code=data["reason_code"],
            actor=actor(request),
        )
        told = ngettext(
            "%(count)d piece of %(sku)s is written off by %(number)s.",
            "%(count)d pieces of %(sku)s are written off by %(number)s.",
            data["quantity"],
        )
        return told % {"count": data["quantity"], "sku": obj.variant.sku, "number": entry.number}

    @bulk_action(
        gettext_lazy("Ask for work"), permission="purchasing.view_costs", form=WorkForm, icon="add_task", limit=200
    )
    def ask_for_work(self, request: HttpRequest, ids: list[int], data: dict[str, Any]) -> Answer:
        """Request a task for each product of the ticked rows."""
        tasks = ask_for_work(
            health_ids=ids, wanted=data["wanted"], words=data["words"], go_live_on=data["go_live_on"],
            actor=actor(request),
        )  # fmt: skip
        told = ngettext(
            "%(count)d task was requested: %(numbers)s", "%(count)d tasks were requested: %(numbers)s", len(tasks)
        )
        return Answer(told % {"count": len(tasks), "numbers": ", ".join(task.number for task in tasks)})


def _sums() -> dict[str, Any]:
    """Return tiles by verdict and a bar by age, as the page shows them."""
    found = stock_sums()
    money = settings.SHOP_CURRENCY
    url = reverse("admin:purchasing_stockhealth_changelist")
    levels = {Verdict.DEAD: "critical", Verdict.SLOW: "warning", Verdict.EXCESS: "warning", Verdict.HEALTHY: "good"}
    tiles = []
    for one in found.verdicts:
        counted = ngettext("%(count)s variant", "%(count)s variants", one.variants)
        notes = [counted % {"count": number_format(one.variants, force_grouping=True)}]
        if one.excess:
            notes.append(_("%(amount)s too much") % {"amount": format_money(one.excess, money)})
        tab = "all" if one.verdict == Verdict.HEALTHY else one.verdict.value
        level = levels[one.verdict] if one.value else "good"
        tiles.append(
            (one.verdict.label, Kpi(format_money(one.value, money), " · ".join(notes), f"{url}?tab={tab}", level))
        )
    total = max(found.value, 1)
    ages, start = [], 0.0
    for name, value in found.ages:
        share = 100 * value / total
        label = label_for_field(name, StockHealth)
        ages.append(
            {"label": label, "amount": format_money(value, money), "start": f"{start:.2f}", "share": f"{share:.2f}"}
        )
        start += share
    return {"tiles": tiles, "ages": ages if found.value else [], "total": format_money(found.value, money)}


def _about_product(row: StockHealth) -> str:
    return request_url(row.variant.product)


def _tasks(request: HttpRequest, row: StockHealth) -> dict[str, Any]:
    return tasks_panel(request, row.variant.product)


register_action(
    StockHealth,
    link_action(
        "request_work",
        gettext_lazy("Request work"),
        permission="staff.add_task",
        icon="add_task",
        link=_about_product,
    ),
)
register_panel(
    StockHealth,
    Panel("tasks", pgettext_lazy("work", "Tasks"), "staff/panels/about.html", _tasks, "staff.view_task", position=150),
)


def _unsold() -> QuerySet[StockHealth]:
    return StockHealth.objects.filter(verdict__in=[Verdict.DEAD, Verdict.SLOW])


def tied_up(request: HttpRequest) -> Kpi:
    """Sum what is tied up in stock that hardly sells."""
    total = _unsold().aggregate(total=Sum("value"))["total"] or 0
    url = reverse("admin:purchasing_stockhealth_changelist")
    return Kpi(format_money(total, settings.SHOP_CURRENCY), "", url, "warning" if total else "good", "hourglass_bottom")


register_tile(
    Tile(
        "stock.tied_up",
        gettext_lazy("Tied up in stock that hardly sells"),
        tied_up,
        "purchasing.view_costs",
        "stock",
        70,
    )
)
