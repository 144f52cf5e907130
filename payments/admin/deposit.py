"""Bank deposits: the lists, the page on which one is matched, and the rules."""

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.display import badge_html
from core.errors import DomainError, InvalidInput
from core.money import format_money
from core.ui import ModelAdmin, Tab, actor, columns, link_action, service_action
from core.ui.amounts import amount_input, amount_text, read_amount
from core.ui.badges import NavigationBadge, register_badge
from core.ui.readonly import ReadOnlyAdmin
from core.ui.sitepages import register_page, render_page
from orders.models import Order
from payments.models import OPEN_DEPOSITS, BankDeposit, DepositMatch, DepositRule, DepositState
from payments.policies import can_match_deposits, can_return_deposits
from payments.selectors.deposits import proposals_for
from payments.services.deposits.matching import STILL, match_deposit, return_deposit, undo_match
from payments.services.deposits.taking import propose_matches

_D = DepositState
COLOURS: Mapping[str, str] = {
    _D.UNMATCHED: "amber",
    _D.PROPOSED: "blue",
    _D.MATCHED: "green",
    _D.EXCESS: "violet",
    _D.RETURNED: "grey",
}


def _is_open(user: Any, deposit: BankDeposit) -> bool:
    return deposit.state in OPEN_DEPOSITS


@admin.register(BankDeposit)
class BankDepositAdmin(ReadOnlyAdmin):
    """What banks credited; who pays what is decided one deposit after the other."""

    list_display = [
        columns.two_lines("payer_name", "message", gettext_lazy("Payer")),
        columns.moment("deposited_on", gettext_lazy("Credited on")),
        columns.money("amount", gettext_lazy("Amount")),
        columns.money("matched", pgettext_lazy("deposit", "Matched")),
        columns.badge("state", gettext_lazy("Status"), colours=COLOURS),
        columns.two_lines("account", "reference", pgettext_lazy("bank", "Account")),
    ]
    ordering = ["-id"]
    tabs = [
        Tab("unmatched", _D.UNMATCHED.label, Q(state=_D.UNMATCHED), alert=True,
            empty=gettext_lazy("Every deposit has at least a proposal.")),
        Tab("proposed", _D.PROPOSED.label, Q(state=_D.PROPOSED), alert=True,
            empty=gettext_lazy("No proposal waits for a look.")),
        Tab("excess", _D.EXCESS.label, Q(state=_D.EXCESS), alert=True,
            empty=gettext_lazy("Nobody paid too much.")),
        Tab("matched", _D.MATCHED.label, Q(state=_D.MATCHED), count=False),
        Tab("returned", _D.RETURNED.label, Q(state=_D.RETURNED), count=False),
    ]  # fmt: skip
    list_filter = ["currency"]
    exact_search_fields = ["reference"]
    search_fields = ["payer_name", "reference"]
    show_timeline = False
    empty_title = gettext_lazy("No bank deposits")
    empty_text = gettext_lazy("Import the list of your bank.")
    fields = ["account", "deposited_on", "payer_name", "message", "reference", "imported_at", "returned_at"]
    match = link_action(
        "match", pgettext_lazy("deposit", "Match"), permission="payments.match_bankdeposit", icon="join_inner",
        variant="primary", available=_is_open,
        link=lambda deposit: reverse("admin:payments_deposit", args=[deposit.pk]),
    )  # fmt: skip

    def facts(self, request: HttpRequest, obj: BankDeposit) -> list[tuple[Any, Any]]:
        """Return how much came and how much of it is matched."""
        return [
            (_("Status"), badge_html(obj.get_state_display(), COLOURS[DepositState(obj.state)])),
            (_("Amount"), format_money(obj.amount, obj.currency)),
            (_("Left"), format_money(obj.rest, obj.currency)),
        ]

    @service_action(
        gettext_lazy("Note as sent back"),
        permission="payments.return_bankdeposit",
        icon="undo",
        question=gettext_lazy("Has the money that no order got gone back to the payer?"),
        available=_is_open,
    )
    def send_back(self, request: HttpRequest, obj: BankDeposit, data: dict[str, Any]) -> str:
        """Close it: what was left went back."""
        return_deposit(deposit_id=obj.pk, actor=actor(request))
        return _("Noted: %(amount)s went back.") % {"amount": format_money(obj.rest, obj.currency)}


@register_page("deposits/<int:deposit>/", name="payments_deposit", permission="payments.view_bankdeposit")
def deposit_page(request: HttpRequest, deposit: int) -> HttpResponseBase:
    """Show what a deposit may pay, the likeliest first; a POST matches it, undoes a match, or notes it as sent back."""
    row = BankDeposit.objects.filter(pk=deposit).first()
    if row is None:
        raise Http404
    if request.method == "POST":
        try:
            said = _decide(request, row)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, said)
            following = _next(row)
            if request.POST.get("do") == "match" and following is not None:
                return HttpResponseRedirect(reverse("admin:payments_deposit", args=[following]))
        return HttpResponseRedirect(request.path)
    is_open = row.state in OPEN_DEPOSITS
    matches = row.matches.select_related("order", "matched_by", "undone_by")
    return render_page(
        request,
        "payments/pages/deposit.html",
        title=_("Deposit of %(amount)s") % {"amount": format_money(row.amount, row.currency)},
        deposit=row,
        state=badge_html(row.get_state_display(), COLOURS[DepositState(row.state)]),
        proposals=proposals_for(deposits=[row])[row.pk] if is_open else [],
        matches=[(one, one.undone_at is None and one.order.status in STILL) for one in matches],
        may_match=is_open and can_match_deposits(actor(request)),
        may_undo=can_match_deposits(actor(request)),
        may_return=is_open and can_return_deposits(actor(request)),
        following=_next(row),
        key=uuid.uuid4().hex,
        back=reverse("admin:payments_bankdeposit_changelist"),
    )


