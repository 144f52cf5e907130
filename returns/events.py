"""What happened to return cases; the subject is the case."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from core.events import Event
from core.money import format_money
from orders.events import pieces
from returns.models import ChargedParty, ChargeState, MessageStep, RequestKind, Resolution


@dataclass(frozen=True, kw_only=True)
class CaseEvent(Event):
    """Base of all facts about one case."""

    request_id: int
    number: str


@dataclass(frozen=True, kw_only=True)
class ReturnAsked(CaseEvent):
    """A customer asked for something."""

    name = "returns.return_asked"

    kind: str
    piece_count: int
    is_withdrawal: bool = False

    def sentence(self) -> str:
        """Return e.g. "Opened for 2 pieces; it is a withdrawal"."""
        words = {"pieces": pieces(self.piece_count)}
        if self.kind == RequestKind.CLAIM:
            return _("Claimed for %(pieces)s, nothing comes back") % words
        return (
            _("Opened for %(pieces)s; it is a withdrawal") if self.is_withdrawal else _("Opened for %(pieces)s")
        ) % words


@dataclass(frozen=True, kw_only=True)
class ReturnApproved(CaseEvent):
    """Goods may come back, or a claim is accepted; ``kept`` pieces are held for an exchange."""

    name = "returns.return_approved"

    kept: int = 0

    def sentence(self) -> str:
        """Return e.g. "Approved; 1 piece is kept for the exchange"."""
        if self.kept:
            return _("Approved; %(pieces)s kept for the exchange") % {"pieces": pieces(self.kept)}
        return _("Approved")


@dataclass(frozen=True, kw_only=True)
class ReturnRefused(CaseEvent):
    """The shop does not take it back."""

    name = "returns.return_refused"

    reason: str
    ground: str = ""

    def sentence(self) -> str:
        """Return e.g. "Refused: worn for weeks"."""
        return _("Refused: %(reason)s") % {"reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class ReturnCalledOff(CaseEvent):
    """The customer keeps what they have."""

    name = "returns.return_called_off"

    note: str

    def sentence(self) -> str:
        """Return e.g. "Called off by the customer: it fits after all"."""
        return _("Called off by the customer: %(note)s") % {"note": self.note}


@dataclass(frozen=True, kw_only=True)
class ReturnSent(CaseEvent):
    """The goods are with a carrier."""

    name = "returns.return_sent"

    carrier: str = ""
    tracking_number: str = ""

    def sentence(self) -> str:
        """Return e.g. "On its way back with CJ 1234"."""
        by = f"{self.carrier} {self.tracking_number}".strip()
        return _("On its way back with %(carrier)s") % {"carrier": by} if by else _("On its way back")


@dataclass(frozen=True, kw_only=True)
class ReturnReceived(CaseEvent):
    """Goods came back; ``missing`` of what was asked back did not."""

    name = "returns.return_received"

    piece_count: int
    missing: int = 0

    def sentence(self) -> str:
        """Return e.g. "2 pieces came back, 1 piece is missing"."""
        if self.missing:
            words = {"pieces": pieces(self.piece_count), "missing": pieces(self.missing)}
            return _("%(pieces)s came back, missing: %(missing)s") % words
        return _("%(pieces)s came back") % {"pieces": pieces(self.piece_count)}


@dataclass(frozen=True, kw_only=True)
class ReturnInspected(CaseEvent):
    """Somebody looked at every piece."""

    name = "returns.return_inspected"

    piece_count: int
    bad_count: int = 0

    def sentence(self) -> str:
        """Return e.g. "3 pieces inspected, not as new: 1 piece"."""
        words = {"pieces": pieces(self.piece_count), "bad": pieces(self.bad_count)}
        return (_("%(pieces)s inspected, not as new: %(bad)s") if self.bad_count else _("%(pieces)s inspected")) % words


@dataclass(frozen=True, kw_only=True)
class PiecesRejected(CaseEvent):
    """Pieces are not taken back; they go to the customer again."""

    name = "returns.pieces_rejected"

    piece_count: int
    ground: str = ""
    evidence: str = ""

    def sentence(self) -> str:
        """Return e.g. "1 piece rejected: photos 3 and 4"."""
        return _("%(pieces)s rejected: %(evidence)s") % {"pieces": pieces(self.piece_count), "evidence": self.evidence}


@dataclass(frozen=True, kw_only=True)
class ReturnResolved(CaseEvent):
    """The customer gets what was decided."""

    name = "returns.return_resolved"

    amount: int
    currency: str
    counts: dict[str, int] = field(default_factory=dict)  # resolution: pieces
    replacements: list[str] = field(default_factory=list)

    def sentence(self) -> str:
        """Return e.g. "Resolved: Refund 2, Replacement 1 (O-0000012)"."""
        parts = [f"{Resolution(key).label} {count}" for key, count in self.counts.items() if key in Resolution.values]
        said = ", ".join(parts)
        if self.replacements:
            said = f"{said} ({', '.join(self.replacements)})"
        return _("Resolved: %(what)s") % {"what": said}


@dataclass(frozen=True, kw_only=True)
class ExchangeEnded(CaseEvent):
    """Nothing is exchanged: kept pieces are free again, or the replacement was cancelled."""

    name = "returns.exchange_ended"

    piece_count: int
    why: str  # late, unwanted, cancelled

    def sentence(self) -> str:
        """Return e.g. "The goods did not come in time; 1 piece kept for the exchange is free again"."""
        words = {"pieces": pieces(self.piece_count)}
        if self.why == "late":
            return _("The goods did not come in time; %(pieces)s kept for the exchange can be sold again") % words
        if self.why == "cancelled":
            return _("The replacement was cancelled; %(pieces)s to decide again") % words
        return _("No exchange any more; %(pieces)s can be sold again") % words


@dataclass(frozen=True, kw_only=True)
class RefundOwedAgain(CaseEvent):
    """The refund of a case was withdrawn: it is decided again."""

    name = "returns.refund_owed_again"

    piece_count: int
    refund: str

    def sentence(self) -> str:
        """Return e.g. "Refund RF-0000001 was withdrawn; 1 piece to decide again"."""
        words = {"refund": self.refund, "pieces": pieces(self.piece_count)}
        return _("Refund %(refund)s was withdrawn; %(pieces)s to decide again") % words


@dataclass(frozen=True, kw_only=True)
class PiecesSentBack(CaseEvent):
    """Rejected or repaired pieces left for the customer."""

    name = "returns.pieces_sent_back"

    piece_count: int
    carrier: str = ""

    def sentence(self) -> str:
        """Return e.g. "1 piece sent back to the customer (CJ 1234)"."""
        said = _("%(pieces)s sent back to the customer") % {"pieces": pieces(self.piece_count)}
        return f"{said} ({self.carrier})" if self.carrier else said


@dataclass(frozen=True, kw_only=True)
class ReturnCharged(CaseEvent):
    """Somebody else is asked to pay, or answered."""

    name = "returns.return_charged"

    charge_id: int
    party: str
    state: str
    amount: int
    currency: str

    def sentence(self) -> str:
        """Return e.g. "Carrier charged ₩12,000: Claimed"."""
        return _("%(party)s charged %(amount)s: %(state)s") % {
            "party": ChargedParty(self.party).label,
            "amount": format_money(self.amount, self.currency),
            "state": ChargeState(self.state).label,
        }


@dataclass(frozen=True, kw_only=True)
class CaseMessageDrafted(CaseEvent):
    """Words for the customer wait to be sent."""

    name = "returns.case_message_drafted"

    step: str

    def sentence(self) -> str:
        """Return e.g. "Message drafted: Approved: how to send it back"."""
        return _("Message drafted: %(step)s") % {"step": MessageStep(self.step).label}


@dataclass(frozen=True, kw_only=True)
class PhotosAdded(CaseEvent):
    """Pictures were added that prove something."""

    name = "returns.photos_added"

    count: int

    def sentence(self) -> str:
        """Return e.g. "2 photos added"."""
        return _("Photos added: %(count)s") % {"count": self.count}


@dataclass(frozen=True, kw_only=True)
class ReturnRuleSaved(Event):
    """A rule was written or changed; only the names of what changed are kept."""

    name = "returns.return_rule_saved"

    rule_id: int
    changed: list[str] = field(default_factory=list)

    def sentence(self) -> str:
        """Return the sentence of the timeline."""
        return (
            _("Rule changed: %(fields)s") % {"fields": ", ".join(self.changed)} if self.changed else _("Rule written")
        )
