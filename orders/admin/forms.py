"""The questions of the order page's dialogs."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from catalog.models import Variant
from core.money import minor_digits, parse_amount, to_decimal
from core.ui import ActionForm
from inventory.admin.forms import SerialsField
from inventory.selectors import LotToShip, numbered_variants
from orders.models import CancelCause, HoldReason, LineKind, Order, OrderLine, ReturnCondition
from orders.selectors.lots import lots_of_lines

# Names as the carriers write them on their labels; any other may be typed.
CARRIERS = [
    "CJ대한통운",
    "한진택배",
    "롯데택배",
    "로젠택배",
    "우체국택배",
    "ヤマト運輸",
    "佐川急便",
    "日本郵便",
    "DHL",
    "EMS",
]
CANCEL_REASONS = [
    gettext_lazy("Customer changed their mind"),
    gettext_lazy("Out of stock"),
    gettext_lazy("Not paid in time"),
    gettext_lazy("Double order"),
    gettext_lazy("Suspicious order"),
]
LOT_REASONS = [
    gettext_lazy("The customer asked for it"),
    gettext_lazy("The first lot cannot be reached"),
    gettext_lazy("All pieces of one lot"),
]
RETURN_REASONS = [
    gettext_lazy("Customer changed their mind"),
    gettext_lazy("Damaged"),
    gettext_lazy("Defective"),
    gettext_lazy("Wrong item"),
    gettext_lazy("Not delivered"),
]


class Suggested(forms.TextInput):
    """A text field that offers usual answers and takes any other."""

    template_name = "orders/widgets/suggested.html"

    def __init__(self, suggestions: list[Any]) -> None:
        super().__init__()
        self.suggestions = suggestions

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Give the template the list."""
        context = super().get_context(
            name, value, {**(attrs or {}), "list": f"{name}-suggestions", "autocomplete": "off"}
        )
        context["suggestions"] = [str(text) for text in self.suggestions]
        return context


class ShipManyForm(ActionForm):
    """Who carries the parcels."""

    carrier = forms.CharField(label=gettext_lazy("carrier"), max_length=60, widget=Suggested(CARRIERS))


