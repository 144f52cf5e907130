"""What happened while orders sorted themselves; the subject is the order unless a class says otherwise."""

from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.display import moment_text
from core.events import Event
from orders.events.ordering import OrderEvent
from orders.models import HoldReason, HoldRule, WaitReason


@dataclass(frozen=True, kw_only=True)
class OrderHeld(OrderEvent):
    """The order stands still: rules found it (their names), or a person held it (the reason's code and a note)."""

    name = "orders.order_held"

    rules: list[str] = field(default_factory=list)
    reason: str = ""
    note: str = ""

    def sentence(self) -> str:
        """Return e.g. "Held by the rule “First order above 500,000”"."""
        if self.rules:
            rules = "”, “".join(self.rules)
            return ngettext("Held by the rule “%(rules)s”", "Held by the rules “%(rules)s”", len(self.rules)) % {
                "rules": rules
            }
        reason = str(HoldReason(self.reason).label) if self.reason in HoldReason.values else self.reason
        if not self.note:
            return _("Held: %(reason)s") % {"reason": reason}
        return _("Held: %(reason)s (%(note)s)") % {"reason": reason, "note": self.note}


@dataclass(frozen=True, kw_only=True)
class OrderReleased(OrderEvent):
    """Holds of the order ended: by a person with a note, or by themselves because no rule means it any more."""

    name = "orders.order_released"

    holds: list[str] = field(default_factory=list)  # names of rules, codes of reasons
    note: str = ""
    by_itself: bool = False
    is_free: bool = True  # nothing holds it any more

    def sentence(self) -> str:
        """Return e.g. "Released (the customer answered)"."""
        names = ", ".join(str(HoldReason(one).label) if one in HoldReason.values else one for one in self.holds)
        if self.by_itself:
            return _("Hold ended by itself: %(holds)s") % {"holds": names}
        if not self.note:
            return _("Hold released: %(holds)s") % {"holds": names}
        return _("Hold released: %(holds)s (%(note)s)") % {"holds": names, "note": self.note}


@dataclass(frozen=True, kw_only=True)
class OrderWaits(OrderEvent):
    """The day before which the order does not leave changed; ``day`` is empty when it may leave at any time."""

    name = "orders.order_waits"

    day: str = ""  # ISO
    reason: str = ""

    def sentence(self) -> str:
        """Return e.g. "Leaves on 2026-12-20 at the earliest: release date"."""
        if not self.day:
            return _("May leave at any time")
        reason = str(WaitReason(self.reason).label) if self.reason in WaitReason.values else self.reason
        return _("Leaves on %(day)s at the earliest: %(reason)s") % {
            "day": moment_text(date.fromisoformat(self.day)),
            "reason": reason,
        }


@dataclass(frozen=True, kw_only=True)
class HoldRuleSaved(Event):
    """A hold rule was written or changed; the subject is the rule."""

    name = "orders.hold_rule_saved"

    rule_id: int
    changed: list[str]

    def sentence(self) -> str:
        """Return e.g. "Rule saved: conditions, active"."""
        known = {one.name: str(one.verbose_name) for one in HoldRule._meta.fields}
        return _("Rule saved: %(fields)s") % {"fields": ", ".join(known.get(one, one) for one in self.changed)}


@dataclass(frozen=True, kw_only=True)
class ChannelHandlingSaved(Event):
    """How a channel's orders go on by themselves was changed; the subject is that row."""

    name = "orders.channel_handling_saved"

    sales_channel_id: int
    confirms_itself: bool
    transit_days: int

    def sentence(self) -> str:
        """Return e.g. "Confirms by itself; 2 days on the way"."""
        way = ngettext("%(count)d day on the way", "%(count)d days on the way", self.transit_days)
        first = _("Confirms by itself") if self.confirms_itself else _("Waits for a person to confirm")
        return f"{first}; {way % {'count': self.transit_days}}"
