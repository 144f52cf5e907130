"""Until when the law wants a customer's request about their data answered: a clock of compliance."""

from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone

from compliance.models import ClockEvent, LegalClock
from compliance.selectors.rules import jurisdiction_of
from compliance.services import Start, Stop, start_clocks, stop_clocks
from privacy.models import DataRequest
from privacy.services import note_request_due


@transaction.atomic
def start_request_clock(*, request_id: int) -> int:
    """Start what the law of the person's country says about a request, and return how many clocks began.

    Where we know of no law nothing starts. Repeating starts nothing.
    """
    request = DataRequest.objects.get(pk=request_id)
    jurisdiction = jurisdiction_of(request.country)
    if not jurisdiction:
        return 0
    start = Start(
        subject_id=request.pk,
        label=request.number,
        jurisdiction=jurisdiction,
        country=request.country,
        contract_on=timezone.localdate(request.asked_at),
        at=request.asked_at,
    )
    began = start_clocks(event=ClockEvent.DATA_REQUESTED, model=DataRequest, starts=[start])
    if due_at := _due_at(request_id):
        note_request_due(request_id=request_id, due_at=due_at)
    return began


@transaction.atomic
def stop_request_clock(*, request_id: int) -> int:
    """End the clocks of a request that is answered, granted or refused, and return how many ended."""
    request = DataRequest.objects.get(pk=request_id)
    stop = Stop(at=request.closed_at or timezone.now(), evidence=request.number)
    return stop_clocks(event=ClockEvent.DATA_ANSWERED, model=DataRequest, stops={request.pk: stop})


@transaction.atomic
def follow_request_clock(*, clock_id: int) -> bool:
    """Let the request show the later end of its clock; False for the clock of something else."""
    clock = LegalClock.objects.get(pk=clock_id)
    if clock.subject_type != ContentType.objects.get_for_model(DataRequest):
        return False
    note_request_due(request_id=clock.subject_id, due_at=clock.due_at)
    return True


def _due_at(request_id: int) -> datetime | None:
    subject_type = ContentType.objects.get_for_model(DataRequest)
    clocks = LegalClock.objects.running().filter(subject_type=subject_type, subject_id=request_id)
    return clocks.order_by("due_at").values_list("due_at", flat=True).first()
