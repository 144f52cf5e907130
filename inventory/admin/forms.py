"""The questions of the dialogs about stock."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from catalog.models import Variant
from core.ui import ActionForm
from inventory.models import AdjustReason, Bin, HoldKind, IncomingSold, Lot, ShelfStock, StockPolicy, WhenOut
from inventory.selectors.shelves import racks_of
from inventory.services import LotGiven

MOST = 10_000_000
# what a person sets aside by hand: the clock does the rest
BY_HAND = [
    HoldKind.QUARANTINE, HoldKind.INSPECTION, HoldKind.DAMAGED, HoldKind.OPENED, HoldKind.DISPLAY, HoldKind.EXCHANGE,
    HoldKind.DEAL,
]  # fmt: skip
ON_ARRIVAL = [HoldKind.QUARANTINE, HoldKind.INSPECTION, HoldKind.DAMAGED, HoldKind.OPENED]


def choices_of(kinds: list[HoldKind]) -> list[tuple[str, Any]]:
    """Return the kinds as a select wants them."""
    return [(kind.value, kind.label) for kind in kinds]


def split_serials(text: str) -> tuple[str, ...]:
    """Return the numbers that were scanned or pasted, one a line or between commas, without doubles of one scan."""
    return tuple(part for part in (one.strip() for one in text.replace(",", "\n").splitlines()) if part)


class SerialsField(forms.CharField):
    """Numbers of pieces, one a line, as a scanner types them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=gettext_lazy("serial numbers"),
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=gettext_lazy("One a line, as the scanner types them."),
            **kwargs,
        )

    def clean(self, value: Any) -> tuple[str, ...]:
        """Return the numbers."""
        return split_serials(super().clean(value) or "")


class StockForm(ActionForm):
    """A dialog about one stock item, which asks for lot, bin and serial numbers only where they matter."""

    def policy(self) -> StockPolicy | None:
        """Return how the item's stock is kept, if anything is special."""
        return StockPolicy.objects.filter(variant=self.obj.variant_id).first()

    def ask_bin(self) -> None:
        """Ask for a bin where the warehouse has any."""
        bins = Bin.objects.filter(warehouse=self.obj.warehouse_id, is_active=True)
        if bins.exists():
            self.fields["bin"] = forms.ModelChoiceField(
                queryset=bins, required=False, label=pgettext_lazy("shelf", "bin")
            )

    def ask_lot(self) -> None:
        """Ask for a known lot where pieces of any lie here."""
        lots = Lot.objects.filter(shelves__stock_item=self.obj, shelves__quantity__gt=0).distinct()
        if lots.exists():
            self.fields["lot"] = forms.ModelChoiceField(queryset=lots, required=False, label=gettext_lazy("lot"))

    def ask_serials(self) -> None:
        """Ask for the numbers of numbered pieces."""
        policy = self.policy()
        if policy is not None and policy.tracks_serials:
            self.fields["serials"] = SerialsField(required=False)


def place_of(data: dict[str, Any]) -> dict[str, Any]:
    """Return lot, bin and numbers of a dialog as an entry line takes them."""
    return {
        "lot_id": data["lot"].pk if data.get("lot") else None,
        "bin_id": data["bin"].pk if data.get("bin") else None,
        "serials": data.get("serials") or (),
    }


class CountForm(StockForm):
    """What is on the shelf now."""

    counted = forms.IntegerField(
        label=gettext_lazy("Counted pieces"),
        min_value=0,
        max_value=MOST,
        help_text=gettext_lazy("All pieces on the shelf, reserved and held ones too."),
    )
    reason = forms.CharField(label=gettext_lazy("reason"), max_length=200, required=False)


