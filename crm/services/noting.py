"""Notes and tags of customers."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import InvalidInput, NotAllowed
from core.events import record
from crm.events import CustomerTagged
from crm.models import CustomerNote, CustomerTag, Tag
from crm.policies import can_note_customers
from customers.models import Customer
from staff.models import User

MOST_TAGS = 20
LONGEST_TAG = 40


@transaction.atomic
def write_customer_note(*, customer_id: int, body: str, actor: User | None) -> CustomerNote:
    """Write down for colleagues what they should know about a customer; it stays as it is written.

    InvalidInput for no words; NotAllowed without the right.
    """
    _check(actor)
    text = body.strip()
    if not text:
        raise InvalidInput(_("Write something first."))
    return CustomerNote.objects.create(customer_id=customer_id, body=text, author=actor)


@transaction.atomic
def tag_customer(*, customer_id: int, names: Sequence[str], actor: User | None) -> list[str]:
    """Give a customer exactly these tags and return them, in lower case by name; the same ones change nothing.

    InvalidInput for more than twenty or one that is too long; NotAllowed without the right.
    """
    _check(actor)
    customer = Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
    wanted = sorted({" ".join(name.lower().split()) for name in names} - {""})
    if len(wanted) > MOST_TAGS or any(len(name) > LONGEST_TAG for name in wanted):
        raise InvalidInput(_("At most 20 tags of at most 40 letters."))
    known = sorted(CustomerTag.objects.filter(customer=customer).values_list("tag__name", flat=True))
    if known == wanted:
        return wanted
    Tag.objects.bulk_create([Tag(name=name) for name in wanted], ignore_conflicts=True)
    CustomerTag.objects.filter(customer=customer).exclude(tag__name__in=wanted).delete()
    tags = Tag.objects.filter(name__in=wanted)
    CustomerTag.objects.bulk_create([CustomerTag(customer=customer, tag=tag) for tag in tags], ignore_conflicts=True)
    record(CustomerTagged(customer_id=customer.pk, tags=wanted), subject=customer, actor=actor)
    return wanted


def _check(actor: User | None) -> None:
    if not can_note_customers(actor):
        raise NotAllowed(_("You may not write notes and tags at customers."))
