"""How phones, readings and postcodes are kept: as their country writes them, whatever the channel's file looks like.

What the channel said stays in ``Order.channel_values``, word by word; a field that is only its normal form was edited
by nobody.
"""

from collections.abc import Callable, Mapping

from addresses.spelling import normalise_kana, normalise_phone, normalise_postcode

_WAYS: Mapping[str, Callable[[str, str], str]] = {
    "buyer_phone": normalise_phone,
    "recipient_phone": normalise_phone,
    "recipient_kana": lambda _country, text: normalise_kana(text),
    "postcode": normalise_postcode,
}


def as_kept(name: str, text: str, country: str) -> str:
    """Return what the order keeps of a contact field."""
    way = _WAYS.get(name)
    return way(country, text) if way is not None and text else text


def is_as_told(name: str, ours: str, told: str, countries: tuple[str, ...]) -> bool:
    """Tell whether a field still holds what the channel said: word by word, or written as one of the countries does."""
    return ours == told or any(ours == as_kept(name, told, country) for country in dict.fromkeys(countries))
