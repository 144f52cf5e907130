"""Prices below the lowest margin wait for a second person."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.events import PriceProposalDecided, PriceProposed
from catalog.models import PriceProposal, Product, ProposalState, SalesChannel
from catalog.selectors.margins import margin_percent
from catalog.services.prices.periods import Values
from catalog.services.prices.rows import Key, lock_variants
from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import record_many
from core.money import format_money
from staff.models import Topic, User
from staff.selectors import users_with_permission
from staff.services.notifications.notifying import Telling, notify_many, settle_key

_S = ProposalState
TOLD_ONE_BY_ONE = 20  # of one press; of more, approvers hear once


@dataclass(frozen=True, slots=True)
class Wish:
    """A price that somebody wants and may not set alone."""

    variant_id: int
    sku: str
    product_id: int
    channel: SalesChannel
    values: Values
    cost: int
    margin_floor: int
    starts_at: datetime | None
    ends_at: datetime | None
    reason: str = ""


def asked_key(proposal_id: int) -> str:
    """Return the occasion under which approvers are told."""
    return f"price_asked:{proposal_id}"


def propose_prices(*, wishes: Sequence[Wish], actor: User | None) -> list[int]:
    """Write what is wanted, tell who may approve, and return the ids in order; the variants must be locked.

    Call ``replace_waiting`` first: one wish waits for a variant and channel. A cost is known and the channel has a
    lowest margin, or there would be nothing to approve.
    """
    rows = PriceProposal.objects.bulk_create(
        [
            PriceProposal(
                variant_id=wish.variant_id,
                sales_channel=wish.channel,
                currency=wish.channel.currency,
                amount=wish.values.amount,
                compare_at=wish.values.compare_at,
                list_price=wish.values.list_price,
                cost=wish.cost,
                margin=margin_percent(wish.values.amount, wish.cost),
                margin_floor=wish.margin_floor,
                starts_at=wish.starts_at,
                ends_at=wish.ends_at,
                reason=wish.reason[:300],
                requested_by=actor,
            )
            for wish in wishes
        ]
    )
    record_many(
        [
            (
                PriceProposed(
                    proposal_id=row.pk,
                    sku=wish.sku,
                    sales_channel=wish.channel.name,
                    currency=row.currency,
                    amount=row.amount,
                    margin=row.margin,
                    margin_floor=row.margin_floor,
                ),
                wish.product_id,
            )
            for row, wish in zip(rows, wishes, strict=True)
        ],
        model=Product,
        actor=actor,
    )
    _ask(rows, wishes, actor)
    return [row.pk for row in rows]


def _ask(rows: Sequence[PriceProposal], wishes: Sequence[Wish], actor: User | None) -> None:
    if not rows:
        return
    told = [pk for pk in _approvers() if actor is None or pk != actor.pk]
    notify_many(
        tellings=[
            Telling(user_id=pk, topic=Topic.REVIEW_ASKED, key=asked_key(row.pk), data=_data(row, wish.sku, actor))
            for row, wish in list(zip(rows, wishes, strict=True))[:TOLD_ONE_BY_ONE]
            for pk in told
        ]
    )


def _approvers() -> list[int]:
    return list(users_with_permission("catalog.approve_price").order_by("pk").values_list("pk", flat=True))


def _data(row: PriceProposal, sku: str, actor: User | None) -> dict[str, object]:
    return {
        "about": f"catalog.priceproposal:{row.pk}",
        "number": sku,
        "title": f"{row.sales_channel.name} · {format_money(row.amount, row.currency)}",
        **({"by": actor.pk} if actor else {}),
    }


def replace_waiting(*, keys: Collection[Key], actor: User | None) -> int:
    """Withdraw what waits for these (variant, channel): something newer is wanted. The variants must be locked."""
    if not keys:
        return 0
    rows = PriceProposal.objects.filter(
        state=_S.WAITING, variant__in={variant for variant, _c in keys}, sales_channel__in={ch for _v, ch in keys}
    )
    waiting = [row for row in _with_names(rows) if (row.variant_id, row.sales_channel_id) in keys]
    return close_proposals(waiting, state=_S.WITHDRAWN, note=_("Another price took its place."), actor=actor)


def close_proposals(rows: Sequence[PriceProposal], *, state: ProposalState, note: str, actor: User | None) -> int:
    """Write what became of waiting proposals (loaded with variant and channel), record it and tell who asked."""
    if not rows:
        return 0
    # two people: whoever asked decides nothing, he takes back
    deciders = {row.pk: actor if actor is None or row.requested_by_id != actor.pk else None for row in rows}
    now = timezone.now()
    for row in rows:
        row.state, row.note, row.decided_at, row.decided_by = state, note[:300], now, deciders[row.pk]
    PriceProposal.objects.bulk_update(rows, ["state", "note", "decided_at", "decided_by"])
    record_many([(_decided(row), row.variant.product_id) for row in rows], model=Product, actor=actor)
    approvers = _approvers()
    for row in rows[:TOLD_ONE_BY_ONE]:
        settle_key(key=asked_key(row.pk), user_ids=approvers)
    topic = {_S.APPROVED: Topic.APPROVED, _S.REFUSED: Topic.CHANGES_REQUESTED}.get(state, Topic.CHANGED)
    notify_many(
        tellings=[
            Telling(
                user_id=row.requested_by_id,
                topic=topic,
                key=f"price_decided:{row.pk}",
                data=_data(row, row.variant.sku, actor),
            )
            for row in rows
            if row.requested_by_id is not None and (actor is None or actor.pk != row.requested_by_id)
        ]
    )
    return len(rows)


def _decided(row: PriceProposal) -> PriceProposalDecided:
    return PriceProposalDecided(
        proposal_id=row.pk,
        sku=row.variant.sku,
        sales_channel=row.sales_channel.name,
        currency=row.currency,
        amount=row.amount,
        state=row.state,
        note=row.note,
    )


def _with_names(rows: "models.QuerySet[PriceProposal]") -> "models.QuerySet[PriceProposal]":
    return rows.select_related("variant", "sales_channel").order_by("pk")


def lock_waiting(proposal_ids: Collection[int]) -> list[PriceProposal]:
    """Lock the variants of these proposals, then return those that still wait, in key order, with their names."""
    rows = PriceProposal.objects.filter(pk__in=proposal_ids)
    lock_variants(set(rows.values_list("variant_id", flat=True)))
    return list(_with_names(rows.filter(state=_S.WAITING)).select_for_update(of=("self",)))


@transaction.atomic
def withdraw_price(*, proposal_id: int, actor: User | None = None) -> PriceProposal:
    """Take back what one wanted. NotAllowed for another person's wish; Conflict when it is decided already."""
    row = _one_waiting(proposal_id)
    if actor is not None and row.requested_by_id != actor.pk:
        raise NotAllowed(_("Only the person who asked for it takes it back. Refuse it instead."))
    close_proposals([row], state=_S.WITHDRAWN, note="", actor=actor)
    return row


