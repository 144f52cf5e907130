"""“Why is it 47?” and “why can I sell only 12?” as pages, and on the pages of stock items and variants."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_GET
from unfold.widgets import UnfoldAdminSelectWidget

from catalog.models import SalesChannel, Variant
from core.display import document_html
from core.ui import Panel, link_action, register_action, register_panel
from core.ui.sitepages import register_page, render_page
from core.ui.tiles import Chart, Series
from inventory import selectors
from inventory.admin.selling_steps import steps_of
from inventory.models import MovementKind, StockItem
from inventory.outlook import Arrival, Waiting
from inventory.selectors.selling import NO_LIMIT
from inventory.selectors.story import DAYS_AT_ONCE

AT_ONCE = 50
LATEST = 12
SHOWN = 8


class StoryForm(forms.Form):
    """Which part of a story is shown."""

    item = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=pgettext_lazy("stock", "Kind"), required=False, widget=UnfoldAdminSelectWidget)
    by = forms.ChoiceField(required=False, choices=[("", ""), ("day", "")], widget=forms.HiddenInput)
    before = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)
    until = forms.DateField(required=False, input_formats=["%Y-%m-%d"], widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds: Any = self.fields["kind"]
        kinds.choices = [("", pgettext("stock", "All kinds")), *MovementKind.choices]


def page_url(page: str, page_id: int | None) -> str:
    """Return the address of a row's page; empty when there is no such page."""
    try:
        return reverse(f"admin:{page}", args=[page_id]) if page and page_id else ""
    except NoReverseMatch:
        return ""


def document_link(number: str, page: str, page_id: int | None) -> SafeString:
    """Return a document as a link to its page, or to where its number leads."""
    url = page_url(page, page_id)
    return format_html('<a href="{}">{}</a>', url, number) if url else document_html(number)


def _lines(rows: Iterable[selectors.StockLine]) -> list[dict[str, Any]]:
    return [{"line": row, "document": document_link(row.document, row.page, row.page_id)} for row in rows]


def why(request: HttpRequest, item: StockItem) -> dict[str, Any]:
    """Give the latest movements with their causes and balances."""
    return {
        "lines": _lines(selectors.stock_story(stock_item_id=item.pk, limit=LATEST)),
        "more": story_url(item.variant_id, item=item.pk),
    }


def story_url(variant_id: int, **query: Any) -> str:
    """Return the address of a story with these choices."""
    base = reverse("admin:inventory_story", args=[variant_id])
    chosen = {name: value for name, value in query.items() if value not in (None, "")}
    return f"{base}?{urlencode(chosen)}" if chosen else base


def _variant(variant: int) -> Variant:
    found = Variant.objects.select_related("product").filter(pk=variant).first()
    if found is None:
        raise Http404
    return found


@register_page("stock/why/<int:variant>/", name="inventory_story", permission="inventory.view_stockitem")
@require_GET
def story_page(request: HttpRequest, variant: int) -> HttpResponseBase:
    """Tell why the stock of a variant is what it is, in all warehouses or in one, line by line or by day."""
    found = _variant(variant)
    form = StoryForm(request.GET)
    if not form.is_valid():
        raise SuspiciousOperation("no such story")
    asked = form.cleaned_data
    items = selectors.stock_by_warehouse(variant_id=found.pk)
    item = next((one for one in items if one.pk == asked["item"]), None)
    if asked["item"] and item is None:
        raise Http404
    chosen = {"item": item.pk if item else None, "kind": asked["kind"], "by": asked["by"]}
    context = _by_day(found, item, asked, chosen) if asked["by"] else _in_full(found, item, asked, chosen)
    return render_page(
        request,
        "inventory/pages/story.html",
        title=_("Why is it %(count)s? %(sku)s")
        % {"count": item.on_hand if item else sum(one.on_hand for one in items), "sku": found.sku},
        variant=found,
        item=item,
        items=[(one, story_url(found.pk, **{**chosen, "item": one.pk})) for one in items],
        everywhere=story_url(found.pk, **{**chosen, "item": None}),
        total=selectors.availability_of(variant_ids=[found.pk])[found.pk],
        full_url=story_url(found.pk, **{**chosen, "by": None}),
        day_url=story_url(found.pk, **{**chosen, "by": "day"}),
        form=form,
        **context,
    )


def _in_full(variant: Variant, item: StockItem | None, asked: dict[str, Any], chosen: dict[str, Any]) -> dict[str, Any]:
    rows = selectors.stock_story(
        stock_item_id=item.pk if item else None,
        variant_id=variant.pk,
        kinds=[asked["kind"]] if asked["kind"] else (),
        limit=AT_ONCE + 1,
        before_id=asked["before"],
    )
    older = story_url(variant.pk, **chosen, before=rows[AT_ONCE - 1].id) if len(rows) > AT_ONCE else ""
    return {"lines": _lines(rows[:AT_ONCE]), "older": older, "is_paged": bool(asked["before"])}


def _by_day(variant: Variant, item: StockItem | None, asked: dict[str, Any], chosen: dict[str, Any]) -> dict[str, Any]:
    until: date = asked["until"] or selectors.shop_day()
    rows = selectors.stock_days(
        stock_item_id=item.pk if item else None,
        variant_id=variant.pk,
        kinds=[asked["kind"]] if asked["kind"] else (),
        until=until,
    )
    days: dict[date, list[selectors.StockDay]] = defaultdict(list)
    for row in rows:
        days[row.day].append(row)
    first = until - timedelta(days=DAYS_AT_ONCE - 1)
    return {
        "days": list(days.items()),
        "span": (first, until),
        "older": story_url(variant.pk, **chosen, until=first - timedelta(days=1)),
        "is_paged": asked["until"] is not None,
    }


