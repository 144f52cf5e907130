"""Postcodes come in from the lists of the post offices, again and again: only what changed is changed."""

import csv
import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from addresses.models import Place, PlaceName, Postcode
from addresses.services.reading import ListedCode, read_list
from addresses.spelling import place_names
from core.errors import InvalidInput

OLD_PLACES = Path(__file__).resolve().parent.parent / "data" / "old_places.csv"
logger = logging.getLogger(__name__)

_STAGE = """CREATE TEMPORARY TABLE addresses_incoming (
    code text, region text, city text, region_kana text, city_kana text, area text, area_kana text, office text
) ON COMMIT DROP"""
_PLACES = """
INSERT INTO addresses_place AS p (country, region, city, region_kana, city_kana)
SELECT %(country)s, region, city, max(region_kana), max(city_kana) FROM addresses_incoming GROUP BY region, city
ON CONFLICT (country, region, city) DO UPDATE SET region_kana = EXCLUDED.region_kana, city_kana = EXCLUDED.city_kana
WHERE EXCLUDED.region_kana <> '' AND (p.region_kana, p.city_kana) <> (EXCLUDED.region_kana, EXCLUDED.city_kana)
"""
_REMOVE = """
DELETE FROM addresses_postcode o USING addresses_place p
WHERE o.source = %(source)s AND p.id = o.place_id AND NOT EXISTS (
    SELECT FROM addresses_incoming i
    WHERE i.code = o.code AND i.region = p.region AND i.city = p.city AND i.area = o.area AND i.office = o.office
)
"""
_MERGE = """
WITH merged AS (
    INSERT INTO addresses_postcode AS o (country, code, place_id, area, area_kana, area_key, office, source)
    SELECT %(country)s, i.code, p.id, i.area, max(i.area_kana), addresses_key(i.area), i.office, %(source)s
    FROM addresses_incoming i
    JOIN addresses_place p ON p.country = %(country)s AND p.region = i.region AND p.city = i.city
    GROUP BY i.code, p.id, i.area, i.office
    ON CONFLICT (country, code, source, place_id, area, office) DO UPDATE SET area_kana = EXCLUDED.area_kana
    WHERE o.area_kana <> EXCLUDED.area_kana
    RETURNING (xmax = 0) AS is_new
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM merged
"""


@dataclass(frozen=True, kw_only=True)
class LoadReport:
    """What a list did: rows that are new, changed, gone, and how many the list stands for now."""

    source: str
    added: int
    changed: int
    removed: int
    total: int


@transaction.atomic
def load_postcodes(*, path: Path, replaces_all: bool = False) -> LoadReport:
    """Make the table say what the list says, and return what changed; the same list again changes nothing.

    A list replaces its own rows only, never those of another list. InvalidInput for a file that is no list, for one
    with a row that is none, and for one with less than half of what is there (a torn download), unless
    ``replaces_all``.
    """
    found = read_list(path)
    names = {"country": found.country, "source": found.source.value}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('addresses.load_postcodes'))")
        cursor.execute(_STAGE)
        with cursor.copy("COPY addresses_incoming FROM STDIN") as copy:
            for row in _checked(found.rows, found.country):
                copy.write_row(row)
        cursor.execute("CREATE INDEX ON addresses_incoming (code)")
        cursor.execute("ANALYZE addresses_incoming")
        _refuse_torn(cursor, found.source.value, replaces_all=replaces_all)
        cursor.execute(_PLACES, names)
        cursor.execute(_REMOVE, names)
        removed = cursor.rowcount
        cursor.execute(_MERGE, names)
        added, changed = cursor.fetchone()
        cursor.execute("DROP TABLE addresses_incoming")  # another list may follow in the same transaction
    _name_places(found.country)
    total = Postcode.objects.filter(source=found.source).count()
    logger.info("postcodes loaded source=%s added=%s changed=%s removed=%s", found.source, added, changed, removed)
    return LoadReport(source=found.source.value, added=added, changed=changed, removed=removed, total=total)


def _checked(rows: Iterable[ListedCode], country: str) -> Iterable[tuple[str, ...]]:
    length = 7 if country == "JP" else 5
    for number, row in enumerate(rows, start=1):
        if len(row.code) != length or not row.code.isdigit() or not row.region:
            raise InvalidInput(_("Row %(number)s of the list is no postcode with its region.") % {"number": number})
        yield (
            row.code,
            row.region,
            row.city,
            row.region_kana,
            row.city_kana,
            row.area,
            row.area_kana,
            row.office,
        )


def _refuse_torn(cursor: Any, source: str, *, replaces_all: bool) -> None:
    cursor.execute("SELECT count(*) FROM addresses_incoming")
    coming = cursor.fetchone()[0]
    there = Postcode.objects.filter(source=source).count()
    if coming == 0 or (coming * 2 < there and not replaces_all):
        raise InvalidInput(
            _("The list has %(coming)s rows, but %(there)s are known: it looks torn. Nothing was changed.")
            % {"coming": coming, "there": there}
        )


def _name_places(country: str) -> None:
    """Forget places that no postcode stands for, and write down how the others may be called."""
    places = Place.objects.filter(country=country)
    places.filter(postcodes=None).delete()
    old = old_places(country)
    rows = [
        PlaceName(place_id=pk, key=key)
        for pk, region, city in places.values_list("pk", "region", "city")
        for key in sorted(place_names(country, region, city, old.get((region, city), ())))
    ]
    PlaceName.objects.bulk_create(rows, ignore_conflicts=True, batch_size=5000)


def old_places(country: str) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Return (region, city) -> what it was called before, as the data file says."""
    found = defaultdict(list)
    with OLD_PLACES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["country"] == country:
                found[row["region"], row["city"]].append((row["old_region"], row["old_city"]))
    return found
