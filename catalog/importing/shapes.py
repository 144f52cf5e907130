"""How rows of a file make products: what a format's data cannot say. Each shape gives one product after another.

A ``Group`` is one product: its cells (our columns), its variants, its pictures. Numbers of rows are those of the file.
"""

# ruff: noqa: ARG001 shapes are called alike, whether or not they have settings and something to tell

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby, product

from catalog.importing.columns import AXES, CODES, OPTIONS, VALUES, VARIANT_IMAGE, is_of_variant
from catalog.importing.wishes import WISHES, Wish, told_wishes
from catalog.models import WishKind
from catalog.services.content.wishing import MAX_CHOICES

Cells = dict[str, str]
Told = Callable[[str, int], None]  # a code of a notice, and the row


@dataclass
class Source:
    """One row of the file: its number, its cells by our columns, those of the file by its own, its pictures."""

    number: int
    cells: Cells
    raw: Mapping[str, str]
    pictures: list[tuple[str, str]] = field(default_factory=list)  # (address or file name, words)


@dataclass
class Group:
    """One product of the file."""

    cells: Cells
    variants: list[tuple[int, Cells]]
    pictures: list[tuple[str, str]]
    number: int


Shape = Callable[[Iterable[Source], Mapping[str, str], Told], Iterator[Group]]


def one_row_each(sources: Iterable[Source], settings: Mapping[str, str], told: Told) -> Iterator[Group]:
    """Give rows that say everything themselves; neighbours of one code are one product."""
    for _code, found in groupby(sources, key=lambda source: source.cells.get("code") or f"#{source.number}"):
        rows = list(found)
        pictures: list[tuple[str, str]] = []
        for row in rows:
            pictures += [one for one in row.pictures if one not in pictures]
        yield Group(
            _first_filled(rows), [(row.number, _of_variant(row.cells)) for row in rows], pictures, rows[0].number
        )


def filled_forward(sources: Iterable[Source], settings: Mapping[str, str], told: Told) -> Iterator[Group]:
    """Give Shopify's products: the first row tells the product, later ones a variant, a picture or both."""
    position = settings.get("position_column", "")
    code = ""

    def key(source: Source) -> str:
        nonlocal code
        code = source.cells.get("code") or code
        return code

    for handle, found in groupby(sources, key=key):
        rows = list(found)
        cells = _first_filled(rows) | {"code": handle}
        variants = [(row.number, _of_variant(row.cells)) for row in rows if _is_variant(row.cells)]
        _without_default(cells, variants)
        pictured = [row for row in rows if row.pictures]
        pictured.sort(key=lambda row: _place(row.raw.get(position, "")))
        pictures = [one for row in pictured for one in row.pictures]
        _add_variant_pictures(variants, pictures)
        yield Group(cells, variants, pictures, rows[0].number)


def row_kinds(sources: Iterable[Source], settings: Mapping[str, str], told: Told) -> Iterator[Group]:
    """Give Rakuten's products: a row of the item, a row for each wish (項目選択肢), a row for each SKU."""
    for code, found in groupby(sources, key=lambda source: source.cells.get("code", "")):
        rows = list(found)
        item = [row for row in rows if not _has(row, settings["sku_column"]) and not _has(row, settings["wish_column"])]
        skus = [row for row in rows if _has(row, settings["sku_column"])]
        cells = _first_filled(item or rows)
        if wishes := _rakuten_wishes(rows, settings, told):
            cells[WISHES] = wishes
        keys = _names(item, settings["keys_column"])
        names = _names(item, settings["names_column"])
        cells |= {f"option{n}_name": name for n, name in zip(OPTIONS, names, strict=False)}
        # orders of an item with one SKU bear the item's own number
        alone = next((row.raw.get(settings["number_column"], "") for row in item), "") or code
        own = alone if len(skus) == 1 else ""
        variants = [(row.number, _rakuten_variant(row, settings, keys, own)) for row in skus]
        if names and any(not any(variant.get(name) for name in VALUES) for _number, variant in variants):
            told("no_option_values", rows[0].number)
        pictures = [one for row in item for one in row.pictures]
        yield Group(cells | {"code": code}, variants, pictures, rows[0].number)


def option_columns(sources: Iterable[Source], settings: Mapping[str, str], told: Told) -> Iterator[Group]:
    """Give Cafe24's products: one row, whose options "색상{흑|백}//크기{S|M}" mean every combination."""
    for row in sources:
        axes = _axes(row.raw.get(settings["options_column"], ""))
        if len(axes) > len(OPTIONS):
            told("too_many_options", row.number)
            axes = axes[: len(OPTIONS)]
        names = {f"option{n}_name": name for n, (name, _values) in zip(OPTIONS, axes, strict=False)}
        shared = _of_variant(row.cells)
        variants = []
        for values in product(*(values for _name, values in axes)):
            own = {f"option{n}_value": value for n, value in zip(OPTIONS, values, strict=False)}
            sku = {} if axes else {"sku": shared.get("sku") or row.cells.get("code", "")}
            variants.append((row.number, {**shared, **({"sku": ""} if axes else sku), **own}))
        yield Group(_of_product(row.cells) | names, variants, row.pictures, row.number)