class ReceiveForm(StockForm):
    """How many came in, of which lot, and whether they may be sold at once."""

    quantity = forms.IntegerField(label=gettext_lazy("Pieces received"), min_value=1, max_value=MOST)
    reference = forms.CharField(label=gettext_lazy("Delivery note"), max_length=80, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        policy = self.policy()
        if policy is not None and policy.tracks_lots:
            self.fields["lot_number"] = forms.CharField(label=gettext_lazy("lot number"), max_length=60)
            self.fields["expires_on"] = forms.DateField(
                label=pgettext_lazy("goods", "expires"), required=False, widget=forms.DateInput(attrs={"type": "date"})
            )
        self.ask_bin()
        if policy is not None and policy.tracks_serials:
            self.fields["serials"] = SerialsField()
        self.fields["hold_kind"] = forms.ChoiceField(
            label=gettext_lazy("On arrival"),
            choices=[("", gettext_lazy("For sale at once")), *choices_of(ON_ARRIVAL)],
            required=False,
        )

    def clean(self) -> dict[str, Any]:
        """Give the service the lot as it is written on the box."""
        data = super().clean() or {}
        if data.get("lot_number"):
            data["given"] = LotGiven(number=data["lot_number"], expires_on=data.get("expires_on"))
        return data


class AdjustForm(StockForm):
    """A difference with its cause."""

    change = forms.IntegerField(
        label=pgettext_lazy("pieces", "Change"),
        min_value=-MOST,
        max_value=MOST,
        help_text=gettext_lazy("For example −2 for two broken pieces."),
    )
    reason_code = forms.ChoiceField(label=gettext_lazy("cause"), choices=AdjustReason.choices)
    reason = forms.CharField(label=gettext_lazy("reason"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask_lot()
        self.ask_bin()
        self.ask_serials()


class HoldForm(StockForm):
    """Which pieces are set aside, why and until when."""

    kind = forms.ChoiceField(label=gettext_lazy("kind"), choices=choices_of(BY_HAND))
    quantity = forms.IntegerField(label=gettext_lazy("quantity"), min_value=1, max_value=MOST)
    until = forms.SplitDateTimeField(
        label=gettext_lazy("held until"),
        required=False,
        widget=forms.SplitDateTimeWidget(date_attrs={"type": "date"}, time_attrs={"type": "time"}),
        help_text=gettext_lazy("They are for sale again then by themselves; empty: until somebody frees them."),
    )
    reference = forms.CharField(label=gettext_lazy("document"), max_length=80, required=False)
    note = forms.CharField(label=gettext_lazy("note"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["quantity"].help_text = _("%(count)s available") % {"count": self.obj.available}
        self.ask_lot()
        self.ask_bin()


class FreeForm(ActionForm):
    """How many pieces of a hold may be sold again."""

    quantity = forms.IntegerField(label=gettext_lazy("quantity"), min_value=1, max_value=MOST)


class DisposeForm(FreeForm):
    """How many pieces of a hold are gone, and why."""

    reason_code = forms.ChoiceField(
        label=gettext_lazy("cause"), choices=AdjustReason.choices, initial=AdjustReason.DISPOSED
    )
    note = forms.CharField(label=gettext_lazy("reason"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        policy = StockPolicy.objects.filter(variant__stock_items=self.obj.stock_item_id, tracks_serials=True)
        if policy.exists():
            self.fields["serials"] = SerialsField(required=False)


class RegradeForm(FreeForm):
    """As which variant pieces of a hold are sold from now on."""

    sku = forms.CharField(label=gettext_lazy("New SKU"), max_length=80)
    field_order = ("sku", "quantity")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sisters = Variant.objects.filter(product__variants__stock_items=self.obj.stock_item_id).exclude(
            stock_items=self.obj.stock_item_id
        )
        named = ", ".join(sisters.order_by("-pk").values_list("sku", flat=True)[:4])
        help_text = _("The variant that stands for this grade.")
        self.fields["sku"].help_text = f"{help_text} {named}".strip()
        if StockPolicy.objects.filter(variant__stock_items=self.obj.stock_item_id, tracks_serials=True).exists():
            self.fields["serials"] = SerialsField(required=False)

    def clean_sku(self) -> str:
        """Take only a SKU that exists."""
        sku: str = self.cleaned_data["sku"].strip()
        if not Variant.objects.filter(sku=sku).exists():
            raise forms.ValidationError(_("No variant has this SKU. Make it in the catalogue first."))
        return sku


class PutAwayForm(StockForm):
    """Where unplaced pieces lie, or of which lot they are."""

    quantity = forms.IntegerField(label=gettext_lazy("quantity"), min_value=1, max_value=MOST)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unplaced = racks_of(stock_item_ids=[self.obj.pk])[self.obj.pk].unplaced
        self.fields["quantity"].help_text = _("%(count)s unplaced") % {"count": unplaced}
        self.fields["quantity"].initial = unplaced or None
        self.ask_bin()
        lots = Lot.objects.filter(variant=self.obj.variant_id)
        if lots.exists():
            self.fields["lot"] = forms.ModelChoiceField(queryset=lots, required=False, label=gettext_lazy("lot"))


class ShelfChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable at run time
    """A shelf with what lies on it."""

    def label_from_instance(self, obj: Any) -> str:
        """Return e.g. "TEE-M · A-01 · L-7 (12)"."""
        return " · ".join(str(part) for part in (obj.stock_item.variant.sku, obj.bin, obj.lot) if part) + (
            f" ({obj.quantity})"
        )


class MoveForm(ActionForm):
    """Which pieces go to which other bin; on the page of a stock item or of a bin."""

    shelf = ShelfChoice(label=pgettext_lazy("place", "from"), queryset=ShelfStock.objects.none(), empty_label=None)
    bin = forms.ModelChoiceField(label=pgettext_lazy("place", "to"), queryset=Bin.objects.none())
    quantity = forms.IntegerField(label=gettext_lazy("quantity"), min_value=1, max_value=MOST)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = {"bin": self.obj} if isinstance(self.obj, Bin) else {"stock_item": self.obj}
        shelves = ShelfStock.objects.filter(quantity__gt=0, **place).select_related("stock_item__variant", "bin", "lot")
        self.fields["shelf"].queryset = shelves.order_by("pk")  # type: ignore[attr-defined]
        bins = Bin.objects.filter(warehouse=self.obj.warehouse_id, is_active=True)
        self.fields["bin"].queryset = bins  # type: ignore[attr-defined]


class LotForm(ActionForm):
    """The dates on the box."""

    expires_on = forms.DateField(
        label=pgettext_lazy("goods", "expires"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("What is held because of it follows within the hour."),
    )
    made_on = forms.DateField(
        label=gettext_lazy("made"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


class PolicyForm(ActionForm):
    """How a variant's stock is kept and sold."""

    tracks_lots = forms.BooleanField(label=gettext_lazy("lots"), required=False)
    tracks_serials = forms.BooleanField(label=gettext_lazy("serial numbers"), required=False)
    block_days = forms.IntegerField(
        label=gettext_lazy("sale ends before expiry (days)"), min_value=0, max_value=3650, initial=0
    )
    when_out = forms.ChoiceField(label=gettext_lazy("when nothing is available"), choices=WhenOut.choices)
    backorder_limit = forms.IntegerField(
        label=gettext_lazy("most pieces sold ahead"),
        min_value=0,
        max_value=MOST,
        required=False,
        help_text=gettext_lazy("Empty: no limit."),
    )
    release_on = forms.DateField(
        label=gettext_lazy("release date"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("Nothing ships before it."),
    )
    incoming_sold = forms.ChoiceField(label=gettext_lazy("incoming pieces are sold"), choices=IncomingSold.choices)
