"""Lines of stocktakes, for who judges them: what differs, why, and what is done about it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from core.display import number_text, signed
from core.money import format_money
from core.ui import ActionForm, Tab, actor, bulk_action, columns
from core.ui.readonly import ReadOnlyAdmin
from inventory.models import CountReason, LineState, StocktakeLine
from inventory.policies import can_see_costs
from inventory.selectors.counting import DIFFERS
from inventory.services import counting
from inventory.suspecting import sentences

_L = LineState
COUNT, APPROVE = "inventory.count_stock", "inventory.approve_stocktake"
LINE_COLOURS = {
    _L.OPEN.value: "grey", _L.COUNTED.value: "green", _L.RECOUNT.value: "amber", _L.INVESTIGATE.value: "red",
    _L.ACCEPTED.value: "violet",
}  # fmt: skip


class ReasonForm(ActionForm):
    """Why the books were wrong."""

    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=CountReason.choices)
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)


def place_words(line: StocktakeLine) -> str:
    """Return the bin and the lot of a line."""
    return " · ".join(str(part) for part in (line.bin, line.lot) if part)


def difference_html(line: StocktakeLine) -> Any:
    """Return the difference, red for less, green for more."""
    if line.difference is None:
        return ""
    css = "lost" if line.difference < 0 else "gained" if line.difference else ""
    return format_html('<span class="{}">{}</span>', css, signed(line.difference) or "0")


def reason_words(line: StocktakeLine) -> str:
    """Return the reason with its note."""
    return " – ".join(str(part) for part in (line.get_reason_display() if line.reason else "", line.note) if part)


def _value(line: StocktakeLine) -> str:
    return "" if line.value_difference is None else format_money(line.value_difference, line.currency)


@admin.register(StocktakeLine)
class StocktakeLineAdmin(ReadOnlyAdmin):
    """One line for each place that is counted."""

    list_display = [
        columns.two_lines("stock_item.variant.sku", lambda line: line.stock_item.variant.label, "SKU"),
        columns.two_lines("stocktake.number", place_words, gettext_lazy("Stocktake")),
        columns.badge("state", pgettext_lazy("count", "State"), colours=LINE_COLOURS),
        columns.number("expected", gettext_lazy("Expected")),
        columns.number("counted", gettext_lazy("Counted")),
        columns.computed("difference", pgettext_lazy("count", "Difference"), difference_html, css="num"),
        columns.computed("reason", gettext_lazy("Reason"), reason_words),
        columns.computed(
            "by", gettext_lazy("Counted by"), lambda line: str(line.counted_by or ""), related=("counted_by",)
        ),
        columns.computed("signs", gettext_lazy("Why it is counted"), lambda line: "; ".join(sentences(line.signs))),
    ]
    ordering = ["-id"]
    tabs = [
        Tab("differs", gettext_lazy("Differs"), DIFFERS & ~Q(state=_L.SKIPPED),
            empty=gettext_lazy("Nothing differs. Well counted.")),
        Tab("investigate", gettext_lazy("To look into"), Q(state=_L.INVESTIGATE), alert=True,
            empty=gettext_lazy("Every difference has its reason.")),
        Tab("waiting", gettext_lazy("To count"), Q(state__in=[_L.OPEN, _L.RECOUNT]),
            empty=gettext_lazy("Everything is counted.")),
        Tab("all", pgettext_lazy("count", "All"), count=False),
    ]  # fmt: skip
    list_filter = ["state", "reason"]
    filter_lookups = ["stocktake__id__exact"]
    search_fields = ["stock_item__variant__sku"]
    exact_search_fields = ["stock_item__variant__sku", "stocktake__number"]
    show_timeline = False
    empty_title = gettext_lazy("No lines here")

    class Media:
        css = {"all": ["backoffice/stocktake.css"]}

    def scope(self, request: HttpRequest, queryset: QuerySet[StocktakeLine]) -> QuerySet[StocktakeLine]:
        """Select what every row shows."""
        return queryset.select_related("stock_item__variant__product", "stocktake", "bin", "lot")

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        """Add the money to who may see what goods cost."""
        money = columns.computed("value", pgettext_lazy("stock", "Value"), _value, css="num")
        own = list(self.list_display)
        return [*own[:6], money, *own[6:]] if can_see_costs(actor(request)) else own

    @bulk_action(gettext_lazy("Give the reason"), permission=APPROVE, form=ReasonForm, icon="quick_reference")
    def investigate(self, request: HttpRequest, ids: list[int], data: dict[str, Any]) -> str:
        """Accept differences with their reason."""
        count = counting.investigate_lines(
            line_ids=ids, reason=CountReason(data["reason"]), note=data["note"], actor=actor(request)
        )
        said = ngettext("%(count)s difference has its reason.", "%(count)s differences have their reason.", count)
        return said % {"count": number_text(count)}

    @bulk_action(gettext_lazy("Have it counted again"), permission=APPROVE, icon="replay")
    def recount(self, request: HttpRequest, ids: list[int], data: dict[str, Any]) -> str:
        """Send lines back to be counted by somebody else."""
        count = counting.recount_lines(line_ids=ids, actor=actor(request))
        said = ngettext(
            "%(count)s line is counted again by somebody else.", "%(count)s lines are counted again by somebody else.",
            count,
        )  # fmt: skip
        return said % {"count": number_text(count)}

    @bulk_action(gettext_lazy("Leave out"), permission=APPROVE, icon="block")
    def leave_out(self, request: HttpRequest, ids: list[int], data: dict[str, Any]) -> str:
        """Take lines out of the stocktake: their numbers stay as they are in the books."""
        count = counting.leave_out_lines(line_ids=ids, actor=actor(request))
        return ngettext("%(count)s line is left out.", "%(count)s lines are left out.", count) % {
            "count": number_text(count)
        }
