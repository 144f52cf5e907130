"""What happens to agents and to the rules by which they get tickets."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.events import Event
from service.models import Availability


@dataclass(frozen=True, kw_only=True)
class AvailabilityChanged(Event):
    """A colleague of customer service is here, takes nothing new, or is away; the subject is the profile."""

    name = "service.availability_changed"

    profile_id: int
    availability: str

    def sentence(self) -> str:
        """Return e.g. "Now: Away"."""
        return _("Now: %(status)s") % {"status": Availability(self.availability).label}


@dataclass(frozen=True, kw_only=True)
class AssignmentRuleSaved(Event):
    """A rule was written or changed; ``fields`` are its columns that changed."""

    name = "service.assignment_rule_saved"

    rule_id: int
    fields: list[str]
    is_active: bool

    def sentence(self) -> str:
        """Return that it counts, or does not."""
        return _("Saved, active") if self.is_active else _("Saved, not active")
