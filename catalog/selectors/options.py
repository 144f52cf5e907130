"""The options of a product as they stand, and the variants that other options would make: nothing here writes."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product as combinations_of
from math import prod

from catalog.models import OptionAxis, OptionValue, Product, Variant, VariantOption
from catalog.selectors.abbreviating import abbreviations

MAX_COMBINATIONS = 300  # drafted at once; more is a slip of the keyboard, or another product
FEW = 9  # how many numbers behind a drafted SKU are looked up; a draft beyond is checked when it is saved
SEPARATOR = " / "
_PLACE = re.compile(r"\{(code|[1-3])\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueDraft:
    """A value of an axis as somebody wants it; without ``id`` it is new."""

    name: str
    id: int | None = None
    colour: str = ""

    @property
    def key(self) -> str:
        """Return what stays the same while it is renamed."""
        return str(self.id) if self.id else f"+{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AxisDraft:
    """An axis as somebody wants it, with its values in order; without ``id`` it is new."""

    name: str
    values: Sequence[ValueDraft]
    id: int | None = None


Combination = tuple[int, ...]  # the place of a value on each axis


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantDraft:
    """A variant to be made; ``values`` are places on the axes, ``prices`` sales channel id -> minor units."""

    values: Combination
    sku: str
    name: str = ""
    barcode: str = ""
    weight_g: int | None = None
    prices: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionsState:
    """Axes with their values and variants with what they have; ``fingerprint`` tells whether any of it changed."""

    axes: Sequence[OptionAxis]
    values: Mapping[int, Sequence[OptionValue]]  # axis id -> in order
    variants: Sequence[Variant]
    chosen: Mapping[int, Mapping[int, int]]  # variant id -> axis id -> value id
    fingerprint: str

    def drafts(self) -> list[AxisDraft]:
        """Return the axes as they stand, as a draft to go on from."""
        return [
            AxisDraft(
                id=axis.pk,
                name=axis.name,
                values=[
                    ValueDraft(id=value.pk, name=value.name, colour=value.colour)
                    for value in self.values.get(axis.pk, ())
                ],
            )
            for axis in self.axes
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftedRow:
    """One combination: the variant that has it, or None with the drafted SKU and name of a new one."""

    key: str
    values: Combination
    name: str
    sku: str
    variant: Variant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """All combinations, and the variants that have none (id -> key of the suggested one, "" without any).

    ``count`` is how many combinations there are; above MAX_COMBINATIONS only those of variants are in ``rows``.
    """

    rows: Sequence[DraftedRow]
    loose: Mapping[int, str]
    count: int


def options_state(*, product_id: int) -> OptionsState:
    """Return axes, values and variants of a product; four statements."""
    axes = list(OptionAxis.objects.filter(product=product_id).order_by("position", "pk"))
    values: dict[int, list[OptionValue]] = defaultdict(list)
    for value in OptionValue.objects.filter(axis__product=product_id).order_by("position", "pk"):
        values[value.axis_id].append(value)
    variants = list(Variant.objects.filter(product=product_id).order_by("sku"))
    chosen: dict[int, dict[int, int]] = defaultdict(dict)
    for row in VariantOption.objects.filter(variant__product=product_id).order_by("pk"):
        chosen[row.variant_id][row.axis_id] = row.value_id
    seen = [
        [(axis.pk, axis.name, axis.position) for axis in axes],
        [(value.pk, value.axis_id, value.name, value.colour) for each in values.values() for value in each],
        [(variant.pk, variant.sku, variant.name) for variant in variants],
        sorted((pk, sorted(each.items())) for pk, each in chosen.items()),
    ]
    fingerprint = hashlib.sha256(json.dumps(seen).encode()).hexdigest()[:32]
    return OptionsState(axes=axes, values=values, variants=variants, chosen=chosen, fingerprint=fingerprint)


def usual_pattern(axis_count: int) -> str:
    """Return the pattern of new SKUs: "{code}-{1}-{2}" for two axes."""
    return "-".join(["{code}", *(f"{{{number}}}" for number in range(1, axis_count + 1))])


def draft_variants(
    *,
    product: Product,
    state: OptionsState,
    axes: Sequence[AxisDraft],
    pattern: str = "",
    placed: Mapping[int, str] | None = None,
) -> Drafted:
    """Return every combination of the axes with its variant, or with name and SKU for a new one; at most one statement.

    A variant stands at its options; one that lacks some is found by its name, else by the first value of the axes it
    does not have yet, and ``placed`` (variant id -> key, "" for nowhere) overrules that. Drafted SKUs follow
    ``pattern`` ({code}, {1}, {2}, {3}), are all different and taken by no variant.
    """
    axes = [axis for axis in axes if axis.values]
    count = prod(len(axis.values) for axis in axes) if axes else 0
    own, loose = _own_places(axes, state), _loose(axes, state)
    standing: dict[Combination, Variant] = {}
    for variant in state.variants:
        if variant.pk in own:
            standing.setdefault(own[variant.pk], variant)
    suggested: dict[int, str] = {}
    places = _by_key(axes) if count <= MAX_COMBINATIONS else {}
    for variant in loose:
        place = _wanted(variant, axes, state, placed or {}, places)
        if place is not None and place in standing:
            place = None
        suggested[variant.pk] = _key(axes, place) if place is not None else ""
        if place is not None:
            standing[place] = variant
    wanted = list(combinations_of(*(range(len(axis.values)) for axis in axes))) if places else sorted(standing)
    skus = _skus(product, axes, [place for place in wanted if place not in standing], pattern)
    rows = [
        DraftedRow(
            key=_key(axes, place),
            values=place,
            name=name_of(axes, place),
            sku=standing[place].sku if place in standing else skus[place],
            variant=standing.get(place),
        )
        for place in wanted
    ]
    return Drafted(rows=rows, loose=suggested, count=count)


def name_of(axes: Sequence[AxisDraft], place: Iterable[int]) -> str:
    """Return the usual name of a combination: "Black / M"."""
    return SEPARATOR.join(axis.values[at].name for axis, at in zip(axes, place, strict=True))[:160]


def taken_skus(skus: Iterable[str]) -> set[str]:
    """Return those that a variant has already."""
    return set(Variant.objects.filter(sku__in=list(skus)).values_list("sku", flat=True))


def _key(axes: Sequence[AxisDraft], place: Combination) -> str:
    return json.dumps([axis.values[at].key for axis, at in zip(axes, place, strict=True)], ensure_ascii=False)


def _by_key(axes: Sequence[AxisDraft]) -> dict[str, Combination]:
    places = combinations_of(*(range(len(axis.values)) for axis in axes)) if axes else ()
    return {_key(axes, place): place for place in places}


def _own_places(axes: Sequence[AxisDraft], state: OptionsState) -> dict[int, Combination]:
    """Return variant id -> place, for the variants that have a value of each axis."""
    at = [{value.id: number for number, value in enumerate(axis.values) if value.id} for axis in axes]
    places: dict[int, Combination] = {}
    for variant in state.variants:
        chosen = state.chosen.get(variant.pk, {})
        found = [at[number].get(chosen.get(axis.id or 0, 0)) for number, axis in enumerate(axes)]
        if axes and None not in found:
            places[variant.pk] = tuple(number for number in found if number is not None)
    return places


def _loose(axes: Sequence[AxisDraft], state: OptionsState) -> list[Variant]:
    own = _own_places(axes, state)
    return [variant for variant in state.variants if variant.pk not in own] if axes else []


def _wanted(
    variant: Variant,
    axes: Sequence[AxisDraft],
    state: OptionsState,
    placed: Mapping[int, str],
    places: Mapping[str, Combination],
) -> Combination | None:
    if variant.pk in placed:
        return places.get(placed[variant.pk])
    chosen = state.chosen.get(variant.pk, {})
    if chosen:
        return _completed(axes, chosen)
    tidy = _tidy(variant.name)
    return next((place for place in places.values() if tidy and _tidy(name_of(axes, place)) == tidy), None)


def _completed(axes: Sequence[AxisDraft], chosen: Mapping[int, int]) -> Combination | None:
    """Return the place of a variant that lacks axes: the first value there; None when a value it has is gone."""
    place = []
    for axis in axes:
        held = chosen.get(axis.id or 0)
        if held is None:
            place.append(0)
            continue
        at = [number for number, value in enumerate(axis.values) if value.id == held]
        if not at:
            return None
        place.append(at[0])
    return tuple(place)


def _tidy(name: str) -> str:
    return "".join(name.casefold().split())


def _skus(
    product: Product, axes: Sequence[AxisDraft], places: Sequence[Combination], pattern: str
) -> dict[Combination, str]:
    if not places:
        return {}
    short = [abbreviations([value.name for value in axis.values]) for axis in axes]
    wanted = {place: _filled(pattern or usual_pattern(len(axes)), product, short, place) for place in places}
    used = taken_skus({sku for base in wanted.values() for sku in _numbered(base, FEW)})
    drafted: dict[Combination, str] = {}
    for place, base in wanted.items():
        drafted[place] = next(sku for sku in _numbered(base, len(used) + 2) if sku not in used)
        used.add(drafted[place])
    return drafted


def _numbered(base: str, count: int) -> Iterator[str]:
    """Give the SKU itself, then with 2, 3, ... behind."""
    return (base if number == 1 else f"{base}-{number}" for number in range(1, count + 1))


def _filled(pattern: str, product: Product, short: Sequence[Sequence[str]], place: Combination) -> str:
    def word(found: "re.Match[str]") -> str:
        name = found.group(1)
        if name == "code":
            return product.code
        number = int(name) - 1
        return short[number][place[number]] if number < len(place) else ""

    return _PLACE.sub(word, pattern).strip("-_ ")[:76]
