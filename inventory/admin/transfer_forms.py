"""The questions of a transfer's dialogs."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.ui import ActionForm
from inventory.admin.forms import split_serials
from inventory.models import Transfer, TransferLine
from inventory.selectors.travelling import numbers_elsewhere, numbers_on_the_way, numbers_to_choose
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


class NumbersWidget(forms.Widget):
    """The numbers that can be meant, to tick, and an input for the scanner; both say the same thing."""

    template_name = "inventory/widgets/numbers.html"

    def __init__(self, choices: Sequence[tuple[str, str]], wanted: int) -> None:
        super().__init__()
        self.choices, self.wanted = choices, wanted  # (number, what to know about it)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Give the template what is ticked, and what was typed and is none of the choices."""
        context = super().get_context(name, value, attrs)
        said = tuple(value or ())
        known = {number for number, _about in self.choices}
        context["rows"] = [(number, about, number in said) for number, about in self.choices]
        context["typed"] = [number for number in said if number not in known]
        context["count"], context["wanted"] = len(said), self.wanted
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> tuple[str, ...]:
        """Return the numbers, each once: a number that is ticked and scanned is one number."""
        given = data.getlist(name) if hasattr(data, "getlist") else [data.get(name, "")]
        return tuple(dict.fromkeys(number for text in given for number in split_serials(text)))


class NumbersField(forms.Field):
    """Serial numbers of the pieces of one line."""

    def clean(self, value: Any) -> tuple[str, ...]:
        """Return the numbers; which of them can be meant the service judges."""
        return tuple(value or ())


class SendForm(ActionForm):
    """Which numbered pieces leave, and what happens when something is short."""

    as_far_as_there = forms.BooleanField(
        label=gettext_lazy("Send what is there"),
        required=False,
        help_text=gettext_lazy("Otherwise nothing leaves when a piece is short."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = numbers_to_choose(transfer=self.obj)
        lines = self.obj.lines.select_related("variant__product", "lot").filter(pk__in=choices)
        self.numbered = list(lines.order_by("variant__sku", "pk"))
        for line in self.numbered:
            self.fields[f"serials_{line.pk}"] = NumbersField(
                label=" · ".join(str(part) for part in (line.variant.sku, line.variant.label, line.lot) if part),
                widget=NumbersWidget(choices[line.pk], line.quantity),
                required=False,
            )
        self.order_fields([*(f"serials_{line.pk}" for line in self.numbered), "as_far_as_there"])

    def clean(self) -> dict[str, Any]:
        """Give the service what it takes."""
        data = super().clean() or {}
        serials = {line.pk: data[f"serials_{line.pk}"] for line in self.numbered}
        elsewhere = numbers_elsewhere(
            warehouse_id=self.obj.source_id, numbers={line.variant_id: serials[line.pk] for line in self.numbered}
        )
        for line in self.numbered:  # beside the field: what was scanned stays
            if problem := self._problem(line, serials[line.pk], elsewhere, is_partial=data["as_far_as_there"]):
                self.add_error(f"serials_{line.pk}", problem)
        return {"as_far_as_there": data["as_far_as_there"], "serials": serials}

    def _problem(
        self, line: TransferLine, numbers: Sequence[str], elsewhere: Mapping[int, Sequence[str]], *, is_partial: bool
    ) -> str:
        if wrong := [number for number in elsewhere.get(line.variant_id, ()) if number in numbers]:
            return _("These serial numbers are not in stock here: %(numbers)s") % {"numbers": ", ".join(wrong)}
        if len(numbers) > line.quantity or (len(numbers) < line.quantity and not is_partial):
            return _("Give one serial number for each of the %(count)s pieces of %(sku)s, none twice.") % {
                "count": line.quantity,
                "sku": line.variant.sku,
            }
        return ""


class ArrivalsWidget(forms.Widget):
    """A table: a row for each line, with what arrived and how much of it is damaged; numbered pieces by number."""

    template_name = "inventory/widgets/arrivals.html"
    lines: list[TransferLine]
    numbers: Mapping[int, Sequence[tuple[str, str]]]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Give the template rows of (line, quantity, damaged, the numbers to tick)."""
        context = super().get_context(name, value, attrs)
        said = value or {}
        context["rows"] = [self._row(name, line, said.get(line.pk)) for line in self.lines]
        return context

    def _row(self, name: str, line: TransferLine, said: tuple[Any, str] | None) -> tuple[TransferLine, Any, Any, Any]:
        if line.pk not in self.numbers:
            return (line, *(said or (line.in_transit, 0)), "")
        ticked, damaged = said or ((), 0)
        widget = NumbersWidget(self.numbers[line.pk], line.in_transit)
        return line, len(ticked), damaged, widget.render(f"{name}_{line.pk}", ticked)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[int, tuple[Any, str]]:
        """Return line id -> (arrived as typed, or the numbers that arrived; damaged)."""
        return {
            line.pk: (self._arrived(data, name, line), data.get(f"{name}_{line.pk}_damaged", "")) for line in self.lines
        }

    def _arrived(self, data: Any, name: str, line: TransferLine) -> Any:
        if line.pk in self.numbers:
            return NumbersWidget((), 0).value_from_datadict(data, None, f"{name}_{line.pk}")
        return data.get(f"{name}_{line.pk}", "")


class ArrivalsField(forms.Field):
    """Arrived pieces of each line, as ArrivedPieces; numbers that nobody can mean are named."""

    widget = ArrivalsWidget

    def clean(self, value: Any) -> list[ArrivedPieces]:
        """Return the lines of which something arrived."""
        arrived = []
        for line in self.widget.lines:
            said, damaged_said = value.get(line.pk, ("", ""))
            serials = said if isinstance(said, tuple) else ()
            quantity = len(serials) if isinstance(said, tuple) else _number(said)
            damaged = _number(damaged_said)
            known = {number for number, _about in self.widget.numbers.get(line.pk, ())}
            if wrong := [number for number in serials if number not in known]:
                raise forms.ValidationError(
                    _("These serial numbers are not on their way with this line: %(numbers)s")
                    % {"numbers": ", ".join(wrong)}
                )
            if quantity > line.in_transit or damaged > quantity:
                raise forms.ValidationError(
                    _("%(sku)s: at most %(count)s can arrive, and no more be damaged than arrived.")
                    % {"sku": line.variant.sku, "count": line.in_transit}
                )
            if quantity:
                arrived.append(ArrivedPieces(line_id=line.pk, quantity=quantity, damaged=damaged, serials=serials))
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
        widget = self.fields["pieces"].widget
        widget.lines = [line for line in lines if line.in_transit]
        widget.numbers = numbers_on_the_way(transfer=self.obj)


class CloseForm(ActionForm):
    """Why the rest never arrives."""

    reason = forms.CharField(label=pgettext_lazy("loss", "Why the rest is lost"), max_length=200)
