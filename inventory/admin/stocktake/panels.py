"""What stands on a stocktake's page: how far it is, what differs, what cannot be posted; the badge beside the list."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.ui import NextAction, Panel, actor, register_next_actions, register_panel
from core.ui.badges import NavigationBadge, register_badge
from inventory.admin.stocktake.lines import difference_html, place_words, reason_words
from inventory.models import Stocktake, StocktakeLine, StocktakeState
from inventory.policies import can_approve_stocktake, can_approve_stocktakes, can_see_costs, can_see_expected
from inventory.selectors.counting import differing_lines, progress_of, stocktakes_to_review
from inventory.services.counting.posting import obstacles
from inventory.suspecting import sentences

SHOWN = 50
LINES = "inventory.view_stocktakeline"


def _lines_url(stocktake: Stocktake, tab: str) -> str:
    return f"{reverse('admin:inventory_stocktakeline_changelist')}?tab={tab}&stocktake__id__exact={stocktake.pk}"


def progress(request: HttpRequest, stocktake: Stocktake) -> dict[str, Any]:
    """Give how far it is; what a blind count would tell is only for who judges it."""
    return {
        "progress": progress_of(stocktake_id=stocktake.pk),
        "sees_all": can_see_expected(actor(request), stocktake),
        "lines_url": _lines_url(stocktake, "all") if request.user.has_perm(LINES) else "",
    }


def differences(request: HttpRequest, stocktake: Stocktake) -> dict[str, Any] | None:
    """Give the lines that differ, the most expensive first; None while a blind count hides them."""
    user = actor(request)
    if not can_see_expected(user, stocktake) or stocktake.state == StocktakeState.PLANNED:
        return None
    lines = list(differing_lines(stocktake_id=stocktake.pk)[:2000])
    lines.sort(key=lambda line: (-abs(line.value_difference or 0), -abs(line.difference or 0), line.pk))
    shows_costs = can_see_costs(user)
    values = [line.value_difference for line in lines if line.value_difference is not None]
    return {
        "rows": [_row(line) for line in lines[:SHOWN]],
        "count": len(lines),
        "pieces": sum(line.difference or 0 for line in lines),
        "value": sum(values) if values else None,
        "currency": next((line.currency for line in lines if line.currency), ""),
        "shows_costs": shows_costs,
        "lines_url": _lines_url(stocktake, "differs") if request.user.has_perm(LINES) else "",
    }


def _row(line: StocktakeLine) -> dict[str, Any]:
    return {
        "line": line,
        "variant": line.stock_item.variant,
        "place": place_words(line),
        "difference": difference_html(line),
        "reason": reason_words(line),
        "signs": sentences(line.signs),
    }


def next_steps(request: HttpRequest, stocktake: Stocktake) -> list[NextAction]:
    """Say what has to happen before it can be posted."""
    user = actor(request)
    if stocktake.state == StocktakeState.APPROVED:
        return [NextAction(why, _stock_url(line), "danger") for line, why in obstacles(stocktake)[:10]]
    if stocktake.state != StocktakeState.REVIEW or not can_approve_stocktakes(user):
        return []
    steps = []
    count = progress_of(stocktake_id=stocktake.pk).investigate
    if count:
        sentence = ngettext("%(count)s difference needs a reason.", "%(count)s differences need a reason.", count)
        steps.append(NextAction(sentence % {"count": count}, _lines_url(stocktake, "investigate"), "warning"))
    if not can_approve_stocktake(user, stocktake):
        steps.append(NextAction(_("You planned it or counted in it: somebody else approves it.")))
    return steps


def _stock_url(line: StocktakeLine) -> str:
    return reverse("admin:inventory_stockitem_change", args=[line.stock_item_id])


register_panel(
    Stocktake,
    Panel(
        "progress", gettext_lazy("How far it is"), "inventory/panels/stocktake_progress.html", progress, position=10,
        above=True, wide=True,
    ),
)  # fmt: skip
register_panel(
    Stocktake,
    Panel(
        "differences", gettext_lazy("Differences"), "inventory/panels/stocktake_differences.html", differences,
        position=20, above=True, wide=True,
    ),
)  # fmt: skip
register_next_actions(Stocktake, next_steps)
register_badge(NavigationBadge("stocktakes_to_review", stocktakes_to_review, "warning"))