class ShipForm(ShipManyForm):
    """Carrier, tracking number, and how many pieces of each line are in the parcel."""

    tracking_number = forms.CharField(label=gettext_lazy("tracking number"), max_length=60, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.open_lines = [line for line in goods(self.obj) if line.open_count]
        self.numbered = _numbered(self.open_lines)
        self.lots = lots_of_lines(line_ids=[line.pk for line in self.open_lines])
        for line in self.open_lines:
            self.fields[f"line_{line.pk}"] = forms.IntegerField(
                label=f"{line.name} {line.options}".strip(),
                min_value=0,
                max_value=line.open_count,
                initial=line.open_count,
                help_text=_("%(count)s left to ship") % {"count": line.open_count},
            )
            if line.variant_id in self.numbered:
                self.fields[f"serials_{line.pk}"] = SerialsField(required=False)
            elif len(self.lots.get(line.pk, ())) > 1:
                self.fields[f"lot_{line.pk}"] = forms.TypedChoiceField(
                    label=gettext_lazy("lot"), choices=_lot_choices(self.lots[line.pk]), coerce=int, empty_value=None,
                    required=False,
                )  # fmt: skip
        if any(name.startswith("lot_") for name in self.fields):
            self.fields["lot_reason"] = forms.CharField(
                label=gettext_lazy("why not the lot that ends first"),
                max_length=200,
                required=False,
                widget=Suggested(LOT_REASONS),
                help_text=gettext_lazy("Only needed when another lot is chosen."),
            )

    def quantities(self) -> dict[int, int]:
        """Return line id: pieces."""
        return {line.pk: self.cleaned_data[f"line_{line.pk}"] for line in self.open_lines}

    def clean(self) -> dict[str, Any]:
        """Give the service what it takes."""
        data = super().clean() or {}
        if not self.errors:
            data["quantities"] = self.quantities()
            data["serials"] = _serials(data, self.open_lines)
            data["lots"] = {line.pk: data[f"lot_{line.pk}"] for line in self.open_lines if data.get(f"lot_{line.pk}")}
            self._check_lots(data)
        return data

    def _check_lots(self, data: dict[str, Any]) -> None:
        """Ask beside the field for the reason, so that nothing has to be typed again."""
        for pk, lot_id in data["lots"].items():
            lot = next(lot for lot in self.lots[pk] if lot.lot_id == lot_id)
            if lot.skips and not data["lot_reason"].strip():
                said = _("Lot %(lot)s ends earlier. Say why it is passed over.") % {"lot": lot.skips}
                self.add_error("lot_reason", said)
            if data[f"line_{pk}"] and data[f"line_{pk}"] > lot.free:
                said = _("Only %(count)s pieces of this lot are free. Ship the rest in a second step.")
                self.add_error(f"lot_{pk}", said % {"count": lot.free})


class CancelForm(ActionForm):
    """Why, and what becomes of the reserved pieces."""

    reason = forms.CharField(label=gettext_lazy("reason"), max_length=200, widget=Suggested(CANCEL_REASONS))
    cause = forms.TypedChoiceField(
        label=gettext_lazy("whose doing it is"),
        choices=CancelCause.choices,
        coerce=CancelCause,
        required=False,
        empty_value=CancelCause.CUSTOMER,
        help_text=gettext_lazy("The time that the law gives for the refund counts by it."),
    )
    restock = forms.BooleanField(
        label=gettext_lazy("Reserved pieces can be sold again"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Untick if they are damaged or lost: they are then written off."),
    )


class HoldForm(ActionForm):
    """Why nothing may leave."""

    reason = forms.ChoiceField(
        label=gettext_lazy("reason"),
        choices=[
            (code, label) for code, label in HoldReason.choices if code not in {HoldReason.RULE, HoldReason.EXTRA}
        ],
    )
    note = forms.CharField(label=gettext_lazy("note"), max_length=300, required=False)
    takes_stock = forms.BooleanField(
        label=gettext_lazy("Take stock meanwhile"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Unticked, it is not confirmed and gets no stock; what is reserved already stays."),
    )


class ReleaseForm(ActionForm):
    """Which holds end, of one order with several; of many orders all."""

    holds = forms.TypedMultipleChoiceField(
        label=pgettext_lazy("hold", "Release"), coerce=int, widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(label=gettext_lazy("note"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = list(self.obj.holds.filter(released_at=None).select_related("rule")) if self.obj is not None else []
        if len(rows) < 2:
            del self.fields["holds"]
            return
        field: Any = self.fields["holds"]
        field.choices = [(hold.pk, f"{hold} {hold.note}".strip()) for hold in rows]
        field.initial = [hold.pk for hold in rows]


class AmountForm(ActionForm):
    """An amount in the order's currency."""

    amount = forms.CharField(label=gettext_lazy("amount"), max_length=20)

    def clean_amount(self) -> int:
        """Return minor units; InvalidInput's sentence becomes the field's error."""
        try:
            amount = parse_amount(self.cleaned_data["amount"], self.obj.currency)
        except Exception as error:
            raise forms.ValidationError(str(error)) from error
        if amount <= 0:
            raise forms.ValidationError(_("Write an amount above zero."))
        return amount


class PaymentForm(AmountForm):
    """Money that came in."""

    method = forms.CharField(
        label=gettext_lazy("method"),
        max_length=80,
        widget=Suggested([gettext_lazy("Bank transfer"), gettext_lazy("Card"), gettext_lazy("Cash on delivery")]),
    )
    paid_at = forms.SplitDateTimeField(
        label=pgettext_lazy("moment", "paid"),
        widget=forms.SplitDateTimeWidget(date_attrs={"type": "date"}, time_attrs={"type": "time"}),
    )


class ReturnForm(ActionForm):
    """Which pieces came back, and in what state."""

    reason = forms.CharField(label=gettext_lazy("reason"), max_length=200, widget=Suggested(RETURN_REASONS))
    condition = forms.TypedChoiceField(
        label=gettext_lazy("condition"),
        choices=ReturnCondition.choices,
        coerce=ReturnCondition,
        required=False,
        empty_value=ReturnCondition.GOOD,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.returnable = [line for line in goods(self.obj) if line.shipped_count > line.returned_count]
        self.numbered = _numbered(self.returnable)
        for line in self.returnable:
            rest = line.shipped_count - line.returned_count
            self.fields[f"line_{line.pk}"] = forms.IntegerField(
                label=f"{line.name} {line.options}".strip(),
                min_value=0,
                max_value=rest,
                initial=0,
                help_text=_("%(count)s with the customer") % {"count": rest},
            )
            if line.variant_id in self.numbered:
                self.fields[f"serials_{line.pk}"] = SerialsField(required=False)

    def clean(self) -> dict[str, Any]:
        """Give the service what it takes; at least one piece must have come back."""
        data = super().clean() or {}
        if not self.errors:
            data["quantities"] = {
                line.pk: data[f"line_{line.pk}"] for line in self.returnable if data[f"line_{line.pk}"]
            }
            data["serials"] = _serials(data, self.returnable)
            if not data["quantities"]:
                raise forms.ValidationError(_("Write how many pieces came back."))
        return data


class MatchForm(ActionForm):
    """Which variant an unknown line means."""

    line = forms.ModelChoiceField(label=gettext_lazy("order line"), queryset=OrderLine.objects.none())
    sku = forms.CharField(label="SKU", max_length=80, help_text=gettext_lazy("The SKU of the product it stands for."))
    remember = forms.BooleanField(
        label=gettext_lazy("Remember for this channel"),
        required=False,
        initial=True,
        help_text=gettext_lazy("The next order with this code is matched by itself."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["line"]
        field.queryset = self.obj.lines.filter(kind=LineKind.PRODUCT, variant=None)  # type: ignore[attr-defined]
        field.empty_label = None  # type: ignore[attr-defined]
        field.label_from_instance = lambda line: f"{line.sku} {line.name}".strip()  # type: ignore[attr-defined]

    def clean_sku(self) -> str:
        """Refuse a SKU that does not exist, with a hint."""
        sku = str(self.cleaned_data["sku"]).strip()
        if not Variant.objects.filter(sku=sku).exists():
            raise forms.ValidationError(_("There is no SKU “%(sku)s”. Look it up in the product list.") % {"sku": sku})
        return sku


def _numbered(lines: list[OrderLine]) -> set[int]:
    """Return the variants of these lines whose pieces are numbered."""
    return numbered_variants(variant_ids=[line.variant_id for line in lines if line.variant_id is not None])


def _lot_choices(lots: Sequence[LotToShip]) -> list[tuple[Any, Any]]:
    """Return the first to expire as the default, then the others."""
    first, *others = lots
    return [
        ("", _("Ends first: %(lot)s") % {"lot": _lot_text(first)}),
        *((lot.lot_id, _lot_text(lot)) for lot in others),
    ]


def _lot_text(lot: LotToShip) -> str:
    pieces = ngettext("%(count)s piece", "%(count)s pieces", lot.free) % {"count": lot.free}
    day = date_format(lot.expires_on, "SHORT_DATE_FORMAT") if lot.expires_on else _("no end")
    return f"{lot.number} · {day} · {pieces}"


def _serials(data: dict[str, Any], lines: list[OrderLine]) -> dict[int, tuple[str, ...]]:
    """Return line id: the numbers that were scanned."""
    return {line.pk: data[f"serials_{line.pk}"] for line in lines if data.get(f"serials_{line.pk}")}


def goods(order: Order) -> list[OrderLine]:
    """Return the order's product lines."""
    return list(order.lines.filter(kind=LineKind.PRODUCT))


def amount_text(minor: int, currency: str) -> str:
    """Return minor units as an input field wants them: 1234.50."""
    value: Decimal = to_decimal(minor, currency)
    return f"{value:.{minor_digits(currency)}f}"


def payment_initial(request: Any, order: Order) -> dict[str, Any]:
    """Propose what is due, by the order's method, now."""
    return {
        "amount": amount_text(max(order.total - order.paid_total, 0), order.currency),
        "method": order.payment_method,
        "paid_at": timezone.localtime().replace(second=0, microsecond=0),
    }