@transaction.atomic
def refuse_prices(*, proposal_ids: Collection[int], note: str, actor: User | None = None) -> list[tuple[str, str]]:
    """Refuse prices that wait and return (SKU, reason) of those that could not be; the requesters are told.

    InvalidInput without a note: it says what to change. NotAllowed without the right to approve.
    """
    check_may_decide(actor)
    if not note.strip():
        raise InvalidInput(_("Say why: the note reaches the person who asked."))
    rows, refused = own_aside(lock_waiting(proposal_ids), proposal_ids, actor)
    close_proposals(rows, state=_S.REFUSED, note=note.strip(), actor=actor)
    return refused


def check_may_decide(actor: User | None) -> None:
    """Raise NotAllowed for somebody who may not approve prices."""
    if actor is not None and not actor.has_perm("catalog.approve_price"):
        raise NotAllowed(_("You may not approve prices below the lowest margin."))


def own_aside(
    waiting: Sequence[PriceProposal], asked: Collection[int], actor: User | None
) -> tuple[list[PriceProposal], list[tuple[str, str]]]:
    """Return what the actor may decide of what waits, and (SKU, reason) of the others of ``asked``."""
    own = [row for row in waiting if actor is not None and row.requested_by_id == actor.pk]
    decidable = [row for row in waiting if row not in own]
    refused = [(row.variant.sku, _("You asked for it yourself: another person decides.")) for row in own]
    known = {row.pk for row in waiting}
    gone = PriceProposal.objects.filter(pk__in=set(asked) - known).select_related("variant")
    return decidable, refused + [(row.variant.sku, _("It is decided already.")) for row in gone]


def _one_waiting(proposal_id: int) -> PriceProposal:
    rows = lock_waiting([proposal_id])
    if not rows:
        raise Conflict(_("It is decided already."))
    return rows[0]
