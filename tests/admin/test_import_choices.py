"""What is chosen for an import on its pages: format, encoding, outcome to look at."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.imports import services
from core.imports.errors import FileRefused
from core.models import ImportBatch, ImportFormat
from tests.admin.import_files import RIGHTS, imported, mapping, upload, uploaded, url
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


def test_a_form_without_a_file_or_a_channel_says_so_and_keeps_nothing(client, clerk, channel):
    response = client.post(url("new"), {"sales_channel": channel.pk})
    assert list(response.context["form"].errors) == ["file"]
    response = client.post(url("new"), {"file": SimpleUploadedFile("a.csv", b"a,b\n1,2\n")})
    assert list(response.context["options"].errors) == ["sales_channel"]
    assert not ImportBatch.objects.exists()


def test_an_unknown_kind_of_file_is_forbidden(client, clerk):
    assert client.get(url("new") + "?target=other.rows").status_code == 403


def test_a_format_and_an_encoding_may_be_chosen_with_the_file(client, clerk, channel):
    client.post(url("mapping", uploaded(client, channel)), mapping(format_name="Gift shop"))
    kept = ImportFormat.objects.get(name="Gift shop")
    columns = "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,Colour\n"
    response = upload(
        client, channel, f"{columns}A1,빨강,1,2026-01-05,1,x\n".encode("cp949"), format=kept.pk, encoding="cp949"
    )
    batch = ImportBatch.objects.latest("pk")
    assert response["Location"] == url("change", batch)
    assert (batch.format, batch.encoding, batch.options["encoding"]) == (kept, "cp949", "cp949")
    assert "Colour" in batch.unknown_columns


def test_the_format_is_overruled_on_the_page_of_the_file(client, clerk, channel):
    client.post(url("mapping", uploaded(client, channel)), mapping(format_name="Gift shop"))
    kept = ImportFormat.objects.get(name="Gift shop")
    batch = uploaded(client, channel)
    client.post(url("mapping", batch), mapping(**{"column-2": ""}))
    batch.refresh_from_db()
    assert batch.format is None
    for wanted in ("", "x", "0", str(kept.pk + 1)):
        page = client.post(url("format", batch), {"format": wanted}, follow=True).content.decode()
        assert "Choose a format." in page
    batch.refresh_from_db()
    assert batch.format is None

    assert client.post(url("format", batch), {"format": kept.pk})["Location"] == url("change", batch)
    batch.refresh_from_db()
    assert (batch.format, batch.mapping) == (kept, {})


def test_what_has_started_is_only_looked_at(client, clerk, channel):
    client.post(url("mapping", uploaded(client, channel)), mapping(format_name="Gift shop"))
    kept = ImportFormat.objects.get(name="Gift shop")
    batch = imported(client, uploaded(client, channel))
    before = ImportBatch.objects.values().get(pk=batch.pk)
    for page in ("preview", "mapping"):
        assert client.get(url(page, batch))["Location"] == url("change", batch)
        assert client.post(url(page, batch), mapping())["Location"] == url("change", batch)
    for page, data in (("format", {"format": kept.pk}), ("encoding", {"encoding": "cp949"})):
        said = client.post(url(page, batch), data, follow=True).content.decode()
        assert "This import has already started." in said
    assert ImportBatch.objects.values().get(pk=batch.pk) == before


def test_a_preview_of_a_file_that_is_gone_says_why(client, clerk, channel, monkeypatch):
    batch = uploaded(client, channel)
    client.post(url("mapping", batch), mapping())

    def gone(**_given):
        raise FileRefused("not_readable")

    monkeypatch.setattr(services, "preview", gone)
    answer = client.get(url("preview", batch), follow=True)
    assert answer.redirect_chain == [(url("change", batch), 302)]
    assert "not a table that can be read" in answer.content.decode()


def test_a_preview_shows_one_outcome_when_asked(client, clerk, channel):
    batch = uploaded(client, channel)
    client.post(url("mapping", batch), mapping())
    page = client.get(url("preview", batch) + "?outcome=refused")
    assert [row.number for row in page.context["rows"]] == [5]
    assert page.context["shown_count"] == 5
