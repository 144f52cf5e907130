"""What people said about the cost of stock."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class UnknownCostSet(Event):
    """Somebody said what pieces cost whose cost nobody knew; the subject is the variant, the amount stays out of it."""

    name = "purchasing.unknown_cost_set"

    variant_id: int
    reason: str

    def sentence(self) -> str:
        """Return e.g. "Cost of the opening stock set: price list of 2025"."""
        return _("Unknown cost of stock set: %(reason)s") % {"reason": self.reason}
