"""What payments puts on the home page and beside the navigation."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.ui.badges import NavigationBadge, register_badge
from core.ui.tabs import capped_counts, capped_text
from core.ui.tiles import Kpi, Tile, register_tile
from payments.models import OPEN_DEPOSITS, BankDeposit, CallState, DepositState, ProviderCall, ProviderPayment, Refund


def refunds_to_send(request: HttpRequest) -> Kpi:
    """Count refunds that were granted and not sent, and those that wait for a second person."""
    ready, waiting = capped_counts([Refund.objects.to_send(), Refund.objects.to_approve()])
    note = _("%(count)s to approve first") % {"count": capped_text(waiting)} if waiting else ""
    url = f"{reverse('admin:payments_refund_changelist')}?tab=to_send"
    return Kpi(capped_text(ready), note, url, icon="currency_exchange")


register_tile(
    Tile("payments.refunds", pgettext_lazy("refund", "Refunds to send"), refunds_to_send, "payments.send_refund",
         "orders", 24)
)  # fmt: skip


def deposits_to_match(request: HttpRequest) -> Kpi | None:
    """Count deposits that paid no order yet, and of them those without a proposal; none is no tile."""
    rows = BankDeposit.objects
    waiting, odd = capped_counts([rows.filter(state__in=OPEN_DEPOSITS), rows.filter(state=DepositState.UNMATCHED)])
    if not waiting:
        return None
    note = _("%(count)s without a proposal") % {"count": capped_text(odd)} if odd else _("each has a proposal")
    url = f"{reverse('admin:payments_bankdeposit_changelist')}?tab={'unmatched' if odd == waiting else 'proposed'}"
    return Kpi(capped_text(waiting), note, url, icon="join_inner")


register_tile(
    Tile("payments.deposits", gettext_lazy("Deposits to match"), deposits_to_match, "payments.match_bankdeposit",
         "orders", 23)
)  # fmt: skip


def expiring_authorisations(request: HttpRequest) -> Kpi | None:
    """Count reservations that end within two days; none is no tile."""
    [count] = capped_counts([ProviderPayment.objects.expiring()])
    if not count:
        return None
    url = f"{reverse('admin:payments_providerpayment_changelist')}?tab=expiring"
    return Kpi(capped_text(count), _("capture them, or they are gone"), url, level="warning", icon="credit_score")


def unknown_calls(request: HttpRequest) -> Kpi | None:
    """Count questions to providers whose answer is lost; none is no tile."""
    [count] = capped_counts([ProviderCall.objects.filter(state=CallState.UNKNOWN)])
    if not count:
        return None
    url = f"{reverse('admin:payments_providercall_changelist')}?tab=unknown"
    return Kpi(capped_text(count), _("they are looked up by themselves"), url, level="warning", icon="contact_support")


register_tile(
    Tile("payments.expiring", gettext_lazy("Authorisations that end soon"), expiring_authorisations,
         "payments.view_providerpayment", "orders", 25)
)  # fmt: skip
register_tile(
    Tile("payments.unknown", gettext_lazy("Answers of providers that are lost"), unknown_calls,
         "payments.view_providercall", "orders", 26)
)  # fmt: skip
register_badge(
    NavigationBadge("authorisations_end", lambda: ProviderPayment.objects.expiring().order_by("pk"), "warning")
)
register_badge(NavigationBadge("refunds_to_send", lambda: Refund.objects.to_send().order_by("pk"), "warning"))
