"""Postcodes in the form of their country."""

import re

_DIGITS = {"JP": 7, "KR": 5}


def normal_postcode(text: str, country: str) -> str:
    """Return JP codes as 882-0056, KR codes with five digits; zeros that a spreadsheet ate come back; else as given."""
    length = _DIGITS.get(country)
    number = re.sub(r"[\s\-〒ー−]", "", text)
    if length is None or not number.isascii() or not number.isdigit() or not length - 2 < len(number) <= length:
        return text
    number = number.zfill(length)
    return f"{number[:3]}-{number[3:]}" if country == "JP" else number
