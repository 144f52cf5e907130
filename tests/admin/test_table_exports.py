"""Exports of tables in the admin: who may, what they show of people, what becomes a job, and the way back."""

import io
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from catalog.models import Product, Variant
from core import jobs
from core.models import EventRecord, Job, TableImport
from core.resources.expiry import expire_table_files
from tests.admin.table_files import MAY_IMPORT, kept, rows_of, signed_in, upload, url
from tests.factories import make_channel, make_customer, make_order, make_variant

pytestmark = pytest.mark.django_db
MAY_EXPORT = ("customers.view_customer", "core.export_data")


@pytest.fixture
def variant():
    product = Product.objects.create(code="P1", name="코트")
    return make_variant(product=product, sku="S1", name="Black")


# --- out


def export(client, model, **data):
    return client.post(url(model, "export") + data.pop("query", ""), data)


def test_an_export_masks_personal_data_without_the_right(client):
    signed_in(client, *MAY_EXPORT)
    make_customer(name="김민준")
    response = export(client, "customers.customer", kind="csv", columns=["name", "country"])
    assert rows_of(response) == [["name", "country"], ["김**", "KR"]]
    assert "no-store" in response["Cache-Control"]
    event = EventRecord.objects.get(name="core.table_exported")
    assert event.data == {
        "table": "Customers",
        "rows": 1,
        "personal": False,
        "reason": "",
        "address": "127.0.0.1",
        "whose": [],
        "columns": [],
    }


def test_personal_data_leaves_only_with_a_reason_that_is_kept(client):
    user = signed_in(client, *MAY_EXPORT, "customers.see_contact_data")
    customer = make_customer(name="김민준")
    refused = export(client, "customers.customer", kind="csv", columns=["name"], reason="because")
    assert refused.status_code == 200
    assert "Say why, in at least 10 characters." in refused.content.decode()
    assert "text/html" in refused["Content-Type"]
    assert not EventRecord.objects.exists()
    reason = "Newsletter of the spring campaign"
    response = export(client, "customers.customer", kind="csv", columns=["name"], reason=reason)
    assert rows_of(response) == [["name"], ["김민준"]]
    event = EventRecord.objects.get()
    assert (event.actor, event.data["rows"], event.data["personal"], event.data["reason"]) == (user, 1, True, reason)
    assert (event.data["whose"], event.data["columns"]) == ([customer.pk], ["name"])


@pytest.mark.parametrize("missing", MAY_EXPORT)
def test_exporting_needs_the_right_to_see_and_to_export(client, missing):
    signed_in(client, *(set(MAY_EXPORT) - {missing}))
    make_customer()
    assert client.get(url("customers.customer", "export")).status_code == 403
    assert export(client, "customers.customer", kind="csv", columns=["country"]).status_code == 403
    assert not EventRecord.objects.exists()


def test_an_export_follows_the_list_s_filters(client, variant):
    make_variant(product=variant.product, sku="S2", is_active=False)
    signed_in(client, "catalog.view_variant", "core.export_data")
    everything = export(client, "catalog.variant", kind="csv", columns=["sku"], query="?tab=all")
    found = export(client, "catalog.variant", kind="csv", columns=["sku"], query="?q=S2")
    assert {row[0] for row in rows_of(everything)[1:]} >= {"S1"}
    assert [row[0] for row in rows_of(found)[1:]] in (["S2"], [])


def test_no_spreadsheet_finds_a_formula(client, variant):
    for number, name in enumerate(("=1+1", "+82-10", "-x", "@SUM(A1)", "\tx", "'=quoted")):
        make_variant(product=variant.product, sku=f"F{number}", name=name)
    signed_in(client, "catalog.view_variant", "core.export_data")
    text = rows_of(export(client, "catalog.variant", kind="csv", columns=["sku", "name"]))
    assert dict(text)["F0"] == "'=1+1"
    assert all(cell[:1] not in "=+-@\t\r" or not cell for row in text for cell in row)
    book = export(client, "catalog.variant", kind="xlsx", columns=["sku", "name"])
    cells = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert dict(cells)["F0"] == "=1+1"
    assert b"<f>" not in book.content


NASTY = (
    "=1+1", "'=quoted", "0012", "１２", "2026-01-05", "a\nb", " x ", "[clear]", "\\[clear]", "[지움]", "'", '"',
    ",", ";", "a\tb", "😀 ｶﾞ", "\u3000", "NULL", "-0", "+82", "1e5", "TRUE", "＝x", "@a", "\u200b", "x" * 100,
)  # fmt: skip


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_export_and_import_of_the_same_file_changes_nothing(client, variant, kind):
    for number, name in enumerate(NASTY):
        make_variant(product=variant.product, sku=f"F{number}", name=name, weight_g=number or None)
    signed_in(client, *MAY_IMPORT, "core.export_data")
    columns = ["sku", "product", "name", "barcode", "weight_g", "is_active"]
    before = list(Variant.objects.order_by("pk").values())
    content = export(client, "catalog.variant", kind=kind, columns=columns, query="?tab=all").content
    page = client.get(upload(client, content, name=f"variants.{kind}")["Location"])
    assert page.context["counts"] == {"created": 0, "updated": 0, "unchanged": len(NASTY) + 1, "refused": 0}
    assert list(Variant.objects.order_by("pk").values()) == before


