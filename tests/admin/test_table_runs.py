"""The pages of a table's import: choices, corrections in the preview, all or nothing, undoing, the list; bad files."""

import io
import zipfile

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog.models import Product, Variant
from core import jobs
from core.models import EventRecord, ExportLayout, Job, TableChange, TableImport
from core.resources import transfer
from tests.factories import make_user, make_variant

pytestmark = pytest.mark.django_db

MAY = ("catalog.view_variant", "catalog.change_variant", "catalog.add_variant", "core.import_data")
LOOK = ("core.view_tableimport", "core.view_job")
GTIN = "4006381333931"


def url(page, *args, model="catalog_variant"):
    return reverse(f"admin:{model}_{page}", args=args)


def signed_in(client, *permissions):
    user = make_user(permissions=permissions)
    client.force_login(user)
    return user


def upload(client, content, name="variants.csv", **data):
    content = content.encode() if isinstance(content, str) else content
    return client.post(url("import"), {"file": SimpleUploadedFile(name, content), **data})


def workbook(*rows, merge=""):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        if merge:
            sheet.merge_range(merge, "Names")
    return file.getvalue()


@pytest.fixture
def variant():
    return make_variant(product=Product.objects.create(code="P1", name="코트"), sku="S1", name="Black", weight_g=300)


def test_what_would_be_cleared_is_counted_and_shown_as_cleared(client, variant):
    signed_in(client, *MAY)
    preview = upload(client, "sku,name,weight_g\nS1,,[clear]\n", blanks="clear")["Location"]
    page = client.get(preview)
    assert page.context["found"].result.cleared == {"name": 1, "weight_g": 1}
    shown = page.content.decode()
    assert "2 stored values would be cleared:" in shown
    assert '<del>Black</del> <b class="badge amber">cleared</b>' in shown
    client.post(preview, {"do": "choose", "blanks": "keep", "mode": "rows"})
    page = client.get(preview)
    assert page.context["found"].result.cleared == {"weight_g": 1}
    client.post(preview, {"do": "start"})
    assert Variant.objects.values_list("name", "weight_g").get() == ("Black", None)


def test_errors_are_corrected_in_the_preview_and_tried_again(client, variant):
    signed_in(client, *MAY)
    preview = upload(client, 'sku,product,weight_g,name\nS1,P1,300,Black\nS2,P9,heavy,"a\nb"\nS3,P1,5,\n')["Location"]
    page = client.get(preview + "?show=refused")
    [row] = page.context["found"].rows
    assert [(cell.header, cell.text, cell.is_edited) for cell in row.cells] == [
        ("sku", "S2", True), ("product", "P9", True), ("weight_g", "heavy", True), ("name", "a\nb", False),
    ]  # fmt: skip
    shown = page.content.decode()
    assert 'name="cell-1-1" value="P9"' in shown
    assert "There is no product “P9”." in shown
    data = {"do": "correct", "cell-1-1": "P1", "cell-1-2": "still heavy", "cell-0-3": "Black", "cell-99-0": "x"}
    client.post(preview + "?show=refused", data)
    assert TableImport.objects.get().corrections == {"1": {"product": "P1", "weight_g": "still heavy"}}
    assert client.get(preview).context["counts"]["refused"] == 1
    client.post(preview, {"do": "correct", "cell-1-2": "12"})
    assert client.get(preview).context["counts"] == {"created": 2, "updated": 0, "unchanged": 1, "refused": 0}
    client.post(preview, {"do": "start"})
    assert list(Variant.objects.order_by("sku").values_list("sku", "weight_g", "name")) == [
        ("S1", 300, "Black"), ("S2", 12, "a\nb"), ("S3", 5, ""),
    ]  # fmt: skip


def test_a_row_that_is_wrong_as_a_whole_can_be_edited_at_its_cells(client, variant):
    make_variant(product=variant.product, sku="S9", barcode=GTIN)
    signed_in(client, *MAY)
    preview = upload(client, f"sku,product,barcode,name\nS2,P1,{GTIN},\n")["Location"]
    [row] = client.get(preview).context["found"].rows
    assert row.faults == ["Another variant has this barcode."]
    assert [cell.header for cell in row.cells if cell.is_edited] == ["sku", "product", "barcode"]


