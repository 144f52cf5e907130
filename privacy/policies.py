"""Who may do what with personal data; services refuse by these, screens hide by them."""

from datetime import date

from privacy.models import DataRequest, Outcome, RequestKind, RequestState
from privacy.records import Holding
from staff.models import User


def can_reveal(user: User) -> bool:
    """Tell whether the user may see personal data in full when they give a reason."""
    return user.has_perm("privacy.reveal_personal_data")


def can_review_access(user: User) -> bool:
    """Tell whether the user may say what they found in the access log."""
    return user.has_perm("privacy.review_access")


def can_record_consents(user: User) -> bool:
    """Tell whether the user may write down what somebody agreed to or withdrew."""
    return user.has_perm("privacy.record_consent")


def can_answer_requests(user: User) -> bool:
    """Tell whether the user may note and answer requests of persons concerned."""
    return user.has_perm("privacy.answer_datarequest")


def can_decide_erasure(user: User) -> bool:
    """Tell whether the user may decide what is erased and what is kept."""
    return user.has_perm("privacy.decide_erasure")


def can_open_restricted(user: User) -> bool:
    """Tell whether the user may open what is kept apart of erased persons."""
    return user.has_perm("privacy.open_restricted")


def is_erasure_to_decide(request: DataRequest) -> bool:
    """Tell whether it is an erasure that nobody has decided about."""
    return request.kind == RequestKind.ERASURE and request.state == RequestState.OPEN


def is_to_answer(request: DataRequest) -> bool:
    """Tell whether it ends with a sentence of ours: access and correction."""
    return request.kind != RequestKind.ERASURE and request.state == RequestState.OPEN


def outcome_of(held: Holding, today: date) -> Outcome:
    """Return what becomes of records: destroyed unless a rule keeps them, and then apart unless they cannot move."""
    if held.stays:
        return Outcome.KEPT
    return Outcome.RESTRICTED if held.keep_until and held.keep_until >= today else Outcome.DESTROYED
