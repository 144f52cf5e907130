"""From where: noted with each fact, handed on to what follows from it, told in words."""

from dataclasses import dataclass
from typing import ClassVar

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import RequestFactory

from backoffice.celery import app
from core import events, jobs
from core.middleware import NoteOrigin
from core.models import EventRecord, ImportBatch, Job
from core.origins import Origin, coming_from, following, here
from core.tasks import deliver_events
from core.ui.timeline import origins_in_words, timeline
from staff.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def happened(monkeypatch):
    monkeypatch.setattr(events, "_types", dict(events._types))
    monkeypatch.setattr(events, "_handlers", events.defaultdict(dict))
    monkeypatch.setattr(events, "wake", lambda: None)

    @dataclass(frozen=True, kw_only=True)
    class OriginTested(events.Event):
        name: ClassVar[str] = "tests.origin_tested"
        step: int = 0

        def sentence(self):
            return f"Step {self.step}"

    return OriginTested


def origins():
    return list(EventRecord.objects.order_by("pk").values_list("origin", flat=True))


def test_the_innermost_counts_and_ends_with_its_block():
    assert here() == ""
    with coming_from(Origin.CLOCK, "shop.task"):
        with coming_from(Origin.FILE, 7):
            assert here() == "file:7"
            with following(""):
                assert here() == "file:7"
            with following("screen"):
                assert here() == "screen"
        assert here() == "clock:shop.task"
    assert here() == ""


@pytest.mark.parametrize("count", [2, events.MANY])
def test_few_facts_and_many_carry_it(happened, count):
    user = make_user()
    with coming_from(Origin.SCREEN):
        events.record_many([(happened(step=step), user.pk) for step in range(count)], model=User)

    assert set(origins()) == {"screen"}


def test_what_follows_from_a_fact_has_the_origin_of_its_cause(happened):
    user = make_user()

    def follow(event):
        if event.step == 1:
            events.record(happened(step=2), subject=user)

    events.handles(happened)(follow)
    with coming_from(Origin.FILE, 7):
        events.record(happened(step=1), subject=user)
    deliver_events()

    assert origins() == ["file:7", "file:7"]


def test_a_request_that_changes_something_comes_from_a_screen_or_from_outside(happened):
    seen = []
    answer = NoteOrigin(lambda request: seen.append(here()))
    for method, is_known in (("get", True), ("post", True), ("post", False)):
        request = getattr(RequestFactory(), method)("/")
        request.user = make_user() if is_known else type("Nobody", (), {"is_authenticated": False})()
        answer(request)

    assert seen == ["", "screen", "outside"]


def test_a_job_and_a_task_say_so(monkeypatch):
    seen = []
    monkeypatch.setattr(jobs, "_kinds", {})
    jobs.job("test.work", label="Some work")(lambda run: seen.append(here()))
    row = Job.objects.create(kind="test.work", title="A job")

    app.tasks["core.run_job"](row.pk)
    assert seen == ["job:test.work"]
    assert origins_in_words(["job:test.work"]) == {"job:test.work": "in the background: Some work"}

    monkeypatch.setattr("core.tasks.deliver_due", lambda: seen.append(here()))
    app.tasks["core.deliver_events"]()
    assert seen[1] == "clock:core.deliver_events"


def test_it_is_told_in_words(django_assert_num_queries):
    batch = ImportBatch.objects.create(target="orders.order", filename="orders.xlsx")
    told = [
        "",
        "screen",
        "outside",
        f"file:{batch.pk}",
        "file:0",
        "hook:stripe",
        "clock:core.x",
        "command:demo",
        "gone:1",
    ]

    with django_assert_num_queries(1):
        words = origins_in_words(told)

    assert words == {
        "screen": "on a screen",
        "outside": "from the web",
        f"file:{batch.pk}": "from the file orders.xlsx",
        "file:0": "from a file",
        "hook:stripe": "told by stripe",
        "clock:core.x": "by the clock",
        "command:demo": "by a command",
    }
    with django_assert_num_queries(0):
        origins_in_words(["", "screen"])


def test_the_timeline_shows_it(happened):
    user = make_user()
    with coming_from(Origin.SCREEN):
        events.record(happened(step=1), subject=user, actor=user)
    events.record(happened(step=2), subject=user)

    ContentType.objects.get_for_model(User)
    assert [(entry.sentence, entry.origin) for entry in timeline(user)["entries"]] == [
        ("Step 2", ""),
        ("Step 1", "on a screen"),
    ]
