# ruff: noqa: E501 wide letters
"""Pictures that a file names: by address from outside, by name from a zip, each with what became of it."""

import io
import threading
import zipfile
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
import tablib
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from catalog import tasks
from catalog.adapters.archives import PictureArchive
from catalog.adapters.fetching import HttpPictures
from catalog.admin.product_file import ProductFileResource
from catalog.models import MediaFile, Product, ProductImage, WantedPicture
from catalog.services.pictures.fetching import JOB, retry_pictures
from core import jobs
from core.errors import InvalidInput, NotAllowed
from core.models import Job, TableImport
from core.resources import Choices
from core.resources.undoing import undo_table_import
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def picture(colour="red", size=(40, 30)) -> bytes:
    """Return a PNG."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


def zipped(files: dict[str, bytes]) -> io.BytesIO:
    """Return an archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    file.seek(0)
    return file


class Shop(BaseHTTPRequestHandler):
    """A picture server of the test."""

    asked: Counter = Counter()

    def do_GET(self):
        type(self).asked[self.path] += 1
        if self.path == "/moved.png":
            self.send_response(302)
            self.send_header("Location", "/red.png")
            self.end_headers()
            return
        if self.path == "/inside.png":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/latest/")
            self.end_headers()
            return
        if self.path == "/loop.png":
            self.send_response(302)
            self.send_header("Location", "/loop.png")
            self.end_headers()
            return
        known = {"/red.png": picture(), "/blue.png": picture("blue"), "/text.png": b"<html>no picture</html>"}
        body = known.get(self.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture
def server(monkeypatch):
    """Run a picture server on the loopback, which is allowed here only; names of example.com lead to it."""
    Shop.asked = Counter()
    running = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setattr(
        tasks,
        "pictures_outside",
        lambda: HttpPictures(allow_private=True, resolver=lambda host, port: ["127.0.0.1"]),
    )
    yield f"http://pictures.example.com:{running.server_port}"
    running.shutdown()
    running.server_close()
    thread.join()


def imported(headers, *rows, archive=None, user=None):
    """Import the rows as a page does, and return the import."""
    options = {}
    if archive is not None:
        options["archive"] = default_storage.save("tables/test.zip", ContentFile(archive.getvalue()))
    batch = TableImport.objects.create(model="catalog.product", filename="f.csv", state="done", options=options)
    extra = {"pictures": PictureArchive(archive)} if archive is not None else {}
    result = ProductFileResource(user=user).import_data(
        tablib.Dataset(*rows, headers=headers),
        use_transactions=True,
        choices=Choices(table_import=batch.pk, extra=extra),
    )
    assert [str(error.error) for error in result.base_errors] == []
    batch.counts = dict(result.totals)
    batch.faults = {row.file_number: row.error_dict for row in result.invalid_rows}
    return batch


def fetch_all() -> list[dict]:
    """Run the waiting jobs of pictures and return their outcomes."""
    return [job.outcome for job in map(_run, list(Job.objects.filter(kind=JOB, state="queued").order_by("pk")))]


def _run(job):
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "done", job.error
    return job


def outcomes():
    return list(WantedPicture.objects.order_by("pk").values_list("source", "state", "reason"))


HEADERS = ["code", "name", "sku", "image_1", "image_1_alt", "image_2", "variant_image"]


def test_pictures_come_after_the_import_in_their_order_and_once_for_each_address(server):
    batch = imported(
        HEADERS,
        ["a", "A", "a-1", f"{server}/red.png", "빨강", f"{server}/blue.png", f"{server}/blue.png"],
        ["b", "B", "b-1", f"{server}/red.png", "", "", ""],
    )
    assert ProductImage.objects.count() == 0  # nothing is fetched within the import
    assert fetch_all() == [{"done": 3, "refused": 0}]
    assert Shop.asked == {"/red.png": 1, "/blue.png": 1}
    images = ProductImage.objects.order_by("product__code", "position")
    assert list(images.values_list("product__code", "position", "variant__sku", "alt_text_ko")) == [
        ("a", 0, None, "빨강"), ("a", 1, "a-1", ""), ("b", 0, None, ""),
    ]  # fmt: skip
    assert MediaFile.objects.count() == 2
    assert Product.objects.get(code="a").image_path
    assert batch.wanted_pictures.count() == 3


def test_importing_again_fetches_nothing(server):
    row = ["a", "A", "a-1", f"{server}/red.png", "", "", f"{server}/blue.png"]
    imported(HEADERS, row)
    fetch_all()
    assert imported(HEADERS, row).counts["skip"] == 1
    assert fetch_all() == []
    path = str(ProductImage.objects.get(position=0).file)  # what an export writes
    assert imported(HEADERS, ["a", "", "a-1", path, "", "", ""]).counts["skip"] == 1
    assert WantedPicture.objects.count() == 2


def test_each_refused_picture_says_why_and_can_be_tried_again(server):
    sources = ["text.png", "gone.png", "inside.png", "loop.png", "moved.png"]
    imported(
        ["code", "name", *(f"image_{n}" for n in range(1, 6))], ["a", "A", *(f"{server}/{name}" for name in sources)]
    )
    assert fetch_all() == [{"done": 1, "refused": 4}]
    reasons = {source.rsplit("/", 1)[1]: reason for source, _state, reason in outcomes()}
    assert reasons["gone.png"] == "The server answered with 404."
    assert reasons["loop.png"] == "The address leads from one to the next without an end."
    assert "text.png" in reasons["text.png"]
    assert reasons["moved.png"] == ""
    batch = TableImport.objects.get()
    with pytest.raises(NotAllowed):
        retry_pictures(table_import_id=batch.pk, actor=make_user())
    assert retry_pictures(table_import_id=batch.pk) == 4
    assert fetch_all() == [{"done": 0, "refused": 4}]


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"], ["::1"], ["fc00::1"], ["::ffff:10.0.0.1"], ["93.184.216.34", "10.0.0.1"]],
)  # fmt: skip
def test_no_name_leads_inside(addresses):
    asked = HttpPictures(resolver=lambda host, port: addresses)
    with pytest.raises(InvalidInput, match="Only public"):
        asked.fetch("http://pictures.example.com/red.png")
    asked.close()


