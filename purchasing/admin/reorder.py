"""The buyer's page: what to reorder, by supplier, with the reasons; one press makes the purchase orders."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_http_methods

from core.commands import once
from core.errors import DomainError, InvalidInput
from core.money import format_money
from core.ui import Panel, actor, register_panel
from core.ui.badges import NavigationBadge, register_badge
from core.ui.sitepages import register_page, render_page
from core.ui.tiles import Kpi, Tile, register_tile
from purchasing.models import PurchaseOrder, PurchaseState, ReorderProposal, Supplier
from purchasing.policies import can_see_costs, can_write_purchase_orders
from purchasing.selectors.budgets import BudgetUse, budget_uses, over_budget
from purchasing.selectors.proposals import SupplierGroup, is_urgent, open_proposals, proposals_of, warehouses_of
from purchasing.selectors.terms import Breaks, breaks_of, breaks_on
from purchasing.services.replenishing.deciding import (
    dismiss_proposals,
    order_and_submit_proposals,
    order_proposals,
    snooze_proposals,
)
from purchasing.services.replenishing.explaining import explain
from purchasing.services.replenishing.filling import fill_up_order
from purchasing.services.replenishing.running import start_replenishing

VIEW = "purchasing.view_reorderproposal"
SHOWS = (
    ("urgent", pgettext_lazy("proposals", "This week")),
    ("open", pgettext_lazy("proposals", "All")),
    ("later", pgettext_lazy("proposals", "Later")),
)
LATER = ((3, gettext_lazy("in 3 days")), (7, gettext_lazy("in a week")), (30, gettext_lazy("in a month")))
MOST_PIECES = 10_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """One proposal as the page shows it."""

    row: ReorderProposal
    reasons: list[str]
    is_urgent: bool
    incoming: int
    price: str
    amount: str
    is_over_budget: bool
    breaks: str  # "from pieces:minor units of one piece", rising, for the sums in the browser
    step: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What decides how lines look: who is over the budget, and price lists by item (none without the right)."""

    over: Collection[int]
    costs: bool
    breaks: Mapping[int, Breaks]


def _line(row: ReorderProposal, group: SupplierGroup, shown: Shown) -> Line:
    currency = group.supplier.currency if group.supplier else ""
    costs, today = shown.costs, timezone.localdate()
    unit = row.figures.get("unit_price") if costs else None
    valid = breaks_on(shown.breaks.get(row.item_id, []), today) if row.item_id else []
    return Line(
        row=row,
        reasons=explain(row, costs=costs),
        is_urgent=is_urgent(row, today),
        incoming=sum(pieces for _reference, pieces, _day in row.figures.get("incoming", ())),
        price="–" if unit is None else format_money(unit, currency),
        amount="–" if unit is None or row.amount is None else format_money(row.amount, currency),
        is_over_budget=row.pk in shown.over,
        breaks=" ".join(f"{least}:{price}" for least, price in valid),
        step=row.figures.get("pack_size", 1),
    )


def _section(group: SupplierGroup, shown: Shown) -> dict[str, Any]:
    supplier = group.supplier
    priced = supplier is not None and shown.costs
    return {
        "supplier": supplier,
        "warehouse": group.warehouse,
        "lines": [_line(row, group, shown) for row in group.rows],
        "amount": format_money(group.amount, supplier.currency) if priced and supplier else "",
        "missing": format_money(group.missing, supplier.currency) if priced and supplier and group.missing else "",
        "is_priced": group.is_priced,
        "currency": supplier.currency if supplier else "",
    }


def _budget(use: BudgetUse) -> dict[str, Any]:
    budget = use.budget
    total = max(budget.amount, 1)
    ordered = min(100, round(100 * use.ordered / total))
    return {
        "name": str(budget.supplier or _("All suppliers")),
        "amount": format_money(budget.amount, budget.currency),
        "ordered": format_money(use.ordered, budget.currency),
        "proposed": format_money(use.proposed, budget.currency),
        "ordered_share": ordered,
        "proposed_share": min(100 - ordered, round(100 * use.proposed / total)),
        "is_over": use.is_over,
        "unknown": use.unknown,
        "url": reverse("admin:purchasing_purchasebudget_change", args=[budget.pk]),
    }