@register_page("stock/sellable/<int:variant>/", name="inventory_sellable", permission="inventory.view_stockitem")
@require_GET
def sellable_page(request: HttpRequest, variant: int) -> HttpResponseBase:
    """Tell how many pieces each sales channel may still sell, and how the number is made."""
    found = _variant(variant)
    channels = list(SalesChannel.objects.filter(is_active=True).order_by("name"))
    rows = selectors.sellable_of(variant_ids=[found.pk], channel_ids=[channel.pk for channel in channels])
    asked = request.GET.get("channel", "")
    if asked and not (asked.isascii() and asked.isdigit()):
        raise SuspiciousOperation("no such sales channel")
    channel = next((one for one in channels if str(one.pk) == asked), channels[0] if channels else None)
    base = reverse("admin:inventory_sellable", args=[found.pk])
    [outlook] = selectors.available_on(variant_ids=[found.pk]).values()
    chosen = rows.get((found.pk, channel.pk)) if channel else None
    return render_page(
        request,
        "inventory/pages/sellable.html",
        title=_("Why can I sell only so many? %(sku)s") % {"sku": found.sku},
        variant=found,
        channel=channel,
        channels=[(one, f"{base}?channel={one.pk}", count_text(rows[found.pk, one.pk].count)) for one in channels],
        count=count_text(chosen.count) if chosen else "",
        steps=steps_of(chosen, document_link) if chosen else [],
        outlook=_outlook(outlook),
        chart=_chart(outlook),
    )


def count_text(count: int) -> str:
    """Return how many may be sold, or that nothing limits it."""
    return _("any number") if count >= NO_LIMIT else f"{count:,}"


def _outlook(outlook: selectors.Outlook) -> dict[str, Any]:
    return {
        "steps": [
            {"step": step, "arrivals": [_arrival(row) for row in step.arrivals], "is_today": place == 0}
            for place, step in enumerate(outlook.steps)
        ],
        "undated": [_arrival(row) for row in outlook.undated],
        "waiting": [_waiting(row) for row in outlook.waiting[:SHOWN]],
        "waiting_count": outlook.waiting_count,
        "more_waiting": max(0, len(outlook.waiting) - SHOWN),
    }


def _arrival(row: Arrival) -> dict[str, Any]:
    return {"row": row, "link": document_link(row.reference, row.page, row.page_id)}


def _waiting(row: Waiting) -> dict[str, Any]:
    return {"row": row, "link": document_link(row.reference, row.page, row.page_id)}


def _chart(outlook: selectors.Outlook) -> Chart | None:
    if len(outlook.steps) < 2:
        return None
    first, last = outlook.steps[0].day, outlook.steps[-1].day + timedelta(days=2)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    labels = [date_format(day, "MONTH_DAY_FORMAT") for day in days]
    return Chart(labels, [Series(_("Available"), [outlook.on(day) for day in days])], type="line", stepped=True)


def variant_sellable(request: HttpRequest, variant: Variant) -> dict[str, Any] | None:
    """Give how many pieces each channel may still sell, and what is foreseen; None without a channel."""
    channels = list(SalesChannel.objects.filter(is_active=True).order_by("name"))
    if not channels:
        return None
    rows = selectors.sellable_of(variant_ids=[variant.pk], channel_ids=[channel.pk for channel in channels])
    [outlook] = selectors.available_on(variant_ids=[variant.pk]).values()
    base = reverse("admin:inventory_sellable", args=[variant.pk])
    return {
        "rows": [(one, f"{base}?channel={one.pk}", count_text(rows[variant.pk, one.pk].count)) for one in channels],
        "outlook": _outlook(outlook),
        "story": story_url(variant.pk),
    }


def item_outlook(request: HttpRequest, item: StockItem) -> dict[str, Any]:
    """Give what is foreseen of the item's variant over all warehouses."""
    [outlook] = selectors.available_on(variant_ids=[item.variant_id]).values()
    return {"outlook": _outlook(outlook), "sellable": reverse("admin:inventory_sellable", args=[item.variant_id])}


def _story_of(obj: Variant) -> str:
    return story_url(obj.pk)


def _sellable_of(obj: StockItem | Variant) -> str:
    pk = obj.variant_id if isinstance(obj, StockItem) else obj.pk
    return reverse("admin:inventory_sellable", args=[pk])


PANELS: Sequence[tuple[Any, Panel]] = (
    (
        StockItem,
        Panel(
            "why",
            gettext_lazy("Why is it this number?"),
            "inventory/panels/why.html",
            why,
            "inventory.view_stockitem",
            position=10,
            wide=True,
            above=True,
        ),
    ),
    (
        StockItem,
        Panel(
            "outlook",
            gettext_lazy("Available on date, all warehouses"),
            "inventory/panels/outlook.html",
            item_outlook,
            "inventory.view_stockitem",
            position=12,
        ),
    ),
    (
        Variant,
        Panel(
            "selling",
            gettext_lazy("May still be sold"),
            "inventory/panels/selling.html",
            variant_sellable,
            "inventory.view_stockitem",
            position=12,
        ),
    ),
)
for model, panel in PANELS:
    register_panel(model, panel)
register_action(
    Variant,
    link_action(
        "stock_story",
        gettext_lazy("Why is the stock so?"),
        permission="inventory.view_stockitem",
        icon="history",
        link=_story_of,
    ),
)
for model in (Variant, StockItem):
    register_action(
        model,
        link_action(
            "sellable_count",
            gettext_lazy("Why can I sell only so many?"),
            permission="inventory.view_stockitem",
            icon="help",
            link=_sellable_of,
        ),
    )
