"""Facts about papers."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounting.models import DifferenceState, DocumentKind
from core.events import Event
from core.money import format_money


@dataclass(frozen=True, kw_only=True)
class DocumentIssued(Event):
    """A paper was issued for the order."""

    name = "accounting.document_issued"
    document_id: int
    number: str
    kind: str
    gross: int
    currency: str

    def sentence(self) -> str:
        """Name the paper and its amount."""
        return _("Issued: %(kind)s %(number)s, %(amount)s") % {
            "kind": DocumentKind(self.kind).label,
            "number": self.number,
            "amount": format_money(self.gross, self.currency),
        }


@dataclass(frozen=True, kw_only=True)
class SettlementMatched(Event):
    """A statement was compared with our books; the subject is the statement."""

    name = "accounting.settlement_matched"
    reference: str
    lines: int
    differences: int

    def sentence(self) -> str:
        """Tell how many points differ."""
        return _("Compared with the books; lines: %(lines)s, differences to decide: %(differences)s") % {
            "lines": self.lines,
            "differences": self.differences,
        }


@dataclass(frozen=True, kw_only=True)
class DifferencesDecided(Event):
    """Somebody decided differences of a statement; the subject is the statement."""

    name = "accounting.differences_decided"
    state: str
    subjects: list[str]
    count: int
    reason: str

    def sentence(self) -> str:
        """Tell what was decided about which orders."""
        more = "" if self.count <= len(self.subjects) else " …"
        return _("%(state)s: %(subjects)s. %(reason)s") % {
            "state": DifferenceState(self.state).label,
            "subjects": ", ".join(self.subjects) + more,
            "reason": self.reason,
        }


@dataclass(frozen=True, kw_only=True)
class SettlementClosed(Event):
    """A statement was closed; the subject is the statement."""

    name = "accounting.settlement_closed"
    reference: str

    def sentence(self) -> str:
        """Say that it is settled."""
        return _("Settled")


@dataclass(frozen=True, kw_only=True)
class SettlementUndone(Event):
    """A statement was taken back with its lines; the subject is the statement."""

    name = "accounting.settlement_undone"
    reference: str
    lines: int
    reason: str

    def sentence(self) -> str:
        """Say why, and how many lines went."""
        return _("Undone (lines: %(lines)s): %(reason)s") % {"lines": self.lines, "reason": self.reason}
