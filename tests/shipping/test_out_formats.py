"""Files as carriers and malls read them: every column in its place, in their encoding."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from core.errors import Conflict, InvalidInput, NotAllowed
from shipping.models import OutFormat
from shipping.services import save_out_format, sync_out_formats
from shipping.services.files.definitions import read_definition
from shipping.services.files.formats import FOLDER
from shipping.services.files.parcels import slot_key
from shipping.services.files.writing import write_file
from tests.factories import make_user

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "channel-formats" / "headers"
HEADERS = {
    "yamato_b2": ("yamato_b2_cloud", 95),
    "sagawa_ehiden3": ("sagawa_ehiden3", 74),
    "japanpost_yupack_r": ("japanpost_yupack_r", 117),
    "cj_cnplus": ("cj_logistics_cnplus_upload", 17),
    "logen": ("logen_upload", 11),
    "coupang_delivery_list": ("coupang_wing_delivery_list", 40),
    "sabangnet_invoice": ("sabangnet_invoice_upload", 3),
}
OWN = """
code = "own"
version = "1"
name = "Own"
kind = "carrier"
encoding = "cp932"
quoting = "all"
preface = [["v1"]]
columns = [["番号", "order_number"], ["宛名", "name:1"], ["", "=様"], ["品名", "items"]]
[widths]
items = 8
"""


def definition(name):
    return read_definition((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_each_delivered_format_is_sound(path):
    read = read_definition(path.read_text(encoding="utf-8"))

    assert read.columns
    assert all(header == header.strip() for header in read.headers)
    "".join(read.headers).encode(read.encoding)


@pytest.mark.parametrize(("name", "told"), HEADERS.items())
def test_columns_are_those_of_the_carrier_in_their_order(name, told):
    header, count = told
    path = SHARED / f"{header}.csv"
    assert len(definition(name).headers) == count
    if not path.exists():
        pytest.skip("the headers are not here")

    with path.open(encoding="utf-8", newline="") as file:
        assert definition(name).headers == next(csv.reader(file))


def test_a_csv_file_to_the_byte():
    row = {"order_number": "O-1", "name": {"1": "髙橋〜"}, "items": "あいうえお"}

    assert write_file(read_definition(OWN), [row]).decode("cp932") == (
        '"v1"\r\n"番号","宛名","","品名"\r\n"O-1","髙橋～","様","あいうえ"\r\n'
    )


def test_a_workbook_keeps_long_numbers_and_formulas_as_text():
    row = {
        "external_number": "880000123456789012",
        "tracking_number": "=1+1",
        "carrier": "CJ 대한통운",
        "line_id": "77-12",
    }

    content = write_file(definition("coupang_delivery_list"), [row])

    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("Delivery")
    _header, cells = sheet.to_python()
    assert cells[1:5] == ["77", "880000123456789012", "CJ 대한통운", "=1+1"]
    assert cells[14] == "12"


def test_line_breaks_never_break_a_carriers_row():
    row = {"order_number": "O-1", "items": "a\r\nb\tc"}

    assert write_file(read_definition(OWN), [row]).decode("cp932").splitlines()[2] == '"O-1","","様","a b c"'


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("午前中", "am"),
        ("오전", "am"),
        ("14:00-16:00", "14-16"),
        ("14時～16時", "14-16"),
        ("１８：００～２０：００", "18-20"),
        ("時間帯指定[14:00-16:00]", "14-16"),
        ("19時以降", ""),
        ("", ""),
    ],
)
def test_wished_times_are_read(text, key):
    assert slot_key(text) == key


@pytest.mark.parametrize(
    "change",
    [
        ('kind = "carrier"', 'kind = "ship"'),
        ('encoding = "cp932"', 'encoding = "klingon"'),
        ('"order_number"', '"password"'),
        ("[widths]", "[[widths"),
        ('name = "Own"', ""),
        ("version", "verzion"),
    ],
)
def test_a_definition_that_says_nothing_sensible_is_refused(change):
    with pytest.raises(InvalidInput):
        read_definition(OWN.replace(*change))


@pytest.mark.django_db
def test_delivered_formats_follow_their_files_and_own_ones_stay(tmp_path):
    made = sync_out_formats()["made"]
    own = save_out_format(source=OWN)
    OutFormat.objects.filter(code="logen_ilogen").update(source="damaged")

    assert made == len(list(FOLDER.glob("*.toml")))
    assert sync_out_formats() == {"made": 0, "changed": 1, "retired": 0}
    assert sync_out_formats(folder=tmp_path)["retired"] == made
    assert OutFormat.objects.get(is_active=True) == own


@pytest.mark.django_db
def test_a_delivered_format_is_copied_not_changed():
    sync_out_formats()
    delivered = OutFormat.objects.get(code="logen_ilogen")

    with pytest.raises(Conflict):
        save_out_format(source=OWN, format_id=delivered.pk)
    with pytest.raises(Conflict):
        save_out_format(source=delivered.source)
    with pytest.raises(NotAllowed):
        save_out_format(source=OWN, actor=make_user())
    delivered.refresh_from_db()
    assert delivered.code == "logen_ilogen"
    assert not OutFormat.objects.filter(code="own").exists()


@pytest.mark.django_db
def test_an_own_format_is_changed():
    own = save_out_format(source=OWN)

    save_out_format(source=OWN.replace('name = "Own"', 'name = "Ours"'), format_id=own.pk)

    own.refresh_from_db()
    assert own.name == "Ours"
    assert read_definition(own.source).dates == "%Y/%m/%d"
    assert date(2026, 1, 2).strftime("%Y/%m/%d") == "2026/01/02"
