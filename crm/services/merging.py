"""One person in two customers, and the way back."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import record
from crm.events import CustomersKeptApart, CustomersMerged, CustomersUnmerged
from crm.models import DuplicateProposal, Merge, MergeMove, ProposalState
from crm.policies import can_merge_customers
from crm.selectors.families import family_ids
from customers.models import Customer
from customers.services import refresh_customer_search_text
from privacy.services import merge_consents
from staff.models import User

AT_ONCE = 1000
# how the log of moves calls what was there first; everything else is called "app.model"
_CALLED = {
    "customers.identity": "identities",
    "orders.order": "orders",
    "orders.return": "returns",
    "service.ticket": "tickets",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of rows that belong to customers: everything that points to one with a foreign key of its own."""

    code: str
    model: type[models.Model]
    field: str

    def of(self, customer_id: int) -> "models.QuerySet[Any]":
        """Return the rows of a customer."""
        return self.model._default_manager.filter(**{self.field: customer_id})


def parts() -> list[Part]:
    """Return all that a merge moves, whatever app it is of; notes, tags and snapshots of ours stay where they are."""
    return [
        Part(_CALLED.get(label, label), model, field.name)
        for model in apps.get_models()
        if model._meta.app_label != "crm" and not model._meta.proxy and (label := model._meta.label_lower)
        for field in model._meta.concrete_fields
        if field.related_model is Customer
    ]


@transaction.atomic
def merge_customers(*, survivor_id: int, absorbed_id: int, actor: User | None) -> Merge:
    """Point everything of one customer to another one, with a log of each row, and return the merge.

    1. Both rows are locked by number, so of two people who merge the same customers at once one comes second, and sees.
    2. NotAllowed without the right; InvalidInput for a customer and itself; Conflict where one of them is merged
       already, or where somebody decided that two of their customers are different persons.
    3. What an order under way still points to the absorbed one afterwards, ``settle_merges`` brings over.
    4. Of what both said about being written to the stricter word holds; undoing does not make it laxer again.
    """
    _check_right(actor)
    if survivor_id == absorbed_id:
        raise InvalidInput(_("A customer cannot be merged into itself."))
    _lock([survivor_id, absorbed_id])
    if Merge.objects.filter(absorbed_id__in=[survivor_id, absorbed_id], undone_at=None).exists():
        raise Conflict(_("One of these customers is merged already. Open the customer that stayed."))
    if _are_apart(family_ids(survivor_id), family_ids(absorbed_id)):
        raise Conflict(_("Somebody decided that these are two persons. They are not merged."))
    merge = Merge.objects.create(survivor_id=survivor_id, absorbed_id=absorbed_id, merged_by=actor)
    _move(merge)
    merge_consents(model=Customer, from_id=absorbed_id, into_id=survivor_id)
    _proposals(survivor_id, absorbed_id).update(state=ProposalState.MERGED, decided_by=actor, decided_at=timezone.now())
    _tell(CustomersMerged(survivor_id=survivor_id, absorbed_id=absorbed_id), survivor_id, absorbed_id, actor)
    return merge


@transaction.atomic
def undo_merge(*, merge_id: int, actor: User | None) -> Merge:
    """Point back what a merge pointed to the survivor, and return the merge; what came later stays with the survivor.

    NotAllowed without the right; Conflict when it is undone already, or when the survivor was merged on since.
    """
    _check_right(actor)
    known = Merge.objects.get(pk=merge_id)
    _lock([known.survivor_id, known.absorbed_id])
    merge = Merge.objects.select_for_update().get(pk=merge_id)
    if merge.undone_at is not None:
        raise Conflict(_("This merge is undone already."))
    if Merge.objects.filter(absorbed_id=merge.survivor_id, undone_at=None).exists():
        raise Conflict(_("The customer that stayed was merged itself since. Undo that first."))
    for part in parts():
        ids = list(merge.moves.filter(part=part.code).values_list("row_id", flat=True))
        for some in _chunks(ids):
            part.of(merge.survivor_id).filter(pk__in=some).update(**{part.field: merge.absorbed_id})
    merge.undone_at, merge.undone_by = timezone.now(), actor
    merge.save(update_fields=["undone_at", "undone_by"])
    refresh_customer_search_text(customer_ids=[merge.survivor_id, merge.absorbed_id])
    _proposals(merge.survivor_id, merge.absorbed_id).filter(state=ProposalState.MERGED).update(
        state=ProposalState.OPEN, decided_by=None, decided_at=None
    )
    fact = CustomersUnmerged(survivor_id=merge.survivor_id, absorbed_id=merge.absorbed_id)
    _tell(fact, merge.survivor_id, merge.absorbed_id, actor)
    return merge


