"""What a file is: its layout, header, and the format that fits best."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from core.imports.definitions import Definition, clean_columns
from core.imports.errors import FileRefused
from core.imports.files import Layout, Row, find_layout, open_rows
from core.imports.headers import SEARCHED_ROWS, find_header, normal
from core.imports.shaping import Shaper
from core.imports.targets import Setting, Target, target_of
from core.models import ImportBatch, ImportFormat

GOOD_MATCH = 0.7


def examine(batch: ImportBatch, path: Path) -> None:
    """Fill layout, encoding, columns, format and unknown columns from the file; FileRefused if unreadable."""
    target = target_of(batch.target)
    setting = target.setting(batch.options)
    layout = find_layout(path, encoding=str(batch.options.get("encoding", "")), likely=setting.encodings)
    layout = replace(layout, sheet=str(batch.options.get("sheet", "")))
    first = first_rows(path, layout, SEARCHED_ROWS)
    formats = usable_formats(batch.target)
    index = find_header(first, lambda cells: max((_good(f, cells) for f in formats.values()), default=0.0))
    if index is None:
        raise FileRefused("no_header" if first else "empty_file")
    number, cells = first[index]
    batch.layout = replace(layout, header_row=number).as_json()
    batch.encoding = layout.encoding
    batch.columns = clean_columns(cells)
    batch.format = best_format(formats, batch.columns, target=target, options=batch.options)
    if batch.format is None:
        batch.mapping = {"fields": suggest_fields(target, batch.columns)}
    batch.unknown_columns = definition_of(batch).unknown(batch.columns)


def first_rows(path: Path, layout: Layout, count: int) -> list[Row]:
    """Return the first rows that hold anything."""
    with open_rows(path, layout) as rows:
        return list(islice((row for row in rows if any(cell.strip() for cell in row[1])), count))


def usable_formats(target: str) -> dict[ImportFormat, Definition]:
    """Return the active formats of a target with their definitions."""
    return {f: Definition.of(f.definition) for f in ImportFormat.objects.filter(target=target, is_active=True)}


def best_format(
    formats: dict[ImportFormat, Definition], columns: Sequence[str], *, target: Target, options: dict[str, Any]
) -> ImportFormat | None:
    """Return the format whose columns the header has (seven tenths of them at least); more columns win a tie."""
    ranked = [
        (_good(definition, columns) + target.rank(dict(definition.raw), options), len(definition.fingerprint), f)
        for f, definition in formats.items()
        if _good(definition, columns)
    ]
    return max(ranked, key=lambda entry: (entry[0], entry[1], -entry[2].pk))[2] if ranked else None


def suggest_fields(target: Target, columns: Sequence[str]) -> dict[str, str]:
    """Return field -> column for columns whose name is a field's name, label or alias."""
    by_name = {normal(column): column for column in reversed(columns)}
    suggested: dict[str, str] = {}
    for field in target.fields:
        for alias in (field.name, str(field.label), *field.aliases):
            column = by_name.get(normal(alias))
            if column is not None and column not in suggested.values():
                suggested[field.name] = column
                break
    return suggested


def definition_of(batch: ImportBatch) -> Definition:
    """Return how this file is read: its own mapping, else its format."""
    if batch.mapping:
        return Definition.of(batch.mapping)
    return Definition.of(batch.format.definition if batch.format else {})


def setting_of(batch: ImportBatch) -> Setting:
    """Return where the file comes from."""
    return target_of(batch.target).setting(batch.options)


def shaper_of(batch: ImportBatch) -> Shaper:
    """Return the shaper of the batch's rows."""
    return Shaper(
        target=target_of(batch.target),
        definition=definition_of(batch),
        columns=batch.columns,
        setting=setting_of(batch),
    )


def check_complete(batch: ImportBatch) -> None:
    """Refuse a file that lacks columns of required fields, naming them (FileRefused)."""
    missing = shaper_of(batch).missing()
    if missing:
        raise FileRefused("missing_columns", columns=", ".join(missing))


def _good(definition: Definition, cells: Sequence[str]) -> float:
    score = definition.score(cells)
    return score if score >= GOOD_MATCH else 0.0
