"""Statements of channels on the import pages: whose they are, and where they are seen."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSingleDateWidget

from accounting.importing import statements_of
from catalog.models import SalesChannel
from core.imports.screens import OptionsForm, Screen, register_screen
from core.models import ImportBatch, ImportRow

_DAYS = ("starts_on", "ends_on", "paid_on")


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=UnfoldAdminSingleDateWidget())


class SettlementOptions(OptionsForm):
    """The channel, and what files leave out that are only a list of orders."""

    sales_channel = forms.ModelChoiceField(
        label=_("Sales channel"),
        queryset=SalesChannel.objects.filter(is_active=True),
        help_text=_("Its currency and time zone are used."),
    )
    reference = forms.CharField(
        label=_("Number of the statement"), max_length=80, required=False,
        help_text=_("Only where the file does not say it, for example 2026-10 for the statement of October."),
    )  # fmt: skip
    starts_on = _day(_("From"))
    ends_on = _day(_("Until"))
    paid_on = _day(_("Paid out on"))

    def options(self) -> dict[str, Any]:
        """Return JSON; the channel as its id."""
        data = self.cleaned_data
        days = {name: data[name].isoformat() if data[name] else "" for name in _DAYS}
        return {"sales_channel": data["sales_channel"].pk, "reference": data["reference"], **days}

    @classmethod
    def told(cls, options: Mapping[str, Any]) -> Sequence[tuple[Any, Any]]:
        """Return the channel and what was written beside the file."""
        channel = SalesChannel.objects.filter(pk=options.get("sales_channel") or 0).first()
        pairs: list[tuple[Any, Any]] = [(_("Sales channel"), channel or "–")]
        if options.get("reference"):
            pairs.append((_("Statement"), options["reference"]))
        return pairs


def statement_link(row: ImportRow) -> str:
    """Return where the row's statement is found."""
    return reverse("admin:accounting_settlement_change", args=[row.object_id]) if row.object_id else ""


def statement_links(batch: ImportBatch) -> Sequence[tuple[Any, str]]:
    """Return the ways to the statements of the file."""
    return [
        (one.reference, reverse("admin:accounting_settlement_change", args=[one.pk])) for one in statements_of(batch)
    ]


register_screen(
    "accounting.settlements",
    Screen(options=SettlementOptions, link=statement_link, results=statement_links, fixed=("unsigned",)),
)