def test_a_large_export_becomes_a_job_with_a_file_for_its_owner(client, variant, monkeypatch):
    monkeypatch.setattr("core.admin.table_exports.AT_ONCE", 0)
    signed_in(client, "catalog.view_variant", "core.export_data", "core.view_job")
    response = export(client, "catalog.variant", kind="csv", columns=["sku", "name"])
    job = Job.objects.get()
    assert response["Location"] == reverse("admin:core_job_change", args=[job.pk])
    assert jobs.run(job.pk) == "done"
    job.refresh_from_db()
    assert kept(job).splitlines() == ["sku,name", "S1,Black"]
    answer = client.get(job.file.url)
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == "\ufeffsku,name\r\nS1,Black\r\n".encode()
    signed_in(client, "catalog.view_variant", "core.export_data", "core.view_job")
    assert client.get(job.file.url).status_code == 403


def test_rights_are_looked_up_again_when_the_job_runs(client, variant, monkeypatch):
    monkeypatch.setattr("core.admin.table_exports.AT_ONCE", 0)
    user = signed_in(client, *MAY_EXPORT, "customers.see_contact_data")
    make_customer(name="김민준")
    reason = "Newsletter of the spring campaign"
    export(client, "customers.customer", kind="csv", columns=["name"], reason=reason)
    user.user_permissions.clear()
    job = Job.objects.get()
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert not job.file


def test_users_leave_without_secrets_and_never_come_in(client):
    signed_in(client, "staff.view_user", "core.export_data", "core.import_data", "staff.change_user")
    page = client.get(url("staff.user", "export"))
    offered = {value for value, _label in page.context["form"].fields["columns"].choices}
    assert not offered & {"password", "user_permissions", "groups"}
    assert "username" in offered
    assert client.get(url("staff.user", "import")).status_code == 403


def test_order_lines_leave_with_the_orders_of_the_list(client):
    orders = [make_order((make_variant(), 2), unit_price=1500), make_order((make_variant(), 1))]
    signed_in(client, "orders.view_order", "orders.view_orderline", "core.export_data")
    address = url("orders.order", "export_part", "lines")
    response = client.post(
        f"{address}?tab=all", {"kind": "csv", "columns": ["order", "quantity", "unit_price", "total"]}
    )
    assert rows_of(response) == [
        ["order", "quantity", "unit_price", "total"],
        [orders[0].number, "2", "1500.0000", "3000"],
        [orders[1].number, "1", "1000.0000", "1000"],
    ]
    assert client.get(url("orders.order", "export_part", "nothing")).status_code == 404
    signed_in(client, "orders.view_order", "core.export_data")
    assert client.get(address).status_code == 403


def test_money_is_exported_in_major_units(client):
    channel = make_channel(code="us", currency="USD", country="US")
    make_order((make_variant(), 2), unit_price=1250, sales_channel=channel)
    signed_in(client, "orders.view_order", "core.export_data")
    response = export(client, "orders.order", kind="csv", columns=["currency", "total"], query="?tab=all")
    assert rows_of(response)[1] == ["USD", "25.00"]


def test_files_of_tables_are_kept_for_a_day(client, variant, monkeypatch):
    monkeypatch.setattr("core.admin.table_exports.AT_ONCE", 0)
    signed_in(client, *MAY_IMPORT, "core.export_data")
    export(client, "catalog.variant", kind="csv", columns=["sku"])
    job = Job.objects.get()
    jobs.run(job.pk)
    job.refresh_from_db()
    preview = upload(client, b"sku,name\nS1,White\n")["Location"]
    expire_table_files(now=timezone.now() + timedelta(hours=23))
    assert default_storage.exists(job.file.name)
    assert expire_table_files(now=timezone.now() + timedelta(hours=25)) >= 1
    assert not default_storage.exists(job.file.name)
    job.refresh_from_db()
    assert (job.file.name, job.outcome) == ("", {"rows": 1})
    assert client.get(preview).status_code == 200
    stored = TableImport.objects.get().file.name
    expire_table_files(now=timezone.now() + timedelta(days=8))
    assert not default_storage.exists(stored)
    assert client.get(preview).status_code == 404
    assert not TableImport.objects.exists()
