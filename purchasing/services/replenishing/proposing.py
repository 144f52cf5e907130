"""Proposals to reorder: made, refreshed and closed by what stock, demand and deliveries say now."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from purchasing.models import ProposalState, ReorderProposal
from purchasing.services.replenishing.gathering import Case, cases, reorderable
from purchasing.services.replenishing.levels import Demand, Level, Stock, Wish, level_of
from purchasing.services.replenishing.rounding import Amount, Terms, amount_of

CHUNK = 1_000  # variants in one transaction: a kill loses no more than one chunk, and the next run makes it good
MOST_DAYS = 180  # a price break is not worth stock for longer
OPEN = (ProposalState.OPEN, ProposalState.SNOOZED)


@dataclass(slots=True)
class Proposed:
    """What a run did."""

    opened: int = 0
    refreshed: int = 0
    gone: int = 0


def propose(
    *,
    variant_ids: Collection[int] | None = None,
    today: date | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Proposed:
    """Open, refresh and close proposals for these variants (all without); the same again when run again.

    One is open for a variant and warehouse at most. It closes (gone) when the need is: something was ordered, came
    back, or sells less. A snoozed one stays so until its day. What a person dismissed is proposed again only when a
    later run finds it needed after its stock position has changed.
    """
    today = today or timezone.localdate()
    done = Proposed()
    variants = reorderable(variant_ids=variant_ids)
    for start in range(0, len(variants), CHUNK):
        _propose(variants[start : start + CHUNK], today, done)
        if progress:
            progress(min(start + CHUNK, len(variants)), len(variants))
    done.gone += _close_others({variant.pk for variant in variants}, variant_ids)
    return done


@transaction.atomic
def _propose(variants: Sequence[Any], today: date, done: Proposed) -> None:
    ids = [variant.pk for variant in variants]
    rows = ReorderProposal.objects.select_for_update().filter(variant_id__in=ids, state__in=OPEN).order_by("pk")
    known = {(row.variant_id, row.warehouse_id): row for row in rows}
    dismissed = _dismissed_positions(ids)
    new: list[ReorderProposal] = []
    kept: list[ReorderProposal] = []
    for case, level, amount in _due(variants, today):
        place = (case.variant.pk, case.warehouse_id)
        row = known.pop(place, None)
        if row is None and dismissed.get(place) == stock_of(case).position:
            continue
        fill_proposal(
            row := row or ReorderProposal(variant=case.variant, warehouse_id=case.warehouse_id), case, level, amount
        )
        if row.state == ProposalState.SNOOZED and row.snoozed_until is not None and row.snoozed_until <= today:
            row.state, row.snoozed_until = ProposalState.OPEN, None
        (kept if row.pk else new).append(row)
    ReorderProposal.objects.bulk_create(new, ignore_conflicts=True)  # another run was faster with the same
    ReorderProposal.objects.bulk_update(kept, _FIELDS, batch_size=500)
    gone = ReorderProposal.objects.filter(pk__in=[row.pk for row in known.values()])
    done.gone += gone.update(state=ProposalState.GONE, closed_at=timezone.now())
    done.opened += len(new)
    done.refreshed += len(kept)


_FIELDS = (
    "item state snoozed_until quantity amount reorder_point position runs_out_on order_by figures refreshed_at".split()
)


def _due(variants: Sequence[Any], today: date) -> Iterator[tuple[Case, Level, Amount]]:
    for case in cases(variants, today=today):
        level = level_of(demand=demand_of(case), stock=stock_of(case), wish=wish_of(case), today=today)
        if level.wanted > 0:
            yield case, level, amount_for(case, level.wanted)


def amount_for(case: Case, wanted: int) -> Amount:
    """Return how many to order of this case for ``wanted`` pieces."""
    left = stock_of(case).position - case.daily * case.lead.days  # when the order comes
    return amount_of(wanted=wanted, terms=terms_of(case), daily=case.daily, most_days=MOST_DAYS, ahead=max(0.0, left))


def demand_of(case: Case) -> Demand:
    """Return what the case sells and how long an order takes."""
    return Demand(
        mean=case.daily,
        deviation=case.deviation,
        lead_days=case.lead.days,
        lead_deviation=case.lead.deviation,
        sizes=case.sizes,
    )


def stock_of(case: Case) -> Stock:
    """Return what counts: drafts of purchase orders too, or they would be proposed a second time."""
    incoming: list[tuple[date | None, int]] = [(one.expected_on, one.quantity) for one in case.arrivals]
    if case.drafted:
        incoming.append((None, case.drafted))
    return Stock(available=case.available, waiting=case.waiting, incoming=incoming)


def wish_of(case: Case) -> Wish:
    """Return what its class wants, or a rule over it."""
    rule = case.rule
    return Wish(
        percent=case.percent,
        cover_days=case.cover_days,
        reorder_point=rule.reorder_point if rule else None,
        order_up_to=rule.order_up_to if rule else None,
    )


def terms_of(case: Case) -> Terms:
    """Return how its supplier sells it; without a supplier in single pieces without a price."""
    if case.item is None:
        return Terms()
    shelf_days = case.item.shelf_life_days
    if shelf_days is not None:
        shelf_days = max(0, shelf_days - (case.policy.block_days if case.policy else 0))
    return Terms(pack_size=case.item.pack_size, minimum=case.item.minimum, prices=case.prices, shelf_days=shelf_days)


def fill_proposal(row: ReorderProposal, case: Case, level: Level, amount: Amount) -> None:
    """Write into the unsaved proposal what is proposed and all figures that lead to it."""
    row.item = case.item
    row.quantity = amount.quantity
    row.amount = None if amount.unit_price is None else amount.quantity * amount.unit_price
    row.reorder_point, row.position = level.reorder_point, stock_of(case).position
    row.runs_out_on, row.order_by = level.runs_out_on, level.order_by
    row.figures = figures_of(case, level, amount)
    row.refreshed_at = timezone.now()


def figures_of(case: Case, level: Level, amount: Amount) -> dict[str, Any]:
    """Return all numbers that lead to the proposal; ``explaining`` says them in words."""
    return {
        "daily": round(case.daily, 2),
        "deviation": round(case.deviation, 2),
        "is_known": case.is_known,
        "lead_days": round(case.lead.days, 1),
        "lead_deviation": round(case.lead.deviation, 1),
        "lead_count": case.lead.count,
        "percent": case.percent,
        "cover_days": case.cover_days,
        "abc": case.policy.abc if case.policy else "",
        "xyz": case.policy.xyz if case.policy else "",
        "is_fixed": bool(case.rule and case.rule.reorder_point is not None),
        "is_automatic": case.is_automatic,
        "lumps": [sum(case.sizes.values()), min(case.sizes), max(case.sizes)] if case.sizes else [],
        "safety": level.safety,
        "reorder_point": level.reorder_point,
        "order_up_to": level.order_up_to,
        "available": case.available,
        "waiting": case.waiting,
        "drafted": case.drafted,
        "incoming": [
            [one.reference, one.quantity, one.expected_on.isoformat() if one.expected_on else None]
            for one in case.arrivals
        ],
        "position": stock_of(case).position,
        "wanted": level.wanted,
        "quantity": amount.quantity,
        "pack_size": case.item.pack_size if case.item else 1,
        "minimum": case.item.minimum if case.item else 1,
        "unit_price": amount.unit_price,
        "notes": list(amount.notes),
        "lasts_days": round(amount.quantity / case.daily) if case.daily > 0 else None,
    }


def _dismissed_positions(ids: Sequence[int]) -> dict[tuple[int, int], int]:
    """Return the stock position at which a person last said no, by variant and warehouse."""
    rows = (
        ReorderProposal.objects.filter(variant_id__in=ids)
        .exclude(state__in=OPEN)
        .order_by("variant_id", "warehouse_id", "-pk")
        .distinct("variant_id", "warehouse_id")
    )
    return {(row.variant_id, row.warehouse_id): row.position for row in rows if row.state == ProposalState.DISMISSED}


def _close_others(known: set[int], variant_ids: Collection[int] | None) -> int:
    """Close proposals of variants that are no longer bought in."""
    others = ReorderProposal.objects.filter(state__in=OPEN)
    if variant_ids is not None:
        others = others.filter(variant_id__in=variant_ids)
    ids = [row.pk for row in others.only("pk", "variant_id") if row.variant_id not in known]
    return ReorderProposal.objects.filter(pk__in=ids, state__in=OPEN).update(
        state=ProposalState.GONE, closed_at=timezone.now()
    )
