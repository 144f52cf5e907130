"""Delivered formats: what the data files say stands in the table, what people made stays theirs."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from channels.services import formats
from channels.services.formats import FOLDER, read_formats, sync_formats
from core.errors import InvalidInput
from core.models import ImportFormat

pytestmark = pytest.mark.django_db

SHOP = """
code = "shop"
version = "1"
name = "Shop"
target = "orders.lines"
[fields]
external_number = "No."
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let one small format be the only delivered one."""
    (tmp_path / "shop.toml").write_text(SHOP, encoding="utf-8")
    monkeypatch.setattr(formats, "read_formats", lambda: read_formats(tmp_path))
    return tmp_path


def test_a_field_that_the_target_does_not_have_names_file_and_field(folder: Path) -> None:
    for part in ("[fields]\ncolour = 'x'", "[constants]\ncolour = 'x'", "[values.colour]\na = 'b'"):
        head = SHOP.partition("[fields]")[0]
        (folder / "shop.toml").write_text(f"{head}\n{part}\n", encoding="utf-8")
        with pytest.raises(InvalidInput) as refused:
            sync_formats()
        assert str(refused.value) == "shop.toml: unknown fields colour"
    assert not ImportFormat.objects.exists()


def test_a_changed_file_changes_its_row_and_no_other(folder: Path) -> None:
    own = ImportFormat.objects.create(code="own-shop", name="Own", target="orders.lines", definition={"fields": {}})
    assert sync_formats() == {"made": 1, "changed": 0, "retired": 0}
    kept = ImportFormat.objects.get(code="shop")
    (folder / "shop.toml").write_text(SHOP.replace('"No."', '"Number"'), encoding="utf-8")

    assert sync_formats() == {"made": 0, "changed": 1, "retired": 0}
    assert sync_formats() == {"made": 0, "changed": 0, "retired": 0}

    kept.refresh_from_db()
    assert kept.definition["fields"] == {"external_number": "Number"}
    own.refresh_from_db()
    assert (own.name, own.definition, own.is_builtin, own.is_active) == ("Own", {"fields": {}}, False, True)


def test_a_format_that_comes_back_is_offered_again(folder: Path) -> None:
    sync_formats()
    (folder / "shop.toml").rename(folder / "shop.away")
    assert sync_formats() == {"made": 0, "changed": 0, "retired": 1}
    assert not ImportFormat.objects.get().is_active
    (folder / "shop.away").rename(folder / "shop.toml")
    assert sync_formats() == {"made": 0, "changed": 1, "retired": 0}
    assert ImportFormat.objects.get().is_active


def test_the_command_says_what_it_did() -> None:
    count = len(list(FOLDER.glob("*.toml")))
    said = StringIO()
    call_command("sync_formats", stdout=said)
    assert said.getvalue() == f"{count} made, 0 changed, 0 retired\n"
    assert ImportFormat.objects.filter(is_builtin=True, is_active=True).count() == count
