"""Leave: everybody enters their own, who directs enters anybody's; days never overlap."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from core.errors import Conflict, InvalidInput, NotAllowed
from staff.models import Leave
from staff.services import add_leave, move_leave, remove_leave
from tests.factories import make_user
from tests.staff.making import make_colleague

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 3, 9), date(2026, 3, 13)


def rows() -> list[tuple[int, date, date, str]]:
    return list(Leave.objects.order_by("pk").values_list("user", "starts_on", "ends_on", "kind"))


def test_own_leave_is_entered_moved_and_removed():
    me = make_colleague()
    leave = add_leave(user_id=me.pk, starts_on=FIRST, ends_on=LAST, kind="sick", actor=me)
    assert rows() == [(me.pk, FIRST, LAST, "sick")]

    move_leave(leave_id=leave.pk, starts_on=date(2026, 3, 10), ends_on=LAST, actor=me)
    assert rows() == [(me.pk, date(2026, 3, 10), LAST, "sick")]

    remove_leave(leave_id=leave.pk, actor=me)
    assert rows() == []
    with pytest.raises(Conflict):
        remove_leave(leave_id=leave.pk, actor=me)


def test_somebody_elses_leave_is_for_who_directs():
    me, other, manager = make_colleague(), make_colleague(), make_colleague("ec_manager")
    leave = add_leave(user_id=other.pk, starts_on=FIRST, ends_on=LAST, actor=manager)
    for act in (
        lambda: add_leave(user_id=other.pk, starts_on=date(2026, 4, 1), ends_on=date(2026, 4, 1), actor=me),
        lambda: move_leave(leave_id=leave.pk, starts_on=FIRST, ends_on=FIRST, actor=me),
        lambda: remove_leave(leave_id=leave.pk, actor=me),
        lambda: add_leave(user_id=me.pk, starts_on=FIRST, ends_on=LAST, actor=make_user()),
    ):
        with pytest.raises(NotAllowed, match="your own leave only"):
            act()
    assert rows() == [(other.pk, FIRST, LAST, "vacation")]


def test_who_lost_the_right_cannot_enter_even_own_leave():
    nobody = make_user()
    with pytest.raises(NotAllowed):
        add_leave(user_id=nobody.pk, starts_on=FIRST, ends_on=LAST, actor=nobody)
    assert rows() == []


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "sentence"),
    [
        (LAST, date(2026, 3, 20), "is already away from"),
        (date(2026, 3, 1), FIRST, "is already away from"),
        (date(2026, 3, 10), date(2026, 3, 10), "is already away from"),
        (date(2026, 3, 21), date(2026, 3, 20), "ends before it starts"),
        (date(2027, 1, 1), date(2028, 1, 2), "at most a year"),
    ],
)
def test_days_that_make_no_sense_are_refused_with_a_sentence(starts_on, ends_on, sentence):
    me = make_colleague()
    add_leave(user_id=me.pk, starts_on=FIRST, ends_on=LAST, actor=me)
    with pytest.raises(InvalidInput, match=sentence):
        add_leave(user_id=me.pk, starts_on=starts_on, ends_on=ends_on, actor=me)
    assert rows() == [(me.pk, FIRST, LAST, "vacation")]


def test_an_unknown_kind_or_person_is_refused():
    me = make_colleague("ec_manager")
    with pytest.raises(InvalidInput):
        add_leave(user_id=me.pk, starts_on=FIRST, ends_on=LAST, kind="party", actor=me)
    with pytest.raises(InvalidInput):
        add_leave(user_id=0, starts_on=FIRST, ends_on=LAST, actor=me)
    assert rows() == []


def test_neighbouring_days_and_other_people_do_not_overlap():
    me, other = make_colleague(), make_colleague()
    add_leave(user_id=me.pk, starts_on=FIRST, ends_on=LAST, actor=me)
    add_leave(user_id=me.pk, starts_on=date(2026, 3, 14), ends_on=date(2026, 3, 14), actor=me)
    add_leave(user_id=other.pk, starts_on=FIRST, ends_on=LAST, actor=other)
    assert len(rows()) == 3


def test_the_database_refuses_overlapping_leave_too():
    me = make_colleague()
    Leave.objects.create(user=me, starts_on=FIRST, ends_on=LAST)
    with pytest.raises(IntegrityError, match="staff_leave_no_overlap"), transaction.atomic():
        Leave.objects.create(user=me, starts_on=LAST, ends_on=LAST)
