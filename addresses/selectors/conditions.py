"""The same checks as conditions of a statement: hold rules judge thousands of orders at once.

Each takes the names of the outer table's columns and joins nothing.
"""

from typing import Any

from django.db.models import BooleanField, CharField, Exists, F, Func, OuterRef, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat
from django.db.models.lookups import Regex

from addresses.models import PlaceName, Postcode
from addresses.selectors.agreement import COUNTRIES, NUMBERS

_LOCAL = r"[^ -~]"  # a letter that is not Latin


def _code(postcode: Any) -> Func:
    return Func(postcode, function="addresses_code", output_field=CharField())


def _whole(region: Any, city: Any, address: Any) -> Func:
    return Func(region, city, address, function="addresses_whole", output_field=CharField())


def _begins(text: Any, start: Any) -> Func:
    return Func(text, start, function="starts_with", output_field=BooleanField())


def _is_listed() -> Exists:
    outer: Combinable = OuterRef("country")
    return Exists(Postcode.objects.filter(country=outer, code=_code(OuterRef("postcode"))))


def is_unknown_postcode() -> Q:
    """Return the condition of rows (country, postcode) whose postcode is in no list, where a list is loaded."""
    loaded = Exists(Postcode.objects.filter(country=OuterRef("country")))
    return Q(country__in=COUNTRIES) & ~Q(postcode="") & Q(loaded) & ~Q(_is_listed())


def disagrees(*, address: str = "address_1") -> Q:
    """Return the condition of rows (also with region, city, ``address``) whose postcode is of another place."""
    whole = _whole(OuterRef("region"), OuterRef("city"), OuterRef(address))
    named = PlaceName.objects.filter(
        _begins(whole, F("key")),
        place__postcodes__country=OuterRef("country"),
        place__postcodes__code=_code(OuterRef("postcode")),
    )
    comparable = Q(city__regex=_LOCAL) | Q(("city", ""), (f"{address}__regex", _LOCAL))
    return Q(country__in=COUNTRIES) & comparable & Q(_is_listed()) & ~Q(Exists(named))


def has_no_number(*, address: str = "address_1", more: str = "address_2") -> Q:
    """Return the condition of rows (country, ``address``, ``more``) without a house number in either."""
    both = Concat(address, Value(" "), more)
    found = Q()
    for country, pattern in NUMBERS.items():
        found |= Q(("country", country), (f"{address}__regex", _LOCAL)) & ~Q(Regex(both, Value(pattern)))
    return found
