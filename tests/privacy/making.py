"""People who guard personal data, and rows of what they guard."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from customers.models import Customer
from privacy.models import Access, DataRequest
from staff.models import User
from tests.factories import make_customer, make_user


def make_guard(**over: Any) -> User:
    """Make a colleague who reads and reviews the access log."""
    return make_user(permissions=("privacy.view_access", "privacy.review_access"), **over)


def make_access(*, actor: User, customer: Customer | None = None, **over: Any) -> Access:
    """Make one look at a customer."""
    customer = customer or make_customer()
    values = {
        "kind": "reveal",
        "actor": actor,
        "address": "203.0.113.7",
        "subject_type": ContentType.objects.get_for_model(Customer),
        "subject_id": customer.pk,
        "subject_label": f"Customer {customer.pk}",
        "what": "name",
        "reason": "contact",
    }
    return Access.objects.create(**{**values, **over})


def fill_requests(owner: User, customer: Customer) -> None:
    """Make a request for access for the world of the pages."""
    DataRequest.objects.create(
        number="DR-9000001",
        subject_type=ContentType.objects.get_for_model(Customer),
        subject_id=customer.pk,
        subject_label=f"Customer {customer.pk}",
        kind="access",
        asked_at=timezone.now(),
        asked_through="letter",
        identity_check="known address",
        opened_by=owner,
    )
