"""What a postcode stands for, for forms that fill themselves."""

from dataclasses import dataclass

from addresses.models import Postcode
from addresses.spelling import normalise_postcode, postcode_key


@dataclass(frozen=True, kw_only=True)
class PostcodePlace:
    """One meaning of a postcode; ``area`` is the town, ``office`` the one company that has this code."""

    postcode: str
    region: str
    city: str
    area: str
    office: str


def places_of_postcode(*, country: str, postcode: str, limit: int = 20) -> list[PostcodePlace]:
    """Return what the postcode stands for, areas before offices; empty when no list has it."""
    rows = Postcode.objects.filter(country=country, code=postcode_key(postcode)).select_related("place")
    written = normalise_postcode(country, postcode)
    return [
        PostcodePlace(postcode=written, region=row.place.region, city=row.place.city, area=row.area, office=row.office)
        for row in rows.order_by("office", "area", "pk")[:limit]
    ]
