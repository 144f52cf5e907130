"""What happened to whole tables."""

from dataclasses import dataclass, field
from typing import ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class TableExported(Event):
    """Rows left the shop in a file; ``reason`` is asked for when personal data is among them."""

    name: ClassVar[str] = "core.table_exported"
    table: str
    rows: int
    personal: bool
    reason: str = ""
    address: str = ""  # of the request, for the access log
    whose: list[int] = field(default_factory=list)  # ids of the first rows, where personal data is among them
    columns: list[str] = field(default_factory=list)  # of personal data that stand in the file in full

    def sentence(self) -> str:
        """Tell how many rows of which table, and why."""
        told = ngettext("%(rows)s row of “%(table)s” exported", "%(rows)s rows of “%(table)s” exported", self.rows) % {
            "rows": self.rows,
            "table": self.table,
        }
        return f"{told}: {self.reason}" if self.reason else told


@dataclass(frozen=True, kw_only=True)
class TableUndone(Event):
    """What a file had changed was taken back, as far as nobody had changed it since."""

    name: ClassVar[str] = "core.table_undone"
    table: str
    undone: int
    conflicts: int
    reason: str

    def sentence(self) -> str:
        """Tell how much went back, and why."""
        return _("Import of “%(table)s” undone: %(undone)s rows, %(conflicts)s conflicts: %(reason)s") % {
            "table": self.table,
            "undone": self.undone,
            "conflicts": self.conflicts,
            "reason": self.reason,
        }


@dataclass(frozen=True, kw_only=True)
class TableImported(Event):
    """A file changed a table."""

    name: ClassVar[str] = "core.table_imported"
    table: str
    created: int
    updated: int
    unchanged: int
    refused: int

    def sentence(self) -> str:
        """Tell what became of the rows."""
        return _(
            "“%(table)s” imported: %(created)s new, %(updated)s changed, %(unchanged)s unchanged, %(refused)s refused"
        ) % {
            "table": self.table,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused": self.refused,
        }
