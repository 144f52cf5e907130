"""What the page of options sends, read into drafts; anything that the page itself cannot have sent is a bad request."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.utils.translation import gettext as _

from catalog.models import SalesChannel
from catalog.selectors.options import AxisDraft, Combination, ValueDraft, VariantDraft, taken_skus
from catalog.services.variants.option_rules import barcode_problem, taken_barcodes
from core.errors import InvalidInput
from core.money import parse_amount

MOST = 1000  # of anything in one list
Problems = dict[str, dict[str, str]]  # key of the row -> field -> sentence


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody has on the screen."""

    opened: str
    axes: list[AxisDraft]
    pattern: str
    placed: dict[int, str]
    rows: list["Row"] = field(default_factory=list)
    is_check: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """One new variant as it was typed."""

    key: str
    values: Combination
    name: str
    sku: str
    barcode: str
    weight: str
    prices: Mapping[int, str]


def read_wanted(request: HttpRequest) -> Wanted:
    """Return what was sent; SuspiciousOperation (400) for what has another shape."""
    try:
        data = json.loads(request.body)
        return Wanted(
            opened=_text(data["opened"]),
            axes=[_axis(each) for each in _some(data["axes"])],
            pattern=_text(data.get("pattern", ""))[:120],
            placed={int(pk): _text(key) for pk, key in dict(data.get("placed", {})).items()},
            rows=[_row(each) for each in _some(data.get("rows", []))],
            is_check=data.get("check") is True,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SuspiciousOperation("not what the page sends") from error


def _some(items: Any) -> list[Any]:
    if not isinstance(items, list) or len(items) > MOST:
        raise ValueError("no list")
    return items


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError("no text")
    return value


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError("no number")
    return value


def _axis(data: Any) -> AxisDraft:
    return AxisDraft(
        id=_number(data["id"]) if data.get("id") is not None else None,
        name=_text(data["name"]),
        values=[
            ValueDraft(
                id=_number(each["id"]) if each.get("id") is not None else None,
                name=_text(each["name"]),
                colour=_text(each.get("colour") or ""),
            )
            for each in _some(data["values"])
        ],
    )


def _row(data: Any) -> Row:
    return Row(
        key=_text(data["key"]),
        values=tuple(_number(at) for at in _some(data["values"])),
        name=_text(data["name"]).strip(),
        sku=_text(data["sku"]).strip(),
        barcode=_text(data["barcode"]).strip(),
        weight=_text(data["weight"]).strip(),
        prices={int(pk): _text(amount).strip() for pk, amount in dict(data["prices"]).items()},
    )


def drafts_of(rows: Sequence[Row], channels: Sequence[SalesChannel]) -> tuple[list[VariantDraft], Problems]:
    """Return the variants to be made, and what is wrong with cells: then some are missing; two statements."""
    problems = problems_of(rows)
    drafts = []
    for row in rows:
        prices, wrong = _prices(row, channels)
        weight, bad_weight = _weight(row.weight)
        found = {**wrong, **bad_weight}
        if found:
            problems.setdefault(row.key, {}).update(found)
            continue
        drafts.append(
            VariantDraft(
                values=row.values, name=row.name, sku=row.sku, barcode=row.barcode, weight_g=weight, prices=prices
            )
        )
    return drafts, problems


def problems_of(rows: Sequence[Row]) -> Problems:
    """Return what is wrong with SKUs and barcodes: missing, twice on the page, in use, a wrong check digit."""
    skus, barcodes = Counter(row.sku for row in rows), Counter(row.barcode for row in rows if row.barcode)
    used_skus, used_barcodes = taken_skus(skus), taken_barcodes(barcodes)
    problems: Problems = {}
    for row in rows:
        found = {
            "sku": _sku_problem(row.sku, skus, used_skus),
            "barcode": barcode_problem(row.barcode) or _doubled(row.barcode, barcodes, used_barcodes),
        }
        found = {name: sentence for name, sentence in found.items() if sentence}
        if found:
            problems[row.key] = found
    return problems


def _sku_problem(sku: str, counts: "Counter[str]", used: set[str]) -> str:
    if not sku:
        return _("Every variant needs an SKU.")
    if len(sku) > 80:
        return _("At most %(limit)s characters.") % {"limit": 80}
    return _doubled(sku, counts, used)


def _doubled(value: str, counts: "Counter[str]", used: set[str]) -> str:
    if value in used:
        return _("Another variant has this already.")
    return _("It stands twice on this page.") if counts[value] > 1 else ""


def _prices(row: Row, channels: Sequence[SalesChannel]) -> tuple[dict[int, int], dict[str, str]]:
    prices, wrong = {}, {}
    known = {channel.pk: channel for channel in channels}
    for pk, text in row.prices.items():
        if pk not in known or not text:
            continue
        try:
            prices[pk] = parse_amount(text, known[pk].currency)
        except InvalidInput as error:
            wrong[f"price-{pk}"] = str(error)
            continue
        if prices[pk] < 0:
            wrong[f"price-{pk}"] = _("A price cannot be negative.")
    return prices, wrong


def _weight(text: str) -> tuple[int | None, dict[str, str]]:
    if not text:
        return None, {}
    if text.isascii() and text.isdigit() and len(text) < 9:
        return int(text), {}
    return None, {"weight": _("A weight is a whole number of grams.")}
