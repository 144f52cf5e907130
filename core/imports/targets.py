"""Targets: what rows of a file can become. An app registers its own in ``<app>/importing.py``."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db.models import TextChoices

from core.errors import InvalidInput
from core.imports.reasons import Reason
from core.models import ImportBatch, RowOutcome

if TYPE_CHECKING:
    from staff.models import User


class Kind(StrEnum):
    """How the text of a cell is cleaned (core.imports.cells)."""

    TEXT = "text"
    CODE = "code"  # an identifier: never a number, whatever a spreadsheet made of it
    AMOUNT = "amount"  # Decimal in major units
    WHOLE = "whole"
    MOMENT = "moment"
    FLAG = "flag"
    CHOICE = "choice"
    PHONE = "phone"
    EMAIL = "email"
    COUNTRY = "country"


@dataclass(frozen=True, kw_only=True)
class Field:
    """One value that a row can carry; ``aliases`` are column names that suggest it, in any language."""

    name: str
    label: Any
    kind: Kind = Kind.TEXT
    help: Any = ""
    is_required: bool = False
    is_document: bool = False  # told once for all rows of the document: the first filled cell counts
    is_personal: bool = False
    max_length: int = 300
    is_deadline: bool = False  # a day without a time means its end
    is_cut: bool = False  # too long a text is shortened (names), not refused (keys)
    choices: type[TextChoices] | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What the target needs to know of this file's origin: its zone, its currency, likely encodings."""

    time_zone: str = "UTC"
    currency: str = ""
    country: str = ""
    encodings: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Chunk:
    """Cleaned rows of whole documents, column by column; ``problems[i]`` is empty when row i can be used."""

    numbers: list[int]
    documents: list[str]
    values: dict[str, list[Any]]
    problems: list[list[Reason]]

    def column(self, name: str) -> list[Any]:
        """Return the column, empty values when the file has none."""
        return self.values.get(name) or [None] * len(self.numbers)


@dataclass(slots=True, kw_only=True)
class Result:
    """What became of one row."""

    outcome: RowOutcome
    kind: str = ""
    reference: str = ""
    object_id: int | None = None
    reasons: list[Reason] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class MoneyLine:
    """One line of a reconciliation: rows and minor units of one currency, counted from the file and from the tables."""

    kind: str
    label: Any
    currency: str
    rows_in: int
    rows_out: int
    money_in: int
    money_out: int

    @property
    def agrees(self) -> bool:
        """Tell whether both sides are equal."""
        return self.rows_in == self.rows_out and self.money_in == self.money_out


class Target:
    """What rows become; subclasses know their tables. Registered once, without state of their own."""

    code: str = ""
    label: Any = ""
    permission: str = ""
    fields: Sequence[Field] = ()
    document_field: str = ""  # rows with the same value belong together
    position: int = 100  # the lowest stands first where one chooses, and is what a new import begins with

    def field(self, name: str) -> Field:
        """Return a field by name; KeyError for an unknown one."""
        return {f.name: f for f in self.fields}[name]

    def setting(self, options: dict[str, Any]) -> Setting:
        """Return where the file comes from, for zone, currency and encoding; InvalidInput for impossible options."""
        return Setting()

    def rank(self, definition: dict[str, Any], options: dict[str, Any]) -> float:
        """Return a bonus for formats that fit the chosen options, such as those of the chosen mall."""
        return 0.0

    def write(self, chunk: Chunk, *, batch: ImportBatch, actor: "User | None") -> list[Result]:
        """Make the rows true inside the running transaction and return what became of each."""
        raise NotImplementedError

    def finish(self, *, batch: ImportBatch, actor: "User | None") -> None:
        """Do once, after the last chunk, what needs all rows."""

    def reconcile(self, *, batch: ImportBatch) -> list[MoneyLine]:
        """Compare the raw rows with the tables, computed apart from each other."""
        return []

    def kind_label(self, kind: str) -> Any:
        """Return what people call a row of this kind."""
        return kind


_targets: dict[str, Target] = {}


def register(target: Target) -> None:
    """Offer a target; a second one with the same code is a mistake (TypeError)."""
    if target.code in _targets and type(_targets[target.code]) is not type(target):
        raise TypeError(f"two import targets are called {target.code}")
    _targets[target.code] = target


def target_of(code: str) -> Target:
    """Return a registered target; InvalidInput for an unknown code."""
    try:
        return _targets[code]
    except KeyError:
        raise InvalidInput(f"Unknown import target {code}") from None


def all_targets() -> list[Target]:
    """Return the registered targets by position, then in order of registration."""
    return sorted(_targets.values(), key=lambda target: target.position)


def has_right(target: str, actor: "User | None") -> bool:
    """Tell whether ``actor`` may import into the target; the system itself (None) may, a closed account may not."""
    permission = target_of(target).permission
    return actor is None or (actor.is_active and (not permission or actor.has_perm(permission)))
