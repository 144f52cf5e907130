"""What beat sends does its work and may be sent twice."""

from datetime import UTC, datetime

import pytest
import time_machine

from staff.models import Holiday, Notification
from staff.services import claim_task
from staff.tasks import direct_idle_work, fill_calendars
from tests.staff.making import make_colleague, make_task

pytestmark = pytest.mark.django_db


def test_idle_work_is_released_and_unclaimed_work_climbs():
    with time_machine.travel(datetime(2026, 3, 2, 1, tzinfo=UTC), tick=False):
        manager = make_colleague("ec_manager")
        idle, unclaimed = make_task(by=manager), make_task(by=manager)
        claim_task(task_id=idle.pk, actor=make_colleague())
    with time_machine.travel(datetime(2026, 3, 4, 1, tzinfo=UTC), tick=False):
        direct_idle_work()
        direct_idle_work()
    idle.refresh_from_db()
    assert idle.status == "submitted"
    told = Notification.objects.filter(user=manager).order_by("pk").values_list("topic", "subject_id")
    assert list(told) == [("released", idle.pk), ("unclaimed", unclaimed.pk)]


def test_calendars_are_filled_once():
    assert fill_calendars() == Holiday.objects.count() > 0
    assert fill_calendars() == 0
