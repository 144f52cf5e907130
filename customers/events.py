"""What happened to customers; the subject is the customer. Facts name fields and kinds, never personal data."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.events import Event
from customers.models import Customer, IdentityKind


@dataclass(frozen=True, kw_only=True)
class CustomerCreated(Event):
    """Somebody entered a customer by hand."""

    name = "customers.customer_created"

    customer_id: int

    def sentence(self) -> str:
        """Return the sentence of the timeline."""
        return _("Created")


@dataclass(frozen=True, kw_only=True)
class CustomerEdited(Event):
    """Somebody corrected what we know of a customer."""

    name = "customers.customer_edited"

    customer_id: int
    changed: list[str]

    def sentence(self) -> str:
        """Return e.g. "Changed: name, note"."""
        known = {field.name: str(field.verbose_name) for field in Customer._meta.fields}
        return _("Changed: %(fields)s") % {"fields": ", ".join(known.get(name, name) for name in self.changed)}


@dataclass(frozen=True, kw_only=True)
class IdentityAdded(Event):
    """A customer is now also recognised by this e-mail address, phone or id."""

    name = "customers.identity_added"

    customer_id: int
    kind: str

    def sentence(self) -> str:
        """Return e.g. "Now also known by: E-mail"."""
        return _("Now also known by: %(kind)s") % {"kind": IdentityKind(self.kind).label}


@dataclass(frozen=True, kw_only=True)
class CustomerForgotten(Event):
    """An erasure took every name out; what was ordered stays countable."""

    name = "customers.customer_forgotten"

    customer_id: int

    def sentence(self) -> str:
        """Return the sentence of the timeline."""
        return _("Personal data erased")