def represented(sources: Iterable[Source], settings: Mapping[str, str], told: Told) -> Iterator[Group]:
    """Give NextEngine's products: one row for each SKU, tied by the representative's code, each with its own name."""
    groups: dict[str, list[Source]] = {}
    for source in sources:
        groups.setdefault(source.cells.get("code", "") or f"#{source.number}", []).append(source)
    for rows in groups.values():
        first = next((row for row in rows if row.cells.get("sku") == row.cells.get("code")), rows[0])
        cells = _first_filled([first, *rows])
        name = cells.get("name", "")
        variants = []
        for row in rows:
            own = row.cells.get("name", "")
            short = own.removeprefix(name).strip(" -_/()（）[]【】　")
            variants.append((row.number, {**_of_variant(row.cells), "variant_name": short if own != name else ""}))
        pictures: list[tuple[str, str]] = []
        for row in rows:
            pictures += [one for one in row.pictures if one not in pictures]
        yield Group(cells, variants, pictures, rows[0].number)


SHAPES: Mapping[str, Shape] = {
    "one_row_each": one_row_each,
    "filled_forward": filled_forward,
    "row_kinds": row_kinds,
    "option_columns": option_columns,
    "represented": represented,
}


# --- pieces


def _of_variant(cells: Mapping[str, str]) -> Cells:
    return {name: text for name, text in cells.items() if is_of_variant(name)}


def _of_product(cells: Mapping[str, str]) -> Cells:
    return {name: text for name, text in cells.items() if not is_of_variant(name)}


def _first_filled(rows: Iterable[Source]) -> Cells:
    found: Cells = {}
    for row in rows:
        for name, text in _of_product(row.cells).items():
            if not found.get(name):
                found[name] = text
    return found


def _is_variant(cells: Mapping[str, str]) -> bool:
    return any(text for name, text in cells.items() if is_of_variant(name) and name not in {VARIANT_IMAGE, *CODES})


def _without_default(cells: Cells, variants: list[tuple[int, Cells]]) -> None:
    """Take away the option that Shopify writes for a product without options."""
    if [variant.get("option1_value") for _number, variant in variants] == ["Default Title"]:
        for name in (*AXES, *VALUES):
            cells.pop(name, None)
            variants[0][1].pop(name, None)


def _place(text: str) -> int:
    return int(text) if text.strip().isdigit() else 10_000


def _add_variant_pictures(variants: list[tuple[int, Cells]], pictures: list[tuple[str, str]]) -> None:
    known = {address for address, _words in pictures}
    for _number, variant in variants:
        address = variant.get(VARIANT_IMAGE, "")
        if address and address not in known:
            known.add(address)
            pictures.append((address, ""))


def _has(row: Source, column: str) -> bool:
    return bool(row.raw.get(column, "").strip())


def _names(item: list[Source], column: str) -> list[str]:
    cell = next((row.raw[column] for row in item if row.raw.get(column, "").strip()), "")
    return [name.strip() for name in cell.split("|") if name.strip()]


def _rakuten_variant(row: Source, settings: Mapping[str, str], keys: list[str], sku: str) -> Cells:
    variant = _of_variant(row.cells)
    if not variant.get("sku"):  # a number of an SKU is unique within its item only
        variant["sku"] = sku or f"{row.cells.get('code', '')}-{row.raw[settings['sku_column']].strip()}"
    for place in range(1, 7):
        key = row.raw.get(settings["key_prefix"] + str(place), "").strip()
        value = row.raw.get(settings["value_prefix"] + str(place), "").strip()
        axis = keys.index(key) + 1 if key in keys else place
        if value and axis in OPTIONS:
            variant[f"option{axis}_value"] = value
    return variant


def _rakuten_wishes(rows: list[Source], settings: Mapping[str, str], told: Told) -> str:
    """Return the cell of the wishes; what a cell cannot say is told. One choice alone is a box to tick."""
    found = []
    for row in rows:
        name = " ".join(row.raw.get(settings["wish_column"], "").split())
        if not name:
            continue
        columns = (f"{settings['choice_prefix']}{number}" for number in range(1, MAX_CHOICES + 1))
        choices = tuple(dict.fromkeys(text for column in columns if (text := row.raw.get(column, "").strip())))
        kind = WishKind.CHOICE if len(choices) > 1 else WishKind.FLAG if choices else WishKind.TEXT
        is_required = row.raw.get(settings["required_column"], "").strip() == "1"
        wish = Wish(name, kind.value, choices if kind == WishKind.CHOICE else (), None, is_required)
        if wish.text:
            found.append(wish)
        else:
            told("wish", row.number)
    return told_wishes(found)


_AXIS = re.compile(r"\s*([^{}]+)\{([^{}]*)\}\s*")


def _axes(text: str) -> list[tuple[str, list[str]]]:
    found = []
    for part in text.split("//"):
        match = _AXIS.fullmatch(part)
        if match:
            values = list(dict.fromkeys(value.strip() for value in match[2].split("|") if value.strip()))
            if values:
                found.append((match[1].strip(), values))
    return found
