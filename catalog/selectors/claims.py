"""Can a “price before” be proved? The history answers, by the rule of the place where the channel sells.

- Lowest price of the days before (Korea 20, European Union 30): the price before may be at most the lowest price in the
  days before the reduction began.
- Price of more than half of the days before (Japan): it was asked on more than half of the days of the eight weeks
  before the reduction (or since the first price), on at least two weeks in all, and not longer than two weeks ago.

What was entered after the fact proves nothing for the time before it was recorded. Days are those of the sales
channel's time zone: the rule in force is that of its day, and days before reach back to the same hour on its clocks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Price, SalesChannel
from compliance.models import ClaimMethod, PriceClaimRule
from compliance.selectors import claim_rule, jurisdiction_of

DAY = timedelta(days=1)
RECORDED_LATE = timedelta(minutes=5)


class Verdict(StrEnum):
    """What the history says about a price before."""

    PROVABLE = "provable"
    NOT_PROVABLE = "not_provable"
    NO_CLAIM = "no_claim"  # no price before is shown
    NO_RULE = "no_rule"  # we know of none for this place


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One price within the days looked at: how long it was asked there, and since when that is proved."""

    price: Price
    since: datetime
    until: datetime
    is_late: bool  # recorded after it began: it proves nothing before it was recorded

    @property
    def days(self) -> float:
        """Return how many days of the window it was asked, proved or not."""
        return (self.until - self.since) / DAY

    @property
    def proved(self) -> timedelta:
        """Return how long it was asked since it was recorded."""
        return max(self.until - max(self.since, self.price.recorded_at if self.is_late else self.since), timedelta())


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What may be said of one price at one moment. ``allowed``: the highest price before that can be proved."""

    verdict: Verdict
    sentence: str
    reference: int | None
    allowed: int | None = None
    price: Price | None = None
    rule: PriceClaimRule | None = None
    reduced_at: datetime | None = None
    window_from: datetime | None = None
    evidence: Sequence[Evidence] = field(default_factory=tuple)

    @property
    def is_provable(self) -> bool:
        """Tell whether the price before can be proved."""
        return self.verdict == Verdict.PROVABLE


def is_recorded_late(price: Price) -> bool:
    """Tell whether a price was entered after it had begun."""
    return price.recorded_at > price.starts_at + RECORDED_LATE


def prove_discount(
    *, variant_id: int, sales_channel_id: int, at: datetime | None = None, reference: int | None = None
) -> Proof:
    """Say whether a price before (default: the one that is shown) can be proved at a moment (default: now).

    ``reference`` in minor units of the channel's currency. Three statements.
    """
    channel = SalesChannel.objects.get(pk=sales_channel_id)
    history = list(Price.objects.filter(variant=variant_id, sales_channel=channel).order_by("starts_at"))
    moment = at or timezone.now()
    return judge(_rule_of(channel, moment), history, moment, reference, zone=ZoneInfo(channel.time_zone))


def proofs_of(prices: Sequence[Price]) -> dict[int, Proof]:
    """Return for each of these prices with a price before whether it can be proved when it begins, by the price's id.

    Their sales channels must be loaded. One statement for the histories, one for each jurisdiction.
    """
    claiming = [price for price in prices if price.compare_at is not None]
    if not claiming:
        return {}
    histories: dict[tuple[int, int], list[Price]] = {}
    rows = Price.objects.filter(
        variant__in={price.variant_id for price in claiming},
        sales_channel__in={price.sales_channel_id for price in claiming},
    )
    for row in rows.order_by("starts_at"):
        histories.setdefault((row.variant_id, row.sales_channel_id), []).append(row)
    rules: dict[tuple[str, date], PriceClaimRule | None] = {}
    proofs = {}
    for price in claiming:
        zone = ZoneInfo(price.sales_channel.time_zone)
        key = jurisdiction_of(price.sales_channel.country), price.starts_at.astimezone(zone).date()
        if key not in rules:
            rules[key] = claim_rule(*key) if key[0] else None
        history = histories.get((price.variant_id, price.sales_channel_id), [])
        proofs[price.pk] = judge(rules[key], history, price.starts_at, None, zone=zone)
    return proofs


def judge(
    rule: PriceClaimRule | None, history: Sequence[Price], at: datetime, reference: int | None, *, zone: ZoneInfo
) -> Proof:
    """Return the proof for the price that holds at ``at``; ``history`` are the prices of one variant and channel.

    ``zone`` is the sales channel's.
    """
    price = next((p for p in history if p.starts_at <= at and (p.ends_at is None or p.ends_at > at)), None)
    claimed = reference if reference is not None or price is None else price.compare_at
    if price is None:
        return Proof(
            verdict=Verdict.NOT_PROVABLE if claimed else Verdict.NO_CLAIM,
            sentence=_("There is no price at this moment."),
            reference=claimed,
        )
    if rule is None:
        verdict = Verdict.NO_RULE if claimed else Verdict.NO_CLAIM
        sentence = _("No rule about prices before is known for the country of this channel.")
        return Proof(verdict=verdict, sentence=sentence, reference=claimed, price=price)
    reduced_at = _reduced_at(history, price)
    # in local time: days before, not multiples of 24 hours
    window_from = (reduced_at.astimezone(zone) - timedelta(days=rule.window_days)).astimezone(UTC)
    evidence = tuple(_evidence(history, window_from, reduced_at))
    allowed = _ALLOWED[ClaimMethod(rule.method)](rule, evidence, reduced_at)
    verdict = Verdict.NO_CLAIM if claimed is None else _verdict(rule, evidence, reduced_at, claimed, allowed)
    return Proof(
        verdict=verdict,
        sentence=_sentence(rule, verdict, evidence, allowed),
        reference=claimed,
        allowed=allowed,
        price=price,
        rule=rule,
        reduced_at=reduced_at,
        window_from=window_from,
        evidence=evidence,
    )


def _rule_of(channel: SalesChannel, at: datetime) -> PriceClaimRule | None:
    jurisdiction = jurisdiction_of(channel.country)
    day = at.astimezone(ZoneInfo(channel.time_zone)).date()
    return claim_rule(jurisdiction, day) if jurisdiction else None


def _reduced_at(history: Sequence[Price], price: Price) -> datetime:
    """Return since when this amount is asked without a break: a new cost or list price is no new price."""
    start = price.starts_at
    for earlier in reversed([p for p in history if p.starts_at < start]):
        if earlier.ends_at != start or earlier.amount != price.amount:
            break
        start = earlier.starts_at
    return start


def _evidence(history: Sequence[Price], since: datetime, until: datetime) -> Iterable[Evidence]:
    for price in history:
        begins, ends = max(price.starts_at, since), min(price.ends_at or until, until)
        if begins < ends:
            yield Evidence(price=price, since=begins, until=ends, is_late=is_recorded_late(price))


def _lowest(_rule: PriceClaimRule, evidence: Sequence[Evidence], _at: datetime) -> int | None:
    # a low price counts even when it was entered later; a high one has to be proved
    if not any(row.proved for row in evidence):
        return None
    return min(row.price.amount for row in evidence)


def _majority(rule: PriceClaimRule, evidence: Sequence[Evidence], at: datetime) -> int | None:
    amounts = sorted({row.price.amount for row in evidence}, reverse=True)
    return next((amount for amount in amounts if _is_usual(rule, evidence, at, amount)), None)


def _is_usual(rule: PriceClaimRule, evidence: Sequence[Evidence], at: datetime, amount: int) -> bool:
    asked = [row for row in evidence if row.price.amount == amount]
    if not asked:
        return False
    total = sum((row.proved for row in asked), timedelta())
    looked_at = at - min(row.since for row in evidence)
    return (
        total * 2 > looked_at
        and total >= timedelta(days=rule.min_days_total or 0)
        and at - max(row.until for row in asked) <= timedelta(days=rule.max_days_since_last or 0)
    )


_ALLOWED = {ClaimMethod.LOWEST_IN_WINDOW: _lowest, ClaimMethod.MAJORITY_OF_WINDOW: _majority}


def _verdict(
    rule: PriceClaimRule, evidence: Sequence[Evidence], at: datetime, claimed: int, allowed: int | None
) -> Verdict:
    if rule.method == ClaimMethod.MAJORITY_OF_WINDOW:
        is_proved = _is_usual(rule, evidence, at, claimed)
    else:
        is_proved = allowed is not None and claimed <= allowed
    return Verdict.PROVABLE if is_proved else Verdict.NOT_PROVABLE


def _sentence(rule: PriceClaimRule, verdict: Verdict, evidence: Sequence[Evidence], allowed: int | None) -> str:
    words = {"days": rule.window_days, "least": rule.min_days_total, "ago": rule.max_days_since_last}
    if not evidence:
        return _("No price is recorded in the %(days)s days before this one.") % words
    if allowed is None and all(not row.proved for row in evidence):
        return _("The prices of the %(days)s days before were recorded afterwards: they prove nothing.") % words
    if rule.method == ClaimMethod.LOWEST_IN_WINDOW:
        if verdict == Verdict.NOT_PROVABLE:
            return _("It is higher than the lowest price of the %(days)s days before.") % words
        return _("The price before may be at most the lowest price of the %(days)s days before.") % words
    if verdict == Verdict.NOT_PROVABLE:
        return (
            _(
                "It was not asked on more than half of the %(days)s days before, on at least %(least)s days in all, "
                "and at most %(ago)s days ago."
            )
            % words
        )
    return (
        _(
            "The price before must have been asked on more than half of the %(days)s days before, on at least "
            "%(least)s days in all, and at most %(ago)s days ago."
        )
        % words
    )
