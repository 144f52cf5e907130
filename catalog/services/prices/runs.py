"""Changes of many prices by a rule: drafted, applied in the background, and taken back as a whole."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import PriceRun, PriceRunRow, ProposalState, RunRowState, RunState, SalesChannel, Variant
from catalog.policies import can_set_prices
from catalog.services.prices.many import PriceOutcome, PriceRow, PriceSet, set_prices
from catalog.services.prices.proposing import close_proposals, lock_waiting
from catalog.services.prices.rules import PriceRule, RuledPrice, apply_rule, variants_of
from catalog.services.prices.undoing import undo_prices
from core.errors import InvalidTransition, NotAllowed
from core.jobs import JobRun, enqueue, job, owner_of
from staff.models import User

JOB = "catalog.price_run"
CHUNK = 500
_R = RunRowState


@transaction.atomic
def draft_price_run(*, rule: PriceRule, run_id: int | None = None, actor: User) -> PriceRun:
    """Keep a rule as a draft, a new one or one of the actor's own; prices stay as they are.

    InvalidTransition when it is applied already; NotAllowed without the right or for another person's draft.
    """
    _check_may(actor)
    if run_id is None:
        return PriceRun.objects.create(wish=rule.as_data(), created_by=actor)
    run = _locked(run_id, RunState.DRAFT)
    if run.created_by_id != actor.pk:
        raise NotAllowed(_("This draft belongs to somebody else."))
    run.wish = rule.as_data()
    run.save(update_fields=["wish"])
    return run


@transaction.atomic
def start_price_run(*, run_id: int, actor: User) -> PriceRun:
    """Apply a draft in the background, once however often it is asked for; InvalidTransition the second time."""
    _check_may(actor)
    return _start(run_id, RunState.DRAFT, RunState.QUEUED, _("Prices by rule %(run)s"), actor)


@transaction.atomic
def take_back_price_run(*, run_id: int, actor: User) -> PriceRun:
    """Take an applied change back in the background: planned prices never begin, running ones end now.

    What somebody changed since stays and is listed. InvalidTransition unless it is applied.
    """
    _check_may(actor)
    return _start(run_id, RunState.DONE, RunState.TAKING_BACK, _("Prices by rule %(run)s: taken back"), actor)


def _start(run_id: int, before: RunState, after: RunState, title: str, actor: User) -> PriceRun:
    run = _locked(run_id, before)
    run.state = after
    run.job = enqueue(kind=JOB, title=title % {"run": run}, parameters={"run": run.pk}, owner=actor)
    run.save(update_fields=["state", "job"])
    return run


def _check_may(actor: User) -> None:
    if not can_set_prices(actor):
        raise NotAllowed(_("You may not set prices."))


def _locked(run_id: int, state: RunState) -> PriceRun:
    run = PriceRun.objects.select_for_update().get(pk=run_id)
    if run.state != state:
        raise InvalidTransition(_("This change stands at “%(state)s” already.") % {"state": run.get_state_display()})
    return run


@job(JOB, label=gettext_lazy("Prices by rule"))
def run_prices(this: JobRun) -> dict[str, int]:
    """Write or take back the prices of one change, chunk by chunk; a killed run goes on with the rows that are left.

    Each chunk is one transaction with its rows' states, so nothing is set twice.
    """
    run = PriceRun.objects.get(pk=this.parameters["run"])
    actor = owner_of(this)
    if actor is None or not can_set_prices(actor):
        raise NotAllowed(_("You may not set prices."))
    if run.state == RunState.QUEUED:
        _stage(run)
        _work(this, run, _R.PENDING, lambda rows: _set(run, rows, actor))
        PriceRun.objects.filter(pk=run.pk, state=RunState.QUEUED).update(state=RunState.DONE)
    elif run.state == RunState.TAKING_BACK:
        _work(this, run, _R.WAITING, lambda rows: _withdraw(rows, actor))
        _work(this, run, _R.SET, lambda rows: _take_back(rows, actor))
        PriceRun.objects.filter(pk=run.pk, state=RunState.TAKING_BACK).update(state=RunState.TAKEN_BACK)
    return run_counts(run)


def run_counts(run: PriceRun) -> dict[str, int]:
    """Return how many prices are in which state, by the state's value."""
    states = list(run.rows.values_list("state", flat=True))
    return {state.value: states.count(state) for state in _R if state in states}


