"""Files of an import in a test: uploaded, mapped, imported through the pages."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core import jobs
from core.models import ImportBatch

RIGHTS = ("core.view_importbatch", "core.add_importbatch", "orders.add_order", "core.see_personal_columns")
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,Buyer mail\n"
ROWS = (
    "A1,COAT,울 코트,2,2026-01-05 10:00,10000,minjun@example.org\n"
    "A1,POST,배송비,1,2026-01-05 10:00,3000,minjun@example.org\n"
    "A2,SHIRT,셔츠,1,2026-01-06 11:30,25000,hanako@example.org\n"
    "A3,SHIRT,셔츠,many,2026-01-06 11:30,25000,\n"
    "C4,COAT,울 코트,-1,2026-01-08 09:00,10000,minjun@example.org\n"
)


def url(page, batch=None):
    return reverse(f"admin:core_importbatch_{page}", args=[batch.pk] if batch else [])


def upload(client, channel, content, name="orders.csv", **options):
    data = {"file": SimpleUploadedFile(name, content), "sales_channel": channel.pk, **options}
    return client.post(url("new"), data)


def uploaded(client, channel, text=HEADER + ROWS, encoding="utf-8", **options):
    response = upload(client, channel, text.encode(encoding), create_missing_variants="on", **options)
    assert response.status_code == 302, response.context["form"].errors
    batch = ImportBatch.objects.latest("pk")
    assert response["Location"] == url("change", batch)
    return batch


def mapping(**over):
    """Return the form of the mapping page as a person fills it in for these files."""
    columns = ("external_number", "sku", "name", "quantity", "placed_at", "unit_price", "buyer_email")
    return {
        **{f"column-{place}": name for place, name in enumerate(columns)},
        "rule-0-column": "0", "rule-0-match": "begins", "rule-0-text": "C", "rule-0-means": "row_kind=return",
        "rule-1-column": "1", "rule-1-match": "is", "rule-1-text": "POST, DOT", "rule-1-means": "line_kind=shipping",
        **over,
    }  # fmt: skip


def imported(client, batch):
    assert client.post(url("mapping", batch), mapping())["Location"] == url("preview", batch)
    assert client.post(url("preview", batch))["Location"] == url("change", batch)
    batch.refresh_from_db()
    assert jobs.run(batch.job_id) == "done"
    batch.refresh_from_db()
    return batch
