"""The pages of an import through the admin, from the chosen file to the reconciliation."""

import csv
import io

import pytest
from django.urls import reverse

from channels.services.formats import sync_formats
from core import jobs
from core.imports.definitions import Definition
from core.models import ImportFormat, ImportRow, ImportState, Job
from orders.models import Order, Return
from tests.admin.import_files import HEADER, RIGHTS, imported, mapping, upload, uploaded, url
from tests.factories import make_channel, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel():
    return make_channel(code="store", name="서울 스토어")


@pytest.fixture
def clerk(client):
    user = make_user(permissions=RIGHTS)
    client.force_login(user)
    return user


def test_an_unknown_file_is_mapped_previewed_imported_and_reconciled(client, clerk, channel):
    batch = uploaded(client, channel)
    page = client.get(url("change", batch)).content.decode()
    assert "The format is new here" in page
    assert "울 코트" in page
    preview = client.post(url("mapping", batch), mapping(), follow=True).content.decode()
    assert "Import 5 rows" in preview
    assert "1 row would be refused" in preview
    assert "5 rows read, the first 5 tried out" in preview
    assert "“many” is not a whole number" in preview
    assert not Order.objects.exists()
    batch = imported(client, batch)
    assert (batch.state, batch.counts) == (ImportState.DONE, {"created": 4, "refused": 1})
    assert list(Order.objects.order_by("external_number").values_list("external_number", "total")) == [
        ("A1", 23000),
        ("A2", 25000),
    ]
    assert Return.objects.count() == 1
    result = client.get(url("change", batch)).content.decode()
    assert "1 row was refused" in result
    assert "“many” is not a whole number" in result
    account = client.get(url("reconciliation", batch))
    assert account.context["account"].agrees
    assert "Everything is accounted for" in account.content.decode()


def test_refused_rows_come_back_with_their_reason(client, clerk, channel):
    batch = imported(client, uploaded(client, channel))
    response = client.get(url("refused", batch))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[0] == [*HEADER.strip().split(","), "#row", "#reason"]
    assert rows[1:] == [
        ["A3", "SHIRT", "셔츠", "many", "2026-01-06 11:30", "25000", "", "5",
         "Quantity: “many” is not a whole number."],
    ]  # fmt: skip
    corrected = HEADER + "A3,SHIRT,셔츠,3,2026-01-06 11:30,25000,\n"
    again = imported(client, uploaded(client, channel, corrected))
    assert again.counts == {"created": 1}


def test_the_same_file_again_changes_nothing(client, clerk, channel):
    imported(client, uploaded(client, channel))
    before = list(Order.objects.order_by("pk").values())
    again = imported(client, uploaded(client, channel))
    assert again.counts == {"unchanged": 4, "refused": 1}
    assert list(Order.objects.order_by("pk").values()) == before


def test_pressing_import_twice_starts_one_import(client, clerk, channel):
    batch = uploaded(client, channel)
    client.post(url("mapping", batch), mapping())
    for _press in range(2):
        assert client.post(url("preview", batch))["Location"] == url("change", batch)
    assert Job.objects.count() == 1
    assert client.post(url("mapping", batch), mapping())["Location"] == url("change", batch)
    batch.refresh_from_db()
    assert batch.state == ImportState.IMPORTING


def test_a_mapping_is_kept_as_a_format_and_recognised(client, clerk, channel):
    batch = uploaded(client, channel)
    client.post(url("mapping", batch), mapping(format_name="Gift shop"))
    saved = ImportFormat.objects.get(name="Gift shop")
    second = uploaded(client, channel, HEADER + "B1,COAT,코트,1,2026-02-01,10000,\n")
    assert second.format == saved
    assert "100 %" in client.get(url("change", second)).content.decode()
    client.force_login(make_user(permissions=[*RIGHTS, "core.view_importformat"]))
    page = client.get(reverse("admin:core_importformat_change", args=[saved.pk])).content.decode()
    assert "= POST, DOT" in page
    assert "{&" not in page


