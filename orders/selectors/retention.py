"""Until when laws want records kept, by the terms in force where and when they were made."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from compliance.models import Duty, LegalRule, SourceLevel, TermKind
from compliance.models.rule import holds
from compliance.selectors.reckoning import country_in, due_at, local_day


@dataclass(frozen=True)
class Kept:
    """The last day, by which term, and whether somebody has compared that with its source."""

    until: date
    rule: str
    source: str
    is_verified: bool


def kept_until(*, duties: Iterable[Duty], made: Iterable[tuple[str, str, datetime]]) -> Kept | None:
    """Return the latest last day for records made then: (jurisdiction, country, moment) each; None for no records.

    One statement. Where no term is known for a place, the longest known one counts, marked as not verified: what is
    destroyed too early cannot be brought back.
    """
    wanted = list(made)
    if not wanted:
        return None
    rules = list(LegalRule.objects.filter(kind=TermKind.RETENTION, duty__in=[duty.value for duty in duties]))
    found = [one for place in wanted if (one := _longest(rules, *place)) is not None]
    return max(found, key=lambda one: one.until, default=None)


def _longest(rules: list[LegalRule], jurisdiction: str, country: str, at: datetime) -> Kept | None:
    own = [rule for rule in rules if rule.jurisdiction == jurisdiction and holds(rule, at.date())]
    ends = [
        Kept(_last_day(rule, country, at), f"{rule} ({rule.article})", rule.source, bool(own) and _is_proved(rule))
        for rule in own or rules
    ]
    return max(ends, key=lambda one: one.until, default=None)


def _last_day(rule: LegalRule, country: str, at: datetime) -> date:
    place = country_in(rule.jurisdiction, country)
    return local_day(due_at(rule, at, place), place)


def _is_proved(rule: LegalRule) -> bool:
    return rule.source_level == SourceLevel.OFFICIAL


def blocking_reason(*, count: int, kept: Kept | None) -> str:
    """Return why records cannot be decided about: nobody knows how long they are kept; empty when somebody does."""
    if count and kept is None:
        return _("No legal term says how long this is kept. Bring the legal terms in first.")
    return ""
