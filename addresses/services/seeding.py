"""Brings the delivered remote zones into the database without taking away what people made of them."""

import csv
from pathlib import Path

from django.db import transaction

from addresses.models import RemoteRange, RemoteZone

FILE = Path(__file__).resolve().parent.parent / "data" / "remote_ranges.csv"
ZONES = {
    ("JP", "okinawa"): "沖縄",
    ("JP", "islands"): "離島",
    ("KR", "jeju"): "제주",
    ("KR", "islands"): "도서산간",
}


@transaction.atomic
def sync_remote_zones() -> int:
    """Make the delivered zones that are missing, with their postcodes, and return how many.

    A zone that is there stays as people left it. What is charged is the shop's own: no amount is delivered.
    """
    known = set(RemoteZone.objects.values_list("country", "code"))
    zones = [
        RemoteZone(country=country, code=code, name=name)
        for (country, code), name in ZONES.items()
        if (country, code) not in known
    ]
    RemoteZone.objects.bulk_create(zones)
    by_key = {(zone.country, zone.code): zone for zone in zones}
    with FILE.open(encoding="utf-8", newline="") as file:
        RemoteRange.objects.bulk_create(
            RemoteRange(
                zone=by_key[row["country"], row["zone"]],
                first=row["first"],
                last=row["last"],
                place=row["place"],
                source=row["source"],
                is_verified=row["verified"] == "yes",
            )
            for row in csv.DictReader(file)
            if (row["country"], row["zone"]) in by_key
        )
    return len(zones)
