"""Barcodes as the shop would print them itself: GTIN-13 of the range 20-29, which GS1 leaves to internal use."""


def internal_gtin(value: int) -> str:
    """Return the 13 digits of a barcode for ``value`` (below ten thousand million), check digit included."""
    body = f"20{value:010d}"
    return body + check_digit(body)


def check_digit(body: str) -> str:
    """Return the check digit of a GTIN without it: weights 3 and 1 from the right, up to the next ten."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return str(-total % 10)
