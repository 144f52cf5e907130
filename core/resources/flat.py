"""The rows of a flat file on their way through the parts of a composite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.resources.batch import LONG
from core.resources.choices import CHANGED, NEW, REFUSED, UNCHANGED, Choices, is_blank
from core.resources.columns import RowFaults
from core.resources.outcome import Pairs, pairs
from core.resources.parts import BulkPart, Part, PartRow, PartRun

if TYPE_CHECKING:
    from core.resources.composite import CompositeResource

Stored = list[dict[int, dict[str, Any]]]
ROUNDS = 12  # each refuses rows that hang on refused ones; real files need two


class FlatRun:
    """One import of a flat file; use inside a transaction."""

    def __init__(
        self,
        resource: CompositeResource,
        headers: Sequence[str],
        rows: Sequence[Sequence[Any]],
        *,
        choices: Choices,
        is_trial: bool,
    ) -> None:
        self.resource = resource
        self.headers = list(headers)
        self.rows = rows
        self._indexes = list(range(len(rows)))  # the same numbers in all parts: tens of thousands of objects once
        self.choices = choices
        self.is_trial = is_trial
        self.faults = RowFaults()
        self.runs: list[PartRun] = []
        self._grouped: dict[int, tuple[int, list[PartRow]]] = {}  # part -> refused rows then, and its rows
        self.parts = [(n, part) for n, part in enumerate(resource.parts) if self._has_columns(part)]
        if not self.parts:
            raise ValidationError(_("No column of the file can be imported here."))

    # --- what became of the rows

    def kinds(self) -> list[str]:
        """Return what became of each flat row: refused, else the most its parts did."""
        kinds = [UNCHANGED] * len(self.rows)
        for run in self.runs:
            makes_new = not self.resource.main or run.part.name in self.resource.main
            for index, told in run.outcomes.items():
                kind = CHANGED if told.kind == NEW and not makes_new else told.kind
                if kind == NEW or (kind == CHANGED and kinds[index] == UNCHANGED):
                    kinds[index] = kind
        for index in self.faults.by_row:
            kinds[index] = REFUSED
        return kinds

    def cleared(self) -> dict[str, int]:
        """Return how many stored values would be emptied, by flat column."""
        counts: dict[str, int] = {}
        for run in self.runs:
            if run.batch is not None:
                for name, count in run.batch.cleared.items():
                    column = run.part.flat_column(run.batch.resource.fields[name].column_name)
                    counts[column] = counts.get(column, 0) + count
        return counts

    # --- the work

    def run(self) -> dict[int, Pairs]:
        """Write the good rows, and return the cells of the shown ones before and after; a trial is taken back.

        Refuses (InvalidInput) a file whose rows hang on each other so deeply that no end is found.
        """
        if len(self.rows) > LONG:
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = '10min'")
        # what disagrees is refused before anything is written; the first round uses what was grouped before any refusal
        for number, part in self.parts:
            self._grouped[number] = (len(self.faults.by_row), self._group(part))
        for _round in range(ROUNDS):
            with transaction.atomic():
                is_settled = self._is_settled()
                wanted = self._wanted() if is_settled else []
                if is_settled and not self.is_trial:
                    return {n: [] for n in wanted}
                sources = self._sources(set(wanted))
                after = self._current(sources)
                transaction.set_rollback(True)
            if is_settled:
                return self._changes(wanted, sources, self._current(sources), after)
        raise InvalidInput(_("Too many rows depend on refused ones. Correct the refused rows first."))

    def _is_settled(self) -> bool:
        """Go through all parts; tell whether nothing was written of a row that was refused later."""
        self.runs = []
        written = bytearray(len(self.rows))  # 1 for each flat row of which something was written
        is_settled = True
        for number, part in self.parts:
            run = PartRun(
                part=part, number=number, choices=self.choices, user=self.resource.user, is_trial=self.is_trial
            )
            self.runs.append(run)
            run.rows = self._rows_of(number, part)
            part.prepare(run)
            part.apply(run)
            run.write_kept()
            refused = self._take_faults(run)
            is_settled = is_settled and not any(written[n] for n in refused)
            _mark(written, run)
            if not self.is_trial:
                run.let_go()
        return is_settled

    def _rows_of(self, number: int, part: Part) -> list[PartRow]:
        refused, rows = self._grouped.pop(number, (-1, []))
        return rows if refused == len(self.faults.by_row) else self._group(part)

    def _take_faults(self, run: PartRun) -> set[int]:
        """Carry the faults of a part to the flat rows; return those."""
        refused: set[int] = set()
        for row in run.rows if run.faults else ():
            for own, sentence in run.faults.get(row.index, {}).items():
                at = self._source(run.part, row, own)
                column = run.part.flat_column(own) if own and own not in run.part.constants else ""
                self.faults.add(at, column, sentence)
                for other in row.flat:
                    if other != at:
                        self.faults.add(
                            other, "", _("Row %(row)s has the same key and is refused. Correct that row.")
                            % {"row": self.choices.number_of(at)},
                        )  # fmt: skip
                refused |= set(row.flat)
        return refused

    def _source(self, part: Part, row: PartRow, own: str) -> int:
        """Return the flat row that holds the cell."""
        if own not in part.columns.values():
            return row.index
        place = self._place(part, own)
        if place is None:
            return row.index
        return next((n for n in row.flat if not is_blank(self.rows[n][place])), row.index)

    # --- rows of a part

    def _place(self, part: Part, own: str) -> int | None:
        column = part.flat_column(own)
        return self.headers.index(column) if column in self.headers else None

    def _places(self, part: Part) -> dict[str, int]:
        """Return where the part's own columns stand in the file."""
        return {own: self.headers.index(flat) for flat, own in part.columns.items() if flat in self.headers}

    def _has_columns(self, part: Part) -> bool:
        """Tell whether the file says anything to the part; ValidationError when it does not say about what."""
        given = self._places(part)
        if not part.wants(given):
            return False
        quiet = {*part.keys, *part.constants}
        for key in part.keys:
            if key not in given and key not in part.constants:
                raise ValidationError(
                    _("The column “%(column)s” is missing: it says what the column “%(other)s” is about.")
                    % {"column": part.flat_column(key), "other": part.flat_column(next(iter(set(given) - quiet), key))}
                )
        return True

    def _group(self, part: Part) -> list[PartRow]:
        """Return the part's rows, made of flat rows that are not refused; refuse those that disagree."""
        places = self._places(part)
        if not places:
            return []
        names = list(places)
        groups: dict[Any, PartRow] = {}
        firsts: dict[Any, Sequence[Any]] = {}  # cells of each group's first flat row: most others say the same
        refused = self.faults.by_row
        own_cells = zip(*(map(itemgetter(place), self.rows) for place in places.values()), strict=True)
        for index, key, own in zip(self._indexes, self._keys(part, places), own_cells, strict=True):
            if index in refused:
                continue
            row = groups.get(key)
            if row is None:
                firsts[key] = own
                groups[key] = PartRow([index], {**part.constants, **dict(zip(names, own, strict=True))})
            elif own == firsts[key]:
                row.flat.append(index)
            elif self._agrees(part, row, index, places):
                row.flat.append(index)
                row.fill(zip(names, own, strict=True))
        return [row for row in groups.values() if self._is_taken(part, row)]

    def _keys(self, part: Part, places: Mapping[str, int]) -> Sequence[Any]:
        """Return for each flat row what tells the part's rows apart; one without a key stands for itself."""
        keys = [[str(cells[places[key]]).strip() for cells in self.rows] for key in part.keys if key in places]
        if not keys:
            return self._indexes
        if len(keys) == 1:
            return [text or index for index, text in enumerate(keys[0])]
        return [texts if any(texts) else index for index, texts in enumerate(zip(*keys, strict=True))]

    def _agrees(self, part: Part, row: PartRow, index: int, places: Mapping[str, int]) -> bool:
        for name, place in places.items():
            new, old = self.rows[index][place], row.cells[name]
            if old == new or is_blank(new) or is_blank(old) or str(old).strip() == str(new).strip():
                continue
            told = {"row": self.choices.number_of(self._source(part, row, name)), "first": _short(old)}
            self.faults.add(
                index,
                self.headers[place],
                _("Row %(row)s has the same key and says “%(first)s” here, this row “%(second)s”. Make them agree.")
                % {**told, "second": _short(new)},
            )
            return False
        return True

    def _is_taken(self, part: Part, row: PartRow) -> bool:
        if part.concerns(row.cells):
            return True
        row.is_optional = self.choices.clears_blanks and part.clears
        return row.is_optional

    # --- what is shown

    def _wanted(self) -> list[int]:
        kinds = self.kinds()
        return [n for n in self.choices.shown.choose(kinds) if kinds[n] != REFUSED]

    def _sources(self, wanted: set[int]) -> list[dict[int, int]]:
        """Return for each run: wanted flat row -> first flat row of the part's row that holds it."""
        return [{n: row.index for row in run.rows for n in row.flat if n in wanted} for run in self.runs]

    def _current(self, sources: Sequence[Mapping[int, int]]) -> Stored:
        """Return for each run: first flat row -> what is stored now, by own column."""
        return [
            run.part.current(run, set(source.values())) if isinstance(run.part, BulkPart) else {}
            for run, source in zip(self.runs, sources, strict=True)
        ]

    def _changes(
        self, wanted: Sequence[int], sources: Sequence[Mapping[int, int]], before: Stored, after: Stored
    ) -> dict[int, Pairs]:
        told: dict[int, dict[str, tuple[Any, Any]]] = {n: {} for n in wanted}
        for run, source, was, now in zip(self.runs, sources, before, after, strict=True):
            for n, first in source.items():
                for own, (old, new) in _cells(run, first, was.get(first), now.get(first)).items():
                    column = run.part.flat_column(own)
                    # what the first row of a key changes is shown there, and as it is then on the others
                    pair = (old if n == first else new, new)
                    if column not in told[n] or pair[0] != pair[1]:
                        told[n][column] = pair
        headers = self.resource.get_diff_headers()
        return {n: [cells.get(header, ("", "")) for header in headers] for n, cells in told.items()}


def _mark(written: bytearray, run: PartRun) -> None:
    """Mark the flat rows of which a part wrote something."""
    changed = {first for first, told in run.outcomes.items() if told.kind != UNCHANGED}
    for row in run.rows if changed else ():
        if row.flat[0] in changed:
            for n in row.flat:
                written[n] = 1


def _cells(
    run: PartRun, first: int, was: Mapping[str, Any] | None, now: Mapping[str, Any] | None
) -> Mapping[str, tuple[Any, Any]]:
    """Return the own cells of a part's row before and after, of those that the file has a column for."""
    if run.batch is None:
        return run.outcomes[first].changes if first in run.outcomes else {}
    names = [own for own in run.part.columns.values() if own in (now or was or {})]
    cells = pairs([was[own] for own in names] if was else None, [now[own] for own in names] if now else None)
    return dict(zip(names, cells, strict=False))


def _short(cell: Any) -> str:
    text = str(cell).strip()
    return text if len(text) <= 40 else f"{text[:39]}…"
