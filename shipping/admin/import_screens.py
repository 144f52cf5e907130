"""Files of carriers on the import pages: whose they are, and what their numbers may do."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.imports.screens import OptionsForm, Screen, register_screen
from core.models import ImportBatch, ImportRow, RowOutcome
from shipping.models import Carrier


class TrackingOptions(OptionsForm):
    """Whose numbers they are where the file does not say, and whether they ship."""

    carrier = forms.ModelChoiceField(
        label=_("Carrier"), queryset=Carrier.objects.filter(is_active=True), required=False,
        empty_label=_("As the file says"),
    )  # fmt: skip
    ships = forms.BooleanField(label=_("Ship the orders that are ready"), required=False, initial=True)
    replaces = forms.BooleanField(label=_("Replace numbers that differ"), required=False)

    def options(self) -> dict[str, Any]:
        """Return JSON; the carrier as its id."""
        carrier = self.cleaned_data["carrier"]
        return {**self.cleaned_data, "carrier": carrier.pk if carrier else None}

    @classmethod
    def told(cls, options: Mapping[str, Any]) -> Sequence[tuple[Any, Any]]:
        """Return the carrier and what was chosen."""
        carrier = Carrier.objects.filter(pk=options.get("carrier") or 0).first()
        pairs: list[tuple[Any, Any]] = [(_("Carrier"), carrier or _("As the file says"))]
        chosen = [
            text
            for key, text in (("ships", _("ships orders")), ("replaces", _("replaces numbers")))
            if options.get(key)
        ]
        return [*pairs, (_("Options"), ", ".join(map(str, chosen)))] if chosen else pairs


def order_link(row: ImportRow) -> str:
    """Return where the row's order is found."""
    return _found(row, "orders_order_changelist", tab="all")


def parcel_link(row: ImportRow) -> str:
    """Return where the row's parcel is found."""
    return _found(row, "orders_shipment_changelist")


def shipments(batch: ImportBatch) -> Sequence[tuple[Any, str]]:
    """Return the way to the parcels."""
    return [(_("Shipments"), reverse("admin:orders_shipment_changelist"))]


def _found(row: ImportRow, page: str, **query: str) -> str:
    if not row.reference or row.outcome in {RowOutcome.REFUSED, RowOutcome.PENDING}:
        return ""
    return f"{reverse(f'admin:{page}')}?{urlencode({**query, 'q': row.reference})}"


register_screen(
    "shipping.tracking",
    Screen(options=TrackingOptions, fixed=("carrier",), link=order_link, results=shipments),
)
register_screen("shipping.scans", Screen(link=parcel_link, results=shipments))
