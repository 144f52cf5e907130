"""Facts: how a lower app tells upper apps, and how people read history."""

import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from celery import current_app
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection, models, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from core.copying import copy_rows, draw_ids
from core.models import Delivery, EventRecord
from core.origins import following, here

if TYPE_CHECKING:
    from staff.models import User

logger = logging.getLogger(__name__)

ATTEMPTS_BEFORE_PARKING = 12  # with the doubling pause below: about an hour of trying
BATCH = 100
MANY = 200  # facts at once that go by COPY
_encode = json.JSONEncoder(ensure_ascii=False).encode
# deadlock, serialization failure, lock not available: nothing is wrong with the handler, the next try succeeds
RACES = frozenset({"40P01", "40001", "55P03"})


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all facts; fields are JSON-friendly identifiers and words, never models, never personal data."""

    name: ClassVar[str] = ""  # "<app>.<noun_verbed>", unique

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.name:
            if cls.name in _types and _types[cls.name].__qualname__ != cls.__qualname__:
                raise TypeError(f"two events are called {cls.name}")
            _types[cls.name] = cls

    def sentence(self) -> str:
        """Return the translated sentence that the timeline shows."""
        raise NotImplementedError(f"{type(self).__name__} has no sentence for the timeline")

    @classmethod
    def sentences(cls, events: Sequence[Any]) -> list[str]:
        """Return the sentence of each of these events of this class; one that looks something up does it once here."""
        return [event.sentence() for event in events]


E = TypeVar("E", bound=Event)
_types: dict[str, type[Event]] = {}
_wakes: ContextVar[bool] = ContextVar("wakes", default=True)
_owes: ContextVar[bool] = ContextVar("owes", default=True)
_handlers: dict[str, dict[str, Callable[[Any], None]]] = defaultdict(dict)


def handles(event_type: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Register a function of an upper app as a reaction to ``event_type``; it runs later, in its own transaction."""

    def register(handler: Callable[[E], None]) -> Callable[[E], None]:
        _handlers[event_type.name][f"{handler.__module__}.{handler.__qualname__}"] = handler
        return handler

    return register


def fact(record: EventRecord) -> Event | None:
    """Return the event that was recorded, or None when its class is gone; unknown and missing fields are tolerated."""
    event_type = _types.get(record.name)
    if event_type is None:
        return None
    known = {f.name for f in fields(event_type)}
    try:
        return event_type(**{key: value for key, value in record.data.items() if key in known})
    except TypeError:
        return None


def sentences_of(records: Sequence[EventRecord]) -> list[str]:
    """Return what happened in words, in the order of ``records``; the bare name for an event whose class is gone."""
    of_class: dict[type[Event], list[tuple[int, Event]]] = defaultdict(list)
    said = [row.name for row in records]
    for place, row in enumerate(records):
        event = fact(row)
        if event is not None:
            of_class[type(event)].append((place, event))
    for event_type, placed in of_class.items():
        words = event_type.sentences([event for _place, event in placed])
        for (place, _event), sentence in zip(placed, words, strict=True):
            said[place] = str(sentence)
    return said


def record(event: Event, *, subject: models.Model, actor: "User | None" = None) -> None:
    """Write ``event`` and what it owes to each handler into the current transaction."""
    record_many([(event, subject.pk)], model=type(subject), actor=actor)


