"""Receipts that are valued without an exchange rate, or by another one than is known now."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from core.ui import NextAction, actor, register_next_actions
from core.ui.listlinks import ListLink, register_list_link
from core.ui.sitepages import register_page, render_page
from purchasing import policies, services
from purchasing.models import ExchangeRate, GoodsReceipt
from purchasing.selectors.late_rates import receipts_with_late_rates

VIEW = "purchasing.view_variantvalue"
MOST = 200


@register_page("purchasing/late-rates/", name="purchasing_late_rates", permission=VIEW)
@require_http_methods(["GET", "POST"])
def late_rates(request: HttpRequest) -> HttpResponseBase:
    """Show what is valued without a rate or by an older one; one press values all of it again."""
    user = actor(request)
    if not policies.can_see_costs(user):
        raise PermissionDenied
    if request.method == "POST":
        known = receipts_with_late_rates().filter(rate_now__isnull=False).values_list("pk", flat=True)
        done = services.reprice_receipts(receipt_ids=list(known[:MOST]), actor=user)
        told = ngettext("%(count)d receipt is valued again.", "%(count)d receipts are valued again.", done)
        messages.success(request, told % {"count": done})
        return HttpResponseRedirect(reverse("admin:purchasing_late_rates"))
    rows = list(receipts_with_late_rates().select_related("order__supplier")[:MOST])
    may_write = user.has_perm("purchasing.add_exchangerate")
    return render_page(
        request,
        "purchasing/pages/late_rates.html",
        title=_("Exchange rates that came late"),
        rows=[(row, _rate(row.rate), _rate(row.rate_now), _add(row) if may_write else "") for row in rows],
        ready=sum(row.rate_now is not None for row in rows),
        may_reprice=policies.can_set_costs(user),
    )


def _rate(rate: Any) -> str:
    return "" if rate is None else f"{rate.normalize():f}"


def _add(row: Any) -> str:
    query = urlencode({"currency": row.order.currency, "starts_on": row.day.isoformat()})
    return f"{reverse('admin:purchasing_exchangerate_add')}?{query}"


def what_next(request: HttpRequest, receipt: GoodsReceipt) -> list[NextAction]:
    """Say on a receipt that its rate is missing or another one is known now."""
    if not policies.can_see_costs(actor(request)):
        return []
    late: Any = receipts_with_late_rates().filter(pk=receipt.pk).first()
    if late is None:
        return []
    said = (
        _("Nobody has written an exchange rate for the day these goods came: what they cost is not known.")
        if late.rate_now is None
        else _("These goods are not valued by the exchange rate of their day.")
    )
    may_open = actor(request).has_perm(VIEW)
    return [NextAction(said, reverse("admin:purchasing_late_rates") if may_open else "", "warning")]


register_next_actions(GoodsReceipt, what_next)
register_list_link(
    ExchangeRate,
    ListLink(gettext_lazy("Value again"), "published_with_changes", "purchasing_late_rates", "rates", VIEW,
             of_rows=False),
)  # fmt: skip
