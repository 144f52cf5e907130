"""What happened around personal data, for timelines and for the apps above."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext as _

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class DataRequestOpened(Event):
    """A person concerned asked for something; the apps above start the legal clock."""

    name: ClassVar[str] = "privacy.data_request_opened"
    request_id: int
    kind: str

    def sentence(self) -> str:
        """Tell it."""
        return _("Request noted")


@dataclass(frozen=True, kw_only=True)
class ErasureDecided(Event):
    """It is decided what is destroyed and what is kept; a worker carries it out."""

    name: ClassVar[str] = "privacy.erasure_decided"
    request_id: int
    classes: int

    def sentence(self) -> str:
        """Tell how many classes."""
        return _("Erasure decided for %(count)s classes of records") % {"count": self.classes}


@dataclass(frozen=True, kw_only=True)
class DataRequestAnswered(Event):
    """The request is answered, granted or refused."""

    name: ClassVar[str] = "privacy.data_request_answered"
    request_id: int
    kind: str
    granted: bool

    def sentence(self) -> str:
        """Tell it."""
        return _("Request answered") if self.granted else _("Request refused")
