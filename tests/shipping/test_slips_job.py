"""The job that makes many slips: with today's rights, in the owner's language, from the button to the file."""

import pytest

from core import jobs
from core.models import Job, JobState
from core.tasks import run_job
from orders.models import Order
from shipping.admin import papers
from shipping.models import PackingSlip
from tests.admin.pressing import press_many
from tests.core.papers.reading import page_texts
from tests.factories import make_user
from tests.shipping.making import ready_orders

pytestmark = pytest.mark.django_db
RIGHTS = ("shipping.print_packingslip", "orders.view_order", "core.view_job")


@pytest.fixture(autouse=True)
def _quiet(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(jobs, "wake", lambda job_id: None)


def made(ids, owner, *, prices=False):
    row = jobs.enqueue(
        kind="shipping.packing_slips", title="Slips", parameters={"orders": ids, "prices": prices}, owner=owner
    )
    run_job(row.pk)
    row.refresh_from_db()
    return row


def pages(row):
    with row.file.open("rb") as handle:
        return page_texts(handle.read())


def test_many_slips_become_a_file_of_the_person_who_asked(client, monkeypatch):
    monkeypatch.setattr(papers, "AT_ONCE", 2)
    owner = make_user(permissions=RIGHTS)
    client.force_login(owner)
    orders = ready_orders(3)

    press_many(client, Order, "slips_of_orders", [order.pk for order in orders])

    row = Job.objects.get()
    assert (row.kind, row.owner, row.parameters["prices"]) == ("shipping.packing_slips", owner, False)
    assert set(PackingSlip.objects.values_list("printed_count", flat=True)) == {1}
    run_job(row.pk)
    row.refresh_from_db()
    assert (row.state, row.outcome) == (JobState.DONE, {"orders": 3})
    assert sorted(order.number for order in orders) == sorted(
        next(order.number for order in orders if order.number in page) for page in pages(row)
    )


def test_who_lost_the_right_or_the_account_gets_no_addresses():
    ids = [order.pk for order in ready_orders(1)]
    leaver = make_user(permissions=RIGHTS)
    leaver.is_active = False
    leaver.save(update_fields=["is_active"])

    for owner in (make_user(permissions=["orders.view_order"]), leaver, None):
        row = made(ids, owner)
        assert (row.state, bool(row.file)) == (JobState.FAILED, False)
        assert row.error.startswith("Your role does not include this")


def test_amounts_stand_on_it_only_for_who_may_see_money():
    [order] = ready_orders(sales_channel=None)
    plain, rich = (make_user(permissions=[*RIGHTS, *more]) for more in ((), ("orders.view_payment",)))

    assert "1,000" not in pages(made([order.pk], plain, prices=True))[0]
    assert "1,000" in pages(made([order.pk], rich, prices=True))[0]
