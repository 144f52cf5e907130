"""The nightly proof: asked for once, done as a job, and a broken rule stands where administrators look."""

from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone

from core import jobs, proving, verify
from core.admin.proof import last_proof
from core.models import Job
from core.schedule import sync_schedule
from core.tasks import prove_books, run_job
from core.verify import invariant
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr(jobs, "wake", lambda job_id: None)


@pytest.fixture
def rules(monkeypatch):
    """Only the rules of the test are proved."""
    known = {}
    monkeypatch.setattr(verify, "_invariants", known)
    invariant("tests.holds", "nothing is wrong", "SELECT 1 AS id WHERE false")
    return known


def tile(user):
    request = RequestFactory().get("/")
    request.user = user
    return last_proof(request)


def test_books_that_hold_make_a_finished_job(rules):
    assert run_job(prove_books()) == "done"
    job = Job.objects.get()
    assert (job.title, job.owner, job.outcome, job.error) == ("Nightly proof", None, {"rules": 1}, "")


def test_a_broken_rule_is_a_failed_job_with_its_name(rules, caplog):
    invariant("tests.broken", "nobody is called", "SELECT generate_series(1, 25) AS id")
    assert run_job(prove_books()) == "failed"
    job = Job.objects.get()
    assert job.error == "Broken rules: tests.broken (25). “manage.py verify” names the rows."
    [entry] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert entry.getMessage().startswith("invariant broken rule=tests.broken count=25 rows=[{'id': 1}")


def test_a_night_has_one_proof(rules):
    first = prove_books()
    assert first is not None
    assert prove_books() is None
    Job.objects.filter(pk=first).update(created_at=timezone.now() - timedelta(hours=13))
    assert prove_books() is not None
    assert Job.objects.filter(kind=proving.KIND).count() == 2


def test_administrators_see_how_the_last_proof_ended(rules, client):
    boss = make_user(permissions=["core.view_job", "core.view_all_jobs"])
    assert tile(boss) is None
    run_job(prove_books())
    assert (tile(boss).value, tile(boss).level) == ("Adds up", "")

    Job.objects.update(created_at=timezone.now() - timedelta(hours=13))
    invariant("tests.broken", "nobody is called", "SELECT 1 AS id")
    run_job(prove_books())
    assert (tile(boss).value, tile(boss).level) == ("Broken", "danger")

    client.force_login(boss)
    page = client.get(tile(boss).url).content.decode()
    assert "tests.broken (1)" in page
    client.force_login(make_user(permissions=["core.view_job"]))
    assert "tests.broken" not in client.get(tile(boss).url, follow=True).content.decode()


def test_everything_owed_is_looked_for_by_the_clock():
    from django_celery_beat.models import PeriodicTask  # noqa: PLC0415 a library's table, only looked at here

    sync_schedule()
    by_clock = {
        task.task: task.interval.every if task.interval else (task.crontab.hour, task.crontab.minute)
        for task in PeriodicTask.objects.filter(description="from code").select_related("interval", "crontab")
    }
    assert by_clock == {
        "core.deliver_events": 60,
        "core.sweep_jobs": 60,
        "core.heartbeat": 20,
        "core.expire_table_files": 3600,
        "core.prove_books": ("18", "30"),
        "compliance.judge_clocks": 600,
        "compliance.warn_of_clocks": ("23", "0"),
        "orders.allocate_waiting": 600,
        "orders.apply_hold_rules": 60,
        "orders.confirm_by_itself": 60,
        "orders.combine_by_itself": 300,
        "accounting.compute_profits": 300,
        "privacy.carry_out_erasures": 60,
        "privacy.destroy_due_records": ("17", "10"),
        "shipping.tidy_waves": 60,
        "shipping.watch_parcels": ("19", "10"),
        "shipping.expire_files": ("18", "40"),
        "catalog.check_shown_prices": 300,
        "catalog.forget_words": ("18", "50"),
        "catalog.refresh_collections": 3600,
        "catalog.switch_listings": 60,
        "catalog.judge_listings": 900,
        "crm.count_patterns": ("17", "5"),
        "crm.propose_duplicates": ("17", "20"),
        "crm.settle_merges": 600,
        "crm.tell_of_due_segments": ("23", "15"),
        "inventory.check_pictured_stock": 300,
        "inventory.watch_expiring_lots": ("15", "20"),
        "knowledge.flag_stale_articles": 3600,
        "orders.judge_oversells": 3600,
        "inventory.free_ended_holds": 300,
        "inventory.hold_expiring_lots": 3600,
        "inventory.plan_cycle_counts": ("20", "30"),
        "payments.ask_providers": 60,
        "payments.sync_payments": 60,
        "payments.handle_events": 60,
        "payments.expire_authorisations": 3600,
        "purchasing.forecast_all": ("17", "30"),
        "purchasing.replenish": ("19", "30"),
        "purchasing.value_stock": 60,
        "purchasing.send_order_mails": 60,
        "returns.release_late_exchanges": 600,
        "returns.join_file_returns": 300,
        "channels.talk_with_malls": 60,
        "channels.tell_of_ending_keys": ("23", "20"),
        "chat.mail_unseen_answers": 60,
        "service.assign_waiting": 60,
        "service.close_silent_tickets": ("18", "55"),
        "service.escalate_tickets": 60,
        "service.fetch_mails": 60,
        "service.follow_silence": ("1", "10"),
        "service.forget_knocks": ("19", "5"),
        "service.refresh_legal_dues": 900,
        "service.send_replies": 10,
        "service.send_surveys": 60,
        "service.tell_of_silent_inlets": 900,
        "service.wake_tickets": 60,
        "staff.check_shown_creatives": 3600,
        "staff.direct_idle_work": 300,
        "staff.end_forgotten_timers": 3600,
        "staff.open_recurring": 3600,
        "staff.recheck_stuck": 300,
        "staff.remind": 300,
        "staff.remove_old_notifications": ("18", "10"),
        "staff.remove_orphans": ("18", "40"),
        "staff.send_notifications": 60,
        "staff.sync_calendars": ("18", "20"),
        "voice.count_voice": ("17", "45"),
        "voice.ring_alerts": 3600,
    }
