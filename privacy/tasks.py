"""Work by the clock. Each task may run twice or late: decisions and days remember what is owed."""

import logging

from celery import shared_task
from django.utils import timezone

from core.schedule import Daily, Every, periodic
from privacy.models import RecordDecision, RequestState
from privacy.services.erasing import carry_out_decision, destroy_due_records

logger = logging.getLogger(__name__)


@shared_task(name="privacy.carry_out_erasures")
def carry_out_erasures() -> int:
    """Carry out what was decided and return how many classes; repeating finds only what is still undone.

    One class that fails is logged and tried again at the next run; the others go on.
    """
    owed = RecordDecision.objects.filter(done_at=None, request__state=RequestState.DECIDED)
    done = 0
    for pk in list(owed.order_by("pk").values_list("pk", flat=True)):
        try:
            done += carry_out_decision(decision_id=pk)
        except Exception:
            logger.exception("erasure failed decision=%s", pk)
    return done


@shared_task(name="privacy.destroy_due_records")
def destroy_records() -> int:
    """Destroy what was kept apart until yesterday and return how many; repeating finds nothing to do."""
    destroyed = 0
    while count := destroy_due_records(today=timezone.localdate()):
        destroyed += count
    return destroyed


periodic("privacy.carry_out_erasures", Every(60))
periodic("privacy.destroy_due_records", Daily(hour=17, minute=10))
