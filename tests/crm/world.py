"""Rows of customer relations for the crawl of all pages."""

from datetime import date

from crm.models import DuplicateProposal, Segment
from customers.models import Customer
from staff.models import User


def fill_relations(user: User) -> None:
    """Make a possible duplicate and a segment."""
    one, other = (Customer.objects.create(name=f"Twin {place}") for place in (1, 2))
    DuplicateProposal.objects.create(first=one, second=other, score=60, reasons=["email"])
    Segment.objects.create(
        name="Test", purpose="Test", owner=user, review_on=date(2027, 1, 1),
        tree={"join": "all", "parts": [{"is": "lapsed", "value": {}}]},
    )  # fmt: skip
