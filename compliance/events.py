"""Facts about rules."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext as _

from compliance.models.rule import SourceLevel
from core.events import Event


@dataclass(frozen=True, kw_only=True)
class RuleVerified(Event):
    """Somebody compared a rule with its source; ``source_level`` is a value of ``SourceLevel``."""

    name: ClassVar[str] = "compliance.rule_verified"
    source_level: str

    def sentence(self) -> str:
        """Say so, with the quality of the source."""
        level = dict(SourceLevel.choices).get(self.source_level, self.source_level)
        return _("Compared with its source: %(level)s.") % {"level": level}
