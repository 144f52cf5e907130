"""Whether postcode and place of an address agree, and what would be right; any number of addresses at once."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from addresses.models import PlaceName, Postcode
from addresses.spelling import normalise_postcode, place_key, postcode_key

COUNTRIES = ("JP", "KR")  # of which postcodes are kept
LONGEST_NAME = 30
LONGEST_AREA = 40
MOST_SUGGESTIONS = 3
_NOT_ASCII = re.compile(r"[^ -~]")
# a house number: after a road or a village in Korea; in Japan any digit, or a numeral before 丁目, 番, 号
KOREAN_NUMBER = r"(로|길|동|리|가|읍|면)\s*(지하|산)?\s*[0-9]+(?![0-9]*(호|층))|^[0-9]+(-[0-9]+)?\s"
JAPANESE_NUMBER = r"[0-9０-９]|[一二三四五六七八九十百]+(丁目|番|号)"
NUMBERS = {"KR": KOREAN_NUMBER, "JP": JAPANESE_NUMBER}


@dataclass(frozen=True, kw_only=True)
class WrittenAddress:
    """An address as somebody wrote it."""

    country: str
    postcode: str
    region: str = ""
    city: str = ""
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """What would be right: postcode, region and city, each as its country writes it."""

    postcode: str
    region: str
    city: str

    def __str__(self) -> str:
        return " ".join(part for part in (self.postcode, self.region, self.city) if part)


@dataclass(frozen=True, kw_only=True)
class AddressProblem:
    """What speaks against an address: ``unknown_postcode``, ``disagrees`` or ``no_number``, and what would be right."""

    code: str
    written: WrittenAddress
    suggestions: tuple[Suggestion, ...] = ()

    @property
    def sentence(self) -> str:
        """Say it to a person."""
        postcode = normalise_postcode(self.written.country, self.written.postcode)
        if self.code == "unknown_postcode":
            return _("The post does not list the postcode %(postcode)s.") % {"postcode": postcode}
        if self.code == "disagrees":
            return _("The postcode %(postcode)s belongs to another place.") % {"postcode": postcode}
        return _("There is no house number.")


def check_addresses(*, addresses: Sequence[WrittenAddress]) -> list[list[AddressProblem]]:
    """Return what speaks against each address, in their order; four statements at most, however many there are.

    Nothing is said about postcodes of a country before its list is loaded, nor about places written in Latin letters.
    """
    codes = {(one.country, postcode_key(one.postcode)) for one in addresses if one.country in COUNTRIES}
    listed = _listed(codes)
    places = _named({whole_key(one.region, one.city, one.address) for one in addresses if is_comparable(one)})
    found = [_problem_of(one, listed, places) for one in addresses]
    rights = _right_postcodes([one for one, code in zip(addresses, found, strict=True) if code], places)
    answers = []
    for one, code in zip(addresses, found, strict=True):
        problems = []
        if code:
            problems.append(AddressProblem(code=code, written=one, suggestions=_suggest(one, listed, rights)))
        if lacks_number(one):
            problems.append(AddressProblem(code="no_number", written=one))
        answers.append(problems)
    return answers


@dataclass(frozen=True, slots=True)
class _Listed:
    place_id: int
    region: str
    city: str


@dataclass(slots=True)
class _Codes:
    rows: Mapping[tuple[str, str], Sequence[_Listed]]
    countries: set[str]  # whose list is loaded


def whole_key(region: str, city: str, street: str) -> str:
    """Return region, city and street as one folded text, without what is written twice (SQL: addresses_whole)."""
    first = place_key(region) if _NOT_ASCII.search(region) else ""
    second, third = place_key(city), place_key(street)
    if first and third.startswith(first):
        return third
    if second and third.startswith(second):
        return third if second.startswith(first) else first + third
    return second + third if second.startswith(first) else first + second + third


def is_comparable(one: WrittenAddress) -> bool:
    """Tell whether the place is written in letters of its country."""
    return one.country in COUNTRIES and bool(_NOT_ASCII.search(one.city or one.address))


def lacks_number(one: WrittenAddress) -> bool:
    """Tell whether no house number stands in an address that is written in letters of its country."""
    pattern = NUMBERS.get(one.country)
    return bool(pattern and _NOT_ASCII.search(one.address)) and not re.search(str(pattern), one.address)


def _listed(codes: set[tuple[str, str]]) -> _Codes:
    if not codes:
        return _Codes({}, set())
    found: dict[tuple[str, str], list[_Listed]] = defaultdict(list)
    rows = Postcode.objects.filter(code__in={code for _country, code in codes}).order_by("pk")
    for country, code, place, region, city in rows.values_list(
        "country", "code", "place_id", "place__region", "place__city"
    ):
        one = _Listed(place, region, city)
        if one not in found[country, code]:
            found[country, code].append(one)
    loaded = {
        country
        for country in {country for country, _code in codes}
        if any(known == country for known, _code in found) or Postcode.objects.filter(country=country).exists()
    }
    return _Codes(found, loaded)


def _named(wholes: set[str]) -> dict[str, list[tuple[str, int, str]]]:
    """Return whole key -> (name, place, country) of every place with whose name it begins, the longest name first."""
    prefixes: dict[str, list[str]] = defaultdict(list)
    for whole in wholes:
        for length in range(2, min(len(whole), LONGEST_NAME) + 1):
            prefixes[whole[:length]].append(whole)
    found: dict[str, list[tuple[str, int, str]]] = {whole: [] for whole in wholes}
    if prefixes:
        names = PlaceName.objects.filter(key__in=list(prefixes)).order_by("pk")
        for key, place, country in names.values_list("key", "place_id", "place__country"):
            for whole in prefixes[key]:
                found[whole].append((key, place, country))
    return {whole: sorted(names, key=lambda name: -len(name[0])) for whole, names in found.items()}


def _problem_of(one: WrittenAddress, listed: _Codes, places: Mapping[str, Sequence[tuple[str, int, str]]]) -> str:
    """Return the code of what is wrong with postcode and place, empty when nothing is."""
    code = postcode_key(one.postcode)
    if one.country not in listed.countries or not code:
        return ""
    rows = listed.rows.get((one.country, code), ())
    if not rows:
        return "unknown_postcode"
    if not is_comparable(one):
        return ""
    named = {place for _key, place, _country in places[whole_key(one.region, one.city, one.address)]}
    return "" if named & {row.place_id for row in rows} else "disagrees"


Right = tuple[str, str, str]


def _right_postcodes(
    troubled: Iterable[WrittenAddress], places: Mapping[str, Sequence[tuple[str, int, str]]]
) -> dict[str, list[Right]]:
    """Return whole key -> (code, region, city) of the town that is written behind the place, where it is one only."""
    wanted: dict[int, set[str]] = defaultdict(set)
    rests: dict[str, dict[int, str]] = {}
    for one in troubled:
        if not is_comparable(one):
            continue
        whole = whole_key(one.region, one.city, one.address)
        mine = [name for name in places[whole] if name[2] == one.country]
        longest = len(mine[0][0]) if mine else 0
        rests[whole] = {place: whole[len(key) :] for key, place, _country in mine if len(key) == longest}
        for place, rest in rests[whole].items():
            wanted[place] |= {rest[:length] for length in range(1, min(len(rest), LONGEST_AREA) + 1)}
    areas = _areas(wanted)
    return {whole: _longest(names, areas) for whole, names in rests.items()}


def _areas(wanted: Mapping[int, set[str]]) -> dict[int, list[tuple[str, Right]]]:
    if not wanted:
        return {}
    keys = set().union(*wanted.values())
    rows = Postcode.objects.filter(place__in=wanted, area_key__in=keys, office="").order_by("pk")
    found = defaultdict(list)
    for place, area, code, region, city in rows.values_list(
        "place_id", "area_key", "code", "place__region", "place__city"
    ):
        if area in wanted[place]:
            found[place].append((area, (code, region, city)))
    return found


def _longest(rests: Mapping[int, str], areas: Mapping[int, Sequence[tuple[str, Right]]]) -> list[Right]:
    """Return the postcodes of the longest town that stands there; more than a few prove nothing."""
    hits = [
        (area, right) for place, rest in rests.items() for area, right in areas.get(place, ()) if rest.startswith(area)
    ]
    longest = max((len(area) for area, _right in hits), default=0)
    found = list(dict.fromkeys(right for area, right in hits if len(area) == longest))
    return found if len(found) <= MOST_SUGGESTIONS else []


def _suggest(one: WrittenAddress, listed: _Codes, rights: Mapping[str, Sequence[Right]]) -> tuple[Suggestion, ...]:
    """Return first the postcode of what is written, then the places of the postcode."""
    found = [
        Suggestion(postcode=normalise_postcode(one.country, code), region=region, city=city)
        for code, region, city in rights.get(whole_key(one.region, one.city, one.address), ())
    ]
    rows = listed.rows.get((one.country, postcode_key(one.postcode)), ())
    written = normalise_postcode(one.country, one.postcode)
    found += [Suggestion(postcode=written, region=row.region, city=row.city) for row in rows[:MOST_SUGGESTIONS]]
    return tuple(dict.fromkeys(found))
