"""How states of cases look, and how pages read what people typed."""

from collections.abc import Mapping
from typing import Any

from django.utils.safestring import SafeText
from django.utils.translation import gettext as _

from core.display import badge_html
from core.errors import InvalidInput
from core.money import parse_amount
from orders.models import ReturnCondition
from returns.models import ChargeState, RequestState, Resolution, ReturnRequest

_S = RequestState
STATE_COLOURS: Mapping[str, str] = {
    _S.REQUESTED: "amber", _S.APPROVED: "blue", _S.REFUSED: "red", _S.IN_TRANSIT: "blue", _S.RECEIVED: "violet",
    _S.INSPECTED: "amber", _S.RESOLVED: "green", _S.CALLED_OFF: "grey",
}  # fmt: skip
RESOLUTION_COLOURS: Mapping[str, str] = {
    Resolution.REFUND: "green", Resolution.EXCHANGE: "blue", Resolution.REPAIR: "violet", Resolution.REJECT: "red",
}  # fmt: skip
CONDITION_COLOURS: Mapping[str, str] = {
    ReturnCondition.GOOD: "green", ReturnCondition.OPENED: "amber", ReturnCondition.DAMAGED: "red",
    ReturnCondition.QUARANTINE: "violet", ReturnCondition.NOT_KEPT: "grey",
}  # fmt: skip
CHARGE_COLOURS: Mapping[str, str] = {
    ChargeState.CLAIMED: "amber", ChargeState.ACCEPTED: "blue", ChargeState.REFUSED: "red", ChargeState.PAID: "green",
}  # fmt: skip


def state_badge(request: ReturnRequest) -> SafeText:
    """Return the state of a case."""
    return badge_html(request.get_state_display(), STATE_COLOURS[request.state])


def typed_number(text: Any, *, most: int = 2**53) -> int:
    """Return typed pieces or an id, 0 for nothing; InvalidInput for what is no whole number."""
    digits = str(text or "").strip()
    if not digits:
        return 0
    if not digits.isascii() or not digits.isdigit() or len(digits) > 16 or int(digits) > most:
        raise InvalidInput(_("A quantity cannot be used. Write how many pieces, as a whole number."))
    return int(digits)


def typed_amount(text: Any, currency: str) -> int:
    """Return typed money in minor units, 0 for nothing; InvalidInput for what is no amount."""
    return parse_amount(str(text), currency) if str(text or "").strip() else 0
