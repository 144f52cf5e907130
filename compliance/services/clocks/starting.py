"""Deadlines begin: one for each rule that the event starts where and when the contract was made."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from compliance.events import ClockStarted
from compliance.models import ClockEvent, LegalClock, LegalRule, TermKind
from compliance.models.rule import holds
from compliance.policies import can_stop_clocks
from compliance.selectors.reckoning import country_in, due_at, local_day
from core.errors import InvalidInput, NotAllowed
from core.events import record_many
from staff.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a clock is to run for: the subject with its words, whose law, and when it began.

    ``contract_on`` pins the version of the rule. ``amount`` (minor units) is what is owed, where something is;
    ``delivery`` is owed besides where the rule includes it.
    """

    subject_id: int
    label: str
    jurisdiction: str
    country: str
    contract_on: date
    at: datetime
    amount: int | None = None
    currency: str = ""
    delivery: int = 0


@transaction.atomic
def start_clocks(*, event: ClockEvent, model: type[models.Model], starts: Sequence[Start]) -> int:
    """Start what this event starts for many subjects of one model, and return how many clocks began or moved.

    Where the rules in force on the day of the contract know the event, each starts one clock; a subject has one clock
    of a rule, so repeating starts nothing. A window of the customer that still runs follows a later event of its kind
    (the last parcel of an order), a duty keeps its first start. Statements: three, whatever the number.
    """
    places = {start.jurisdiction for start in starts if start.jurisdiction}
    rules = list(LegalRule.objects.filter(jurisdiction__in=places, starts_by=event)) if places else []
    wanted = [
        _clock(rule, start)
        for start in starts
        for rule in rules
        if rule.jurisdiction == start.jurisdiction and holds(rule, start.contract_on)
    ]
    if not wanted:
        return 0
    subject_type = ContentType.objects.get_for_model(model)
    for clock in wanted:
        clock.subject_type = subject_type
    known = _known(subject_type, wanted)
    new = [clock for clock in wanted if (clock.subject_id, clock.rule_id) not in known]
    LegalClock.objects.bulk_create(new, ignore_conflicts=True)
    moved = _follow([clock for clock in wanted if clock.rule.kind == TermKind.WINDOW], known)
    return len(new) + moved


@transaction.atomic
def start_clock(
    *, rule_id: int, model: type[models.Model], start: Start, evidence: str, actor: User | None = None
) -> LegalClock:
    """Start one clock by hand, of what the system cannot see: a complaint received, a defect known.

    Answers with the one that runs already. InvalidInput without evidence and for a rule that did not hold on the day
    of the contract or in another jurisdiction; NotAllowed without the right.
    """
    if actor is not None and not can_stop_clocks(actor):
        raise NotAllowed(_("Your role does not include this. Ask an administrator if you need it."))
    if not evidence.strip():
        raise InvalidInput(_("Say what it rests on: who said it, when and where."))
    rule = LegalRule.objects.filter(pk=rule_id, jurisdiction=start.jurisdiction).first()
    if rule is None or not holds(rule, start.contract_on):
        raise InvalidInput(_("This rule did not hold there on the day of the contract."))
    clock = _clock(rule, start)
    clock.subject_type = ContentType.objects.get_for_model(model)
    clock.moved_because = evidence.strip()[:300]
    rows = LegalClock.objects.select_related("rule").filter(subject_type=clock.subject_type, rule=rule)
    known = rows.filter(subject_id=start.subject_id).first()
    if known is not None:
        return known
    LegalClock.objects.bulk_create([clock], ignore_conflicts=True)  # another process may have been faster
    clock = rows.get(subject_id=start.subject_id)
    fact = ClockStarted(
        clock_id=clock.pk,
        duty=rule.duty,
        until=local_day(clock.due_at, clock.country).isoformat(),
        evidence=evidence.strip(),
    )
    record_many([(fact, start.subject_id)], model=model, actor=actor)
    return clock


def _clock(rule: LegalRule, start: Start) -> LegalClock:
    country = country_in(rule.jurisdiction, start.country)
    amount = start.amount + start.delivery * rule.includes_delivery if start.amount else None
    return LegalClock(
        rule=rule,
        subject_id=start.subject_id,
        subject_label=start.label,
        country=country,
        contract_on=start.contract_on,
        started_at=start.at,
        due_at=due_at(rule, start.at, country),
        amount=amount,
        currency=start.currency if amount else "",
    )


def _known(subject_type: ContentType, wanted: Iterable[LegalClock]) -> dict[tuple[int, int], LegalClock]:
    """Return the clocks that these subjects have of these rules already, locked, by (subject, rule)."""
    keys = Q(subject_id__in={clock.subject_id for clock in wanted}, rule__in={clock.rule_id for clock in wanted})
    rows = LegalClock.objects.select_for_update(no_key=True).filter(keys, subject_type=subject_type).order_by("pk")
    return {(clock.subject_id, clock.rule_id): clock for clock in rows}


def _follow(windows: Sequence[LegalClock], known: dict[tuple[int, int], LegalClock]) -> int:
    """Let running windows begin with the later event."""
    moved = []
    for wanted in windows:
        clock = known.get((wanted.subject_id, wanted.rule_id))
        if clock is None or clock.stopped_at is not None or clock.is_extended or wanted.started_at <= clock.started_at:
            continue
        clock.started_at, clock.due_at = wanted.started_at, wanted.due_at
        moved.append(clock)
    if moved:
        LegalClock.objects.bulk_update(moved, ["started_at", "due_at"])
    return len(moved)
