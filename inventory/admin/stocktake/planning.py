"""The page on which a stocktake is planned: what, how strictly, when."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.commands import once
from core.errors import DomainError
from core.ui import actor
from core.ui.pressing import new_key, posted_key
from core.ui.sitepages import register_page, render_page
from inventory.models import Bin, StockItem, Stocktake, StocktakeScope, Warehouse
from inventory.services.counting import CountRules, CountScope, plan_stocktake
from inventory.suspecting import signs

MOST_SKUS = 500


class PlanForm(forms.Form):
    """What is counted; each scope has a question of its own."""

    warehouse = forms.ModelChoiceField(
        label=gettext_lazy("Warehouse"), queryset=Warehouse.objects.filter(is_active=True).order_by("rank", "pk")
    )
    scope = forms.ChoiceField(label=gettext_lazy("What is counted"), choices=StocktakeScope.choices)
    abc = forms.ChoiceField(
        label=gettext_lazy("ABC class"),
        choices=[("A", "A"), ("B", "B"), ("C", "C"), ("", gettext_lazy("not classed"))],
        required=False,
    )
    zone = forms.CharField(
        label=pgettext_lazy("warehouse", "Zone"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"list": "zones"}),
        help_text=gettext_lazy("Only the shelves of this zone are counted."),
    )
    signs = forms.MultipleChoiceField(
        label=gettext_lazy("Signs"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Nothing ticked: all of them."),
    )
    skus = forms.CharField(
        label=gettext_lazy("SKUs"),
        required=False,
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("One on each line; barcodes do as well."),
    )
    limit = forms.IntegerField(
        label=gettext_lazy("Most items"),
        required=False,
        min_value=1,
        max_value=100_000,
        help_text=gettext_lazy("Empty: all of them. The worst signs come first."),
    )
    planned_for = forms.DateField(
        label=gettext_lazy("Planned for"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    is_blind = forms.BooleanField(
        label=gettext_lazy("Blind"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Who counts does not see how many there should be."),
    )
    blind_counts = forms.TypedChoiceField(
        label=gettext_lazy("People who count each line"), coerce=int, choices=[(1, "1"), (2, "2"), (3, "3")]
    )
    tolerance_pieces = forms.IntegerField(
        label=gettext_lazy("Tolerance (pieces)"),
        min_value=0,
        max_value=1_000_000,
        initial=0,
        help_text=gettext_lazy("Somebody else counts again what differs by more."),
    )
    tolerance_value = forms.IntegerField(
        label=gettext_lazy("Tolerance (value)"),
        required=False,
        min_value=0,
        max_value=10**15,
        help_text=gettext_lazy("What differs by more money is counted again, too; in the smallest unit."),
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signs"].choices = [(sign.code, sign.label) for sign in signs()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for what the scope needs, and find the stock items of the SKUs."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("scope") == StocktakeScope.ZONE and not given.get("zone"):
            self.add_error("zone", _("Say which zone."))
        if given.get("scope") == StocktakeScope.CHOSEN and given.get("warehouse"):
            self._find(given)
        return given

    def _find(self, given: dict[str, Any]) -> None:
        wanted = dict.fromkeys(word.strip() for word in given.get("skus", "").splitlines() if word.strip())
        if not wanted or len(wanted) > MOST_SKUS:
            self.add_error("skus", _("Give between 1 and %(count)s SKUs.") % {"count": MOST_SKUS})
            return
        found: dict[str, int] = {}
        items = StockItem.objects.filter(warehouse=given["warehouse"])
        for field in ("barcode", "sku"):
            found.update(items.filter(**{f"variant__{field}__in": wanted}).values_list(f"variant__{field}", "pk"))
        missing = [sku for sku in wanted if sku not in found]
        if missing:
            names = ", ".join(missing[:10])
            self.add_error("skus", _("Not in this warehouse: %(skus)s") % {"skus": names})
        given["stock_item_ids"] = sorted(set(found.values()))

    @property
    def count_scope(self) -> CountScope:
        """What was chosen, as the service takes it."""
        given = self.cleaned_data
        kind = StocktakeScope(given["scope"])
        value = {StocktakeScope.ABC: given["abc"], StocktakeScope.ZONE: given["zone"]}.get(kind, "")
        is_chosen = kind == StocktakeScope.CHOSEN
        return CountScope(
            kind=kind, value=value, stock_item_ids=given["stock_item_ids"] if is_chosen else (),
            sign_codes=given["signs"] if kind == StocktakeScope.SUSPECT else (), limit=given["limit"],
        )  # fmt: skip

    @property
    def rules(self) -> CountRules:
        """How strictly is counted."""
        names = ("is_blind", "blind_counts", "tolerance_pieces", "tolerance_value")
        return CountRules(**{name: self.cleaned_data[name] for name in names})


@register_page("inventory/stocktake/plan/", name="inventory_plan_stocktake", permission="inventory.count_stock")
def plan_page(request: HttpRequest) -> HttpResponseBase:
    """Ask what is counted; a POST plans it once and leads to it."""
    form = PlanForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            stocktake = _plan(request, form)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%(number)s is planned.") % {"number": stocktake.number})
            return HttpResponseRedirect(reverse("admin:inventory_stocktake_change", args=[stocktake.pk]))
    rules = ("is_blind", "blind_counts", "tolerance_pieces", "tolerance_value", "planned_for", "note")
    return render_page(
        request,
        "inventory/pages/plan_stocktake.html",
        title=_("Plan a stocktake"),
        form=form,
        key=new_key(),
        questions=[
            (form["abc"], StocktakeScope.ABC.value),
            (form["zone"], StocktakeScope.ZONE.value),
            (form["signs"], StocktakeScope.SUSPECT.value),
            (form["skus"], StocktakeScope.CHOSEN.value),
        ],
        rules=[form[name] for name in rules],
        zones=Bin.objects.exclude(zone="").order_by("zone").values_list("zone", flat=True).distinct()[:200],
    )


def _plan(request: HttpRequest, form: PlanForm) -> Stocktake:
    user, given = actor(request), form.cleaned_data

    def run() -> int:
        return plan_stocktake(
            warehouse_id=given["warehouse"].pk, scope=form.count_scope, rules=form.rules,
            planned_for=given["planned_for"], note=given["note"], actor=user,
        ).pk  # fmt: skip

    parameters = {"warehouse": given["warehouse"].pk, "scope": given["scope"]}
    return Stocktake.objects.get(pk=once(key=f"plan:{user.pk}:{posted_key(request)}", parameters=parameters, run=run))
