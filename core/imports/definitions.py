"""Formats as data: which column carries which value, and what its words mean."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.imports.headers import normal, unique_names


@dataclass(frozen=True)
class Source:
    """Where a value comes from: the first filled part, or all parts joined or added."""

    mode: str  # "first", "join", "sum"
    parts: tuple[tuple[str, ...], ...]  # each part: alternative column names
    glue: str = ""

    @classmethod
    def of(cls, written: Any) -> "Source":
        """Read ``"column"``, ``["name", "older name"]``, or the same as parts of ``{first|join|sum: [...]}``.

        A list names one column that has had several names; ``first`` takes the first filled of several columns,
        ``join`` puts texts together (``with`` between them), ``sum`` adds amounts.
        """
        if not isinstance(written, Mapping):
            return cls("first", (_names(written),))
        mode = next(mode for mode in ("first", "join", "sum") if mode in written)
        return cls(mode, tuple(_names(part) for part in written[mode]), str(written.get("with", " ")))

    def columns(self) -> list[str]:
        """Return every column name mentioned."""
        return [name for part in self.parts for name in part]


@dataclass(frozen=True)
class Rule:
    """When all patterns are found in the row's texts, set further values, or refuse the row but not its document."""

    when: tuple[tuple[str, re.Pattern[str]], ...]
    sets: tuple[tuple[str, str], ...] = ()
    refuse: str = ""


@dataclass(frozen=True)
class Placed:
    """A source with the places of its columns in one file."""

    mode: str
    places: tuple[int, ...]
    glue: str


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A format read from its data; ``raw`` keeps what was written."""

    code: str = ""
    name: str = ""
    fields: Mapping[str, Source] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    fingerprint: tuple[str, ...] = ()
    ignored: frozenset[str] = frozenset()
    required: tuple[str, ...] = ()
    personal: frozenset[str] = frozenset()
    dates: tuple[str, ...] = ()
    time_zone: str = ""
    encoding: str = ""
    carries_document: bool = False  # rows below the first leave the document's number empty
    raw: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, written: Mapping[str, Any]) -> "Definition":
        """Read a definition as it stands in a format file or in the database."""
        fields = {name: Source.of(source) for name, source in written.get("fields", {}).items()}
        names = [source.columns()[0] for source in fields.values()]
        return cls(
            code=str(written.get("code", "")),
            name=str(written.get("name", "")),
            fields=fields,
            values={f: {normal(k): str(v) for k, v in words.items()} for f, words in written.get("values", {}).items()},
            constants=dict(written.get("constants", {})),
            rules=tuple(_rule(rule) for rule in written.get("rules", ())),
            fingerprint=tuple(normal(name) for name in written.get("fingerprint", names)),
            ignored=frozenset(normal(name) for name in written.get("ignored", ())),
            required=tuple(written.get("required", ())),
            personal=frozenset(normal(name) for name in written.get("personal", ())),
            dates=tuple(written.get("dates", ())),
            time_zone=str(written.get("time_zone", "")),
            encoding=str(written.get("encoding", "")),
            carries_document=bool(written.get("carries_document")),
            raw=written,
        )

    def score(self, cells: Sequence[str]) -> float:
        """Return which share of the fingerprint's columns the header has, 0 when it has too few to be this format."""
        if not self.fingerprint:
            return 0.0
        header = {normal(cell) for cell in cells if cell.strip()}
        return len(header & set(self.fingerprint)) / len(set(self.fingerprint))

    def place(self, columns: Sequence[str]) -> dict[str, Placed]:
        """Return the places of each value's columns; values whose columns the file lacks are left out."""
        places: dict[str, int] = {}
        for place, name in enumerate(columns):
            places.setdefault(normal(name), place)
        placed = {}
        for name, source in self.fields.items():
            found = [next((places[normal(c)] for c in part if normal(c) in places), None) for part in source.parts]
            present = tuple(p for p in found if p is not None)
            if present:
                placed[name] = Placed(source.mode, present, source.glue)
        return placed

    def unknown(self, columns: Sequence[str]) -> list[str]:
        """Return the columns that are neither used nor known to be unused."""
        used = {normal(name) for source in self.fields.values() for name in source.columns()}
        known = used | self.ignored | set(self.fingerprint)
        return [name for name in columns if normal(name) not in known and not name.startswith("#")]

    def describe(self, name: str) -> str:
        """Return the column that is looked for, for a sentence about what is missing."""
        return " / ".join(self.fields[name].columns()) if name in self.fields else name


def clean_columns(cells: Sequence[str]) -> list[str]:
    """Return the header's cells as unique column names."""
    return unique_names(cells)


def _names(part: Any) -> tuple[str, ...]:
    return (part,) if isinstance(part, str) else tuple(part)


def _rule(written: Mapping[str, Any]) -> Rule:
    return Rule(
        when=tuple((name, re.compile(str(pattern))) for name, pattern in written["when"].items()),
        sets=tuple((name, str(value)) for name, value in written.get("set", {}).items()),
        refuse=str(written.get("refuse", "")),
    )
