"""The delivered formats of product files: data files that say which of their columns is which of ours.

A file is recognised by its header: all ``required`` columns of a format have to be there, and of several formats the
one that knows most of the file's columns wins. Nothing is read by position: what a mall changes is told by name.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from catalog.importing.columns import IMAGES
from core.errors import InvalidInput
from core.imports.headers import normal

FOLDER = Path(__file__).resolve().parent.parent / "formats"
GENERIC = "generic"
_KEYS = {
    "code", "version", "name", "shape", "channel_kind", "encoding", "language", "required", "fields", "constants",
    "values", "scales", "drop", "images", "numbered_images", "stock", "ignored", "patterns", "compare_at", "settings",
}  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """A column of pictures: addresses or file names, several in a cell when there is a ``separator``."""

    column: str
    alt: str = ""
    separator: str = ""


@dataclass(frozen=True, kw_only=True)
class ProductFormat:
    """How one kind of product file becomes flat rows; ``fields`` is our column -> their columns, the first filled one.

    Our columns may hold ``{language}`` and ``{channel}``: chosen when the file is imported.
    """

    code: str
    version: str
    name: str
    shape: str
    required: Sequence[str]
    fields: Mapping[str, Sequence[str]]
    channel_kind: str = ""
    encoding: str = ""
    language: str = ""
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    scales: Mapping[str, int] = field(default_factory=dict)  # our whole number = theirs times this, rounded
    drop: Mapping[str, str] = field(default_factory=dict)  # our column -> pattern of what says nothing
    images: Sequence[Picture] = ()
    stock: frozenset[str] = frozenset()  # recognised; stock is counted, not imported
    ignored: frozenset[str] = frozenset()
    patterns: Sequence[str] = ()  # of further columns that are known and not used
    compare_at: str = ""  # "higher": a price before that is not higher means none
    settings: Mapping[str, str] = field(default_factory=dict)  # what the shape needs to know

    @property
    def needs_channel(self) -> bool:
        """Tell whether it holds prices that belong to a sales channel nobody names in the file."""
        return any("{channel}" in name for name in self.fields)

    @property
    def needs_language(self) -> bool:
        """Tell whether it holds texts of a language nobody names in the file."""
        return any("{language}" in name for name in self.fields)

    @property
    def known_columns(self) -> set[str]:
        """Return all of their columns that the format knows of, in the form that is compared."""
        used = {name for names in self.fields.values() for name in names}
        used |= {name for picture in self.images for name in (picture.column, picture.alt) if name}
        structural = {value for key, value in self.settings.items() if key.endswith("_column")}
        return {normal(name) for name in {*used, *structural, *self.required, *self.stock, *self.ignored}}

    def knows(self, header: str) -> bool:
        """Tell whether the format says something about a column."""
        return normal(header) in self.known_columns or any(re.fullmatch(one, header.strip()) for one in self.patterns)

    def missing(self, headers: Sequence[str]) -> list[str]:
        """Return the required columns that a header lacks."""
        present = {normal(header) for header in headers}
        return [name for name in self.required if normal(name) not in present]

    def share(self, headers: Sequence[str]) -> float:
        """Return how much of a header the format knows, 0 without all that it requires."""
        filled = [header for header in headers if header.strip()]
        if not filled or self.missing(filled):
            return 0.0
        return sum(self.knows(header) for header in filled) / len(filled)


@cache
def product_formats() -> Mapping[str, ProductFormat]:
    """Return the delivered formats by code, the generic one first."""
    found = [read_format(path) for path in sorted(FOLDER.glob("*.toml"))]
    found.sort(key=lambda one: (one.code != GENERIC, one.code))
    return {one.code: one for one in found}


def format_of(code: str) -> ProductFormat:
    """Return a format by code; InvalidInput for an unknown one."""
    try:
        return product_formats()[code]
    except KeyError:
        raise InvalidInput(_("There is no file format “%(code)s”.") % {"code": code}) from None


def detect(headers: Sequence[str]) -> ProductFormat:
    """Return the format of a header; InvalidInput names what is missing when none fits."""
    formats = list(product_formats().values())
    best = max(formats, key=lambda one: one.share(headers))
    if best.share(headers) > 0:
        return best
    near = min(formats, key=lambda one: (len(one.missing(headers)) / len(one.required), one.code != GENERIC))
    raise InvalidInput(
        _("No known format has these columns. Closest is “%(name)s”; it lacks: %(missing)s.")
        % {"name": near.name, "missing": ", ".join(near.missing(headers))}
    )


def read_format(path: Path) -> ProductFormat:
    """Read one data file; TypeError for an unknown key, so that a typing mistake does not pass for data."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    if unknown := set(data) - _KEYS:
        raise TypeError(f"{path.name}: unknown keys {', '.join(sorted(unknown))}")
    numbered = data.pop("numbered_images", None)
    pictures = [Picture(**one) for one in data.pop("images", [])]
    if numbered:
        pictures += [
            Picture(numbered["column"].format(n=n), numbered.get("alt", "").format(n=n)) for n in range(1, IMAGES + 1)
        ]
    return ProductFormat(
        **{
            **data,
            "fields": {name: _columns(told) for name, told in data["fields"].items()},
            "images": tuple(pictures),
            "stock": frozenset(data.get("stock", ())),
            "ignored": frozenset(data.get("ignored", ())),
        }
    )


def _columns(told: Any) -> Sequence[str]:
    return (told,) if isinstance(told, str) else tuple(told)
