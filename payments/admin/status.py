"""How states of money look."""

from collections.abc import Mapping
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.display import badge_html
from payments.models import CallState, ProviderState, Refund, RefundState

_R = RefundState
REFUND_COLOURS: Mapping[str, str] = {
    _R.GRANTED: "amber", _R.SENDING: "blue", _R.SENT: "green", _R.FAILED: "red", _R.WITHDRAWN: "grey",
}  # fmt: skip

_P = ProviderState
PROVIDER_COLOURS: Mapping[str, str] = {
    _P.PENDING: "grey", _P.AUTHORISED: "blue", _P.CAPTURED: "green", _P.VOIDED: "grey", _P.EXPIRED: "amber",
    _P.FAILED: "red",
}  # fmt: skip
_C = CallState
CALL_COLOURS: Mapping[str, str] = {
    _C.WAITING: "grey", _C.ASKED: "blue", _C.UNKNOWN: "red", _C.ANSWERED: "green", _C.REFUSED: "amber",
}  # fmt: skip


def refund_badges(refund: Refund) -> Any:
    """Return where the refund is, and that a second person is missing."""
    state = badge_html(refund.get_state_display(), REFUND_COLOURS[refund.state])
    if refund.state == _R.GRANTED and not refund.is_approved:
        return format_html("{} {}", state, badge_html(pgettext("refund", "to approve"), "violet"))
    return state


def who(user: Any, at: Any) -> str:
    """Return e.g. "Kim Minjun, 12 May", or that it was done by itself."""
    return str(user) if user else (_("by itself") if at else "–")
