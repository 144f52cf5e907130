"""The questions of a transfer's dialogs."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.ui import ActionForm
from inventory.models import Transfer, TransferLine
from inventory.services.moving import ArrivedPieces
from staff.admin.forms import DayInput


class TransferForm(forms.ModelForm):  # type: ignore[type-arg] # Django's own class takes no parameter
    """From where to where, when it is expected, and what it is for."""

    expected_on = forms.DateField(label=pgettext_lazy("transfer", "Expected"), widget=DayInput, required=False)

    class Meta:
        model = Transfer
        fields: ClassVar[list[str]] = []


class NewTransferForm(TransferForm):
    """A new draft may begin with what runs low at the destination."""

    suggest = forms.BooleanField(
        label=gettext_lazy("Suggest what to move"),
        required=False,
        help_text=gettext_lazy("What runs low at the destination and can be spared at the source. You can change it."),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse the same warehouse twice beside the field."""
        data = super().clean() or {}
        if data.get("source") and data.get("source") == data.get("destination"):
            self.add_error("destination", _("Choose two different warehouses."))
        return data


class SendForm(ActionForm):
    """What happens when something is short."""

    as_far_as_there = forms.BooleanField(
        label=gettext_lazy("Send what is there"),
        required=False,
        help_text=gettext_lazy("Otherwise nothing leaves when a piece is short."),
    )


class ArrivalsWidget(forms.Widget):
    """A table: a row for each line, with what arrived and how much of it is damaged."""

    template_name = "inventory/widgets/arrivals.html"
    lines: list[TransferLine]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Give the template rows of (line, quantity, damaged)."""
        context = super().get_context(name, value, attrs)
        said = value or {}
        context["rows"] = [(line, *said.get(line.pk, (line.in_transit, 0))) for line in self.lines]
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[int, tuple[str, str]]:
        """Return line id -> (arrived, damaged) as typed."""
        return {
            line.pk: (data.get(f"{name}_{line.pk}", ""), data.get(f"{name}_{line.pk}_damaged", ""))
            for line in self.lines
        }


class ArrivalsField(forms.Field):
    """Arrived pieces of each line, as ArrivedPieces; numbers that nobody can mean are named."""

    widget = ArrivalsWidget

    def clean(self, value: Any) -> list[ArrivedPieces]:
        """Return the lines of which something arrived."""
        arrived = []
        for line in self.widget.lines:
            quantity, damaged = (_number(text) for text in value.get(line.pk, ("", "")))
            if quantity > line.in_transit or damaged > quantity:
                raise forms.ValidationError(
                    _("%(sku)s: at most %(count)s can arrive, and no more be damaged than arrived.")
                    % {"sku": line.variant.sku, "count": line.in_transit}
                )
            if quantity:
                arrived.append(ArrivedPieces(line_id=line.pk, quantity=quantity, damaged=damaged))
        if not arrived:
            raise forms.ValidationError(_("Write how many pieces arrived."))
        return arrived


def _number(text: str) -> int:
    cleaned = str(text).strip()
    if not cleaned:
        return 0
    if not (cleaned.isascii() and cleaned.isdigit() and len(cleaned) < 9):
        raise forms.ValidationError(_("“%(text)s” is no number of pieces.") % {"text": cleaned})
    return int(cleaned)


class ArriveForm(ActionForm):
    """What arrived, prefilled with what is in transit."""

    pieces = ArrivalsField(label=pgettext_lazy("transfer", "Arrived"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lines = self.obj.lines.select_related("variant__product", "lot").order_by("variant__sku", "pk")
        self.fields["pieces"].widget.lines = [line for line in lines if line.in_transit]


class CloseForm(ActionForm):
    """Why the rest never arrives."""

    reason = forms.CharField(label=pgettext_lazy("loss", "Why the rest is lost"), max_length=200)
