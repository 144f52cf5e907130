"""Packing slips and tracking rows whose worker is killed the hard way: run again, the result is the same."""

import multiprocessing
import os
import signal
from functools import partial

import pytest
from django.core.files.base import ContentFile
from django.db import connections
from django.utils import timezone

from channels.services.formats import sync_formats
from core import jobs
from core.imports import running, staging
from core.imports.services import start_import, upload_file
from core.models import EventRecord, ImportBatch, Job, JobState
from core.tasks import run_job, sweep_jobs
from orders.models import Order, Shipment
from shipping.services import print_slips
from tests.core.papers.reading import page_texts
from tests.factories import make_user
from tests.shipping.making import carrier_of, ready_orders

pytestmark = pytest.mark.django_db(transaction=True)
NUMBERS = [f"{n}{n % 7}" for n in range(40000100000, 40000100012)]


def _die():
    os.kill(os.getpid(), signal.SIGKILL)


def _killed(task):
    """Run the task in a process of its own and wait until it was killed."""
    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=task, daemon=True)
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL


def _import_and_die(batch_id, chunks):
    """Die in the transaction of a chunk, when ``chunks`` were kept."""
    connections.close_all()
    note, left = running._note, iter(range(chunks, -1, -1))

    def dying(*arguments):
        note(*arguments)
        if not next(left):
            _die()

    running._note = dying
    running.run_import(batch_id=batch_id)


@pytest.mark.parametrize("chunks", [0, 2])
def test_tracking_rows_whose_worker_is_killed_ship_each_order_once(monkeypatch, chunks):
    carrier_of("yamato")
    sync_formats()
    orders = ready_orders(12)
    rows = [f"{order.number},yamato,{number},2026-11-20" for order, number in zip(orders, NUMBERS, strict=True)]
    text = "\n".join(["order_number,carrier,tracking_number,shipped_on", *rows])
    monkeypatch.setattr(staging, "CHUNK_ROWS", 4)
    batch = upload_file(
        target="shipping.tracking", file=ContentFile(text.encode(), name="n.csv"), options={}, actor=None
    )
    start_import(batch_id=batch.pk, actor=None)

    _killed(partial(_import_and_die, batch.pk, chunks))

    assert Shipment.objects.count() == chunks * 4
    done = running.run_import(batch_id=batch.pk)
    assert (done.state, done.counts) == ("done", {"created": 12})
    found = dict(Shipment.objects.values_list("order_id", "tracking_number"))
    assert found == dict(zip([order.pk for order in orders], NUMBERS, strict=True))
    assert set(Order.objects.values_list("status", flat=True)) == {"shipped"}
    assert EventRecord.objects.filter(name="orders.order_shipped").count() == 12
    assert ImportBatch.objects.get().rows.filter(outcome="created").count() == 12


def _make_and_die(job_id):
    connections.close_all()
    finish = jobs._finish

    def dying(*arguments, **named):
        finish(*arguments, **named) if named["result"] is None else _die()

    jobs._finish = dying  # the PDF is made, nobody knows of it
    run_job(job_id)


def test_slips_whose_worker_is_killed_are_made_again_alike(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(jobs, "wake", lambda job_id: None)
    orders = ready_orders(3)
    ids = [order.pk for order in orders]
    owner = make_user(permissions=["shipping.print_packingslip"])
    print_slips(order_ids=ids, actor=owner)
    row = jobs.enqueue(
        kind="shipping.packing_slips", title="Slips", parameters={"orders": ids, "prices": True}, owner=owner
    )

    _killed(partial(_make_and_die, row.pk))

    row.refresh_from_db()
    assert (row.state, row.attempts, bool(row.file)) == (JobState.RUNNING, 1, False)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    Job.objects.update(seen_at=timezone.now() - 2 * jobs.STALE_AFTER)
    sweep_jobs()
    run_job(row.pk)
    row.refresh_from_db()
    assert (row.state, row.attempts, row.outcome) == (JobState.DONE, 2, {"orders": 3})
    with row.file.open("rb") as handle:
        pages = page_texts(handle.read())
    assert [order.number in page for order, page in zip(orders, pages, strict=True)] == [True] * 3
    assert "Reprint" not in "".join(pages)
    run_job(row.pk)
    assert Job.objects.get().attempts == 2
