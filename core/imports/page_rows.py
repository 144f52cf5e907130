"""Rows and figures as the import pages show them; personal cells masked for people who may not see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.imports.definitions import Definition
from core.imports.reading import definition_of
from core.imports.reasons import sentences
from core.imports.screens import screen_of
from core.imports.selectors import personal_columns
from core.imports.targets import target_of
from core.masking import mask_any
from core.models import ImportBatch, ImportRow, ImportState, RowOutcome

OUTCOME_COLOURS = {
    RowOutcome.PENDING: "grey",
    RowOutcome.CREATED: "green",
    RowOutcome.UPDATED: "blue",
    RowOutcome.UNCHANGED: "grey",
    RowOutcome.REPEATED: "violet",
    RowOutcome.REFUSED: "red",
}
STATE_COLOURS = {
    ImportState.UPLOADED: "grey",
    ImportState.PREVIEWED: "blue",
    ImportState.IMPORTING: "blue",
    ImportState.DONE: "green",
    ImportState.REFUSED: "red",
    ImportState.FAILED: "red",
}


@dataclass(frozen=True, kw_only=True)
class ShownRow:
    """One row of a file with what it became."""

    number: int
    cells: Sequence[str]
    outcome: str
    outcome_label: str
    colour: str
    kind: str
    reference: str
    reasons: Sequence[str]
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Share:
    """One part of the outcome bar."""

    label: str
    colour: str
    count: int
    percent: float
    key: str


class Shower:
    """Shows rows of one batch to one person."""

    def __init__(self, batch: ImportBatch, user: Any) -> None:
        self.batch = batch
        self.target = target_of(batch.target)
        self.screen = screen_of(batch.target)
        self.hidden = frozenset() if user.has_perm("core.see_personal_columns") else frozenset(personal_columns(batch))

        used = {p for placed in definition_of(batch).place(batch.columns).values() for p in placed.places}
        unknown = {place for place, name in enumerate(batch.columns) if name in set(batch.unknown_columns)}
        # mall files have a hundred columns; a table shows those that are read, or that nobody knows
        self.places = sorted(used) + sorted(unknown - used) or list(range(len(batch.columns)))

    @property
    def columns(self) -> list[str]:
        """Return the names of the columns that tables show."""
        return [self.batch.columns[place] for place in self.places]

    def cells(self, raw: Sequence[str]) -> list[str]:
        """Return the row's cells, as wide as the header."""
        width = len(self.batch.columns)
        padded = [*raw[:width], *[""] * (width - len(raw))]
        return [mask_any(cell) if place in self.hidden else cell for place, cell in enumerate(padded)]

    def shown(self, raw: Sequence[str]) -> list[str]:
        """Return the cells of the columns that tables show."""
        cells = self.cells(raw)
        return [cells[place] for place in self.places]

    def row(self, row: Any) -> ShownRow:
        """Return a stored row or a row of a preview as shown."""
        outcome = RowOutcome(row.outcome)
        return ShownRow(
            number=row.number,
            cells=self.shown(row.raw),
            outcome=outcome.value,
            outcome_label=str(outcome.label),
            colour=OUTCOME_COLOURS[outcome],
            kind=str(self.target.kind_label(row.kind)) if row.kind else "",
            reference=row.reference,
            reasons=sentences(row.reason if isinstance(row, ImportRow) else row.reasons),
            url=self.screen.link(row) if isinstance(row, ImportRow) else "",
        )


def shares(counts: dict[str, int]) -> list[Share]:
    """Return the parts of the outcome bar, in the order of the outcomes, without empty ones."""
    whole = sum(counts.values()) or 1
    return [
        Share(
            label=str(outcome.label),
            colour=OUTCOME_COLOURS[outcome],
            count=counts[outcome.value],
            percent=round(counts[outcome.value] * 100 / whole, 2),
            key=outcome.value,
        )
        for outcome in RowOutcome
        if counts.get(outcome.value)
    ]


def confidence(batch: ImportBatch) -> int | None:
    """Return how much of the format's columns the file has, in per cent; None without a format."""
    return round(Definition.of(batch.format.definition).score(batch.columns) * 100) if batch.format else None


def columns_with_fields(shower: Shower) -> list[dict[str, Any]]:
    """Return the columns that tables show, each with what is read from it."""
    batch = shower.batch
    target = target_of(batch.target)
    used: dict[int, list[str]] = {}
    for name, placed in definition_of(batch).place(batch.columns).items():
        label = str(target.field(name).label)
        for place in placed.places:
            used.setdefault(place, []).append(label)
    unknown = set(batch.unknown_columns)
    return [
        {"name": name, "fields": used.get(place, []), "is_unknown": name in unknown}
        for place, name in ((place, batch.columns[place]) for place in shower.places)
    ]
