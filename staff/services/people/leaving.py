"""Leave: one's own, or anybody's by who directs the work."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from core.display import moment_text
from core.errors import Conflict, InvalidInput, NotAllowed
from staff.models import Leave, LeaveKind, User
from staff.policies import may_enter_leave_of
from staff.services.requests.requesting import check_horizon

LONGEST_LEAVE_DAYS = 366


@transaction.atomic
def add_leave(
    *, user_id: int, starts_on: date, ends_on: date, kind: str = LeaveKind.VACATION, actor: User | None = None
) -> Leave:
    """Enter days, both ends included, on which a person is away.

    InvalidInput for days that overlap leave already entered, end before they start, or last over 366 days; NotAllowed
    for somebody else's leave without ``staff.change_leave``.
    """
    user = _locked_person(user_id, actor)
    if kind not in LeaveKind.values:
        raise InvalidInput(_("Choose vacation, sick or other."))
    leave = Leave(user=user, starts_on=starts_on, ends_on=ends_on, kind=kind)
    _check_days(leave)
    leave.save(force_insert=True)
    return leave


@transaction.atomic
def move_leave(*, leave_id: int, starts_on: date, ends_on: date, actor: User | None = None) -> Leave:
    """Change the days of a leave; refuses as ``add_leave`` does, and with Conflict what is gone."""
    leave = _locked_leave(leave_id, actor)
    leave.starts_on, leave.ends_on = starts_on, ends_on
    _check_days(leave)
    leave.save(update_fields=["starts_on", "ends_on"])
    return leave


@transaction.atomic
def remove_leave(*, leave_id: int, actor: User | None = None) -> None:
    """Take a leave back: the person works on these days. Conflict when it is gone, NotAllowed as ``add_leave``."""
    _locked_leave(leave_id, actor).delete()


def _locked_person(user_id: int, actor: User | None) -> User:
    if not may_enter_leave_of(actor, user_id):
        raise NotAllowed(_("You may enter your own leave only."))
    # the person's row is locked, so that two entries for one person are compared with each other
    user = User.objects.select_for_update(of=("self",), no_key=True).filter(pk=user_id).first()
    if user is None:
        raise InvalidInput(_("There is no such person."))
    return user


def _locked_leave(leave_id: int, actor: User | None) -> Leave:
    owner = Leave.objects.filter(pk=leave_id).values_list("user", flat=True).first()
    if owner is None:
        raise Conflict(_("This leave is gone. Reload the list."))
    _locked_person(owner, actor)
    leave = Leave.objects.select_related("user").filter(pk=leave_id).first()
    if leave is None:
        raise Conflict(_("This leave is gone. Reload the list."))
    return leave


def _check_days(leave: Leave) -> None:
    check_horizon(leave.starts_on, leave.ends_on)
    if leave.ends_on < leave.starts_on:
        raise InvalidInput(_("The leave ends before it starts."))
    if (leave.ends_on - leave.starts_on).days >= LONGEST_LEAVE_DAYS:
        raise InvalidInput(_("Enter at most a year of leave at once."))
    others = Leave.objects.filter(user=leave.user, starts_on__lte=leave.ends_on, ends_on__gte=leave.starts_on)
    other = others.exclude(pk=leave.pk).order_by("starts_on").first()
    if other is not None:
        raise InvalidInput(
            _("%(who)s is already away from %(start)s until %(end)s. Change that leave instead.")
            % {"who": leave.user, "start": moment_text(other.starts_on), "end": moment_text(other.ends_on)}
        )