@register_page("purchasing/reorder/", name="purchasing_reorder", permission=VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def reorder_page(request: HttpRequest) -> HttpResponse:
    """Show what to reorder; POST orders, puts off or refuses what was ticked."""
    if request.method == "POST":
        return _decide(request)
    show = request.GET.get("show", "urgent")
    words = request.GET.get("q", "").strip()[:80].replace("\x00", "")
    today = timezone.localdate()
    if show not in dict(SHOWS):
        show = "urgent"
    groups = proposals_of(show=show, today=today, words=words)
    costs = can_see_costs(actor(request))
    uses = budget_uses(today=today) if costs else []
    # what everybody wants counts, not only what is shown
    waiting = open_proposals().select_related("item__supplier") if uses else ()
    over = over_budget(waiting, uses=uses, today=today) if uses else set()
    items = [row.item_id for group in groups for row in group.rows if row.item_id] if costs else []
    shown = Shown(over, costs, breaks_of(items))
    return render_page(
        request,
        "purchasing/pages/reorder.html",
        title=_("Reorder"),
        sections=[_section(group, shown) for group in groups],
        budgets=[_budget(use) for use in uses],
        shows=[(key, label, key == show) for key, label in SHOWS],
        show=show,
        words=words,
        later=LATER,
        may_order=can_write_purchase_orders(actor(request)),
        sees_costs=costs,
        many_warehouses=warehouses_of(groups) > 1,
        key=f"{actor(request).pk}-{timezone.now().timestamp()}",
    )


def _decide(request: HttpRequest) -> HttpResponse:
    back = HttpResponseRedirect(request.get_full_path())
    ids = [int(text) for text in request.POST.getlist("proposal") if text.isdecimal() and len(text) < 19]
    does_all = {"propose": _propose, "fill_up": _fill_up}.get(request.POST.get("do", "").partition(":")[0])
    try:
        if does_all is not None:
            does_all(request)
            return back
        if not ids:
            raise InvalidInput(_("Tick at least one line."))
        does = {"order": _order, "submit": _submit, "later": _later, "dismiss": _dismiss}.get(
            request.POST.get("do", "")
        )
        if does is None:
            raise InvalidInput(_("Choose what to do with them."))
        does(request, ids)
    except DomainError as error:
        messages.error(request, str(error))
    return back


def _propose(request: HttpRequest) -> None:
    job = start_replenishing(actor=actor(request))
    link = format_html('<a href="{}">{}</a>', reverse("admin:core_job_change", args=[job.pk]), _("See how far it is"))
    told = _("Proposals are being worked out; reload the page in a moment.")
    messages.success(request, format_html("{} {}", told, link))


def _fill_up(request: HttpRequest) -> None:
    numbers = request.POST["do"].split(":")[1:]
    if len(numbers) != 2 or not all(text.isdecimal() and len(text) < 19 for text in numbers):
        raise InvalidInput(_("Choose what to do with them."))
    supplier = Supplier.objects.filter(pk=numbers[0]).first()
    if supplier is None:
        raise InvalidInput(_("Choose what to do with them."))
    filled = fill_up_order(supplier_id=supplier.pk, warehouse_id=int(numbers[1]), actor=actor(request))
    count = len(filled.proposals)
    told = ngettext("%(count)d line was added.", "%(count)d lines were added.", count) % {"count": count}
    if filled.missing and can_see_costs(actor(request)):
        rest = _("%(amount)s are still missing to the minimum order.")
        told = f"{told} {rest % {'amount': format_money(filled.missing, supplier.currency)}}"
    messages.success(request, told)


def _order(request: HttpRequest, ids: list[int]) -> None:
    made = _ordered(request, ids, order_proposals)
    told = ngettext("%(count)d purchase order was drafted:", "%(count)d purchase orders were drafted:", len(made))
    messages.success(request, _with_links(told % {"count": len(made)}, made))


def _submit(request: HttpRequest, ids: list[int]) -> None:
    made = _ordered(request, ids, order_and_submit_proposals)
    approved = [order for order in made if order.state != PurchaseState.TO_APPROVE]
    if approved:
        told = ngettext(
            "%(count)d purchase order was handed in and is approved; send it:",
            "%(count)d purchase orders were handed in and are approved; send them:",
            len(approved),
        )
        messages.success(request, _with_links(told % {"count": len(approved)}, approved))
    if waiting := [order for order in made if order.state == PurchaseState.TO_APPROVE]:
        told = ngettext(
            "%(count)d purchase order was handed in and waits for approval:",
            "%(count)d purchase orders were handed in and wait for approval:",
            len(waiting),
        )
        messages.success(request, _with_links(told % {"count": len(waiting)}, waiting))


def _ordered(request: HttpRequest, ids: list[int], service: Callable[..., list[PurchaseOrder]]) -> list[PurchaseOrder]:
    """Order what was ticked with the quantities written, once for each page that was sent."""
    quantities = {pk: _pieces(request.POST.get(f"quantity-{pk}", "")) for pk in ids}

    def run() -> list[int]:
        return [order.pk for order in service(proposal_ids=ids, quantities=quantities, actor=actor(request))]

    key = f"purchasing.reorder:{service.__name__}:{request.POST.get('key', '')[:60]}"
    made = once(key=key, parameters={"ids": sorted(ids), "pieces": sorted(quantities.items())}, run=run)
    return list(PurchaseOrder.objects.filter(pk__in=made).order_by("pk"))


def _with_links(told: str, orders: Sequence[PurchaseOrder]) -> SafeString:
    links = format_html_join(
        ", ", '<a href="{}">{}</a>',
        ((reverse("admin:purchasing_purchaseorder_change", args=[order.pk]), order.number) for order in orders),
    )  # fmt: skip
    return format_html("{} {}", told, links)


def _pieces(text: str) -> int:
    cleaned = text.replace(",", "").strip()
    if not (cleaned.isascii() and cleaned.isdigit()) or not 0 < int(cleaned[:12]) <= MOST_PIECES:
        raise InvalidInput(_("A quantity cannot be used. Write how many pieces, as a whole number."))
    return int(cleaned)


def _later(request: HttpRequest, ids: list[int]) -> None:
    days = request.POST.get("days", "")
    if days not in {str(number) for number, _label in LATER}:
        raise InvalidInput(_("Choose for how long."))
    count = snooze_proposals(
        proposal_ids=ids, until=timezone.localdate() + timedelta(days=int(days)), actor=actor(request)
    )
    told = ngettext("%(count)d proposal comes back later.", "%(count)d proposals come back later.", count)
    messages.success(request, told % {"count": count})


def _dismiss(request: HttpRequest, ids: list[int]) -> None:
    count = dismiss_proposals(proposal_ids=ids, reason=request.POST.get("reason", ""), actor=actor(request))
    told = ngettext("%(count)d proposal was dismissed.", "%(count)d proposals were dismissed.", count)
    messages.success(request, told % {"count": count})


def _reasons(request: HttpRequest, order: PurchaseOrder) -> dict[str, Any] | None:
    """Give why each line was proposed, also when nobody pressed a button; None for an order written by hand."""
    rows = ReorderProposal.objects.filter(order_line__order=order).select_related("variant__product", "item__supplier")
    costs = can_see_costs(actor(request))
    lines = [(row, explain(row, costs=costs)) for row in rows.order_by("variant__sku", "pk") if row.figures]
    return {"lines": lines} if lines else None


def urgent(request: HttpRequest) -> Kpi:
    """Count what has to be ordered today to arrive in time."""
    count = open_proposals(urgent_on=timezone.localdate()).count()
    url = reverse("admin:purchasing_reorder")
    return Kpi(str(count), "", url, "critical" if count else "good", "add_shopping_cart")


register_tile(Tile("purchasing.urgent", gettext_lazy("To order today"), urgent, VIEW, "purchasing", 40))
register_badge(NavigationBadge("to_reorder", lambda: open_proposals(urgent_on=timezone.localdate()), "critical"))
register_panel(
    PurchaseOrder,
    Panel(
        "reasons",
        gettext_lazy("Why so many"),
        "purchasing/panels/reasons.html",
        _reasons,
        VIEW,
        position=30,
        wide=True,
    ),
)
