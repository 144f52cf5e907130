"""Shorter ways to write an address, for a person to take over: nothing is abbreviated in silence."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from addresses.fitting.budget import ROLES, AddressBudget, AddressParts
from addresses.fitting.characters import not_carried, stand_in
from addresses.fitting.splitting import Fitted, fit

_KANJI = {char: str(value) for value, char in enumerate("〇一二三四五六七八九")}
_BLOCK = re.compile(r"([0-9０-９]+|[一二三四五六七八九])丁目\s*")
_LOT = re.compile(r"([0-9０-９]+)番(?:地の?)?\s*(?:([0-9０-９]+)号?)?")
_KOREAN_REGIONS = {
    "특별자치시": "",
    "특별자치도": "",
    "특별시": "",
    "광역시": "",
    "충청남도": "충남",
    "충청북도": "충북",
    "전라남도": "전남",
    "전라북도": "전북",
    "경상남도": "경남",
    "경상북도": "경북",
    "경기도": "경기",
    "강원도": "강원",
}
Change = Callable[[AddressParts], AddressParts]


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """An address written so that it fits better; ``changes``: (part, before, after)."""

    parts: AddressParts
    changes: tuple[tuple[str, str, str], ...]
    fitted: Fitted


def propose(address: AddressParts, budget: AddressBudget) -> Proposal | None:
    """Return the same address as the carrier can take it, None when it fits as it is or nothing helps; pure.

    One step after the other until it fits: characters that stand for those the file lacks, house numbers in digits and
    hyphens, the short name of the region, and at last no region at all where the postcode says it (Japan).
    """
    fitted = fit(address, budget)
    if fitted.fits:
        return None
    now = address
    for step in (_stand_ins(budget), _short_numbers, _short_region, _no_region):
        after = step(now)
        if after == now:
            continue
        now, fitted = after, fit(after, budget)
        if fitted.fits:
            break
    changes = tuple(_changes(address, now))
    return Proposal(parts=now, changes=changes, fitted=fitted) if changes else None


def _changes(before: AddressParts, after: AddressParts) -> Iterator[tuple[str, str, str]]:
    for role in ROLES:
        if before.part(role) != after.part(role):
            yield role, before.part(role), after.part(role)


def _stand_ins(budget: AddressBudget) -> Change:
    """Write what may stand for characters that the file cannot carry."""

    def change(address: AddressParts) -> AddressParts:
        written = {}
        for role in ROLES:
            text = address.part(role)
            for char in not_carried(text, budget.encoding):
                text = text.replace(char, stand_in(char, budget.encoding) or char)
            written[role] = text
        return replace(address, **written)

    return change


def _short_numbers(address: AddressParts) -> AddressParts:
    """Write 一丁目2番3号 as 1-2-3."""
    if address.country != "JP":
        return address
    street = _BLOCK.sub(lambda found: f"{_KANJI.get(found[1], found[1])}-", address.street)
    street = _LOT.sub(lambda found: f"{found[1]}-{found[2]}" if found[2] else found[1], street)
    return replace(address, street=street.rstrip("-"))


def _short_region(address: AddressParts) -> AddressParts:
    """Write 서울특별시 as 서울, 경상남도 as 경남."""
    if address.country != "KR":
        return address
    region = address.region
    for long, short in _KOREAN_REGIONS.items():
        region = region.replace(long, short)
    return replace(address, region=region)


def _no_region(address: AddressParts) -> AddressParts:
    """Leave the prefecture out: the postcode says it."""
    return replace(address, region="") if address.country == "JP" and address.city else address
