"""What the dialogs of prices ask, read in the currency of the channel."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy, pgettext_lazy

from catalog.models import Price, SalesChannel, Variant
from catalog.selectors import prices_at
from core.errors import InvalidInput
from core.money import parse_amount, to_decimal
from core.ui import ActionForm

AMOUNTS = ("amount", "compare_at", "list_price", "cost")
MOMENT = "%Y-%m-%dT%H:%M"


def moment_field(label: Any, help_text: Any = "") -> forms.DateTimeField:
    """Return an optional field for a day and a time."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT)
    return forms.DateTimeField(label=label, required=False, help_text=help_text, widget=widget, input_formats=[MOMENT])


def amount_field(label: Any, *, required: bool = False, help_text: Any = "") -> forms.CharField:
    """Return a field for an amount in major units; ``read_amounts`` makes it minor ones."""
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.CharField(label=label, max_length=20, required=required, help_text=help_text, widget=widget)


class AmountsMixin:
    """Reads the amounts of a form in one currency."""

    def read_amounts(self, data: dict[str, Any], currency: str) -> None:
        """Replace the written amounts by minor units, empty ones by None; a bad one gets its error."""
        for name in AMOUNTS:
            text = data.get(name)
            if name not in data:
                continue
            try:
                data[name] = parse_amount(text, currency) if text else None
            except InvalidInput as error:
                self.add_error(name, str(error))  # type: ignore[attr-defined]


class PriceForm(AmountsMixin, ActionForm):
    """A new price: from now on, or from a moment, or for a period."""

    sales_channel = forms.ModelChoiceField(
        label=gettext_lazy("sales channel"), queryset=SalesChannel.objects.filter(is_active=True), empty_label=None
    )
    amount = amount_field(gettext_lazy("price"), required=True)
    compare_at = amount_field(
        gettext_lazy("price before"), help_text=gettext_lazy("Empty: none is shown. The history has to prove it.")
    )
    list_price = amount_field(gettext_lazy("list price"), help_text=gettext_lazy("Empty: stays as it is."))
    cost = amount_field(gettext_lazy("cost"), help_text=gettext_lazy("Empty: stays as it is."))
    starts_at = moment_field(pgettext_lazy("moment", "from"), gettext_lazy("Empty: now."))
    ends_at = moment_field(
        pgettext_lazy("moment", "until"), gettext_lazy("Empty: on. With an end, the price before goes on afterwards.")
    )
    reason = forms.CharField(
        label=gettext_lazy("reason"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("For the person who approves a price below the lowest margin."),
    )

    def clean(self) -> dict[str, Any]:
        """Read the amounts in the channel's currency."""
        data = super().clean() or {}
        if channel := data.get("sales_channel"):
            self.read_amounts(data, channel.currency)
        return data


class PlanForm(AmountsMixin, ActionForm):
    """Another amount or period of a planned price."""

    amount = amount_field(gettext_lazy("price"), required=True)
    compare_at = amount_field(gettext_lazy("price before"), help_text=gettext_lazy("Empty: none is shown."))
    starts_at = forms.DateTimeField(
        label=pgettext_lazy("moment", "from"),
        input_formats=[MOMENT],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
    )
    ends_at = moment_field(pgettext_lazy("moment", "until"), gettext_lazy("Empty: until the next planned price."))
    reason = forms.CharField(label=gettext_lazy("reason"), max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        """Read the amounts in the price's currency."""
        data = super().clean() or {}
        self.read_amounts(data, self.obj.currency)
        return data


class EndForm(ActionForm):
    """When a price ends."""

    ends_at = moment_field(gettext_lazy("ends at"), gettext_lazy("Empty: now."))


class NoteForm(ActionForm):
    """A word to the person who asked."""

    note = forms.CharField(
        label=gettext_lazy("note"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class RefusalForm(ActionForm):
    """Why a price is refused."""

    note = forms.CharField(
        label=gettext_lazy("reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Say why: the note reaches the person who asked."),
    )


def price_initial(request: HttpRequest, variant: Variant) -> dict[str, Any]:
    """Return the channel that the page named, with the list price and cost that hold there."""
    asked = request.GET.get("channel", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) <= 18):
        return {}
    channel = SalesChannel.objects.filter(pk=int(asked), is_active=True).first()
    if channel is None:
        return {}
    held = prices_at(variant_ids=[variant.pk], sales_channel_id=channel.pk).get(variant.pk)
    given = {name: _major(held, name) for name in ("list_price", "cost")} if held else {}
    return {"sales_channel": channel.pk, **given}


def plan_initial(_request: HttpRequest, price: Price) -> dict[str, Any]:
    """Return the planned price as it stands."""
    return {
        "amount": _major(price, "amount"),
        "compare_at": _major(price, "compare_at"),
        "starts_at": timezone.localtime(price.starts_at),
        "ends_at": timezone.localtime(price.ends_at) if price.ends_at else None,
    }


def _major(price: Price, name: str) -> str:
    value = getattr(price, name)
    return "" if value is None else str(to_decimal(value, price.currency))
