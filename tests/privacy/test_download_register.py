"""Files with personal data stand in the register: who took them, when, from where, whose, what, why; by role."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from core import jobs
from core.models import EventRecord, Job, JobState, TableImport
from core.taking import note_file_taken
from core.tasks import run_job
from customers.models import Customer
from privacy.selectors.access import downloads_within, lookers_within
from privacy.services import open_data_request
from service.models import AnswerFileVersion, Attachment, Message
from service.services import GivenFile
from staff.models import Role
from tests.admin import import_files
from tests.factories import make_channel, make_customer, make_user
from tests.privacy.making import make_guard
from tests.service.making import write
from tests.service.test_answer_files import make_file
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


def fetch(client, stored):
    answer = client.get(f"/files/{stored.name}", REMOTE_ADDR="203.0.113.9")
    return answer.status_code, b"".join(answer.streaming_content) if answer.status_code == 200 else b""


def test_refused_rows_of_an_import_are_in_the_register_for_who_sees_them_in_full(client):
    clerk = make_user(permissions=import_files.RIGHTS)
    client.force_login(clerk)
    channel = make_channel(code="store")
    text = import_files.HEADER + "A3,SHIRT,Shirt,many,2026-01-06 11:30,25000,mina@mail.example\n"
    batch = import_files.imported(client, import_files.uploaded(client, channel, text))
    address = import_files.url("refused", batch)
    assert "mina@mail.example" in client.get(address, REMOTE_ADDR="203.0.113.9").content.decode()
    assert register() == [(clerk, "Refused rows", 1, "203.0.113.9")]
    assert "Buyer mail" in EventRecord.objects.get(name="core.file_taken").data["columns"]
    client.force_login(make_user(permissions=["core.view_importbatch"]))
    assert "mina@mail.example" not in client.get(address).content.decode()
    assert len(register()) == 1


MAY_IMPORT = (
    "customers.view_customer", "customers.add_customer", "customers.change_customer", "customers.see_contact_data",
    "core.import_data", "core.view_job", "core.view_tableimport",
)  # fmt: skip


def brought(client, text):
    """Import customers by the pages and return the page of the import."""
    file = SimpleUploadedFile("customers.csv", text.encode())
    page = client.post(reverse("admin:customers_customer_import"), {"file": file})["Location"]
    client.post(page, {"do": "start"})
    return page


def test_refused_rows_of_a_table_are_in_the_register_each_time_they_are_fetched(client):
    clerk = make_user(permissions=MAY_IMPORT)
    client.force_login(clerk)
    brought(client, "id,name\n999999999,Mina\n")
    row = TableImport.objects.get()
    assert row.counts["refused"] == 1
    assert register() == []
    status, content = fetch(client, row.job.file)
    assert (status, b"Mina" in content) == (200, True)
    assert register() == [(clerk, "Refused rows", 1, "203.0.113.9")]


def test_refused_rows_of_a_table_without_persons_are_not(client):
    client.force_login(
        make_user(permissions=["catalog.view_variant", "catalog.change_variant", "core.import_data", "core.view_job"])
    )
    file = SimpleUploadedFile("variants.csv", b"sku,name\nNONE,White\n")
    page = client.post(reverse("admin:catalog_variant_import"), {"file": file})["Location"]
    client.post(page, {"do": "start"})
    assert fetch(client, TableImport.objects.get().job.file)[0] == 200
    assert register() == []


def test_conflicts_of_an_undone_import_are_in_the_register_with_the_reason(client):
    customer = make_customer(name="Mina")
    clerk = make_user(permissions=MAY_IMPORT)
    client.force_login(clerk)
    page = brought(client, f"id,name\n{customer.pk},Minji\n")
    Customer.objects.filter(pk=customer.pk).update(name="Mira")
    client.post(page, {"do": "undo", "reason": "wrong list"})
    assert "Minji" in client.get(page + "?file=conflicts", REMOTE_ADDR="203.0.113.9").content.decode("utf-8-sig")
    assert register() == [(clerk, "Conflicts of an undone import", 1, "203.0.113.9")]
    told = EventRecord.objects.get(name="core.file_taken").data
    assert (told["reason"], told["columns"]) == ("wrong list", ["name", "kana", "note"])
    Customer.objects.update(name="Mina")
    client.force_login(make_user(permissions=[one for one in MAY_IMPORT if one != "customers.see_contact_data"]))
    assert client.get(page + "?file=conflicts").status_code == 200
    assert len(register()) == 1  # masked for who may not see it


def test_files_of_tickets_are_in_the_register_and_the_teams_own_are_not(client):
    may = ("service.view_ticket", "service.direct_ticket", "service.work_on_ticket", "service.change_answerfile")
    lead = make_user(permissions=may)
    client.force_login(lead)
    customer = make_customer()
    message = write(files=[GivenFile(name="receipt.png", content=b"\x89PNG\r\n\x1a\n" + b"0" * 20)], raw=b"From: x")
    message.ticket.customer = customer
    message.ticket.save()
    assert fetch(client, Attachment.objects.get().file)[0] == 200
    assert fetch(client, Message.objects.get().raw) == (200, b"From: x")
    number = message.ticket.number
    assert register() == [
        (lead, f"Attachment · {number}", 1, "203.0.113.9"),
        (lead, f"Message as it came · {number}", 1, "203.0.113.9"),
    ]
    make_file(lead, "ko")
    assert fetch(client, AnswerFileVersion.objects.get().file)[0] == 200
    assert len(register()) == 2
    assert EventRecord.objects.filter(name="core.file_taken").first().data["whose"] == [customer.pk]
    client.force_login(make_user(permissions=["service.view_ticket"]))
    assert fetch(client, Message.objects.get().raw)[0] == 403
    assert len(register()) == 2


def test_the_bundle_of_a_person_and_the_access_log_itself_are_in_the_register(client):
    guard = make_user(permissions=["privacy.answer_datarequest", "privacy.view_access", "privacy.review_access"])
    client.force_login(guard)
    customer = make_customer(name="Mina")
    asked = open_data_request(
        model=Customer, subject_id=customer.pk, subject_label="Customer 1", kind="access", asked_at=timezone.now(),
        asked_through="call", identity_check="called back", actor=guard,
    )  # fmt: skip
    address = reverse("admin:privacy_bundle", args=[asked.pk])
    client.get(address)
    assert register() == []
    assert client.post(address, REMOTE_ADDR="203.0.113.9").status_code == 200
    ((taker, table, rows, where),) = register()
    assert (taker, table, where, rows > 0) == (guard, "Bundle for the person", "203.0.113.9", True)
    told = EventRecord.objects.get(name="core.file_taken").data
    assert (told["whose"], told["reason"]) == ([customer.pk], asked.number)
    month = f"{timezone.localdate():%Y-%m}"
    assert client.get(reverse("admin:privacy_access_file"), {"month": month}).status_code == 200
    assert register()[1][:2] == (guard, f"Access log: {month}")