@transaction.atomic
def keep_apart(*, first_id: int, second_id: int, actor: User | None) -> DuplicateProposal:
    """Remember for good that two customers are two persons, and return the decision; again it changes nothing.

    NotAllowed without the right; Conflict while they are merged: undo that first.
    """
    _check_right(actor)
    if first_id == second_id:
        raise InvalidInput(_("A customer cannot be kept apart from itself."))
    first, second = sorted((first_id, second_id))
    _lock([first, second])
    if set(family_ids(first)) & set(family_ids(second)) or _is_inside(first, second):
        raise Conflict(_("These customers are merged. Undo that first."))
    row, _made = DuplicateProposal.objects.get_or_create(
        first_id=first, second_id=second, defaults={"score": 0, "reasons": []}
    )
    if row.state != ProposalState.APART:
        row.state, row.decided_by, row.decided_at = ProposalState.APART, actor, timezone.now()
        row.save(update_fields=["state", "decided_by", "decided_at"])
        _tell(CustomersKeptApart(first_id=first, second_id=second), first, second, actor)
    return row


def settle_merges() -> int:
    """Bring over what still points to an absorbed customer, and return how many merges had such rows."""
    owning = [
        models.Exists(part.model._default_manager.filter(**{part.field: models.OuterRef("absorbed")}))
        for part in parts()
    ]
    late = Merge.objects.filter(reduce(or_, (models.Q(one) for one in owning)), undone_at=None)
    return sum(_settle(pk) for pk in late.values_list("pk", flat=True))


@transaction.atomic
def _settle(merge_id: int) -> bool:
    known = Merge.objects.get(pk=merge_id)
    _lock([known.survivor_id, known.absorbed_id])
    merge = Merge.objects.select_for_update().filter(pk=merge_id, undone_at=None).first()
    if merge is None:
        return False
    _move(merge)
    return True


def _move(merge: Merge) -> None:
    for part in parts():
        ids = sorted(part.of(merge.absorbed_id).values_list("pk", flat=True))
        for some in _chunks(ids):
            MergeMove.objects.bulk_create(
                [MergeMove(merge=merge, part=part.code, row_id=pk) for pk in some], ignore_conflicts=True
            )
            part.model._default_manager.filter(pk__in=some).update(**{part.field: merge.survivor_id})
    refresh_customer_search_text(customer_ids=[merge.survivor_id, merge.absorbed_id])


def _chunks(ids: list[int]) -> Iterable[list[int]]:
    return (ids[first : first + AT_ONCE] for first in range(0, len(ids), AT_ONCE))


def _lock(customer_ids: Iterable[int]) -> None:
    wanted = sorted(customer_ids)
    found = Customer.objects.select_for_update().filter(pk__in=wanted).order_by("pk").values_list("pk", flat=True)
    if list(found) != wanted:
        raise InvalidInput(_("There is no such customer."))


def _check_right(actor: User | None) -> None:
    if not can_merge_customers(actor):
        raise NotAllowed(_("You may not merge customers."))


def _proposals(one: int, other: int) -> "models.QuerySet[DuplicateProposal]":
    first, second = sorted((one, other))
    return DuplicateProposal.objects.filter(first=first, second=second)


def _are_apart(some: list[int], others: list[int]) -> bool:
    apart = DuplicateProposal.objects.filter(state=ProposalState.APART)
    return apart.filter(
        models.Q(first__in=some, second__in=others) | models.Q(first__in=others, second__in=some)
    ).exists()


def _is_inside(one: int, other: int) -> bool:
    return Merge.objects.filter(
        models.Q(survivor=one, absorbed=other) | models.Q(survivor=other, absorbed=one), undone_at=None
    ).exists()


def _tell(fact: Any, one: int, other: int, actor: User | None) -> None:
    for customer in Customer.objects.filter(pk__in=[one, other]).order_by("pk"):
        record(fact, subject=customer, actor=actor)
