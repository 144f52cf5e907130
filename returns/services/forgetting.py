"""Taking words and the customer's pictures out of the cases of their orders; what came back and what it cost stays."""

from django.core.files.storage import default_storage
from django.db import transaction

from returns.models import RequestPhoto, ReturnRequest


@transaction.atomic
def forget_claimant(*, customer_id: int) -> int:
    """Empty the words of the cases, remove pictures, and return how many cases that were; files go after the commit.

    Pictures of our own inspection stay: they show goods. Called by erasures that were decided.
    """
    cases = ReturnRequest.objects.filter(order__customer_id=customer_id)
    photos = RequestPhoto.objects.filter(request__order__customer_id=customer_id, is_inspection=False)
    names = list(photos.values_list("file", flat=True))
    photos.delete()
    transaction.on_commit(lambda: _remove(names))
    ids = list(cases.values_list("pk", flat=True))
    return ReturnRequest.objects.filter(pk__in=ids).update(customer_note="", staff_note="")


def _remove(names: list[str]) -> None:
    for name in names:
        default_storage.delete(name)
