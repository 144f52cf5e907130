"""How much room a carrier's file has for an address, as data."""

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from addresses.fitting.characters import bytes_of, columns_of, widened
from core.errors import InvalidInput

ROLES = ("region", "city", "street", "building")
WIDEST = 500


class Measure(models.TextChoices):
    """In what a carrier counts the room of a line."""

    CHARACTERS = "characters", pgettext_lazy("width", "characters")
    COLUMNS = "columns", pgettext_lazy("width", "half-width columns")  # a full-width character takes two
    BYTES = "bytes", pgettext_lazy("width", "bytes in the file's encoding")


@dataclass(frozen=True, kw_only=True)
class AddressParts:
    """An address as orders keep it: ``street`` is address_1, ``building`` address_2."""

    country: str
    region: str = ""
    city: str = ""
    street: str = ""
    building: str = ""

    def part(self, role: str) -> str:
        """Return the text of a part by its name."""
        return str(getattr(self, role))


@dataclass(frozen=True, kw_only=True)
class BudgetLine:
    """One line: the column of the file it stands in (lines of the same column are joined), its room, what it takes."""

    column: str
    width: int
    takes: tuple[str, ...] = ROLES


@dataclass(frozen=True, kw_only=True)
class AddressBudget:
    """The lines of a carrier's address in their order; with ``widen`` everything is written in full width first."""

    lines: tuple[BudgetLine, ...]
    measure: Measure = Measure.CHARACTERS
    encoding: str = "cp932"
    widen: bool = False

    @classmethod
    def of_widths(cls, widths: Sequence[int], encoding: str) -> "AddressBudget":
        """Return the budget of lines that take everything, each so many half-width columns wide."""
        lines = tuple(BudgetLine(column=str(number), width=width) for number, width in enumerate(widths, start=1))
        return cls(lines=lines, measure=Measure.COLUMNS, encoding=encoding)

    def write(self, text: str) -> str:
        """Return the text as the file would show it."""
        return widened(text) if self.widen else text

    def width_of(self, text: str) -> int:
        """Return how much room a written text takes; what the file cannot carry counts as wide."""
        if self.measure == Measure.CHARACTERS:
            return len(text)
        if self.measure == Measure.COLUMNS:
            return columns_of(text)
        return sum(bytes_of(char, self.encoding) or 2 for char in text)

    def as_json(self) -> dict[str, Any]:
        """Return what ``read_budget`` reads."""
        lines = [{"column": line.column, "width": line.width, "takes": list(line.takes)} for line in self.lines]
        return {"measure": self.measure.value, "encoding": self.encoding, "widen": self.widen, "lines": lines}


def read_budget(value: Any) -> AddressBudget:
    """Return the budget that a row keeps as JSON; InvalidInput for anything else, saying what is wrong."""
    if not isinstance(value, Mapping) or not isinstance(value.get("lines"), list) or not value["lines"]:
        raise InvalidInput(_("A budget of an address names its lines."))
    measure, encoding = value.get("measure", Measure.CHARACTERS.value), str(value.get("encoding", "cp932"))
    if measure not in Measure.values:
        raise InvalidInput(_("“%(measure)s” is no way to count the room of a line.") % {"measure": measure})
    try:
        codecs.lookup(encoding)
    except LookupError as error:
        raise InvalidInput(_("There is no encoding called “%(encoding)s”.") % {"encoding": encoding}) from error
    return AddressBudget(
        lines=tuple(_line(line) for line in value["lines"]),
        measure=Measure(measure),
        encoding=encoding,
        widen=value.get("widen") is True,
    )


def _line(value: Any) -> BudgetLine:
    if not isinstance(value, Mapping):
        raise InvalidInput(_("A line of a budget has a column, a width and what it takes."))
    width, takes = value.get("width"), value.get("takes", list(ROLES))
    if type(width) is not int or not 1 <= width <= WIDEST:
        raise InvalidInput(_("A line is between 1 and %(count)d wide.") % {"count": WIDEST})
    if not isinstance(takes, list) or not takes or not set(takes) <= set(ROLES):
        raise InvalidInput(_("A line takes some of: %(parts)s.") % {"parts": ", ".join(ROLES)})
    return BudgetLine(column=str(value.get("column", "")), width=width, takes=tuple(takes))
