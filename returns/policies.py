"""Who may do what to a return case, and what the law lets the shop keep of the customer's money."""

from collections.abc import Mapping

from compliance.models import GROUNDS, NEEDS_CONSENT, NEEDS_NOTICE, Jurisdiction, RefusalGround
from returns.models import (
    AWAITED,
    OPEN_REQUESTS,
    REQUEST_TRANSITIONS,
    Fault,
    RequestKind,
    RequestState,
    ReturnRequest,
    ReturnRule,
)
from staff.models import User

_S = RequestState
# Where it is written who bears the way back and a loss of value. By general knowledge, no source at hand: unverified.
COSTS_BY_LAW: Mapping[str, str] = {
    Jurisdiction.KR.value: "전자상거래법 §18⑧–⑩",
    Jurisdiction.JP.value: "特商法 §15の3",
    Jurisdiction.EU.value: "CRD 13–14",
}


def can_open_returns(user: User) -> bool:
    """Tell whether the user may open return cases and add to them."""
    return user.has_perm("returns.open_returnrequest")


def can_decide_returns(user: User) -> bool:
    """Tell whether the user may approve and refuse return cases."""
    return user.has_perm("returns.decide_returnrequest")


def can_inspect_returns(user: User) -> bool:
    """Tell whether the user may receive and inspect what comes back."""
    return user.has_perm("returns.inspect_returnrequest")


def can_judge_returns(user: User) -> bool:
    """Tell whether the user may reject returned goods."""
    return user.has_perm("returns.judge_returnrequest")


def can_resolve_returns(user: User) -> bool:
    """Tell whether the user may grant refunds and replacements."""
    return user.has_perm("returns.resolve_returnrequest")


def can_settle_charges(user: User) -> bool:
    """Tell whether the user may charge carriers, suppliers and partners."""
    return user.has_perm("returns.settle_returncharge")


def can_write_rules(user: User) -> bool:
    """Tell whether the user may write return rules."""
    return user.has_perm("returns.change_returnrule")


def may_move(request: ReturnRequest, target: RequestState) -> bool:
    """Tell whether ``target`` may follow the case's state."""
    return REQUEST_TRANSITIONS.permits(RequestState(request.state), target)


def is_awaited(request: ReturnRequest) -> bool:
    """Tell whether goods are to come back now."""
    return request.kind == RequestKind.RETURN and request.state in AWAITED


def is_inspectable(request: ReturnRequest) -> bool:
    """Tell whether pieces can be received or inspected now."""
    return is_awaited(request) or request.state == _S.RECEIVED


def may_change_wishes(request: ReturnRequest) -> bool:
    """Tell whether the customer may still get something else than was asked for: while the case is open."""
    return request.state in OPEN_REQUESTS


def may_charge_way_back(fault: str) -> bool:
    """Tell whether the customer may be asked to pay the way back: for a change of mind only, in all laws we know."""
    return fault == Fault.CUSTOMER


def may_charge_fee(*, fault: str, is_in_time: bool | None) -> bool:
    """Tell whether a handling fee may be kept: never of somebody who withdraws in time, nor for what we spoiled."""
    return fault == Fault.CUSTOMER and is_in_time is not True


def ground_problem(law: str, ground: str, *, was_told: bool, has_consent: bool) -> str:
    """Return why a ground does not let us refuse what was asked in time, as a key of ``ground_words``; else ""."""
    lawful = GROUNDS.get(law, frozenset())
    if not lawful:
        return "none_known"
    if not ground or RefusalGround(ground) not in lawful:
        return "not_lawful"
    if RefusalGround(ground) in NEEDS_NOTICE and not was_told:
        return "not_told"
    if RefusalGround(ground) in NEEDS_CONSENT and not has_consent:
        return "no_consent"
    return ""


def rule_is_lawful(rule: ReturnRule) -> bool:
    """Tell whether the rule's ground, if any, is one that the law of its jurisdiction knows."""
    return not rule.ground or RefusalGround(rule.ground) in GROUNDS.get(rule.jurisdiction, frozenset())