def record_many(facts: Sequence[tuple[Event, int]], *, model: type[models.Model], actor: "User | None" = None) -> None:
    """Write many (event, subject id) facts about ``model`` in two statements; RuntimeError outside a transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError("record() must run inside the transaction that made the fact true")
    subject_type = ContentType.objects.get_for_model(model)
    ids = _write(facts, subject_type, actor)
    owed = [
        Delivery(record_id=row, handler=handler, subject_type=subject_type, subject_id=subject)
        for row, (event, subject) in (zip(ids, facts, strict=True) if _owes.get() else ())
        for handler in _handlers.get(event.name, ())
    ]
    if owed:
        Delivery.objects.bulk_create(owed, batch_size=2000)
        transaction.on_commit(wake, robust=True)


def _write(facts: Sequence[tuple[Event, int]], subject_type: ContentType, actor: "User | None") -> list[int]:
    """Insert the records with their origin and return their ids; thousands go by COPY, in a fifth of the time."""
    origin = here()
    if len(facts) < MANY:
        rows = EventRecord.objects.bulk_create(
            [
                EventRecord(
                    name=event.name,
                    subject_type=subject_type,
                    subject_id=pk,
                    actor=actor,
                    data=asdict(event),
                    origin=origin,
                )
                for event, pk in facts
            ]
        )
        return [row.pk for row in rows]
    ids = draw_ids(EventRecord, len(facts))
    actor_id = actor.pk if actor is not None else None
    copy_rows(
        EventRecord,
        ("id", "name", "subject_type_id", "subject_id", "actor_id", "data", "origin"),
        (
            (pk, event.name, subject_type.pk, subject, actor_id, _encode(asdict(event)), origin)
            for pk, (event, subject) in zip(ids, facts, strict=True)
        ),
    )
    return ids


def wake() -> None:
    """Ask a worker to deliver soon; a dead broker costs delay only, because beat sweeps each minute."""
    if _wakes.get():
        current_app.send_task("core.deliver_events", expires=60)


@contextmanager
def without_waking() -> Iterator[None]:
    """Leave what is recorded inside to the next sweep: for bulk loads that would wake workers thousands of times."""
    token = _wakes.set(False)
    try:
        yield
    finally:
        _wakes.reset(token)


@contextmanager
def owing_nobody() -> Iterator[None]:
    """Record what happens inside as history only: for the first filling of an empty shop and nothing else.

    Whoever uses it knows that every handler would find nothing to do; one that had something to do never hears of it.
    """
    token = _owes.set(False)
    try:
        yield
    finally:
        _owes.reset(token)


def deliver_due(*, limit: int = BATCH) -> int:
    """Deliver up to ``limit`` due rows and return how many were tried; 0 when nothing is due that nobody else has.

    1. Due are only rows that have no earlier owed row of the same handler and subject, and each is claimed with SKIP
       LOCKED, so the order per subject is kept whatever the number of workers.
    2. Each row has a transaction: the effects of its handler and its tick commit together, and the locks of one handler
       are gone before the next one starts; on top of them, it would take locks in the wrong order.
    3. A failed row comes back after a doubling pause (at most an hour) and is parked for a person in the end.
    """
    ids = list(_due().order_by("due_at", "id").values_list("pk", flat=True)[:limit])
    return sum(_deliver_one(pk) for pk in ids)


def _due() -> "models.QuerySet[Delivery]":
    earlier = Delivery.objects.filter(
        handler=OuterRef("handler"),
        subject_type=OuterRef("subject_type"),
        subject_id=OuterRef("subject_id"),
        id__lt=OuterRef("id"),
        done_at=None,
    )
    return Delivery.objects.filter(~Exists(earlier), done_at=None, parked_at=None, due_at__lte=timezone.now())


@transaction.atomic
def _deliver_one(delivery_id: int) -> int:
    """Deliver one row unless another worker has it or had it; return how many were tried."""
    claimed = _due().filter(pk=delivery_id).select_related("record").select_for_update(skip_locked=True, of=("self",))
    for owed in claimed:
        _deliver(owed)
    return len(claimed)


def _lost_a_race(error: DatabaseError) -> bool:
    """Tell whether the database undid the handler only because another transaction held the same rows."""
    return getattr(error.__cause__, "sqlstate", None) in RACES


def _deliver(owed: Delivery) -> None:
    handler = _handlers.get(owed.record.name, {}).get(owed.handler)
    event = fact(owed.record)
    owed.attempts += 1
    try:
        if handler is None or event is None:
            raise LookupError(f"no handler {owed.handler} for {owed.record.name} in this version")  # noqa: TRY301 one path for all failures
        with transaction.atomic(), following(owed.record.origin):
            handler(event)
    except DatabaseError as error:
        if not connection.is_usable() or connection.needs_rollback:
            raise
        if _lost_a_race(error):
            Delivery.objects.filter(pk=owed.pk).update(due_at=timezone.now() + timedelta(seconds=1))
            logger.info("delivery lost a race and comes back", extra={"delivery": owed.pk, "handler": owed.handler})
        else:
            _postpone(owed, error)
    except Exception as error:  # noqa: BLE001 whatever a handler raises must not stop the others
        _postpone(owed, error)
    else:
        owed.done_at = timezone.now()
        owed.error = ""
        owed.save(update_fields=["done_at", "attempts", "error"])


def _postpone(owed: Delivery, error: Exception) -> None:
    now = timezone.now()
    # the class and place are enough to find the fault; a message may quote personal data
    owed.error = f"{type(error).__name__}: {error}"[:500] if isinstance(error, LookupError) else type(error).__name__
    owed.due_at = now + timedelta(seconds=min(2**owed.attempts, 3600))
    owed.parked_at = now if owed.attempts >= ATTEMPTS_BEFORE_PARKING else None
    owed.save(update_fields=["attempts", "error", "due_at", "parked_at"])
    logger.error("delivery failed", exc_info=error, extra={"delivery": owed.pk, "handler": owed.handler})


@transaction.atomic
def retry_deliveries(*, delivery_ids: Iterable[int], actor: "User | None" = None) -> int:
    """Make failed deliveries due now and return their number; rows already done are left alone."""
    count = Delivery.objects.filter(pk__in=list(delivery_ids), done_at=None).update(
        due_at=timezone.now(), parked_at=None, attempts=0
    )
    if count:
        transaction.on_commit(wake, robust=True)
    logger.info("deliveries retried count=%s actor=%s", count, actor.pk if actor else None)
    return count


@transaction.atomic
def skip_deliveries(*, delivery_ids: Iterable[int], actor: "User | None" = None) -> int:
    """Give failed deliveries up for good, so that later ones of the subject go on; return their number."""
    count = Delivery.objects.filter(pk__in=list(delivery_ids), done_at=None).update(
        done_at=timezone.now(), error="skipped by hand"
    )
    if count:
        transaction.on_commit(wake, robust=True)
    logger.info("deliveries skipped count=%s actor=%s", count, actor.pk if actor else None)
    return count