def _next(row: BankDeposit) -> int | None:
    """Return the next deposit that waits, the proposed first."""
    waiting = BankDeposit.objects.filter(state__in=[_D.PROPOSED, _D.UNMATCHED]).exclude(pk=row.pk)
    return waiting.order_by("state", "pk").values_list("pk", flat=True).first()


def _decide(request: HttpRequest, row: BankDeposit) -> str:
    person, do = actor(request), request.POST.get("do", "")
    if do == "undo":
        match = DepositMatch.objects.filter(pk=_number(request.POST.get("match", "")), deposit=row).first()
        if match is None:
            raise InvalidInput(_("It is undone or sent back already. Reload the page."))
        undo_match(match_id=match.pk, actor=person)
        return _("Undone; the deposit is open again.")
    if do == "return":
        return_deposit(deposit_id=row.pk, actor=person)
        return _("Noted: %(amount)s went back.") % {"amount": format_money(row.rest, row.currency)}
    done = match_deposit(
        deposit_id=row.pk, amounts=_amounts(request, row), key=request.POST.get("key", "")[:40], actor=person
    )
    if done.rest:
        return _("Matched; %(amount)s is left over.") % {"amount": format_money(done.rest, done.currency)}
    return _("Matched.")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _amounts(request: HttpRequest, row: BankDeposit) -> dict[int, int]:
    """Read the chosen proposal ("order:amount,order:amount"), or the order and amount that were typed."""
    chosen = request.POST.get("parts", "")
    if chosen:
        pairs = [part.partition(":") for part in chosen.split(",")]
        return {_number(order): _number(amount) for order, _colon, amount in pairs}
    number = request.POST.get("number", "").strip()
    order = Order.objects.filter(Q(number=number) | Q(external_number=number)).first() if number else None
    if order is None:
        raise InvalidInput(_("There is no order of this number."))
    text = request.POST.get("amount", "").strip()
    try:
        amount = read_amount(text, row.currency) if text else min(row.rest, order.total - order.paid_total)
    except forms.ValidationError as error:
        raise InvalidInput(error.messages[0]) from None
    return {order.pk: amount}


class RuleForm(forms.ModelForm):  # type: ignore[type-arg] # Django's own class takes no parameter
    """What is matched by itself, and which fee is overlooked."""

    fee_tolerance = forms.CharField(
        label=gettext_lazy("Bank fee that may be missing"), max_length=20, initial="0", widget=amount_input(),
        help_text=gettext_lazy("A deposit that lacks so much is still proposed. The rest stays due."),
    )  # fmt: skip

    class Meta:
        model = DepositRule
        fields = ("currency", "matches_itself", "fee_tolerance")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "fee_tolerance" in self.fields:
            self.initial["fee_tolerance"] = amount_text(self.instance.fee_tolerance, self.instance.currency)

    def clean(self) -> dict[str, Any]:
        """Read the fee in the currency beside it."""
        data = super().clean() or {}
        currency = data.get("currency") or self.instance.currency
        if data.get("fee_tolerance") is not None and currency:
            try:
                data["fee_tolerance"] = read_amount(str(data["fee_tolerance"]), currency)
            except forms.ValidationError as error:
                self.add_error("fee_tolerance", error)
        return data


@admin.register(DepositRule)
class DepositRuleAdmin(ModelAdmin):
    """What is matched by itself; without a row people confirm every deposit."""

    form = RuleForm
    deletable = False
    list_display = [
        columns.text("currency", gettext_lazy("Currency")),
        columns.flag("matches_itself", gettext_lazy("By itself")),
        columns.money("fee_tolerance", gettext_lazy("Bank fee")),
    ]
    ordering = ["currency"]
    fields = ["currency", "matches_itself", "fee_tolerance"]
    show_timeline = False
    empty_title = gettext_lazy("People confirm every deposit")
    empty_text = gettext_lazy("Add a currency to let deposits that are beyond doubt pay their orders by themselves.")

    def save_model(self, request: HttpRequest, obj: DepositRule, form: Any, change: Any) -> None:
        """Keep the fee as it was read, and look at what waits with the new rule."""
        obj.fee_tolerance = form.cleaned_data.get("fee_tolerance", obj.fee_tolerance)
        super().save_model(request, obj, form, change)
        waiting = BankDeposit.objects.filter(state__in=[_D.UNMATCHED, _D.PROPOSED], currency=obj.currency)
        propose_matches(deposit_ids=list(waiting.order_by("-pk").values_list("pk", flat=True)[:500]))


register_badge(
    NavigationBadge("deposits", lambda: BankDeposit.objects.filter(state__in=OPEN_DEPOSITS).order_by("pk"), "warning")
)
