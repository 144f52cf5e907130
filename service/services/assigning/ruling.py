"""Rules are written, tried and switched on."""

from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import record
from core.search import fold
from service.events import AssignmentRuleSaved
from service.models import AssignmentMethod, AssignmentRule, InletKind
from service.policies import can_write_assignment_rules
from staff.models import Language, Priority, User


@dataclass(frozen=True, kw_only=True)
class RuleDraft:
    """A rule as somebody wrote it; ids of inlet, reason and teams."""

    name: str
    position: int = 100
    inlet_id: int | None = None
    inlet_kinds: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    least_priority: int = Priority.LOW
    tag: str = ""
    reason_id: int | None = None
    of_team_id: int | None = None
    team_id: int | None = None
    method: str = AssignmentMethod.ROUND_ROBIN
    skills: list[str] = field(default_factory=list)
    returns_to_last: bool = True
    is_active: bool = False

    def values(self) -> dict[str, object]:
        """Return the columns as they are kept: words folded, each once."""
        words = {skill: None for one in self.skills if (skill := fold(one)[:40])}
        return {
            **vars(self),
            "name": " ".join(self.name.split())[:80],
            "tag": fold(self.tag)[:40],
            "skills": list(words),
        }


@transaction.atomic
def save_assignment_rule(*, draft: RuleDraft, rule_id: int | None = None, actor: User | None) -> AssignmentRule:
    """Write or change a rule and return it; tickets that wait follow within a minute.

    NotAllowed without the right to write rules; InvalidInput for a rule without a name or with an unknown value;
    Conflict for a name that another rule has, and for a rule that is gone.
    """
    if not can_write_assignment_rules(actor):
        raise NotAllowed(_("Only who directs customer service may write these rules."))
    _check(draft)
    rule = AssignmentRule.objects.select_for_update().filter(pk=rule_id).first() if rule_id else AssignmentRule()
    if rule is None:
        raise Conflict(_("This rule is gone. Reload the list."))
    values = draft.values()
    changed = sorted(name for name, value in values.items() if getattr(rule, name) != value)
    if rule_id and not changed:
        return rule
    for name, value in values.items():
        setattr(rule, name, value)
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError as error:
        if "name" not in str(error):
            raise
        raise Conflict(_("Another rule has this name. Choose another one.")) from error
    fact = AssignmentRuleSaved(rule_id=rule.pk, fields=changed, is_active=rule.is_active)
    record(fact, subject=rule, actor=actor)
    return rule


def _check(draft: RuleDraft) -> None:
    sound = (
        bool(draft.name.strip())
        and draft.method in AssignmentMethod.values
        and draft.least_priority in Priority.values
        and set(draft.languages) <= set(Language.values)
        and set(draft.inlet_kinds) <= set(InletKind.values)
    )
    if not sound:
        raise InvalidInput(_("This value cannot be used here."))
