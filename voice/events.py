"""Facts about reviews and alerts; the subject is the review, or the alert."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class ReviewEvent(Event):
    """Base of what happens to a review."""

    review_id: int


@dataclass(frozen=True, kw_only=True)
class ReviewAnswered(ReviewEvent):
    """Our public answer is written."""

    name = "voice.review_answered"

    def sentence(self) -> str:
        """Return that it is answered."""
        return _("Public answer written")


@dataclass(frozen=True, kw_only=True)
class ReviewReplySent(ReviewEvent):
    """The channel has our answer."""

    name = "voice.review_reply_sent"

    def sentence(self) -> str:
        """Return that it is public."""
        return _("Answer is public")


@dataclass(frozen=True, kw_only=True)
class ReviewBecameTicket(ReviewEvent):
    """Somebody works on what the review tells."""

    name = "voice.review_became_ticket"
    number: str

    def sentence(self) -> str:
        """Return e.g. "Ticket Q-0000001 opened"."""
        return _("Ticket %(number)s opened") % {"number": self.number}


@dataclass(frozen=True, kw_only=True)
class HidingAsked(ReviewEvent):
    """Somebody wants the review hidden for a lawful reason."""

    name = "voice.hiding_asked"
    ground: str  # its code

    def sentence(self) -> str:
        """Return e.g. "Hiding asked for (personal-data)"."""
        return _("Hiding asked for (%(ground)s)") % {"ground": self.ground}


@dataclass(frozen=True, kw_only=True)
class HidingDecided(ReviewEvent):
    """A second person said yes or no."""

    name = "voice.hiding_decided"
    is_hidden: bool

    def sentence(self) -> str:
        """Return what was decided."""
        return _("Hidden") if self.is_hidden else _("Hiding refused")


@dataclass(frozen=True, kw_only=True)
class HidingLifted(ReviewEvent):
    """The review is shown again."""

    name = "voice.hiding_lifted"

    def sentence(self) -> str:
        """Return that it is shown."""
        return _("Shown again")


@dataclass(frozen=True, kw_only=True)
class AlertRang(Event):
    """So many matters came together that a rule rang."""

    name = "voice.alert_rang"
    alert_id: int
    matter_count: int

    def sentence(self) -> str:
        """Return e.g. "Rang with 7 matters"."""
        return _("Rang with %(count)s matters") % {"count": self.matter_count}


@dataclass(frozen=True, kw_only=True)
class AlertHandled(Event):
    """Somebody did something about it."""

    name = "voice.alert_handled"
    alert_id: int
    what: str  # stop_lot, stop_sale, supplier_claim, task, note

    def sentence(self) -> str:
        """Return what was done."""
        words = {
            "stop_lot": _("The lot is held back"),
            "stop_sale": _("Sale stopped"),
            "supplier_claim": _("Claim against the supplier drafted"),
            "task": _("Task opened"),
        }
        return words.get(self.what, _("Handled"))
