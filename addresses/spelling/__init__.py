"""How phones, readings, postcodes and names of places are written; pure functions."""

from addresses.spelling.kana import normalise_kana
from addresses.spelling.phones import normalise_phone
from addresses.spelling.places import place_key, place_names
from addresses.spelling.postcodes import normalise_postcode, postcode_key

__all__ = ["normalise_kana", "normalise_phone", "normalise_postcode", "place_key", "place_names", "postcode_key"]
