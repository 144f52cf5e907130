"""Raw rows to cleaned columns, through a definition."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from core.imports.cells import Cleaned, amount, cleaner
from core.imports.definitions import Definition, Placed, Rule
from core.imports.reasons import Reason
from core.imports.targets import Chunk, Setting, Target

MEMORY = 50_000  # remembered cells per column: prices, dates and codes repeat


class Shaper:
    """Shapes rows of one file; remembers cleaned cells from chunk to chunk."""

    def __init__(self, *, target: Target, definition: Definition, columns: Sequence[str], setting: Setting) -> None:
        self.target = target
        self.definition = definition
        self.columns = list(columns)
        self.placed = definition.place(columns)
        known = {field.name: field for field in target.fields}
        self._fields = [known[name] for name in {**self.placed, **dict(definition.constants)} if name in known]
        self._fields += [known[n] for rule in definition.rules for n, _v in rule.sets if n in known]
        self._fields = list({field.name: field for field in self._fields}.values())
        zone = definition.time_zone or setting.time_zone
        self._clean = {
            field.name: cleaner(
                field, words=dict(definition.values.get(field.name, {})), dates=definition.dates, time_zone=zone
            )
            for field in self._fields
        }
        self._memory: dict[str, dict[str, Cleaned]] = {field.name: {} for field in self._fields}

    def missing(self) -> list[str]:
        """Return what the file lacks: columns of required fields, as the format calls them."""
        required = [f.name for f in self.target.fields if f.is_required] + list(self.definition.required)
        given = set(self.placed) | set(self.definition.constants)
        return [self.definition.describe(name) for name in dict.fromkeys(required) if name not in given]

    def document(self, raw: Sequence[str]) -> str:
        """Return the cell that tells to which document a row belongs; empty without such a column: each row alone."""
        source = self.placed.get(self.target.document_field)
        return self._text(source, raw) if source is not None else ""

    def shape(self, rows: Sequence[tuple[int, list[str]]], documents: list[str]) -> Chunk:
        """Return the rows cleaned column by column, each row with its problems."""
        problems: list[list[Reason]] = [[] for _row in rows]
        texts = {name: self._column(name, rows) for name in self._clean}
        if self.definition.carries_document:
            texts[self.target.document_field] = list(documents)
        for rule in self.definition.rules:
            self._apply(rule, texts, problems)
        values = {name: self._cleaned(name, column, problems) for name, column in texts.items()}
        width = len(self.columns)
        for index, (_number, raw) in enumerate(rows):
            if len(raw) > width and any(cell.strip() for cell in raw[width:]):
                problems[index].append({"code": "ragged", "found": len(raw), "wanted": width})
        return Chunk(numbers=[n for n, _raw in rows], documents=documents, values=values, problems=problems)

    def _column(self, name: str, rows: Sequence[tuple[int, list[str]]]) -> list[str]:
        placed = self.placed.get(name)
        constant = self.definition.constants.get(name, "")
        if placed is None:
            return [constant] * len(rows)
        if len(placed.places) == 1:
            place = placed.places[0]
            return [(raw[place].strip() if place < len(raw) else "") or constant for _n, raw in rows]
        return [self._text(placed, raw) or constant for _n, raw in rows]

    def _text(self, placed: Placed, raw: Sequence[str]) -> str:
        cells = [raw[place].strip() for place in placed.places if place < len(raw) and raw[place].strip()]
        if placed.mode == "sum" and len(cells) > 1:
            return _added(cells)
        return placed.glue.join(cells) if placed.mode == "join" else (cells[0] if cells else "")

    def _apply(self, rule: Rule, texts: dict[str, list[str]], problems: list[list[Reason]]) -> None:
        matching: set[int] | None = None
        for name, pattern in rule.when:
            column = texts.get(name) or [""] * len(problems)
            fitting = {cell for cell in set(column) if pattern.search(cell)}
            rows = {index for index, cell in enumerate(column) if cell in fitting} if fitting else set()
            matching = rows if matching is None else matching & rows
        for index in sorted(matching or ()):
            if rule.refuse and not problems[index]:
                problems[index].append({"code": rule.refuse, "is_rule": True})
            for name, value in rule.sets:
                texts[name][index] = texts[name][index] or value

    def _cleaned(self, name: str, column: list[str], problems: list[list[Reason]]) -> list[Any]:
        clean, memory = self._clean[name], self._memory[name]
        if len(memory) > MEMORY:
            memory.clear()
        values: list[Any] = []
        for index, cell in enumerate(column):
            if not cell:
                values.append(None)
                continue
            known = memory.get(cell)
            if known is None:
                known = memory[cell] = clean(cell)
            value, reason = known
            if reason is not None:
                problems[index].append({**reason, "column": self._name_of(name)})
            values.append(value)
        return values

    def _name_of(self, name: str) -> str:
        placed = self.placed.get(name)
        return self.columns[placed.places[0]] if placed else name


def _added(cells: list[str]) -> str:
    total = Decimal(0)
    for cell in cells:
        value, reason = amount(cell)
        if reason is not None:
            return cell  # cleaned again as an amount, and refused there by name
        total += value
    return str(total)
