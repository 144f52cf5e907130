"""Customers entered and corrected by hand."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import record
from customers.events import CustomerCreated, CustomerEdited, IdentityAdded
from customers.models import Customer, Identity, IdentityKind
from customers.policies import can_add_customers, can_change_customers
from customers.services.locking import identity_digest
from customers.services.normalising import normal_email, normal_phone
from customers.services.searching import refresh_customer_search_text
from staff.models import User

EDITABLE = ("name", "kana", "country", "language", "note")


@transaction.atomic
def create_customer(
    *,
    name: str,
    kana: str = "",
    country: str = "",
    language: str = "",
    note: str = "",
    email: str = "",
    phone: str = "",
    actor: User | None = None,
) -> Customer:
    """Enter a customer with the identities given and return it.

    Conflict when e-mail or phone belong to a customer already; InvalidInput when they are none; NotAllowed without the
    right to add customers.
    """
    if actor is not None and not can_add_customers(actor):
        raise NotAllowed(_("You may not enter customers."))
    customer = Customer.objects.create(name=name, kana=kana, country=country, language=language, note=note)
    for kind, value in ((IdentityKind.EMAIL, email), (IdentityKind.PHONE, phone)):
        if value:
            _add(customer, kind, value, scope="")
    refresh_customer_search_text(customer_ids=[customer.pk])
    record(CustomerCreated(customer_id=customer.pk), subject=customer, actor=actor)
    customer.refresh_from_db()
    return customer


@transaction.atomic
def update_customer(*, customer_id: int, changes: Mapping[str, str], actor: User | None = None) -> Customer:
    """Correct name, reading, country, language or note and return the customer; the fact names fields, not texts.

    ValueError for another field; NotAllowed without the right. What is the same changes and records nothing.
    """
    customer = _locked(customer_id, actor)
    if strange := set(changes) - set(EDITABLE):
        raise ValueError(f"not edited this way: {sorted(strange)}")
    changed = [name for name, text in changes.items() if getattr(customer, name) != text]
    if changed:
        for name in changed:
            setattr(customer, name, changes[name])
        customer.save(update_fields=[*changed, "updated_at"])
        refresh_customer_search_text(customer_ids=[customer.pk])
        record(CustomerEdited(customer_id=customer.pk, changed=changed), subject=customer, actor=actor)
    return customer


@transaction.atomic
def add_identity(
    *, customer_id: int, kind: IdentityKind, value: str, scope: str = "", actor: User | None = None
) -> Identity:
    """Recognise a customer by one more e-mail address, phone or channel id (``scope``: its sales channel's code).

    The same one again is returned as it is. Conflict when it belongs to somebody else; InvalidInput when it is none.
    """
    customer = _locked(customer_id, actor)
    identity, is_new = _add(customer, kind, value, scope=scope)
    if is_new:
        refresh_customer_search_text(customer_ids=[customer.pk])
        record(IdentityAdded(customer_id=customer.pk, kind=kind), subject=customer, actor=actor)
    return identity


def _locked(customer_id: int, actor: User | None) -> Customer:
    if actor is not None and not can_change_customers(actor):
        raise NotAllowed(_("You may not change customers."))
    return Customer.objects.select_for_update(no_key=True, of=("self",)).get(pk=customer_id)


def _add(customer: Customer, kind: IdentityKind, value: str, *, scope: str) -> tuple[Identity, bool]:
    known = {IdentityKind.EMAIL: normal_email, IdentityKind.PHONE: normal_phone}.get(kind, str.strip)(value)
    if not known:
        raise InvalidInput(_("This identifies nobody: write a complete e-mail address or phone number."))
    if (scope != "") != (kind == IdentityKind.CHANNEL):
        raise ValueError("a scope belongs to channel ids only")
    identity, is_new = Identity.objects.get_or_create(
        kind=kind,
        scope=scope,
        value=known,
        defaults={"customer": customer, "sealed": known, "digest": identity_digest(kind, scope, known)},
    )
    if identity.customer_id != customer.pk:
        raise Conflict(_("Another customer is already known by it. Open that customer instead."))
    return identity, is_new