def test_only_the_owner_corrects_and_nothing_after_the_start(client, variant):
    signed_in(client, *MAY, *LOOK)
    preview = upload(client, "sku,name\nS1,White\n")["Location"]
    other = Client()
    signed_in(other, *MAY, *LOOK)
    assert other.post(preview, {"do": "correct", "cell-0-1": "Evil"}).status_code == 404
    client.post(preview, {"do": "start"})
    answer = client.post(preview, {"do": "correct", "cell-0-1": "Evil"}, follow=True)
    assert "This import was started already." in answer.content.decode()
    assert other.get(preview).status_code == 200
    assert Variant.objects.get().name == "White"


def test_all_or_nothing_lets_nothing_in_while_a_row_is_refused(client, variant):
    signed_in(client, *MAY)
    preview = upload(client, "sku,product,weight_g\nS2,P1,1\nS3,P1,x\n", mode="all")["Location"]
    assert "A row is refused, so nothing would go in." in client.get(preview).content.decode()
    answer = client.post(preview, {"do": "start"}, follow=True)
    assert "A row was refused, so nothing was imported." in answer.content.decode()
    assert (Variant.objects.count(), TableImport.objects.get().state, TableChange.objects.count()) == (1, "preview", 0)
    assert not Job.objects.exists()
    client.post(preview, {"do": "correct", "cell-1-2": "2"})
    client.post(preview, {"do": "start"})
    assert (Variant.objects.count(), TableImport.objects.get().state) == (3, "done")


def test_all_or_nothing_in_the_background_comes_back_to_its_preview(client, variant, monkeypatch):
    monkeypatch.setattr("core.admin.table_runs.AT_ONCE", 1)
    signed_in(client, *MAY)
    preview = upload(client, "sku,product,weight_g\nS2,P1,1\nS3,P1,x\n", mode="all")["Location"]
    client.post(preview, {"do": "start"})
    assert TableImport.objects.get().state == "queued"
    assert jobs.run(Job.objects.get().pk) == "failed"
    row = TableImport.objects.get()
    assert (row.state, Variant.objects.count(), TableChange.objects.count()) == ("preview", 1, 0)
    assert "Correct it and import again." in row.error


def test_filters_and_pages_of_a_long_preview(client, variant):
    signed_in(client, *MAY)
    rows = "".join(f"N{n:03},P1\n" for n in range(120))
    preview = upload(client, f"sku,product\n{rows}S1,P1\nS1,P1\n")["Location"]
    page = client.get(preview + "?page=3")
    assert [row.number for row in page.context["found"].rows] == list(range(102, 124))
    assert [(chip["key"], chip["count"]) for chip in page.context["chips"]] == [
        ("", 122), ("new", 120), ("changed", 0), ("unchanged", 1), ("refused", 1),
    ]  # fmt: skip
    assert [row.number for row in client.get(preview + "?show=refused").context["found"].rows] == [123]
    assert [row.number for row in client.get(preview + "?show=unchanged").context["found"].rows] == [122]
    assert len(client.get(preview + "?show=new&page=2").context["found"].rows) == 50
    for odd in ("?show=x", "?page=0", "?page=x", "?page=99999"):
        assert client.get(preview + odd).status_code == 404


def test_an_import_is_undone_from_its_page_and_says_what_stays(client, variant):
    user = signed_in(client, *MAY, *LOOK)
    page = upload(client, "sku,product,name\nS1,P1,White\nS2,P1,Blue\nS3,P1,Red\n")["Location"]
    client.post(page, {"do": "start"})
    Variant.objects.filter(sku="S3").update(name="mine")
    assert "Undo this import" in client.get(page).content.decode()
    assert "Say why" in client.post(page, {"do": "undo", "reason": ""}, follow=True).content.decode()
    answer = client.post(page, {"do": "undo", "reason": "wrong season"}, follow=True).content.decode()
    assert "2 rows are as they were before." in answer
    assert "1 row stays; see why below." in answer
    assert list(Variant.objects.order_by("sku").values_list("sku", "name")) == [("S1", "Black"), ("S3", "mine")]
    row = TableImport.objects.get()
    assert (row.state, row.undone_by, row.undo_reason) == ("partly_undone", user, "wrong season")
    file = client.get(page + "?file=conflicts")
    assert (
        file.content.decode("utf-8-sig").splitlines()[1].startswith("4,S3,Name,,Red,mine,")
        or "mine" in file.content.decode()
    )
    again = client.post(page, {"do": "undo", "reason": "once more"}, follow=True).content.decode()
    assert "This import was undone already." in again
    assert EventRecord.objects.filter(name="core.table_undone").count() == 1


