"""Import of tables in the admin: who may, what changes, what is refused, what becomes a job."""

import pytest
from django.contrib import admin
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from import_export.resources import ModelResource

from catalog.models import Product, Variant
from core import jobs
from core.admin.tables import TableFilesMixin
from core.models import EventRecord, Job, TableImport
from inventory.models import StockItem
from orders.models import Order
from staff.models import User
from tests.admin.table_files import MAY_IMPORT, kept, signed_in, upload, url
from tests.factories import make_order, make_stock, make_variant

pytestmark = pytest.mark.django_db
MAY_EXPORT = ("customers.view_customer", "core.export_data")
NEEDED = {
    "catalog.product", "catalog.variant", "catalog.price", "catalog.category", "catalog.saleschannel",
    "catalog.variantcode", "inventory.warehouse", "inventory.stockitem", "customers.customer", "orders.order",
    "orders.payment", "orders.shipment", "staff.user",
}  # fmt: skip


@pytest.fixture
def variant():
    product = Product.objects.create(code="P1", name="코트")
    return make_variant(product=product, sku="S1", name="Black")


def test_every_table_that_people_keep_in_files_has_its_pages():
    with_files = {
        model._meta.label_lower: a for model, a in admin.site._registry.items() if isinstance(a, TableFilesMixin)
    }
    assert with_files.keys() >= NEEDED
    for model_admin in with_files.values():
        assert issubclass(model_admin.resource_class, ModelResource)
        assert model_admin.resource_class._meta.model is model_admin.model


def test_a_file_is_shown_before_it_changes_anything_and_then_does(client, variant):
    signed_in(client, *MAY_IMPORT)
    text = "SKU,product,name,weight_g,colour\nS1,P1,White,300,x\nS2,P1,Blue,heavy,\nS3,P1,Red,120,\n"
    preview = upload(client, text.encode())
    assert preview.status_code == 302
    page = client.get(preview["Location"])
    assert page.context["counts"] == {"created": 1, "updated": 1, "unchanged": 0, "refused": 1}
    shown = page.content.decode()
    assert "“heavy” is not a whole number." in shown
    assert "colour" in shown
    assert "<del>Black</del> <ins>White</ins>" in shown
    assert Variant.objects.get().name == "Black"
    done = client.post(preview["Location"], follow=True)
    assert "Imported: 1 new, 1 changed, 0 unchanged." in done.content.decode()
    assert sorted(Variant.objects.values_list("sku", "name", "weight_g")) == [("S1", "White", 300), ("S3", "Red", 120)]
    job = Job.objects.get()
    assert kept(job).splitlines() == [
        "sku,product,name,weight_g,colour,Reason",
        "S2,P1,Blue,heavy,,weight_g: “heavy” is not a whole number.",
    ]
    event = EventRecord.objects.get(name="core.table_imported")
    assert event.data == {"table": "Variants", "created": 1, "updated": 1, "unchanged": 0, "refused": 1}


def test_pressing_twice_imports_once(client, variant):
    user = signed_in(client, *MAY_IMPORT)
    preview = upload(client, b"sku,product\nS2,P1\n")["Location"]
    client.post(preview)
    Variant.objects.filter(sku="S2").delete()
    client.post(preview)
    assert not Variant.objects.filter(sku="S2").exists()
    assert (Job.objects.filter(owner=user).count(), TableImport.objects.get().state) == (1, "done")


@pytest.mark.parametrize("missing", MAY_IMPORT[1:2] + MAY_IMPORT[3:])
def test_importing_needs_the_right_to_change_and_to_import(client, variant, missing):
    signed_in(client, *(set(MAY_IMPORT) - {missing}))
    assert client.get(url("catalog.variant", "import")).status_code == 403
    assert upload(client, b"sku,name\nS1,White\n").status_code == 403
    assert url("catalog.variant", "import") not in client.get(url("catalog.variant", "changelist")).content.decode()


def test_without_the_right_to_add_a_file_only_changes(client, variant):
    signed_in(client, *(set(MAY_IMPORT) - {"catalog.add_variant"}))
    preview = upload(client, b"sku,product,name\nS1,P1,White\nS2,P1,Blue\n")["Location"]
    client.post(preview)
    assert list(Variant.objects.values_list("sku", "name")) == [("S1", "White")]


def test_a_preview_belongs_to_who_uploaded_it(client, variant):
    signed_in(client, *MAY_IMPORT)
    preview = upload(client, b"sku,name\nS1,White\n")["Location"]
    other = Client()
    signed_in(other, *MAY_IMPORT)
    assert other.get(preview).status_code == 404
    assert other.post(preview).status_code == 404
    assert client.get(url("catalog.product", "import_preview", TableImport.objects.get().pk)).status_code == 404
    variant.refresh_from_db()
    assert variant.name == "Black"


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "photo.csv", "cannot be read with certainty"),
        (b"PK\x03\x04 no workbook", "v.xlsx", "not a table that can be read"),
        (b"", "v.csv", "empty"),
        (b"sku,SKU \nS1,S1\n", "v.csv", "occur twice"),
        (b"sku,name\nS1,White, large\n", "v.csv", "Row 2 has more cells than there are columns."),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(client, variant, content, name, sentence):
    signed_in(client, *MAY_IMPORT)
    response = upload(client, content, name=name)
    assert response.status_code == 200
    assert sentence in response.content.decode()


