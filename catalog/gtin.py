"""Numbers under barcodes (GS1 General Specifications, section 7.9: check digit)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LENGTHS = (8, 12, 13, 14)  # EAN-8, UPC-A, EAN-13 and JAN, ITF-14


def check_digit(digits: str) -> str:
    """Return the check digit of a GTIN's other digits: weights 3 and 1 from the right, up to the next ten."""
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def validate_gtin(value: str) -> None:
    """Refuse (ValidationError) what cannot stand under a barcode, with the digit that would be right."""
    if not (value.isascii() and value.isdigit()) or len(value) not in LENGTHS:
        raise ValidationError(_("A barcode (GTIN, JAN, EAN, UPC) has 8, 12, 13 or 14 digits."), code="gtin_length")
    right = check_digit(value[:-1])
    if value[-1] != right:
        raise ValidationError(
            _("The last digit of barcode %(barcode)s would have to be %(digit)s. Check for a typing mistake."),
            code="gtin_check_digit",
            params={"barcode": value, "digit": right},
        )
