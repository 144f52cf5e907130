"""What we hold of customers, for who asks about themselves and for who reveals it with a reason."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers import selectors
from customers.models import Customer
from customers.services.forgetting import forget_customer
from privacy.records import Holding, RecordClass, register_records
from privacy.subjects import Known, SubjectKind, register_subject

SEE = "customers.see_contact_data"


def customer_label(customer: Customer) -> str:
    """Return what the access log calls a customer: a number, never a name."""
    return _("Customer %(id)s") % {"id": customer.pk}


def known_of_customer(customer: Customer) -> Known:
    """Return name, reading, note and by what the customer is recognised."""
    own = [(_("Name"), customer.name), (_("Reading (kana)"), customer.kana), (_("Note"), customer.note)]
    identities = selectors.identities_of(customer_id=customer.pk, masked=False)
    return [*own, *((" · ".join(filter(None, (row.label, row.scope))), row.value) for row in identities)]


def collect_profile(customer_id: int) -> list[dict[str, Any]]:
    """Return the profile and each identity."""
    fields = ("name", "kana", "country", "language", "note", "created_at")
    profile = list(Customer.objects.filter(pk=customer_id).values(*fields))
    known = selectors.identities_of(customer_id=customer_id, masked=False)
    return [*profile, *({"recognised by": row.label, "at": row.scope, "value": row.value} for row in known)]


def profile_holding(customer_id: int, _today: date) -> Holding:
    """No law wants a profile kept once its purpose is over."""
    return Holding(count=len(collect_profile(customer_id)))


register_subject(
    SubjectKind(
        key="customer",
        model=Customer,
        label=customer_label,
        reveal=known_of_customer,
        sees=SEE,
        what=gettext_lazy("name, reading, note, e-mail, phone and mall ids"),
    )
)
register_records(
    RecordClass(
        key="customers.profile",
        model=Customer,
        label=gettext_lazy("Profile and identities"),
        collect=collect_profile,
        holding=profile_holding,
        erase=lambda customer_id: forget_customer(customer_id=customer_id),
    )
)
