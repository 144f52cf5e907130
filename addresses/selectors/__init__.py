"""What addresses tell others: whether postcode and place agree, what would be right, and what is far away."""

from addresses.selectors.agreement import (
    AddressProblem,
    Suggestion,
    WrittenAddress,
    check_addresses,
    whole_key,
)
from addresses.selectors.conditions import disagrees, has_no_number, is_unknown_postcode
from addresses.selectors.places import PostcodePlace, places_of_postcode
from addresses.selectors.remote import RemotePlace, remote_surcharges, surcharge_zone, surcharge_zones

__all__ = [
    "AddressProblem",
    "PostcodePlace",
    "RemotePlace",
    "Suggestion",
    "WrittenAddress",
    "check_addresses",
    "disagrees",
    "has_no_number",
    "is_unknown_postcode",
    "places_of_postcode",
    "remote_surcharges",
    "surcharge_zone",
    "surcharge_zones",
    "whole_key",
]
