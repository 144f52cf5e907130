"""Rules of the shop: they add to the law, and never take away from it."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from compliance.models import Duty, LegalRule
from core.errors import InvalidInput
from core.events import record
from orders.services.batches import check_right
from returns.events import ReturnRuleSaved
from returns.models import ReturnRule
from returns.policies import can_write_rules, rule_is_lawful
from staff.models import User


def check_rule(rule: ReturnRule) -> None:
    """Raise InvalidInput for a rule that is stricter than the law of where it holds.

    Refused: a ground that the law there does not know, and no refund where customers may withdraw for one.
    """
    if not rule_is_lawful(rule):
        raise InvalidInput(
            _("The law of this jurisdiction does not know this ground: what comes in time must be taken back.")
        )
    if not (rule.allows_refund or rule.allows_exchange or rule.allows_repair):
        raise InvalidInput(_("Allow at least one outcome."))
    gives = LegalRule.objects.filter(duty=Duty.WITHDRAWAL)
    if rule.jurisdiction:
        gives = gives.filter(jurisdiction=rule.jurisdiction)
    if not rule.allows_refund and not rule.ground and rule.jurisdiction and gives.exists():
        raise InvalidInput(_("Who withdraws in time there gets the money back: a refund must be allowed."))


def marks_of(rule: ReturnRule) -> list[str]:
    """Return in sentences what of the rule yields to the law while the customer may withdraw."""
    said = []
    if rule.fee:
        said.append(_("The fee is not asked of who withdraws in time."))
    if rule.pk is not None and rule.reasons.exists():
        said.append(_("In time any reason counts, also one that is not chosen here."))
    if not rule.allows_refund:
        said.append(_("In time the law's refund stays, whatever the rule says."))
    if rule.ground:
        said.append(_("It refuses nothing by itself: whoever decides proves the ground and its conditions."))
    return said


@transaction.atomic
def save_return_rule(*, rule: ReturnRule, changed: Sequence[str] = (), actor: User | None = None) -> ReturnRule:
    """Write a rule, all of it when it is new, else the columns ``changed``, and return it; see ``check_rule``.

    NotAllowed without the right.
    """
    check_right(can_write_rules, actor)
    check_rule(rule)
    is_new = rule.pk is None
    if is_new:
        rule.save(force_insert=True)
    elif changed:
        rule.save(update_fields=[*changed, "updated_at"])
    fact = ReturnRuleSaved(rule_id=rule.pk, changed=[] if is_new else list(changed))
    record(fact, subject=rule, actor=actor)
    return rule