def ruled_prices(rule: PriceRule) -> Iterator[RuledPrice]:
    """Yield what the rule makes of every price it is about, some hundred variants at a time; nothing is written."""
    channels = list(SalesChannel.objects.filter(pk__in=rule.channel_ids))
    variants = list(variants_of(rule).select_related("product"))
    for start in range(0, len(variants), CHUNK):
        yield from apply_rule(rule, variants[start : start + CHUNK], channels)


def _stage(run: PriceRun) -> None:
    """Write what is to be done, once: a second attempt finds the rows of the first."""
    with transaction.atomic():
        if PriceRun.objects.select_for_update().get(pk=run.pk).rows.exists():
            return
        PriceRunRow.objects.bulk_create(
            [
                PriceRunRow(
                    run=run,
                    variant=price.variant,
                    sales_channel=price.channel,
                    before=price.before,
                    amount=price.amount,
                    compare_at=price.compare_at,
                    state=_R.REFUSED if price.problem else _R.PENDING,
                    sentence=price.problem[:300],
                )
                for price in ruled_prices(PriceRule.from_data(run.wish))
            ],
            batch_size=2000,
        )


def _work(this: JobRun, run: PriceRun, state: RunRowState, change: Any) -> None:
    total = run.rows.filter(state=state).count()
    done = 0
    while True:
        with transaction.atomic():
            rows = list(run.rows.select_for_update().filter(state=state).order_by("pk")[:CHUNK])
            if not rows:
                return
            change(rows)
            PriceRunRow.objects.bulk_update(rows, ["state", "sentence", "done", "proposal_id"])
        done += len(rows)
        this.progress(done, total)


def _set(run: PriceRun, rows: Sequence[PriceRunRow], actor: User) -> None:
    rule = PriceRule.from_data(run.wish)
    outcomes = set_prices(rows=[_wish(rule, row) for row in rows], actor=actor)
    for row, outcome in zip(rows, outcomes, strict=True):
        _note(row, outcome)


def _wish(rule: PriceRule, row: PriceRunRow) -> PriceRow:
    return PriceRow(
        variant_id=row.variant_id,
        sales_channel_id=row.sales_channel_id,
        amount=row.amount,
        compare_at=row.compare_at,
        clear=() if rule.show_before else ("compare_at",),
        starts_at=rule.starts_at,
        ends_at=rule.ends_at,
        reason=rule.reason,
    )


def _note(row: PriceRunRow, outcome: PriceOutcome) -> None:
    row.state = RunRowState(outcome.state.value)
    row.sentence = outcome.sentence[:300]
    row.done = outcome.done.as_data() if outcome.done else None
    row.proposal_id = outcome.proposal_id


def _take_back(rows: Sequence[PriceRunRow], actor: User) -> None:
    answers = undo_prices(done=[PriceSet.from_data(row.done) for row in rows if row.done], actor=actor)
    for row, problem in zip([row for row in rows if row.done], answers, strict=True):
        row.state = _R.TAKEN_BACK if problem is None else _R.CONFLICT
        row.sentence = "" if problem is None else str(problem)[:300]


def _withdraw(rows: Sequence[PriceRunRow], actor: User) -> None:
    waiting = lock_waiting([row.proposal_id for row in rows if row.proposal_id])
    close_proposals(waiting, state=ProposalState.WITHDRAWN, note=_("The whole change was taken back."), actor=actor)
    withdrawn = {proposal.pk for proposal in waiting}
    for row in rows:
        is_done = row.proposal_id in withdrawn
        row.state = _R.TAKEN_BACK if is_done else _R.CONFLICT
        row.sentence = "" if is_done else _("It was decided meanwhile: look at it yourself.")


def variant_count(rule: PriceRule) -> int:
    """Return how many variants a rule is about."""
    return variants_of(rule).values("pk").order_by().distinct().count()


def chosen_variants(rule: PriceRule, start: int, count: int) -> list[Variant]:
    """Return some of the variants that a rule is about, by SKU."""
    return list(variants_of(rule).select_related("product")[start : start + count])
