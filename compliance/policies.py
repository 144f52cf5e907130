"""Who may do what to legal deadlines; services refuse by these, screens hide by them."""

from compliance.models import Extension, LegalClock
from staff.models import User


def can_stop_clocks(user: User) -> bool:
    """Tell whether the user may stop, extend and restart legal deadlines."""
    return user.has_perm("compliance.stop_legalclock")


def is_stoppable(clock: LegalClock) -> bool:
    """Tell whether the clock still runs."""
    return clock.stopped_at is None


def is_extendable(clock: LegalClock) -> bool:
    """Tell whether the law lets this clock run longer; what the law grants once it grants once."""
    return is_stoppable(clock) and (
        clock.rule.extension == Extension.AGREED or (clock.rule.extension == Extension.FIXED and not clock.is_extended)
    )


def is_restartable(clock: LegalClock) -> bool:
    """Tell whether the law lets this clock begin anew."""
    return is_stoppable(clock) and clock.rule.may_restart