def test_an_unquoted_comma_further_down_refuses_the_file_and_changes_nothing(client, variant):
    signed_in(client, *MAY_IMPORT)
    answer = upload(client, b"sku,name,barcode\nS1,White,1\n\nS2,Red, large,2\n")
    assert "Row 4 has more cells than there are columns." in answer.content.decode()
    assert not TableImport.objects.exists()
    variant.refresh_from_db()
    assert (variant.name, variant.barcode) == ("Black", "")
    assert not Job.objects.exists()


def test_empty_cells_behind_the_last_column_do_no_harm(client, variant):
    signed_in(client, *MAY_IMPORT)
    client.post(upload(client, b"sku,name,\nS1,White,, ,\n")["Location"])
    variant.refresh_from_db()
    assert variant.name == "White"


def test_a_missing_key_column_is_said_and_nothing_can_be_imported(client, variant):
    signed_in(client, *MAY_IMPORT)
    preview = upload(client, b"name\nWhite\n")["Location"]
    page = client.get(preview)
    assert "not present in the file headers: sku" in page.content.decode()
    client.post(preview)
    variant.refresh_from_db()
    assert variant.name == "Black"


@pytest.mark.parametrize(("encoding", "language", "name"), [("cp949", "ko", "검정"), ("cp932", "ja", "黒")])
def test_files_in_the_encoding_of_the_language_are_read(client, variant, encoding, language, name):
    user = signed_in(client, *MAY_IMPORT)
    User.objects.filter(pk=user.pk).update(language=language)
    preview = upload(client, f"sku,name\nS1,{name}\n".encode(encoding))
    client.post(preview["Location"])
    variant.refresh_from_db()
    assert variant.name == name


def test_a_large_file_becomes_a_job(client, variant, monkeypatch):
    monkeypatch.setattr("core.admin.table_runs.AT_ONCE", 2)
    signed_in(client, *MAY_IMPORT, "core.view_job")
    preview = upload(client, b"sku,product\nA1,P1\nA2,P1\nA3,NO\n")["Location"]
    job = Job.objects.get() if client.post(preview) else None
    assert client.post(preview)["Location"] == reverse("admin:core_job_change", args=[job.pk])
    assert Variant.objects.count() == 1
    assert jobs.run(job.pk) == "done"
    job.refresh_from_db()
    assert (Variant.objects.count(), job.outcome["created"], job.outcome["refused"]) == (3, 2, 1)
    assert "There is no product “NO”." in kept(job)


def test_stock_and_orders_cannot_be_written_by_files(client):
    item = make_stock(on_hand=5)
    order = make_order((item.variant, 1))
    superuser = User.objects.create_superuser("root", "root@example.org", "a long passphrase")
    client.force_login(superuser)
    text = f"variant,warehouse,on_hand,low_at\n{item.variant.sku},{item.warehouse.code},99,3\n"
    client.post(upload(client, text.encode(), model="inventory.stockitem")["Location"])
    item = StockItem.objects.get(pk=item.pk)
    assert (item.on_hand, item.low_at) == (5, 3)
    for model in ("orders.order", "orders.payment", "orders.shipment"):
        assert client.get(url(model, "import")).status_code == 403
        assert upload(client, b"number,status\n1,shipped\n", model=model).status_code == 403
    assert Order.objects.get(pk=order.pk).status == order.status


def test_a_file_that_is_gone_is_asked_for_again(client, variant):
    signed_in(client, *MAY_IMPORT)
    preview = upload(client, b"sku,name\nS1,White\n")["Location"]
    default_storage.delete(TableImport.objects.get().file.name)
    assert "The file is gone. Upload it again." in client.get(preview, follow=True).content.decode()
    assert "The file is gone." in client.post(preview, follow=True).content.decode()
    assert (TableImport.objects.get().state, Variant.objects.get().name) == ("preview", "Black")


def test_the_page_of_a_job_tells_in_words_what_became_of_the_rows(client, variant):
    signed_in(client, *MAY_IMPORT, "core.view_job")
    client.post(upload(client, b"sku,name\nS1,White\n")["Location"])
    page = client.get(reverse("admin:core_job_change", args=[Job.objects.get().pk])).content.decode()
    assert "<dt>Updated</dt><dd>1</dd>" in page
    assert "<dt>Refused</dt><dd>0</dd>" in page


def test_columns_read_through_relations_have_names_for_people(client):
    signed_in(client, "orders.view_order", "orders.view_orderline", "core.export_data")
    page = client.get(url("orders.order", "export_part", "lines"))
    labels = dict(page.context["form"].fields["columns"].choices)
    assert (labels["placed_at"], labels["currency"], labels["variant"]) == ("ordered", "currency", "SKU")
