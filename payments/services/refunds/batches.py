"""Many refunds at once; one that is refused does not hinder the others."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from payments.models import Refund
from payments.services.refunds.granting import approve_refund
from staff.models import User


@transaction.atomic
def approve_refunds(*, refund_ids: Sequence[int], actor: User) -> tuple[int, list[tuple[str, str]]]:
    """Approve each that waits and that somebody else granted; return how many, and the refused (number, why).

    Locked in the order of their orders, as everything that touches several orders.
    """
    known = list(Refund.objects.filter(pk__in=refund_ids).order_by("order_id", "pk").values_list("pk", "number"))
    done, refused = 0, [(str(pk), _("There is no such refund.")) for pk in set(refund_ids) - {pk for pk, _n in known}]
    for pk, number in known:
        try:
            with transaction.atomic():
                approve_refund(refund_id=pk, actor=actor)
        except DomainError as error:
            refused.append((number, str(error)))
        else:
            done += 1
    return done, refused
