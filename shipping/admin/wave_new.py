"""The page on which a wave is put together: what its orders have in common, and what that would be."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from catalog.models import SalesChannel
from core.errors import DomainError
from core.ui import actor
from core.ui.pressing import new_key
from core.ui.sitepages import register_page, render_page
from inventory.models import Warehouse
from shipping.models import Carrier
from shipping.selectors.waving import MOST_IN_A_WAVE, WaveCriteria, WavePreview, WaveSize, preview_wave, zones_of
from shipping.services import make_wave

MAKE = "shipping.add_wave"


class WaveForm(forms.Form):
    """What the orders of a wave have in common."""

    warehouse = forms.ModelChoiceField(
        label=gettext_lazy("Warehouse"), queryset=Warehouse.objects.filter(is_active=True), empty_label=None
    )
    size = forms.ChoiceField(label=gettext_lazy("Size of the orders"), choices=WaveSize.choices, required=False)
    most = forms.IntegerField(label=gettext_lazy("Orders at most"), min_value=1, max_value=MOST_IN_A_WAVE, initial=50)
    ship_by = forms.DateField(
        label=gettext_lazy("To ship by"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    carrier = forms.ModelChoiceField(
        label=gettext_lazy("Carrier"),
        queryset=Carrier.objects.filter(is_active=True),
        required=False,
        empty_label=gettext_lazy("Any"),
        help_text=gettext_lazy("As the default carriers say."),
    )
    sales_channels = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Sales channels"),
        queryset=SalesChannel.objects.filter(is_active=True),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    zones = forms.MultipleChoiceField(
        label=pgettext_lazy("warehouse", "Zones"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Every piece of the order lies there."),
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, warehouse_id: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = zones_of(warehouse_id) if warehouse_id else []
        self.fields["zones"].choices = [(zone, zone) for zone in zones]  # type: ignore[attr-defined]  # a choice field

    def criteria(self) -> WaveCriteria:
        """Return what was asked for."""
        data = self.cleaned_data
        return WaveCriteria(
            warehouse_id=data["warehouse"].pk,
            sales_channel_ids=tuple(channel.pk for channel in data["sales_channels"]),
            carrier_id=data["carrier"].pk if data["carrier"] else None,
            zones=tuple(data["zones"]),
            size=data["size"] or WaveSize.ANY.value,
            ship_by=data["ship_by"],
            most=data["most"],
        )


def _warehouse_id(request: HttpRequest) -> int | None:
    """Return the chosen warehouse, or the one from which is shipped first."""
    wanted = request.POST.get("warehouse", "")
    if wanted:
        if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 19):
            raise SuspiciousOperation("no warehouse")
        return int(wanted)
    return Warehouse.objects.filter(is_active=True).order_by("rank", "pk").values_list("pk", flat=True).first()


@register_page("shipping/waves/new/", name="shipping_wave_new", permission=MAKE)
def new_wave_page(request: HttpRequest) -> HttpResponseBase:
    """Ask what the orders have in common, show what that would be, make the wave."""
    place = _warehouse_id(request)
    if request.method != "POST":
        form = WaveForm(initial={"warehouse": place, "most": 50}, warehouse_id=place)
        preview = preview_wave(WaveCriteria(warehouse_id=place, most=50)) if place else None
        return _render(request, form, preview)
    command = "preview" if "only_carrier" in request.POST else request.POST.get("command", "")
    if command not in {"preview", "make"}:
        raise SuspiciousOperation("no such command")
    asked = request.POST.copy()
    if only := asked.pop("only_carrier", []):
        asked["carrier"] = only[-1]
    form = WaveForm(asked, warehouse_id=place)
    if not form.is_valid():
        return _render(request, form, None)
    if command == "preview":
        return _render(request, form, preview_wave(form.criteria()))
    user = actor(request)
    try:
        wave = make_wave(
            criteria=form.criteria(),
            note=form.cleaned_data["note"],
            key=f"{user.pk}:{request.POST.get('_key', '')[:40]}",
            actor=user,
        )
    except DomainError as error:
        form.add_error(None, str(error))
        return _render(request, form, preview_wave(form.criteria()))
    messages.success(request, _("%(number)s is made.") % {"number": wave.number})
    return HttpResponseRedirect(reverse("admin:shipping_wave_change", args=[wave.pk]))


def _render(request: HttpRequest, form: WaveForm, preview: WavePreview | None) -> HttpResponseBase:
    return render_page(
        request,
        "shipping/pages/wave_new.html",
        title=_("Make a wave"),
        form=form,
        preview=preview,
        key=new_key(),
    )
