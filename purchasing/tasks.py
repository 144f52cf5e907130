"""What the clock does for purchasing. Each task may run twice or late: rows remember what is owed."""

import logging

from celery import shared_task
from django.utils import timezone

from core.errors import Conflict
from core.schedule import Daily, Every, periodic
from purchasing.adapters.mail import NothingLeft, PerhapsLeft, hand_over, order_mail
from purchasing.models import PurchaseOrder
from purchasing.services import value_movements
from purchasing.services.demand.running import start_forecasts
from purchasing.services.ordering.mailing import (
    ClaimedMail,
    claim_order_mail,
    record_order_mail_failed,
    record_order_mail_sent,
)
from purchasing.services.replenishing.running import replenish_tonight

logger = logging.getLogger(__name__)
BATCHES = 50  # of one minute; what is left then comes in the next
MOST_MAILS = 100  # of one run; the next minute goes on


@shared_task(name="purchasing.value_stock")
def value_stock() -> int:
    """Value what moved; twice is harmless: a movement has one cost entry, and one batch runs at a time."""
    done = 0
    for _batch in range(BATCHES):
        valued = value_movements()
        done += valued
        if not valued:
            break
    return done


@shared_task(name="purchasing.forecast_all")
def forecast_demand() -> None:
    """Have all forecasts made anew.

    Twice is harmless: while a job runs no second one begins, and a second one writes the same rows again.
    """
    try:
        start_forecasts()
    except Conflict:
        return


@shared_task(name="purchasing.replenish")
def propose_orders() -> int | None:
    """Have proposals worked out if the night's forecasts did not lead to it, and return the job's id.

    Twice is harmless: a night has one run, and a run does nothing twice.
    """
    try:
        job = replenish_tonight()
    except Conflict:
        return None
    return None if job is None else job.pk


periodic("purchasing.value_stock", Every(60))
periodic("purchasing.forecast_all", Daily(hour=17, minute=30))  # half past two at night in Seoul and Tokyo
periodic("purchasing.replenish", Daily(hour=19, minute=30))  # half past four, when the forecasts did not end


@shared_task(name="purchasing.send_order_mails")
def send_order_mails() -> int:
    """Hand over the mails owed to suppliers and return how many were tried; repeating finds what is still owed.

    Killed in the middle, it leaves a claimed mail that nobody sends again by itself: a person asks the supplier.
    """
    tried = 0
    while tried < MOST_MAILS and (claimed := claim_order_mail(now=timezone.now())):
        _send(claimed)
        tried += 1
    return tried


def _send(claimed: ClaimedMail) -> None:
    order = PurchaseOrder.objects.select_related("supplier", "warehouse").get(pk=claimed.order_id)
    try:
        mail = order_mail(order, mail_id=claimed.mail_id, address=claimed.address)
    except Exception as error:
        logger.exception("order paper failed order=%s mail=%s", claimed.order_id, claimed.mail_id)
        error_name = type(error).__name__
        record_order_mail_failed(claimed=claimed, error=error_name, left=False, now=timezone.now())
        return
    try:
        hand_over(mail)
    except (NothingLeft, PerhapsLeft) as failure:
        logger.warning("order mail failed order=%s mail=%s error=%s", claimed.order_id, claimed.mail_id, failure)
        left = False if isinstance(failure, NothingLeft) else None
        record_order_mail_failed(claimed=claimed, error=str(failure), left=left, now=timezone.now())
    else:
        record_order_mail_sent(claimed=claimed)


periodic("purchasing.send_order_mails", Every(60))
