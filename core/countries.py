"""Countries by name, in the reader's language."""

import functools
import unicodedata

from babel import Locale
from django.utils.translation import get_language

# what the list of names holds beside countries: unions, test languages, parts of countries with a code of their own
_NO_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}


def country_name(code: str) -> str:
    """Return the name of a country by its two letters; what is no country's code stays as it is."""
    return dict(country_choices()).get(code, code)


def country_choices() -> list[tuple[str, str]]:
    """Return (two letters, name) of every country, in the order of the names."""
    return _choices((get_language() or "en").partition("-")[0])


@functools.cache
def _choices(language: str) -> list[tuple[str, str]]:
    named = Locale(language).territories.items()
    countries = [(code, name) for code, name in named if len(code) == 2 and code not in _NO_COUNTRIES]
    return sorted(countries, key=lambda country: _without_accents(country[1]))


def _without_accents(name: str) -> str:
    """Return what a name is sorted by: Å does not stand behind Z."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
