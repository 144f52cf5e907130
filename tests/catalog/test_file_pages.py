"""The import page of products: formats found or chosen, what is missing asked for, the preview says what was read."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from catalog.models import Price, Product, Variant, WantedPicture, WantedState
from core.models import Job, TableImport
from tests.factories import make_channel, make_user

pytestmark = pytest.mark.django_db
UPLOAD = "admin:catalog_product_import"
SHOPIFY = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price,Image Src,Odd\n"


@pytest.fixture
def person(client):
    user = make_user(is_superuser=True)
    client.force_login(user)
    return user


def upload(client, content, *, name="products.csv", **over):
    """Send a file and return the answer."""
    body = content if isinstance(content, bytes) else content.encode()
    data = {"file": SimpleUploadedFile(name, body), "blanks": "keep", "mode": "rows", **over}
    return client.post(reverse(UPLOAD), data)


def test_a_shopify_file_is_recognised_and_what_it_lacks_is_asked_for(client, person):
    make_channel(code="shop", currency="USD")
    text = SHOPIFY + "mug,Mug,Title,Default Title,M-1,4,9.50,,x\n"
    answer = upload(client, text)
    assert "does not say whose prices they are" in answer.content.decode()
    assert TableImport.objects.count() == 0
    answer = upload(client, text, sales_channel="shop")
    row = TableImport.objects.get()
    assert (answer.status_code, row.format_code) == (302, "shopify_products")
    page = client.get(answer["Location"]).content.decode()
    assert "Read as: Shopify: products (classic columns)." in page
    assert "Stock is counted, not imported. Left out: Variant Inventory Qty." in page
    assert "The format does not know these columns, they are left out: Odd." in page
    assert "title_en" in page
    assert Product.objects.count() == 0
    client.post(answer["Location"], {"do": "start"})
    product = Product.objects.get()
    assert (product.code, product.status, product.author) == ("mug", "draft", person)
    assert Price.objects.get().amount == 950


def test_a_chosen_format_that_does_not_fit_is_refused(client, person):
    make_channel(code="shop")
    answer = upload(client, "code,name,sku\na,A,a\n", format_code="rakuten_items", sales_channel="shop")
    assert "This is no file of “楽天RMS" in answer.content.decode()
    assert TableImport.objects.count() == 0


def test_a_japanese_file_is_read_whatever_the_reader_speaks(client, person):
    make_channel(code="shop", currency="JPY")
    text = "syohin_code,syohin_name,baika_tnk\r\ncup,カップ,500\r\n"
    answer = upload(client, text.encode("cp932"), sales_channel="shop")
    client.post(answer["Location"], {"do": "start"})
    assert Product.objects.get().name == "カップ"
    assert Product.objects.get().texts.get().language == "ja"


def test_an_unknown_header_names_the_closest_format(client, person):
    page = upload(client, "colour,shape\nred,round\n").content.decode()
    assert "No known format has these columns." in page


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\x81\xff\xfe\x81 broken \xff,\n", "encoding"),
        (b"code,name,sku\na,A," + b"x" * 10_000_000, "100"),
        (b"PK\x03\x04 broken", "not a table that can be read"),
    ],
    ids=["encoding", "10 MB cell", "broken workbook"],
)
def test_bad_files_are_refused_with_a_sentence(client, person, content, told):
    page = upload(client, content).content.decode()
    assert told in page
    assert (TableImport.objects.count(), Product.objects.count()) == (0, 0)


def test_a_refused_cell_is_corrected_in_the_preview(client, person):
    make_channel(code="shop")
    text = "code,name,sku,price[shop]\na,A,a-1,-5\nb,B,b-1,500\n"
    address = upload(client, text)["Location"]
    page = client.get(address).content.decode()
    assert "A price cannot be negative." in page
    client.post(address, {"do": "correct", "cell-0-3": "5"})
    client.post(address, {"do": "start"})
    assert dict(Price.objects.values_list("variant__sku", "amount")) == {"a-1": 5, "b-1": 500}
    row = TableImport.objects.get()
    client.post(address, {"do": "undo", "reason": "wrong file"})
    row.refresh_from_db()
    assert (row.state, Variant.objects.count(), Product.objects.count()) == ("undone", 0, 0)


def test_the_preview_shows_every_cell_of_a_new_row_and_lets_a_wrong_sku_be_corrected(client, person):
    make_channel(code="shop")
    text = "code,name,sku,option1_name,option1_value,price[shop]\na,A,a-1,Size,S,5\na,A,a-1,Size,M,6\n"
    address = upload(client, text)["Location"]
    first, second = client.get(address).context_data["found"].rows
    assert (first.kind, [cell.new for cell in first.cells]) == ("new", ["a", "A", "a-1", "Size", "S", "5"])
    assert second.kind == "refused"
    assert {cell.header for cell in second.cells if cell.is_edited} == {"code", "sku", "option1_value"}
    client.post(address, {"do": "correct", "cell-1-2": "a-2"})
    client.post(address, {"do": "start"})
    assert dict(Price.objects.values_list("variant__sku", "amount")) == {"a-1": 5, "a-2": 6}
    # a second time: what is stored already is shown as well
    again = client.get(upload(client, text.replace("a-1,Size,M", "a-2,Size,M"))["Location"]).context_data["found"].rows
    assert [(row.kind, row.cells[3].new, row.cells[4].new) for row in again] == [
        ("unchanged", "Size", "S"), ("unchanged", "Size", "M"),
    ]  # fmt: skip
    assert not any(cell.is_changed for row in again for cell in row.cells)


def test_columns_stand_under_headings_and_say_what_they_mean(client, person):
    make_channel(code="shop")
    page = client.get(reverse(UPLOAD))
    groups = dict(page.context_data["groups"])
    assert list(groups) == [
        "Product", "Texts · en", "Texts · ko", "Texts · ja", "Texts · shop", "Variant", "Prices and codes · shop",
        "Pictures",
    ]  # fmt: skip
    told = {column["name"]: column["label"] for columns in groups.values() for column in columns}
    assert [name for name, label in told.items() if not label] == []
    assert (told["price[shop]"], told["option2_value"], told["image_3_alt"]) == (
        "Price", "Value of option 2", "Words for picture 3",
    )  # fmt: skip
    keys = [column["name"] for columns in groups.values() for column in columns if column["is_key"]]
    assert keys == ["code", "sku"]
    page = client.get(reverse("admin:catalog_product_export")).content.decode()
    assert "Price · price[shop]" in page
    assert 'data-heading="Prices and codes · shop"' in page
    assert 'data-tick="none"' in page


def test_a_zip_beside_the_file(client, person):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("a.txt", "no picture")
    page = upload(client, "code,name\na,A\n", archive=SimpleUploadedFile("p.zip", archive.getvalue())).content.decode()
    assert "“a.txt” is no picture." in page
    assert TableImport.objects.count() == 0


def test_the_page_of_the_import_tells_of_its_pictures_and_tries_refused_ones_again(client, person):
    address = upload(client, "code,name,image_1\na,A,none.png\n")["Location"]
    client.post(address, {"do": "start"})
    WantedPicture.objects.update(state=WantedState.REFUSED, reason="There is no zip file.")
    Job.objects.update(state="done")
    page = client.get(address).content.decode()
    assert "There is no zip file." in page
    retry = reverse("admin:catalog_product_import_pictures", args=[TableImport.objects.get().pk])
    assert retry in page
    assert client.get(retry).status_code == 405
    assert client.post(retry).status_code == 302
    assert WantedPicture.objects.get().state == WantedState.WAITING
    assert Job.objects.filter(kind="catalog.fetch_pictures", state="queued").count() == 1