def test_a_format_named_like_one_of_another_kind_gets_a_code_of_its_own(client, clerk, channel):
    other = ImportFormat.objects.create(code="own-gift-shop", name="Gift shop", target="other.rows", definition={})
    batch = uploaded(client, channel)
    client.post(url("mapping", batch), mapping(format_name="Gift shop"))
    other.refresh_from_db()
    assert (other.target, other.definition) == ("other.rows", {})
    saved = ImportFormat.objects.exclude(pk=other.pk).get()
    assert (saved.name, saved.code, saved.target) == ("Gift shop", f"own-gift-shop-{batch.pk}", "orders.lines")


def test_the_live_check_names_what_is_missing_and_keeps_nothing(client, clerk, channel):
    batch = uploaded(client, channel)
    response = client.post(url("mapping_check", batch), mapping(**{"column-0": "", "column-4": ""}))
    text = response.content.decode()
    assert "Still missing:" in text
    assert "order number, ordered" in text
    assert response.context["check"].unused == ["InvoiceNo", "InvoiceDate"]
    batch.refresh_from_db()
    assert "form" not in batch.mapping


def test_words_of_a_choice_column_are_asked_for(client, clerk, channel):
    batch = uploaded(client, channel, "order_number,order date,sku,qty,price,Zustand\nA,2026-01-01,S,1,5,fertig\n")
    given = {"column-0": "external_number", "column-1": "placed_at", "column-2": "sku", "column-3": "quantity",
             "column-4": "unit_price", "column-5": "order_state"}  # fmt: skip
    assert "fertig" in client.post(url("mapping_check", batch), given).content.decode()
    client.post(url("mapping", batch), {**given, "word-order_state-0": "fertig", "means-order_state-0": "shipped"})
    batch.refresh_from_db()
    assert batch.mapping["values"] == {"order_state": {"fertig": "shipped"}}


