"""Prices changed by rule: choose, see every price before and after, apply, take back."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from catalog.admin.price_forms import moment_field
from catalog.models import Collection, PriceRun, Product, RunRowState, RunState, SalesChannel, Variant
from catalog.policies import can_set_prices
from catalog.selectors.grid import category_paths
from catalog.services.prices.rules import Choice, Kind, PriceRule, Rounding, RuledPrice, apply_rule
from catalog.services.prices.runs import (
    chosen_variants,
    draft_price_run,
    run_counts,
    start_price_run,
    take_back_price_run,
    variant_count,
)
from core.errors import DomainError
from core.ui import Answer, actor, bulk_action, register_action
from core.ui.sitepages import register_page, render_page

PAGE = 50
MOST_COUNTED = 5000  # of larger selections the sums are of the page alone
CHOICES = (
    (Choice.PRODUCTS, gettext_lazy("Chosen products")),
    (Choice.CATEGORY, gettext_lazy("A category with its subcategories")),
    (Choice.BRAND, gettext_lazy("A brand")),
    (Choice.TAG, gettext_lazy("A tag")),
    (Choice.COLLECTION, gettext_lazy("A collection")),
    (Choice.ALL, gettext_lazy("All products")),
)
KINDS = (
    (Kind.PERCENT, gettext_lazy("By per cent (−10, 5)")),
    (Kind.AMOUNT, gettext_lazy("By an amount (−500, 2.50)")),
    (Kind.MARGIN, gettext_lazy("To a margin in per cent (30)")),
    (Kind.COPY, gettext_lazy("From another channel × rate (0.11)")),
)
ROUNDINGS = (
    (Rounding.NONE, gettext_lazy("No rounding")),
    (Rounding.TO_1, gettext_lazy("To 1")),
    (Rounding.TO_10, gettext_lazy("To 10")),
    (Rounding.TO_100, gettext_lazy("To 100")),
    (Rounding.TO_1000, gettext_lazy("To 1,000")),
    (Rounding.END_9, gettext_lazy("Ending in 9")),
    (Rounding.END_90, gettext_lazy("Ending in 90")),
    (Rounding.END_900, gettext_lazy("Ending in 900")),
    (Rounding.END_99, gettext_lazy("Ending in .99 (without cents: 99)")),
)
COLOURS = {
    RunRowState.PENDING: "grey",
    RunRowState.SET: "green",
    RunRowState.UNCHANGED: "grey",
    RunRowState.WAITING: "amber",
    RunRowState.REFUSED: "red",
    RunRowState.TAKEN_BACK: "violet",
    RunRowState.CONFLICT: "red",
}


class RuleForm(forms.Form):
    """Which prices, and what happens to them."""

    choice = forms.ChoiceField(label=gettext_lazy("Products"), choices=CHOICES, widget=UnfoldAdminSelectWidget)
    products = forms.CharField(required=False, widget=forms.HiddenInput)
    category = forms.ChoiceField(label=gettext_lazy("Category"), required=False, widget=UnfoldAdminSelectWidget)
    brand = forms.CharField(label=gettext_lazy("Brand"), max_length=100, required=False)
    tag = forms.CharField(label=gettext_lazy("Tag"), max_length=60, required=False)
    collection = forms.ModelChoiceField(
        label=gettext_lazy("Collection"),
        queryset=Collection.objects.all(),
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    channels = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Sales channels"),
        queryset=SalesChannel.objects.filter(is_active=True),
        widget=forms.CheckboxSelectMultiple,
    )
    kind = forms.ChoiceField(label=pgettext_lazy("price", "Rule"), choices=KINDS, widget=UnfoldAdminSelectWidget)
    value = forms.CharField(
        label=gettext_lazy("Value"), max_length=12, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    source = forms.ModelChoiceField(
        label=gettext_lazy("Other channel"),
        queryset=SalesChannel.objects.all(),
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    rounding = forms.ChoiceField(label=gettext_lazy("Rounding"), choices=ROUNDINGS, widget=UnfoldAdminSelectWidget)
    show_before = forms.BooleanField(
        label=gettext_lazy("The price now becomes the price before"),
        required=False,
        help_text=gettext_lazy("Otherwise no price before is shown."),
    )
    starts_at = moment_field(pgettext_lazy("moment", "from"), gettext_lazy("Empty: now."))
    ends_at = moment_field(
        pgettext_lazy("moment", "until"), gettext_lazy("Empty: on. With an end, the price before goes on afterwards.")
    )
    reason = forms.CharField(label=gettext_lazy("reason"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        category: Any = self.fields["category"]
        paths = sorted(category_paths().items(), key=lambda pair: pair[1])
        category.choices = [("", "–"), *((str(pk), path) for pk, path in paths)]

    def clean_value(self) -> str:
        """Accept a plain decimal."""
        text = self.cleaned_data["value"].strip().replace("−", "-").replace("%", "").replace(",", "")
        try:
            value = Decimal(text if text.isascii() and "e" not in text.lower() and "n" not in text.lower() else "")
        except InvalidOperation:
            raise forms.ValidationError(_("Write a number such as −10 or 2.5.")) from None
        return format(value, "f")

    def clean_products(self) -> list[int]:
        """Read the ids of chosen products."""
        parts = [part for part in self.cleaned_data["products"].split(",") if part]
        if not all(part.isascii() and part.isdigit() and len(part) <= 18 for part in parts):
            raise forms.ValidationError(_("Choose the products again."))
        return [int(part) for part in parts]

    def clean(self) -> dict[str, Any]:
        """Ask for what the choice and the rule need."""
        data = super().clean() or {}
        choice = data.get("choice", "")
        if choice != Choice.ALL and choice and not data.get("products" if choice == Choice.PRODUCTS else choice):
            field = "choice" if choice == Choice.PRODUCTS else choice
            if field not in self.errors:
                self.add_error(field, _("Choose which."))
        self._check_rule(data)
        if data.get("ends_at") and data["ends_at"] <= (data.get("starts_at") or timezone.now()):
            self.add_error("ends_at", _("The period must end after it starts."))
        return data

    def _check_rule(self, data: dict[str, Any]) -> None:
        kind = data.get("kind")
        if kind == Kind.COPY and not data.get("source"):
            self.add_error("source", _("Choose which."))
        if "value" not in data:
            return
        value = Decimal(data["value"])
        if kind == Kind.MARGIN and not 0 <= value < 100:
            self.add_error("value", _("A margin lies between 0 and 99 per cent."))
        if kind == Kind.COPY and value <= 0:
            self.add_error("value", _("A rate is more than 0."))
        if kind == Kind.PERCENT and not -100 < value <= 1000:
            self.add_error("value", _("Write a percentage above −100 and at most 1,000."))

    def rule(self) -> PriceRule:
        """Return the rule that the form asks for."""
        data = self.cleaned_data
        return PriceRule(
            choice=Choice(data["choice"]),
            chosen=_chosen(data),
            channel_ids=[channel.pk for channel in data["channels"]],
            kind=Kind(data["kind"]),
            value=data["value"],
            source_channel_id=data["source"].pk if data["kind"] == Kind.COPY else None,
            rounding=Rounding(data["rounding"]),
            show_before=data["show_before"],
            starts_at=data["starts_at"],
            ends_at=data["ends_at"],
            reason=data["reason"],
        )


def _chosen(data: dict[str, Any]) -> list[int | str]:
    found: dict[str, Any] = {
        Choice.PRODUCTS: data["products"],
        Choice.CATEGORY: [int(data["category"])] if data["category"] else [],
        Choice.BRAND: [data["brand"]],
        Choice.TAG: [data["tag"]],
        Choice.COLLECTION: [data["collection"].pk] if data["collection"] else [],
    }
    return list(found.get(data["choice"], []))


def form_values(rule: PriceRule) -> dict[str, Any]:
    """Return what the form shows for a rule."""
    first = rule.chosen[0] if rule.chosen else ""
    return {
        "choice": rule.choice.value,
        "products": ",".join(map(str, rule.chosen)) if rule.choice == Choice.PRODUCTS else "",
        **{name: first for name in ("category", "brand", "tag", "collection") if name == rule.choice.value},
        "channels": list(rule.channel_ids),
        "kind": rule.kind.value,
        "value": rule.value,
        "source": rule.source_channel_id,
        "rounding": rule.rounding.value,
        "show_before": rule.show_before,
        "starts_at": timezone.localtime(rule.starts_at) if rule.starts_at else None,
        "ends_at": timezone.localtime(rule.ends_at) if rule.ends_at else None,
        "reason": rule.reason,
    }


@register_page("prices/rule/", name="catalog_price_rule", permission="catalog.change_price")
def rule_page(request: HttpRequest) -> HttpResponseBase:
    """Ask for a rule (GET), or keep it as a draft and lead to its preview (POST)."""
    if request.method == "POST":
        form = RuleForm(request.POST)
        if form.is_valid():
            return _drafted(request, form, None)
    else:
        form = RuleForm(initial=_first_values(request))
    return _render(request, form, run=None)


def _first_values(request: HttpRequest) -> dict[str, Any]:
    asked = request.GET.get("product", "")
    is_one = asked.isascii() and asked.isdigit() and len(asked) <= 18
    active = list(SalesChannel.objects.filter(is_active=True).values_list("pk", flat=True))
    return {
        "choice": Choice.PRODUCTS.value if is_one else Choice.CATEGORY.value,
        "products": asked if is_one else "",
        "channels": active if len(active) == 1 else [],
        "value": request.GET.get("value", "")[:12],
        "reason": request.GET.get("reason", "")[:300],
    }


def _drafted(request: HttpRequest, form: RuleForm, run_id: int | None) -> HttpResponseBase:
    run = draft_price_run(rule=form.rule(), run_id=run_id, actor=actor(request))
    return HttpResponseRedirect(reverse("admin:catalog_price_run", args=[run.pk]))


@register_page("prices/rule/<int:run>/", name="catalog_price_run", permission="catalog.change_price")
def run_page(request: HttpRequest, run: int) -> HttpResponseBase:
    """Show a draft with its preview, or what an applied change did; POST changes, applies or takes back."""
    found = PriceRun.objects.select_related("created_by", "job").filter(pk=run).first()
    if found is None:
        raise Http404
    if request.method != "POST":
        rule = PriceRule.from_data(found.wish)
        return _render(request, RuleForm(initial=form_values(rule)), run=found, rule=rule)
    command = request.POST.get("command", "")
    form = RuleForm(request.POST)
    try:
        if command == "preview":
            if not form.is_valid():
                return _render(request, form, run=found)
            return _drafted(request, form, found.pk)
        _COMMANDS[command](run_id=found.pk, actor=actor(request))
    except KeyError:
        raise SuspiciousOperation("no such command") from None
    except DomainError as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("admin:catalog_price_run", args=[found.pk]))


_COMMANDS = {"apply": start_price_run, "take_back": take_back_price_run}


def _render(
    request: HttpRequest, form: RuleForm, *, run: PriceRun | None, rule: PriceRule | None = None
) -> HttpResponseBase:
    number = _page_number(request)
    context: dict[str, Any] = {"form": form, "run": run, "page": number, "may_set": can_set_prices(actor(request))}
    if run is not None and run.state != RunState.DRAFT:
        context |= _outcome(run, number)
    elif rule is not None:
        context |= _preview(rule, number)
    products = form["products"].value() or ""
    context["chosen_count"] = len([part for part in str(products).split(",") if part])
    context["recent"] = _recent()
    title = _("Change prices by rule")
    return render_page(request, "catalog/pages/price_rule.html", title=title, **context)


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 10**6):
        raise SuspiciousOperation("no such page")
    return int(text)


def _preview(rule: PriceRule, number: int) -> dict[str, Any]:
    channels = list(SalesChannel.objects.filter(pk__in=rule.channel_ids))
    total = variant_count(rule)
    is_whole = total * len(channels) <= MOST_COUNTED
    if is_whole:
        prices = apply_rule(rule, chosen_variants(rule, 0, total), channels)
        shown = prices[(number - 1) * PAGE : number * PAGE]
        has_next = len(prices) > number * PAGE
    else:
        per_page = max(1, PAGE // max(len(channels), 1))
        shown = prices = apply_rule(rule, chosen_variants(rule, (number - 1) * per_page, per_page), channels)
        has_next = total > number * per_page
    return {"prices": shown, "sums": _sums(prices), "is_whole": is_whole, "variant_count": total, "has_next": has_next}


def _sums(prices: Sequence[RuledPrice]) -> dict[str, int]:
    right = [price for price in prices if not price.problem]
    return {
        "changed": sum(1 for price in right if not price.is_unchanged),
        "cheaper": sum(1 for price in right if (price.difference or 0) < 0),
        "dearer": sum(1 for price in right if (price.difference or 0) > 0),
        "low": sum(1 for price in right if price.is_low),
        "refused": len(prices) - len(right),
    }


def _outcome(run: PriceRun, number: int) -> dict[str, Any]:
    rows = run.rows.select_related("variant", "sales_channel").order_by("pk")
    order = [RunRowState.CONFLICT, RunRowState.REFUSED, RunRowState.WAITING]
    first = list(rows.filter(state__in=order)[:200]) if number == 1 else []
    shown = rows[(number - 1) * PAGE : number * PAGE + 1]
    page = list(shown)
    counts = [
        (RunRowState(state).label, COLOURS[RunRowState(state)], count) for state, count in run_counts(run).items()
    ]
    return {
        "rows": [(row, COLOURS[RunRowState(row.state)]) for row in page[:PAGE]],
        "problems": [(row, COLOURS[RunRowState(row.state)]) for row in first],
        "counts": counts,
        "has_next": len(page) > PAGE,
        "is_open": run.state in {RunState.QUEUED, RunState.TAKING_BACK},
        "can_take_back": run.state == RunState.DONE,
    }


def _recent() -> list[PriceRun]:
    return list(PriceRun.objects.exclude(state=RunState.DRAFT).select_related("created_by")[:8])


@bulk_action(gettext_lazy("Change prices by rule"), permission="catalog.change_price", icon="calculate", limit=5000)
def change_prices_of_products(admin: Any, request: HttpRequest, ids: list[int], data: dict[str, Any]) -> Answer:
    """Lead the chosen products to the page of rules."""
    return _lead(request, ids)


@bulk_action(gettext_lazy("Change prices by rule"), permission="catalog.change_price", icon="calculate", limit=5000)
def change_prices_of_variants(admin: Any, request: HttpRequest, ids: list[int], data: dict[str, Any]) -> Answer:
    """Lead the products of the chosen variants to the page of rules."""
    return _lead(request, sorted(set(Variant.objects.filter(pk__in=ids).values_list("product_id", flat=True))))


def _lead(request: HttpRequest, product_ids: Sequence[int]) -> Answer:
    rule = PriceRule(choice=Choice.PRODUCTS, chosen=product_ids, kind=Kind.PERCENT, value="0")
    run = draft_price_run(rule=rule, actor=actor(request))
    url = reverse("admin:catalog_price_run", args=[run.pk])
    return Answer(_("Choose the channels and the rule."), url)


register_action(Product, change_prices_of_products)
register_action(Variant, change_prices_of_variants)
