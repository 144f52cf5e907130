"""Requests of persons concerned: noted, decided for each class of records, answered."""

from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import record
from core.sequences import document_number, next_numbers
from privacy.events import DataRequestAnswered, DataRequestOpened, ErasureDecided
from privacy.models import REQUEST_TRANSITIONS, DataRequest, Outcome, RecordDecision, RequestKind, RequestState
from privacy.policies import can_answer_requests, can_decide_erasure, outcome_of
from privacy.records import Holding, record_classes
from staff.models import User


@transaction.atomic
def open_data_request(
    *, model: type[Model], subject_id: int, subject_label: str, kind: RequestKind, asked_at: datetime,
    asked_through: str, identity_check: str, actor: User, **words: Any,
) -> DataRequest:  # fmt: skip
    """Note a request and return it; the legal clock begins with ``asked_at``. ``words``: country, wish.

    NotAllowed without the right; InvalidInput without how we know that it is them, or from the future; Conflict when an
    erasure of the same person is under way.
    """
    if not can_answer_requests(actor):
        raise NotAllowed(_("You may not note requests about personal data."))
    if not identity_check.strip():
        raise InvalidInput(_("Say how you know that it is them: data given to somebody else is a leak."))
    if asked_at > timezone.now():
        raise InvalidInput(_("Nobody has asked in the future. Check the date."))
    try:
        with transaction.atomic():
            request = DataRequest.objects.create(
                number=document_number("DR", next_numbers(series="privacy.request")[0]),
                subject_type=ContentType.objects.get_for_model(model),
                subject_id=subject_id,
                subject_label=subject_label[:60],
                kind=kind,
                asked_at=asked_at,
                asked_through=asked_through.strip()[:80],
                identity_check=identity_check.strip()[:200],
                opened_by=actor,
                **words,
            )
    except IntegrityError as error:
        raise Conflict(_("An erasure of this person is under way already.")) from error
    record(DataRequestOpened(request_id=request.pk, kind=kind), subject=request, actor=actor)
    return request


@transaction.atomic
def note_request_due(*, request_id: int, due_at: datetime) -> None:
    """Keep until when the law wants the answer, as the app that knows the law reckons it."""
    DataRequest.objects.filter(pk=request_id).update(due_at=due_at)


@transaction.atomic
def decide_erasure(*, request_id: int, actor: User) -> DataRequest:
    """Decide for each class of records by the rules of today, and let a worker carry it out.

    NotAllowed without the right; InvalidTransition unless it is open; Conflict while something is in use.
    """
    request = _locked(request_id)
    if not can_decide_erasure(actor):
        raise NotAllowed(_("You may not decide about erasures."))
    REQUEST_TRANSITIONS.check(RequestState(request.state), RequestState.DECIDED)
    if request.kind != RequestKind.ERASURE:
        raise InvalidInput(_("Only erasures are decided by class of records."))
    today = timezone.localdate()
    found = [(one, one.holding(request.subject_id, today)) for one in record_classes(_model_of(request))]
    if blocked := [held.blocked for _one, held in found if held.blocked]:
        raise Conflict(" ".join(blocked))
    RecordDecision.objects.bulk_create(
        _decision(request, one.key, held) for one, held in found if held.count or not held.stays
    )
    request.state, request.decided_by = RequestState.DECIDED, actor
    request.save(update_fields=["state", "decided_by", "updated_at"])
    record(ErasureDecided(request_id=request.pk, classes=len(found)), subject=request, actor=actor)
    return request


def _decision(request: DataRequest, key: str, held: Holding) -> RecordDecision:
    outcome = outcome_of(held, timezone.localdate())
    is_kept = outcome != Outcome.DESTROYED
    return RecordDecision(
        request=request,
        record_class=key,
        outcome=outcome,
        row_count=held.count,
        keep_until=held.keep_until if is_kept else None,
        rule=held.rule[:200] if is_kept else "",
        source=held.source[:300] if is_kept else "",
        is_verified=is_kept and held.is_verified,
    )


@transaction.atomic
def answer_data_request(*, request_id: int, answer: str, granted: bool, actor: User) -> DataRequest:
    """Answer a request for access or correction, or refuse any with its reason.

    NotAllowed without the right; InvalidInput without a sentence; InvalidTransition when it is answered already, or an
    erasure that is decided: that one ends by itself.
    """
    request = _locked(request_id)
    if not can_answer_requests(actor):
        raise NotAllowed(_("You may not answer requests about personal data."))
    if not answer.strip():
        raise InvalidInput(_("Write down what the person was told."))
    target = RequestState.DONE if granted else RequestState.REFUSED
    REQUEST_TRANSITIONS.check(RequestState(request.state), target)
    if granted and request.kind == RequestKind.ERASURE:
        raise InvalidInput(_("An erasure ends by itself when everything is carried out."))
    request.state, request.answer, request.closed_at = target, answer.strip(), timezone.now()
    request.decided_by = request.decided_by or actor
    request.save(update_fields=["state", "answer", "closed_at", "decided_by", "updated_at"])
    fact = DataRequestAnswered(request_id=request.pk, kind=request.kind, granted=granted)
    record(fact, subject=request, actor=actor)
    return request


def _locked(request_id: int) -> DataRequest:
    return DataRequest.objects.select_for_update(no_key=True, of=("self",)).get(pk=request_id)


def _model_of(request: DataRequest) -> type[Model]:
    model = request.subject_type.model_class()
    if model is None:
        raise LookupError(f"no model for {request.subject_type}")
    return model
