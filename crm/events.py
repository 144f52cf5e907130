"""What was decided about customers; the subject is the customer. Facts hold numbers, never personal data."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class CustomersMerged(Event):
    """One customer was taken into another; recorded on both."""

    name = "crm.customers_merged"

    survivor_id: int
    absorbed_id: int

    def sentence(self) -> str:
        """Return e.g. "Customer 12 was merged into customer 7"."""
        return _("Customer %(absorbed)s was merged into customer %(survivor)s") % {
            "absorbed": self.absorbed_id,
            "survivor": self.survivor_id,
        }


@dataclass(frozen=True, kw_only=True)
class CustomersUnmerged(Event):
    """A merge was undone; recorded on both."""

    name = "crm.customers_unmerged"

    survivor_id: int
    absorbed_id: int

    def sentence(self) -> str:
        """Return e.g. "Customer 12 stands for itself again, apart from customer 7"."""
        return _("Customer %(absorbed)s stands for itself again, apart from customer %(survivor)s") % {
            "absorbed": self.absorbed_id,
            "survivor": self.survivor_id,
        }


@dataclass(frozen=True, kw_only=True)
class CustomersKeptApart(Event):
    """Somebody decided that two customers are two persons; recorded on both."""

    name = "crm.customers_kept_apart"

    first_id: int
    second_id: int

    def sentence(self) -> str:
        """Return e.g. "Customers 7 and 12 are two persons"."""
        return _("Customers %(first)s and %(second)s are two persons") % {
            "first": self.first_id,
            "second": self.second_id,
        }


@dataclass(frozen=True, kw_only=True)
class CustomerTagged(Event):
    """The tags of a customer changed."""

    name = "crm.customer_tagged"

    customer_id: int
    tags: list[str]

    def sentence(self) -> str:
        """Return e.g. "Tags: vip, gift"."""
        return _("Tags: %(tags)s") % {"tags": ", ".join(self.tags) or "–"}


@dataclass(frozen=True, kw_only=True)
class SegmentChanged(Event):
    """Somebody wrote a segment; the subject is the segment."""

    name = "crm.segment_changed"

    segment_id: int

    def sentence(self) -> str:
        """Return the sentence of the timeline."""
        return _("Changed")


@dataclass(frozen=True, kw_only=True)
class SegmentUsed(Event):
    """A snapshot of a segment was taken; the subject is the segment."""

    name = "crm.segment_used"

    segment_id: int
    count: int
    used_for: str

    def sentence(self) -> str:
        """Return e.g. "Used for Autumn letter: 120 customers"."""
        return _("Used for %(reason)s: %(count)s customers") % {"reason": self.used_for, "count": self.count}


@dataclass(frozen=True, kw_only=True)
class SegmentExported(Event):
    """The people of a snapshot were taken out of the house; the subject is the segment."""

    name = "crm.segment_exported"

    segment_id: int
    count: int
    reason: str

    def sentence(self) -> str:
        """Return e.g. "Exported for Letter shop: 120 customers"."""
        return _("Exported for %(reason)s: %(count)s customers") % {"reason": self.reason, "count": self.count}
