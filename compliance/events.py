"""Facts about rules, and about the deadlines that run by them."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from compliance.models.rule import SourceLevel
from compliance.models.term import Duty
from core.events import Event
from core.money import format_money


def duty_label(duty: str) -> str:
    """Return a duty in words; what is unknown as it is."""
    return str(dict(Duty.choices).get(duty, duty))


@dataclass(frozen=True, kw_only=True)
class RuleVerified(Event):
    """Somebody compared a rule with its source; ``source_level`` is a value of ``SourceLevel``."""

    name: ClassVar[str] = "compliance.rule_verified"
    source_level: str

    def sentence(self) -> str:
        """Say so, with the quality of the source."""
        level = dict(SourceLevel.choices).get(self.source_level, self.source_level)
        return _("Compared with its source: %(level)s.") % {"level": level}


@dataclass(frozen=True, kw_only=True)
class ClockStarted(Event):
    """Somebody started a legal deadline by hand; ``until`` is its last day there."""

    name: ClassVar[str] = "compliance.clock_started"
    clock_id: int
    duty: str
    until: str
    evidence: str

    def sentence(self) -> str:
        """Return e.g. "Complaint: tell the progress: runs until 2026-12-01 (e-mail of the customer)"."""
        return _("%(duty)s: runs until %(day)s (%(reason)s)") % {
            "duty": duty_label(self.duty),
            "day": self.until,
            "reason": self.evidence,
        }


@dataclass(frozen=True, kw_only=True)
class ClockBreached(Event):
    """A legal deadline of the shop has passed; the subject is what it runs for, ``amount`` what is owed."""

    name: ClassVar[str] = "compliance.clock_breached"
    clock_id: int
    duty: str
    amount: int = 0
    currency: str = ""
    has_interest: bool = False

    def sentence(self) -> str:
        """Return e.g. "Legal deadline missed: Refund after a return; interest runs on ₩30,000"."""
        words = {"duty": duty_label(self.duty)}
        if self.amount and self.has_interest:
            words["amount"] = format_money(self.amount, self.currency)
            return _("Legal deadline missed: %(duty)s; interest runs on %(amount)s") % words
        return _("Legal deadline missed: %(duty)s") % words


@dataclass(frozen=True, kw_only=True)
class ClockStopped(Event):
    """A legal deadline ended late, or by hand; ``cost`` is the interest (minor units)."""

    name: ClassVar[str] = "compliance.clock_stopped"
    clock_id: int
    duty: str
    days_late: int = 0
    cost: int = 0
    currency: str = ""
    evidence: str = ""

    def sentence(self) -> str:
        """Return e.g. "Refund after a return: done (P-1), 4 days late, interest of ₩49"."""
        words = {"duty": duty_label(self.duty), "evidence": self.evidence}
        said = _("%(duty)s: done (%(evidence)s)") % words
        if self.days_late:
            late = ngettext("%(count)s day late", "%(count)s days late", self.days_late) % {"count": self.days_late}
            said = f"{said}, {late}"
        if self.cost:
            cost = _("interest of %(amount)s") % {"amount": format_money(self.cost, self.currency)}
            said = f"{said}, {cost}"
        return said


@dataclass(frozen=True, kw_only=True)
class ClockMoved(Event):
    """A legal deadline was extended or began anew, for a reason; ``until`` is its last day there."""

    name: ClassVar[str] = "compliance.clock_moved"
    clock_id: int
    duty: str
    until: str
    reason: str

    def sentence(self) -> str:
        """Return e.g. "Ship what is paid: runs until 2026-12-01 now (agreed by phone)"."""
        return _("%(duty)s: runs until %(day)s now (%(reason)s)") % {
            "duty": duty_label(self.duty),
            "day": self.until,
            "reason": self.reason,
        }
