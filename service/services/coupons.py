"""Coupons: codes come in, one is given in a ticket, one that nobody was told is taken back."""

from collections.abc import Sequence

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput, NotAllowed
from core.events import record
from service.events import CouponCodesAdded, CouponGiven, CouponTakenBack
from service.models import Coupon, CouponCode, Ticket
from service.policies import can_give_coupons, can_keep_coupons
from service.selectors.coupons import is_told, why_not_given
from service.services.locking import lock_ticket
from staff.models import User

MOST_CODES = 10_000
_LONGEST = 60


@transaction.atomic
def add_coupon_codes(*, coupon_id: int, codes: Sequence[str], actor: User | None) -> int:
    """Add codes that the shop made and return how many are new; those that are there already stay as they are.

    InvalidInput for none, too many, or one that is not a code; NotAllowed.
    """
    if not can_keep_coupons(actor):
        raise NotAllowed(_("Only who directs customer service may do this."))
    wanted = list(dict.fromkeys(code.strip() for code in codes if code.strip()))
    if not 0 < len(wanted) <= MOST_CODES:
        raise InvalidInput(_("Paste at least one code and at most %(count)s.") % {"count": MOST_CODES})
    wrong = next((code for code in wanted if len(code) > _LONGEST or not code.isprintable() or " " in code), None)
    if wrong is not None:
        raise InvalidInput(_("“%(text)s” is not a code.") % {"text": wrong[:40]})
    coupon = Coupon.objects.select_for_update(no_key=True).filter(pk=coupon_id).first()
    if coupon is None:
        raise InvalidInput(_("There is no such coupon. Reload the page."))
    before = coupon.codes.count()
    CouponCode.objects.bulk_create(
        [CouponCode(coupon=coupon, code=code) for code in wanted], ignore_conflicts=True, batch_size=1000
    )
    added = coupon.codes.count() - before
    if added:
        record(CouponCodesAdded(count=added), subject=coupon, actor=actor)
    return added


@transaction.atomic
def give_coupon(*, coupon_id: int, ticket_id: int, actor: User | None) -> CouponCode:
    """Keep the next free code of a coupon for this ticket and return it; a customer gets one of each coupon, once.

    InvalidInput when it has ended, none is left or the customer has one; NotAllowed without the right to give.
    """
    if not can_give_coupons(actor):
        raise NotAllowed(_("You may not give coupons."))
    ticket = lock_ticket(ticket_id)
    coupon = Coupon.objects.filter(pk=coupon_id).first()
    if coupon is None:
        raise InvalidInput(_("There is no such coupon. Reload the page."))
    _one_at_a_time(coupon, ticket)
    if refusal := why_not_given(coupon, ticket):
        raise InvalidInput(refusal)
    free = CouponCode.objects.filter(coupon=coupon, ticket=None).select_for_update(skip_locked=True, of=("self",))
    code = free.order_by("pk").first()
    if code is None:  # others are taking the last ones
        raise InvalidInput(_("No code of the coupon “%(coupon)s” is left. Add new ones.") % {"coupon": coupon})
    code.ticket, code.given_by, code.given_at = ticket, actor, timezone.now()
    code.save(update_fields=["ticket", "given_by", "given_at"])
    fact = CouponGiven(ticket_id=ticket.pk, coupon=coupon.name, amount=coupon.amount, currency=coupon.currency)
    record(fact, subject=ticket, actor=actor)
    return code


@transaction.atomic
def take_coupon_back(*, coupon_id: int, code: str, actor: User | None) -> CouponCode:
    """Make a given code free again and return it; InvalidInput for one that was told to the customer; NotAllowed."""
    if not can_keep_coupons(actor):
        raise NotAllowed(_("Only who directs customer service may do this."))
    found = CouponCode.objects.filter(coupon=coupon_id, code=code.strip()).exclude(ticket=None).first()
    if found is None or found.ticket_id is None:
        raise InvalidInput(_("No customer has got this code."))
    ticket = lock_ticket(found.ticket_id)  # answers are written under it
    row = CouponCode.objects.select_for_update(of=("self",)).select_related("coupon", "ticket").get(pk=found.pk)
    if row.ticket is None:
        return row
    if is_told(row):
        raise InvalidInput(_("The customer was told this code: it stays theirs."))
    row.ticket = row.given_by = row.given_at = None
    row.save(update_fields=["ticket", "given_by", "given_at"])
    record(CouponTakenBack(ticket_id=ticket.pk, coupon=row.coupon.name), subject=ticket, actor=actor)
    return row


def _one_at_a_time(coupon: Coupon, ticket: Ticket) -> None:
    """Let two tickets of one customer not take a code of the coupon each; taken after the ticket's lock."""
    whose = f"customer {ticket.customer_id}" if ticket.customer_id else f"ticket {ticket.pk}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"service.coupon {coupon.pk} {whose}"])
