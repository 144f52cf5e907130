"""What is far away: the zone of a postcode, and what it costs more."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q
from django.utils import timezone

from addresses.models import RemoteRange, RemoteSurcharge
from addresses.spelling import postcode_key


@dataclass(frozen=True, kw_only=True)
class RemotePlace:
    """The zone of a postcode; ``amounts`` in minor units by currency, empty where the shop charges nothing."""

    zone_id: int
    code: str
    name: str
    place: str
    is_verified: bool
    amounts: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


def surcharge_zone(country: str, postcode: str, *, on: date | None = None) -> RemotePlace | None:
    """Return the remote zone of one postcode on this day (today), None where it is none."""
    return surcharge_zones({(country, postcode)}, on=on).get((country, postcode))


def surcharge_zones(
    addresses: Collection[tuple[str, str]], *, on: date | None = None
) -> dict[tuple[str, str], RemotePlace]:
    """Return (country, postcode) -> its remote zone on this day, for those that have one; two statements.

    Where ranges of two zones overlap the narrower one counts.
    """
    if not addresses:
        return {}
    on = on or timezone.localdate()
    ranges = RemoteRange.objects.filter(
        Q(valid_from=None) | Q(valid_from__lte=on),
        Q(valid_until=None) | Q(valid_until__gte=on),
        zone__country__in={country for country, _postcode in addresses},
    ).select_related("zone")
    by_width = sorted(ranges, key=lambda one: (int(one.last) - int(one.first), one.pk))
    amounts = remote_surcharges(on=on)
    found = {}
    for country, postcode in addresses:
        code = postcode_key(postcode)
        for one in by_width:
            if one.zone.country == country and len(one.first) == len(code) and one.first <= code <= one.last:
                found[country, postcode] = _place(one, amounts.get(one.zone_id, {}))
                break
    return found


def remote_surcharges(*, on: date) -> dict[int, dict[str, int]]:
    """Return zone id -> currency -> minor units that are charged on this day."""
    found: dict[int, dict[str, int]] = {}
    rows = RemoteSurcharge.objects.filter(valid_from__lte=on).order_by("valid_from", "pk")
    for zone, currency, amount in rows.values_list("zone_id", "currency", "amount"):
        found.setdefault(zone, {})[currency] = amount
    return found


def _place(one: RemoteRange, amounts: Mapping[str, int]) -> RemotePlace:
    return RemotePlace(
        zone_id=one.zone_id,
        code=one.zone.code,
        name=one.zone.name,
        place=one.place,
        is_verified=one.is_verified,
        amounts=amounts,
    )