def test_a_redirect_leads_not_inside_either():
    moved = httpx.MockTransport(lambda request: httpx.Response(302, headers={"Location": "http://127.0.0.1/secret"}))
    client = HttpPictures(resolver=lambda host, port: ["93.184.216.34"], transport=moved)
    with pytest.raises(InvalidInput, match="Only public"):
        client.fetch("http://pictures.example.com/red.png")
    client.close()


@pytest.mark.parametrize("source", ["ftp://example.com/a.png", "http://127.0.0.1/a.png", "http://[::1]/a.png",
                                    "http://user@example.com/a.png", "file:///etc/passwd"])  # fmt: skip
def test_addresses_that_lead_nowhere_are_refused_in_the_preview(source):
    batch = imported(["code", "name", "image_1"], ["a", "A", source])
    assert batch.faults == {2: {"image_1": ["Only public http and https addresses are fetched."]}}
    assert Product.objects.count() == 0


def test_too_large_a_file_is_left(monkeypatch, server):
    monkeypatch.setattr("catalog.adapters.fetching.MOST_BYTES", 10)
    imported(["code", "name", "image_1"], ["a", "A", f"{server}/red.png"])
    assert fetch_all() == [{"done": 0, "refused": 1}]


class TestZip:
    def test_pictures_by_name_and_by_folder(self):
        archive = zipped({"x/red.png": picture(), "y/red.png": picture("blue"), "Green.PNG": picture("green")})
        batch = imported(
            ["code", "name", "image_1", "image_2"],
            ["a", "A", "green.png", "y/red.png"],
            ["b", "B", "red.png", ""],
            ["c", "C", "none.png", ""],
            archive=archive,
        )
        assert batch.faults == {4: {"image_1": ["There is no picture “none.png” in the zip file."]}}
        assert fetch_all() == [{"done": 2, "refused": 1}]
        assert outcomes()[2][1:] == ("refused", "The zip file has several pictures “red.png”. Write the folder too.")

    def test_a_name_without_a_zip_says_so(self):
        imported(["code", "name", "image_1"], ["a", "A", "red.png"])
        assert fetch_all() == [{"done": 0, "refused": 1}]
        assert "no zip file" in outcomes()[0][2]

    @pytest.mark.parametrize(
        ("files", "sentence"),
        [
            ({"../up.png": b"x"}, "lead out of it"),
            ({"/etc/red.png": b"x"}, "lead out of it"),
            ({"run.exe": b"x"}, "no picture"),
            ({"bomb.png": bytes(30_000_000)}, "unpacks to far more"),
        ],
    )
    def test_tricks_are_refused(self, files, sentence):
        with pytest.raises(InvalidInput, match=sentence):
            PictureArchive(zipped(files))

    def test_what_is_no_zip(self):
        with pytest.raises(InvalidInput, match="not a zip"):
            PictureArchive(io.BytesIO(b"nothing"))

    def test_an_image_that_is_not_one(self):
        imported(["code", "name", "image_1"], ["a", "A", "a.png"], archive=zipped({"a.png": b"GIF89a no"}))
        assert fetch_all() == [{"done": 0, "refused": 1}]
        assert ProductImage.objects.count() == 0


def test_undoing_the_import_takes_its_pictures_and_products_away(server):
    user = make_user(is_superuser=True)
    batch = imported(HEADERS, ["a", "A", "a-1", f"{server}/red.png", "", f"{server}/gone.png", ""], user=user)
    fetch_all()
    done = undo_table_import(
        table_import_id=batch.pk, resource=ProductFileResource(user=user), reason="wrong file", actor=user
    )
    assert (done.state, done.counts["conflicts"]) == ("undone", 0)
    assert [model.objects.count() for model in (Product, ProductImage, WantedPicture)] == [0, 0, 0]
