"""Files with personal data stand in the register: who took them, when, from where, whose, what, why; by role."""

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from core import jobs
from core.models import EventRecord, Job, JobState
from core.taking import note_file_taken
from core.tasks import run_job
from privacy.selectors.access import downloads_within, lookers_within
from staff.models import Role
from tests.factories import make_customer, make_user
from tests.privacy.making import make_guard
from tests.shipping.making import ready_orders
from tests.staff.making import make_colleague

pytestmark = pytest.mark.django_db
SLIPS = ("shipping.print_packingslip", "orders.view_order", "core.view_job")


@pytest.fixture(autouse=True)
def _quiet(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(jobs, "wake", lambda job_id: None)


def today():
    day = timezone.localdate()
    return {"starts_on": day, "ends_on": day}


def register():
    return [
        (row.actor, row.data["table"], row.data["rows"], row.data["address"])
        for row in downloads_within(**today()).order_by("pk")
    ]


def test_slips_of_a_page_are_in_the_register(client):
    packer = make_user(permissions=SLIPS)
    client.force_login(packer)
    ids = [order.pk for order in ready_orders(2)]
    address = f"{reverse('admin:shipping_slips')}?orders={','.join(map(str, ids))}"
    assert client.get(address, REMOTE_ADDR="203.0.113.9").status_code == 200
    assert register() == [(packer, "Packing slips", 2, "203.0.113.9")]
    told = EventRecord.objects.get(name="core.file_taken").data
    assert (told["whose"], told["columns"]) == (ids, ["recipient_name", "recipient_phone", "address"])


def test_a_file_of_a_job_is_in_the_register_each_time_it_is_fetched(client):
    packer = make_user(permissions=SLIPS)
    ids = [order.pk for order in ready_orders(1)]
    row = jobs.enqueue(
        kind="shipping.packing_slips", title="S", parameters={"orders": ids, "prices": False}, owner=packer
    )
    run_job(row.pk)
    row.refresh_from_db()
    assert register() == [(packer, "Packing slips", 1, "")]
    chief = make_user(permissions=("core.view_job", "core.view_all_jobs"))
    client.force_login(chief)
    assert client.head(f"/files/{row.file.name}").status_code == 200
    assert len(register()) == 1
    fetched = client.get(f"/files/{row.file.name}", REMOTE_ADDR="203.0.113.10")
    assert b"".join(fetched.streaming_content).startswith(b"%PDF")
    assert register()[1:] == [(chief, "Packing slips", 1, "203.0.113.10")]
    client.force_login(make_user(permissions=("core.view_job",)))
    assert client.get(f"/files/{row.file.name}").status_code == 403
    assert len(register()) == 2


def test_a_file_without_personal_data_is_not_in_the_register(client):
    owner = make_user(permissions=("core.view_job",))
    row = Job.objects.create(kind="core.table_export", title="Products", owner=owner, state=JobState.DONE)
    row.file.save("products.csv", ContentFile(b"sku\n"))
    client.force_login(owner)
    assert b"".join(client.get(f"/files/{row.file.name}").streaming_content) == b"sku\n"
    assert register() == []


def test_the_month_shows_downloads_and_counts_them(client):
    taker = make_user(username="taker")
    customer = make_customer()
    note_file_taken(
        subject=customer, table="Segment Japan", rows=3, columns=["name"], whose=[customer.pk], reason="=Letter shop",
        address="203.0.113.7", actor=taker,
    )  # fmt: skip
    (one,) = lookers_within(**today())
    assert (one.name, one.downloads, one.rows) == ("taker", 1, 3)
    client.force_login(make_guard())
    month = {"month": f"{timezone.localdate():%Y-%m}"}
    page = client.get(reverse("admin:privacy_access"), month).content.decode()
    for told in ("Download register", "Segment Japan", "taker", "203.0.113.7", "=Letter shop"):
        assert told in page
    file = client.get(reverse("admin:privacy_access_file"), month).content.decode()
    assert f"{customer.pk} …,Segment Japan · 3 · name" in file
    assert "'=Letter shop" in file


@pytest.mark.parametrize("role", list(Role))
def test_the_export_of_customers_asks_a_reason_of_who_sees_them_in_full_and_masks_for_others(client, role):
    make_customer(name="김민준")
    user = make_colleague(role.value)
    client.force_login(user)
    address = reverse("admin:customers_customer_export")
    wanted = {"kind": "csv", "columns": ["name"]}
    answer = client.post(address, wanted)
    if not (user.has_perm("customers.view_customer") and user.has_perm("core.export_data")):
        assert answer.status_code == 403
        assert not EventRecord.objects.filter(name="core.table_exported").exists()
    elif user.has_perm("customers.see_contact_data"):
        assert "text/html" in answer["Content-Type"]  # asked for the reason
        assert register() == []
        answer = client.post(address, {**wanted, "reason": "Letter of the spring campaign"})
        assert "김민준" in answer.content.decode("utf-8-sig")
        assert [row[0] for row in register()] == [user]
    else:
        assert "김민준" not in answer.content.decode("utf-8-sig")
        assert "김**" in answer.content.decode("utf-8-sig")
        assert register() == []
