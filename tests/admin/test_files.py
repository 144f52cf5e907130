"""Stored files: a login, the right to see them, and pictures only within the page."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from core.files import _owners, permission_reader, register_files
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client):
    user = make_user(username="boss", is_superuser=True, first_name="Hana", last_name="Kim")
    client.force_login(user)
    return user


# --- files


@pytest.fixture
def picture(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr("core.files._owners", {**_owners})
    register_files("secret", permission_reader("core.view_job"))
    default_storage.save("secret/a.png", ContentFile(b"\x89PNG"))
    default_storage.save("secret/a.svg", ContentFile(b"<svg onload=alert(1)>"))
    default_storage.save("orphan/a.png", ContentFile(b"x"))


def status(client, name):
    response = client.get(f"/files/{name}")
    close(response)
    return response.status_code


def close(response):
    """Close the file, but not, as response.close() would, the test's connection."""
    for closer in response._resource_closers:
        closer()


@pytest.mark.usefixtures("picture")
def test_files_need_a_login_and_the_right(client):
    assert status(client, "secret/a.png") == 302
    client.force_login(make_user())
    assert status(client, "secret/a.png") == 403
    client.force_login(make_user(permissions=["core.view_job"]))
    assert status(client, "secret/a.png") == 200


@pytest.mark.usefixtures("picture")
@pytest.mark.parametrize(
    "name",
    [
        "orphan/a.png",
        "secret/none.png",
        "secret/../orphan/a.png",
        "../settings.py",
        "secret/",
        "a.png",
        "secret/%2e%2e/orphan/a.png",
    ],
)
def test_other_files_are_not_there(client, boss, name):
    assert status(client, name) == 404


@pytest.mark.usefixtures("picture")
def test_only_pictures_are_shown_in_the_page(client, boss):
    png, svg = client.get("/files/secret/a.png"), client.get("/files/secret/a.svg")
    close(png)
    close(svg)

    assert png["Content-Type"] == "image/png"
    assert "attachment" not in png.get("Content-Disposition", "")
    assert "private" in png["Cache-Control"]
    assert "max-age=31536000" in png["Cache-Control"]
    assert svg["Content-Type"] == "application/octet-stream"
    assert svg["Content-Disposition"].startswith("attachment")
    assert {png["X-Content-Type-Options"], svg["X-Content-Type-Options"]} == {"nosniff"}