def test_undoing_needs_the_rights_of_importing(client, variant):
    signed_in(client, *MAY)
    page = upload(client, "sku,name\nS1,White\n")["Location"]
    client.post(page, {"do": "start"})
    signed_in(client, *LOOK, "catalog.view_variant")
    assert client.post(page, {"do": "undo", "reason": "because"}).status_code == 403
    signed_in(client, *MAY)
    assert client.post(page, {"do": "undo", "reason": "because"}).status_code == 404
    assert Variant.objects.get().name == "White"


def test_a_large_undo_is_a_job(client, variant, monkeypatch):
    signed_in(client, *MAY, *LOOK)
    page = upload(client, "sku,product\nS2,P1\nS3,P1\n")["Location"]
    client.post(page, {"do": "start"})
    monkeypatch.setattr("core.admin.table_runs.AT_ONCE", 1)
    for _press in range(2):
        client.post(page, {"do": "undo", "reason": "wrong file"})
    job = Job.objects.get(kind="core.table_undo")
    assert Variant.objects.count() == 3
    assert jobs.run(job.pk) == "done"
    job.refresh_from_db()
    assert (job.outcome, Variant.objects.count()) == ({"undone": 2, "conflicts": 0}, 1)
    assert TableImport.objects.get().state == "undone"


def test_the_list_shows_imports_of_tables_one_may_import_and_leads_to_them(client, variant):
    signed_in(client, *MAY, *LOOK)
    page = upload(client, "sku,name\nS1,White\n")["Location"]
    client.post(page, {"do": "start"})
    TableImport.objects.create(model="staff.user", filename="secret.csv", state="done")
    TableImport.objects.create(model="catalog.variant", filename="anothers-preview.csv", owner=make_user())
    shown = client.get(reverse("admin:core_tableimport_changelist") + "?tab=all").content.decode()
    assert "variants.csv" in shown
    assert "secret.csv" not in shown
    assert "anothers-preview.csv" not in shown
    pk = TableImport.objects.get(filename="variants.csv").pk
    assert client.get(reverse("admin:core_tableimport_change", args=[pk]))["Location"] == page


def test_a_second_file_with_the_same_keys_changes_what_the_first_made(client, variant):
    signed_in(client, *MAY)
    for name, counts in (("A", (1, 0)), ("B", (0, 1))):
        preview = upload(client, f"sku,product,name\nS2,P1,{name}\n")["Location"]
        found = client.get(preview).context["counts"]
        assert (found["created"], found["updated"]) == counts
        client.post(preview, {"do": "start"})
    assert Variant.objects.get(sku="S2").name == "B"


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        ("sku,name\nS1," + "x" * 10_000_000 + "\n", "v.csv", "has a cell of more than 100000 characters"),
        (workbook(["sku", "name", ""], ["S1", "a", "b"], merge="B1:C1"), "v.xlsx", "Column C has no name. Unmerge"),
        ("sku,,name\nS1,x,y\n", "v.csv", "Column B has no name. Unmerge"),
        ("sku,name\nS1,검정\n".encode("cp949"), "v.csv", "cannot be read with certainty"),
    ],
    ids=["10 MB cell", "merged header", "column without a name", "wrong encoding"],
)
def test_bad_files_are_refused_with_what_to_do_and_are_not_kept(client, variant, content, name, sentence):
    signed_in(client, *MAY)
    assert sentence in upload(client, content, name=name).content.decode()
    assert not TableImport.objects.exists()


def test_a_wrong_choice_of_encoding_is_said(client, variant):
    signed_in(client, *MAY)
    answer = upload(client, "sku,name\nS1,黒\n".encode("cp932"), encoding="utf-8")
    assert "The file is not written in utf-8. Choose another encoding." in answer.content.decode()


def test_a_zip_bomb_is_refused_before_it_is_unpacked(client, variant):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (60 * 2**20))
    signed_in(client, *MAY)
    assert "unpacks to far more than its size allows" in upload(client, bomb.getvalue(), name="v.xlsx").content.decode()
    assert not TableImport.objects.exists()


