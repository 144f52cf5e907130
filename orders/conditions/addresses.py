"""Checks of an address: what looks as if a parcel would come back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, Value
from django.db.models.functions import Concat, Length, Trim
from django.db.models.lookups import LessThan
from django.utils.translation import gettext_lazy

from addresses.selectors import disagrees, has_no_number, is_unknown_postcode

SHORTEST = 6  # characters of street and house without region and city: fewer name no door
POSTCODES = {"KR": r"^\d{5}$", "JP": r"^\d{3}-?\d{4}$", "US": r"^\d{5}(-\d{4})?$"}
# a carrier hands parcels over at a door; these are none (English, Korean, Japanese)
_NO_DOOR = (
    r"\mp\.?\s?o\.?\s?box\M|\mpost office box\M|packstation|parcel locker|사서함|무인택배함|택배보관함|"
    r"私書箱|郵便局留|局留め|宅配ロッカー|宅配ボックス留"
)
_HAS_ADDRESS = ~Q(address_1="")


@dataclass(frozen=True, kw_only=True)
class AddressCheck:
    """Something odd about an address: ``condition`` is a Q on orders without joins, ``label`` what it means."""

    code: str
    label: Any
    condition: Callable[[], Q]


_checks: dict[str, AddressCheck] = {}


def register_address_check(check: AddressCheck) -> None:
    """Offer ``check`` to hold rules from now on; the same code again replaces it."""
    _checks[check.code] = check


def address_checks() -> dict[str, AddressCheck]:
    """Return all checks by code."""
    return dict(_checks)


def _odd_postcode() -> Q:
    odd = Q()
    for country, pattern in POSTCODES.items():
        odd |= Q(country=country) & ~Q(postcode__regex=pattern)
    return odd & ~Q(postcode="")


def _short() -> Q:
    whole = Length(Trim(Concat("address_1", Value(" "), "address_2")))
    return _HAS_ADDRESS & Q(LessThan(whole, Value(SHORTEST)))


for _check in (
    AddressCheck(
        code="no_postcode",
        label=gettext_lazy("no postcode"),
        condition=lambda: Q(postcode="", country__in=POSTCODES),
    ),
    AddressCheck(code="odd_postcode", label=gettext_lazy("postcode of another shape"), condition=_odd_postcode),
    AddressCheck(
        code="no_door",
        label=gettext_lazy("post office box or locker"),
        condition=lambda: Q(address_1__iregex=_NO_DOOR) | Q(address_2__iregex=_NO_DOOR),
    ),
    AddressCheck(code="short", label=gettext_lazy("very short address"), condition=_short),
    AddressCheck(code="no_house", label=gettext_lazy("no house number"), condition=has_no_number),
    AddressCheck(
        code="unknown_postcode",
        label=gettext_lazy("postcode that the post does not list"),
        condition=is_unknown_postcode,
    ),
    AddressCheck(code="disagrees", label=gettext_lazy("postcode of another place"), condition=disagrees),
    AddressCheck(
        code="no_phone", label=gettext_lazy("no phone of the recipient"), condition=lambda: Q(recipient_phone="")
    ),
):
    register_address_check(_check)
