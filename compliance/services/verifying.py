"""Looking at a rule again: is it still what the source says?"""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance.events import RuleVerified
from compliance.models import Rule, SourceLevel
from core.errors import InvalidInput
from core.events import record
from staff.models import User


@transaction.atomic
def verify_rule(*, model: type[Rule], rule_id: int, source: str, source_level: str, actor: User | None = None) -> Rule:
    """Note that the rule was compared with ``source`` today and found right, and return it.

    InvalidInput without a source, for a level that proves nothing, and for a rule that is gone.
    """
    rows: Any = model._default_manager  # of the subclass
    rule: Rule | None = rows.select_for_update().filter(pk=rule_id).first()
    if rule is None:
        raise InvalidInput(_("This rule is gone. Reload the page."))
    if not source.strip():
        raise InvalidInput(_("Name the source: law and article, or where it was read."))
    if source_level not in SourceLevel.values or source_level == SourceLevel.UNVERIFIED:
        raise InvalidInput(_("Say how good the source is. Without a source the rule stays unverified."))
    rule.source, rule.source_level, rule.verified_on = source.strip(), source_level, timezone.localdate()
    rule.save(update_fields=["source", "source_level", "verified_on"])
    record(RuleVerified(source_level=source_level), subject=rule, actor=actor)
    return rule