def test_too_many_rows_are_refused_at_once(client, variant, monkeypatch):
    monkeypatch.setattr(transfer, "MOST_ROWS", 1000)
    signed_in(client, *MAY)
    rows = "".join(f"N{n},P1\n" for n in range(1001))
    assert "more than 1000 rows. Split it." in upload(client, f"sku,product\n{rows}").content.decode()
    assert not TableImport.objects.exists()


def test_negative_numbers_and_unreadable_characters_are_faults_of_their_cell(client, variant):
    signed_in(client, *MAY)
    preview = upload(client, b"sku,weight_g,name\nS1,-5,a\x00b\n")["Location"]
    [row] = client.get(preview).context["found"].rows
    faults = {cell.header: cell.fault for cell in row.cells if cell.fault}
    assert faults == {
        "weight_g": "Ensure this value is greater than or equal to 0.",
        "name": "A character in it could not be read (NUL, or �). Type it again.",
    }
    nul = client.post(preview, {"do": "correct", "cell-0-2": "a\x00b"}, follow=True)
    assert "NUL" in nul.content.decode()
    assert Variant.objects.values_list("name", "weight_g").get() == ("Black", 300)


# --- layouts of exports

EXPORT = ("catalog.view_variant", "core.export_data")


def test_columns_leave_in_the_chosen_order_and_layouts_keep_it(client, variant):
    user = signed_in(client, *EXPORT)
    address = url("export")
    chosen = {"kind": "csv", "columns": ["name", "sku"]}
    file = client.post(address, {**chosen, "do": "export"})
    assert file.content.decode("utf-8-sig").splitlines() == ["name,sku", "Black,S1"]
    client.post(address, {**chosen, "do": "save", "layout_name": "For the mall", "layout_shared": "on"})
    layout = ExportLayout.objects.get()
    assert (layout.owner, layout.model, layout.fields, layout.kind, layout.is_shared) == (
        user, "catalog.variant", ["name", "sku"], "csv", True,
    )  # fmt: skip
    form = client.post(address, {"do": "load", "layout": layout.pk}).context["form"]
    assert [name for name, _label in form.fields["columns"].choices][:2] == ["name", "sku"]
    assert (form.fields["columns"].initial, form.fields["kind"].initial) == (["name", "sku"], "csv")
    client.post(address, {"do": "rename", "layout": layout.pk, "name": "For Rakuten"})
    client.post(address, {**chosen, "columns": ["sku"], "do": "save", "layout_name": "For Rakuten"})
    assert ExportLayout.objects.values_list("name", "fields", "is_shared").get() == ("For Rakuten", ["sku"], False)
    client.post(address, {"do": "remove", "layout": layout.pk})
    assert not ExportLayout.objects.exists()


def test_colleagues_use_shared_layouts_and_change_only_their_own(client, variant):
    owner = make_user()
    shared = ExportLayout.objects.create(
        owner=owner, model="catalog.variant", name="shared", fields=["sku", "gone"], is_shared=True
    )
    private = ExportLayout.objects.create(owner=owner, model="catalog.variant", name="private", fields=["sku"])
    signed_in(client, *EXPORT)
    assert [layout.name for layout in client.get(url("export")).context["layouts"]] == ["shared"]
    form = client.post(url("export"), {"do": "load", "layout": shared.pk}).context["form"]
    assert form.fields["columns"].initial == ["sku"]
    assert client.post(url("export"), {"do": "load", "layout": private.pk}).status_code == 404
    for does in ("remove", "rename"):
        answer = client.post(url("export"), {"do": does, "layout": shared.pk, "name": "mine"}, follow=True)
        assert "This layout belongs to somebody else." in answer.content.decode()
    assert sorted(ExportLayout.objects.values_list("name", flat=True)) == ["private", "shared"]


def test_a_layout_needs_a_name_and_columns(client, variant):
    signed_in(client, *EXPORT)
    answer = client.post(url("export"), {"do": "save", "kind": "csv", "columns": ["sku"], "layout_name": " "})
    assert "Give the layout a name." in answer.content.decode()
    answer = client.post(url("export"), {"do": "save", "kind": "csv", "layout_name": "x"})
    assert answer.status_code == 200
    assert not ExportLayout.objects.exists()