def test_missing_columns_refuse_the_preview_and_name_them(client, clerk, channel):
    batch = uploaded(client, channel)
    response = client.post(url("mapping", batch), mapping(**{"column-0": ""}), follow=True)
    assert "These columns are missing: external_number" in response.content.decode()
    batch.refresh_from_db()
    assert batch.state == ImportState.REFUSED
    client.post(url("preview", batch))
    batch.refresh_from_db()
    assert (batch.state, Job.objects.count()) == (ImportState.REFUSED, 0)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("orders.xlsx", b"PK\x03\x04 this is no workbook", "not a table that can be read"),
        ("orders.csv", b"", "empty"),
        ("photo.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "cannot be read with certainty"),
        ("mixed.csv", b"a,b\n" + b"\xff\xfe\xfa\n", "cannot be read with certainty"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(client, clerk, channel, name, content, sentence):
    response = upload(client, channel, content, name=name)
    if response.status_code == 302:
        response = client.get(response["Location"])
    assert sentence in response.content.decode()
    assert not ImportRow.objects.exists()


def test_a_legacy_encoding_is_read_for_its_country_or_chosen(client, clerk, channel):
    batch = uploaded(client, channel, encoding="cp949")
    assert batch.encoding == "cp949"
    japanese = uploaded(client, channel, HEADER + "A1,X,コート,1,2026-01-05,1,\n", encoding="cp932")
    client.post(url("encoding", japanese), {"encoding": "cp932"})
    japanese.refresh_from_db()
    assert japanese.encoding == "cp932"
    assert "コート" in client.get(url("change", japanese)).content.decode()
    refused = client.post(url("encoding", japanese), {"encoding": "rot13"}, follow=True)
    assert "Choose one of the encodings offered." in refused.content.decode()


def test_personal_cells_are_masked_without_the_right(client, channel):
    client.force_login(make_user(permissions=RIGHTS))
    batch = imported(client, uploaded(client, channel))
    assert "minjun@example.org" in client.get(url("change", batch) + "?outcome=created").content.decode()
    client.force_login(make_user(permissions=["core.view_importbatch"]))
    page = client.get(url("change", batch) + "?outcome=created").content.decode()
    assert "minjun@example.org" not in page
    assert "m***@example.org" in page
    assert "minjun" not in client.get(url("refused", batch)).content.decode()


def test_who_may_only_look_changes_nothing(client, channel):
    client.force_login(make_user(permissions=RIGHTS))
    batch = uploaded(client, channel)
    client.force_login(make_user(permissions=["core.view_importbatch"]))
    assert client.get(url("change", batch)).status_code == 200
    for page in ("mapping", "preview", "new"):
        assert client.get(url(page, batch if page != "new" else None)).status_code == 403
    for page in ("mapping", "mapping_check", "preview", "encoding", "format"):
        assert client.post(url(page, batch), mapping(encoding="cp949")).status_code == 403
    client.force_login(make_user(permissions=["core.view_importbatch", "core.add_importbatch"]))
    assert client.post(url("preview", batch)).status_code == 403
    client.force_login(make_user())
    assert client.get(url("change", batch)).status_code == 403
    batch.refresh_from_db()
    assert batch.state == ImportState.UPLOADED


def test_reading_pages_changes_nothing_and_asking_for_nothing_answers_404(client, clerk, channel):
    batch = uploaded(client, channel)
    assert client.get(url("encoding", batch)).status_code == 405
    assert client.get(url("format", batch)).status_code == 405
    assert client.get(url("reconciliation", batch)).status_code == 404
    assert client.get(reverse("admin:core_importbatch_change", args=[10**9])).status_code == 404


def test_the_list_shows_each_state(client, clerk, channel):
    imported(client, uploaded(client, channel))
    uploaded(client, channel)
    list_url = reverse("admin:core_importbatch_changelist")
    assert 'class="stack"' in client.get(list_url).content.decode()
    assert client.get(f"{list_url}?tab=attention").context["cl"].result_count == 1
    assert client.get(f"{list_url}?tab=open").context["cl"].result_count == 1


def test_progress_is_shown_until_the_import_has_ended(client, clerk, channel):
    batch = uploaded(client, channel)
    client.post(url("mapping", batch), mapping())
    client.post(url("preview", batch))
    page = client.get(url("change", batch)).content.decode()
    assert 'hx-get="' + url("progress", batch) in page
    assert client.get(url("progress", batch)).status_code == 200
    batch.refresh_from_db()
    jobs.run(batch.job_id)
    assert client.get(url("progress", batch))["HX-Refresh"] == "true"


def test_a_delivered_format_survives_the_mapping_page(client, clerk):
    """One column into two fields, joined columns and rules cannot be shown, and are not lost by looking at them."""
    sync_formats()
    rakuten = make_channel(code="rakuten", kind="rakuten", currency="JPY", country="JP", time_zone="Asia/Tokyo")
    columns = ImportFormat.objects.get(code="rakuten_orders").definition["fingerprint"]
    batch = uploaded(client, rakuten, ",".join(columns) + "\n" + "," * (len(columns) - 1) + "\n", encoding="cp932")
    assert batch.format.code == "rakuten_orders"
    written = batch.format.definition
    page = client.get(url("mapping", batch))
    form = {f"column-{column['place']}": column["field"] for column in page.context["columns"]}
    form |= {f"fixed-{row['field'].name}": row["value"] for row in page.context["fixed"]}
    client.post(url("mapping", batch), form)
    batch.refresh_from_db()
    placed = set(Definition.of(written).place(batch.columns))
    assert {name: source for name, source in written["fields"].items() if name in placed} == batch.mapping["fields"]
    for key in ("constants", "values", "dates"):
        assert batch.mapping[key] == written[key]


def test_rows_are_found_by_outcome_and_by_the_number_of_their_order(client, clerk, channel):
    batch = imported(client, uploaded(client, channel))

    def numbers(query):
        return [row.number for row in client.get(url("change", batch) + query).context["rows"]]

    everything = numbers("?outcome=")
    assert len(everything) == 5
    assert len(numbers("")) == 1, "at first the refused row"
    assert len(numbers("?outcome=created")) == 4
    found = client.get(url("change", batch) + "?outcome=&reference=O-").context["rows"]
    assert found
    assert all(row.reference.startswith("O-") for row in found)
    assert numbers("?outcome=&reference=O-none") == []
    assert numbers("?outcome=nonsense") == everything, "a choice that does not exist narrows nothing down"


def test_the_home_page_counts_imports_in_need(client, clerk, channel):
    imported(client, uploaded(client, channel))
    home = client.get(reverse("admin:index"))
    tile = next(shown for shown in home.context["kpis"] if shown.tile.key == "core.imports")
    assert (tile.content.value, tile.content.level) == ("1", "warning")
    assert tile.content.url.endswith("/core/importbatch/?tab=attention")
