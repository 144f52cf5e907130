"""Orders in files, on the import pages: where they come from, what codes mean, where they are seen."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import SalesChannel
from core.imports.reading import setting_of
from core.imports.screens import Meaning, OptionsForm, Screen, register_screen
from core.models import ImportBatch, ImportRow, RowOutcome
from core.money import format_money, to_minor
from orders.models import LineKind


class OrderOptions(OptionsForm):
    """The channel that the file comes from, and how its orders are taken."""

    sales_channel = forms.ModelChoiceField(
        label=_("Sales channel"),
        queryset=SalesChannel.objects.filter(is_active=True),
        help_text=_("Its currency, country and time zone are used where the file says nothing."),
    )
    as_history = forms.BooleanField(
        label=_("Past orders: take them as they ended, without touching stock"), required=False
    )
    create_missing_variants = forms.BooleanField(label=_("Make draft products for unknown SKUs"), required=False)

    def options(self) -> dict[str, Any]:
        """Return JSON; the channel as its id."""
        return {**self.cleaned_data, "sales_channel": self.cleaned_data["sales_channel"].pk}

    @classmethod
    def told(cls, options: Mapping[str, Any]) -> Sequence[tuple[Any, Any]]:
        """Return the channel and what was chosen."""
        channel = SalesChannel.objects.filter(pk=options.get("sales_channel") or 0).first()
        chosen = [
            text
            for key, text in (("as_history", _("past orders")), ("create_missing_variants", _("draft products")))
            if options.get(key)
        ]
        pairs: list[tuple[Any, Any]] = [(_("Sales channel"), channel or "–")]
        return [*pairs, (_("Options"), ", ".join(str(text) for text in chosen))] if chosen else pairs


MEANINGS = (
    *(Meaning(label=kind.label, field="line_kind", value=kind.value) for kind in LineKind if kind != LineKind.PRODUCT),
    Meaning(label=pgettext_lazy("goods", "return"), field="row_kind", value="return"),
    Meaning(label=_("correction of stock: leave the row out"), refuse="orders.stock_correction"),
    Meaning(label=_("entry of the accounts: leave the row out"), refuse="orders.bookkeeping"),
)


def link(row: ImportRow) -> str:
    """Return where the row's order or return is found."""
    if not row.reference or row.outcome in {RowOutcome.REFUSED, RowOutcome.PENDING}:
        return ""
    page = "orders_return_changelist" if row.kind == "return" else "orders_order_changelist"
    return f"{reverse(f'admin:{page}')}?{urlencode({'q': row.reference})}"


def results(batch: ImportBatch) -> Sequence[tuple[Any, str]]:
    """Return the way to the orders of the file's channel."""
    query = urlencode({"tab": "all", "sales_channel__id__exact": batch.options.get("sales_channel", "")})
    return [(pgettext_lazy("navigation", "Orders"), f"{reverse('admin:orders_order_changelist')}?{query}")]


def totals(batch: ImportBatch, rows: Sequence[Any]) -> Mapping[str, Any]:
    """Return orders, rows and money of the previewed rows that can be imported."""
    good = [row for row in rows if row.outcome != RowOutcome.REFUSED]
    money: dict[str, Decimal] = {}
    for row in good:
        amount = _amount(row.values)
        currency = str(row.values.get("currency") or setting_of(batch).currency)
        money[currency] = money.get(currency, Decimal(0)) + amount
    return {
        "documents": len({row.values.get("external_number") for row in good}),
        "rows": len(good),
        "money": [format_money(to_minor(amount, currency), currency) for currency, amount in sorted(money.items())],
    }


def _amount(values: Mapping[str, Any]) -> Decimal:
    if values.get("line_amount") is not None:
        return Decimal(values["line_amount"])
    return Decimal(values.get("unit_price") or 0) * Decimal(values.get("quantity") or 0)


register_screen(
    "orders.lines",
    Screen(
        options=OrderOptions,
        meanings=MEANINGS,
        fixed=("currency", "country"),
        link=link,
        totals=totals,
        results=results,
    ),
)
