"""Amounts of money in forms: as people write them, kept in minor units."""

from django import forms
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminTextInputWidget

from core.errors import DomainError
from core.money import minor_digits, parse_amount, to_decimal


def amount_text(minor: int, currency: str) -> str:
    """Return minor units as an input field wants them: 1234.50."""
    return f"{to_decimal(minor, currency):.{minor_digits(currency)}f}"


def read_amount(text: str, currency: str) -> int:
    """Return minor units; the sentence of a refusal becomes the field's error."""
    try:
        amount = parse_amount(text, currency)
    except DomainError as error:
        raise forms.ValidationError(str(error)) from error
    if amount < 0:
        raise forms.ValidationError(_("Write an amount from 0 on."))
    return amount


def amount_input() -> UnfoldAdminTextInputWidget:
    """Return an input whose keyboard has digits."""
    return UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal", "autocomplete": "off"})
