"""Pages about prices: the story of one, the proof of a price before, and what begins and ends soon."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_GET
from unfold.widgets import UnfoldAdminSelectWidget

from catalog.admin.price import verdict_html
from catalog.admin.price_forms import MOMENT, amount_field
from catalog.models import SalesChannel, Variant
from catalog.policies import can_set_prices
from catalog.selectors.claims import Proof, prove_discount
from catalog.selectors.pricing_grid import (
    MOST_CHANGES,
    PricePast,
    daily_amounts,
    planned_changes,
    price_cells,
    price_story,
)
from core.errors import InvalidInput
from core.money import parse_amount, to_decimal
from core.ui import actor
from core.ui.sitepages import register_page, render_page
from core.ui.tiles import Chart, Series

CHART_DAYS = 180
FEW_CHANGES = 40  # so many are shown at once; of more the first day, the others when one opens them
SPANS = (("14", gettext_lazy("Two weeks")), ("30", gettext_lazy("30 days")), ("90", gettext_lazy("90 days")))


class ProofForm(forms.Form):
    """Which price before is asked about, and when."""

    reference = amount_field(gettext_lazy("price before"))
    at = forms.DateTimeField(
        label=pgettext_lazy("moment", "At"),
        required=False,
        input_formats=[MOMENT],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def clean_reference(self) -> int | None:
        """Read the amount in the channel's currency."""
        text = self.cleaned_data["reference"]
        if not text:
            return None
        try:
            return parse_amount(text, self.currency)
        except InvalidInput as error:
            raise forms.ValidationError(str(error)) from error


def _subject(variant: int, channel: int) -> tuple[Variant, SalesChannel]:
    found = Variant.objects.select_related("product").filter(pk=variant).first()
    where = SalesChannel.objects.filter(pk=channel).first()
    if found is None or where is None:
        raise Http404
    return found, where


def _asked(request: HttpRequest, variant: Variant, channel: SalesChannel) -> tuple[ProofForm, Proof]:
    form = ProofForm(request.GET or None, currency=channel.currency)
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    proof = prove_discount(
        variant_id=variant.pk,
        sales_channel_id=channel.pk,
        at=asked.get("at"),
        reference=asked.get("reference"),
    )
    return form, proof


@register_page(
    "prices/history/<int:variant>/<int:channel>/", name="catalog_price_history", permission="catalog.view_price"
)
@require_GET
def history_page(request: HttpRequest, variant: int, channel: int) -> HttpResponseBase:
    """Show all prices of a variant on a channel as a curve and a table, and whether its price before is provable."""
    item, where = _subject(variant, channel)
    form, proof = _asked(request, item, where)
    story = price_story(variant=item, channel=where)
    ((cell,),) = price_cells(variants=[item], channels=[where])
    return render_page(
        request,
        "catalog/pages/price_history.html",
        title=_("Prices of %(sku)s on %(channel)s") % {"sku": item.sku, "channel": where},
        variant=item,
        channel=where,
        channels=SalesChannel.objects.filter(is_active=True),
        cell=cell,
        story=story,
        chart=_chart(story, where),
        proof=proof,
        verdict=verdict_html(proof.verdict),
        proof_form=form,
        proof_query=request.GET.urlencode(),
        may_set=can_set_prices(actor(request)),
    )


@register_page("prices/proof/<int:variant>/<int:channel>/", name="catalog_price_proof", permission="catalog.view_price")
@require_GET
def proof_page(request: HttpRequest, variant: int, channel: int) -> HttpResponseBase:
    """Show the proof alone, to be printed or kept as PDF by the browser."""
    item, where = _subject(variant, channel)
    _form, proof = _asked(request, item, where)
    context = {"variant": item, "channel": where, "proof": proof, "printed_at": timezone.now(), "by": actor(request)}
    return TemplateResponse(request, "catalog/pages/price_proof.html", context)


def _chart(story: list[PricePast], channel: SalesChannel) -> Chart:
    if not story:
        return Chart([], [], empty=_("No price was ever set here."))
    today = timezone.localdate()
    first = timezone.localtime(story[-1].price.starts_at).date()
    last = max(
        first + timedelta(days=1),
        today,
        min(timezone.localtime(story[0].price.starts_at).date(), today + timedelta(days=60)),
    )
    days, amounts, compared = daily_amounts(
        [row.price for row in story], since=max(first, today - timedelta(days=CHART_DAYS)), until=last
    )
    series = [Series(pgettext("chart", "Price"), _major(amounts, channel.currency))]
    if any(value is not None for value in compared):
        series.append(Series(_("Price before"), _major(compared, channel.currency)))
    labels = [date_format(on, "MONTH_DAY_FORMAT") for on in days]
    return Chart(labels, series, type="line", stepped=True, unit=channel.currency)


def _major(values: list[int | None], currency: str) -> list[Any]:
    return [None if value is None else float(to_decimal(value, currency)) for value in values]


class SpanForm(forms.Form):
    """Which plans are looked at."""

    days = forms.ChoiceField(
        label=gettext_lazy("Period"), choices=SPANS, required=False, widget=UnfoldAdminSelectWidget
    )
    channel = forms.ModelChoiceField(
        label=gettext_lazy("Sales channel"),
        queryset=SalesChannel.objects.filter(is_active=True),
        required=False,
        empty_label=gettext_lazy("All channels"),
        widget=UnfoldAdminSelectWidget,
    )


@register_page("prices/scheduled/", name="catalog_scheduled_prices", permission="catalog.view_price")
@require_GET
def scheduled_page(request: HttpRequest) -> HttpResponseBase:
    """Show which prices begin and end soon, day by day."""
    form = SpanForm(request.GET or {"days": "30"})
    if not form.is_valid():
        raise SuspiciousOperation("no such period")
    days = int(form.cleaned_data["days"] or 30)
    channel = form.cleaned_data["channel"]
    until = timezone.now() + timedelta(days=days)
    found = planned_changes(until=until, sales_channel_id=channel.pk if channel else None)
    counts = {on: len(changes) for on, changes in found}
    total = sum(counts.values())
    return render_page(
        request,
        "catalog/pages/price_schedule.html",
        title=_("Scheduled prices"),
        form=form,
        days=found,
        strip=_strip(counts, days),
        total=total,
        most=MOST_CHANGES if total >= MOST_CHANGES else None,
        is_short=total <= FEW_CHANGES,
        may_set=can_set_prices(actor(request)),
    )


def _strip(counts: dict[date, int], days: int) -> list[dict[str, Any]]:
    today = timezone.localdate()
    shown = [today + timedelta(days=number) for number in range(days + 1)]
    return [
        {"on": on, "count": counts.get(on, 0), "is_weekend": on.weekday() >= 5, "is_first": on.day == 1 or on == today}
        for on in shown
    ]
