"""Files as rows: encodings, delimiters, headers, workbooks, and files made to choke us."""

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import DomainError
from core.imports import files, sheets
from core.imports.encoding import find_encoding
from core.imports.errors import FileRefused
from core.imports.files import Layout, find_layout, open_rows
from core.imports.headers import find_header, unique_names
from core.imports.large_xlsx import large_sheet_rows

Write = Callable[[bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file and return its path."""

    def make(content: bytes) -> Path:
        path = tmp_path / "file"
        path.write_bytes(content)
        return path

    return make


def read(path: Path, **options: object) -> list[tuple[int, list[str]]]:
    """Return all rows of a file, its layout found."""
    layout = find_layout(path, **options)  # type: ignore[arg-type]
    with open_rows(path, layout) as rows:
        return list(rows)


def workbook(path: Path, rows: list[list[object]], **formats: object) -> Path:
    """Write a workbook with one sheet."""
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd hh:mm", **formats}) as book:
        sheet = book.add_worksheet("Delivery")
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, place, cell)
                elif cell is not None:
                    sheet.write(number, place, cell)
    return path


class TestEncoding:
    @pytest.mark.parametrize(
        ("text", "encoding", "likely"),
        [
            ("注文番号,氏名\n1,髙﨑㈱①\n", "cp932", ("cp932",)),
            ("주문번호,이름\n1,홍길동 똠방각하\n", "cp949", ("cp949",)),
            ("주문번호,이름\n1,홍길동\n", "utf-8", ("cp949",)),
            ("注文番号,氏名\n1,髙﨑㈱①\n", "utf-8-sig", ("cp949",)),
            ("a,b\n1,é\n", "utf-16", ()),
        ],
    )
    def test_text_comes_back_as_it_was(self, write: Write, text: str, encoding: str, likely: tuple[str, ...]) -> None:
        path = write(text.encode(encoding))
        assert find_encoding(path, likely=likely) == encoding
        assert [",".join(row) for _number, row in read(path, likely=likely)] == text.strip().split("\n")

    def test_japanese_is_never_read_as_korean(self, write: Write) -> None:
        path = write("品名\nテスト\n".encode("cp932"))
        assert path.read_bytes().decode("cp949")  # no error, and nonsense: why encodings are not tried in turn
        assert read(path, likely=("cp932",))[1][1] == ["テスト"]

    def test_without_a_likely_encoding_it_is_asked(self, write: Write) -> None:
        with pytest.raises(FileRefused) as refused:
            find_encoding(write("品名\nテスト\n".encode("cp932")))
        assert refused.value.reason["code"] == "unknown_encoding"

    def test_a_chosen_encoding_must_fit(self, write: Write) -> None:
        with pytest.raises(FileRefused) as refused:
            find_layout(write("a\n品\n".encode("cp932")), encoding="utf-8")
        assert refused.value.reason == {"code": "wrong_encoding", "encoding": "utf-8"}


class TestDelimited:
    @pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
    def test_the_delimiter_is_found(self, write: Write, delimiter: str) -> None:
        path = write(delimiter.join("abc").encode() + b"\n" + delimiter.join("123").encode())
        assert [row for _number, row in read(path)] == [list("abc"), list("123")]

    def test_quotes_and_line_breaks_in_cells(self, write: Write) -> None:
        path = write(b'a,b\n"x, ""y""\nz",2\n')
        assert read(path) == [(1, ["a", "b"]), (2, ['x, "y"\nz', "2"])]

    def test_a_lone_quote_in_a_tab_file_is_a_character(self, write: Write) -> None:
        path = write(b'a\tb\n1\t5" pipe\n2\tx\n')
        assert [row for _number, row in read(path)][1:] == [["1", '5" pipe'], ["2", "x"]]

    def test_nul_bytes_become_visible(self, write: Write) -> None:
        assert read(write(b"a,b\n1,x\x00y\n"))[1][1] == ["1", "x\ufffdy"]

    def test_too_many_rows_or_columns_are_refused(self, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(files, "MAX_ROWS", 2)
        assert len(read(write(b"a,b\n1,2\n"))) == 2
        with pytest.raises(FileRefused) as refused:
            read(write(b"a,b\n1,2\n3,4\n"))
        assert refused.value.reason == {"code": "too_many_rows", "limit": 2}
        with pytest.raises(FileRefused) as refused:
            read(write(b"," * files.MAX_COLUMNS + b"x\n"))
        assert refused.value.reason == {"code": "too_many_columns", "row": 1, "limit": files.MAX_COLUMNS}

    def test_a_cell_beyond_any_reader_is_refused(self, write: Write) -> None:
        path = write(b'a,b\n"' + b"x" * (10 * files.MAX_CELL + 1) + b'",1\n')
        with pytest.raises(FileRefused) as refused:
            read(path)
        assert refused.value.reason["code"] == "cell_too_long"

    def test_text_that_is_broken_further_down_is_refused(self, write: Write) -> None:
        path = write(b"a,b\n" + b"1,2\n" * 30_000 + b"\xff,1\n")
        with pytest.raises(FileRefused) as refused, open_rows(path, Layout(kind="csv", encoding="utf-8")) as rows:
            list(rows)
        assert refused.value.reason["code"] == "not_readable"

    @pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b" , ,\n"])
    def test_empty_files_are_refused(self, write: Write, content: bytes) -> None:
        with pytest.raises(FileRefused) as refused:
            find_layout(write(content))
        assert refused.value.reason["code"] == "empty_file"

    def test_a_monstrous_cell_is_refused(self, write: Write) -> None:
        with pytest.raises(FileRefused) as refused:
            read(write(b"a,b\n1," + b"x" * 100_001))
        assert refused.value.reason["code"] == "cell_too_long"


class TestHeader:
    @staticmethod
    def score(cells: list[str]) -> float:
        return 1.0 if "주문번호" in cells else 0.0

    def test_a_known_header_is_found_below_notices(self) -> None:
        rows = [(1, ["개인정보 취급에 주의", "", ""]), (2, ["주문번호", "수량", "가격"]), (3, ["1", "2", "3"])]
        assert find_header(rows, self.score) == 1

    def test_an_unknown_header_is_the_first_row_of_words(self) -> None:
        rows = [(1, ["Report of May", "", "", ""]), (2, ["id", "day", "sku", "n"]), (3, ["1", "2026-05-01", "A", "3"])]
        assert find_header(rows, self.score) == 1

    def test_numbers_are_no_header(self) -> None:
        assert find_header([(1, ["1", "2"]), (2, ["3", "4"])], self.score) is None

    def test_names_are_made_unique(self) -> None:
        assert unique_names(["予備", "", "予備", "a\nb", ""]) == ["予備", "#2", "予備 (2)", "a b"]


class TestWorkbooks:
    ROWS = [
        ["id", "when", "n", "text"],
        ["2011072820010000", datetime(2026, 1, 31, 13, 45), 4.0, "髙﨑"],  # noqa: DTZ001 a sheet has no zone
        [712620101000000, None, 2.5, "'1"],
        [20110728200100003, None, True, "x"],
    ]
    TEXTS = [
        ["id", "when", "n", "text"],
        ["2011072820010000", "2026-01-31 13:45:00", "4", "髙﨑"],
        ["712620101000000", "", "2.5", "'1"],
        ["2.011072820010000E+16", "", "true", "x"],  # a number of 17 digits has lost its end: identifiers refuse it
    ]

    def test_cells_become_the_text_that_a_person_sees(self, tmp_path: Path) -> None:
        path = workbook(tmp_path / "a.xlsx", self.ROWS)
        assert find_layout(path).kind == "sheet"
        assert [row for _number, row in read(path)] == self.TEXTS

    @pytest.mark.parametrize("constant_memory", [True, False])  # inline and shared strings
    def test_large_workbooks_are_read_alike(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, constant_memory: bool
    ) -> None:
        path = workbook(tmp_path / "a.xlsx", self.ROWS, constant_memory=constant_memory)
        monkeypatch.setattr(sheets, "LARGE", 0)
        assert [row for _number, row in read(path)] == self.TEXTS

    def test_rows_keep_their_numbers(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = workbook(tmp_path / "a.xlsx", [[None], ["a", "b"], [None], ["1", "2"]])
        small = [entry for entry in read(path) if any(entry[1])]
        monkeypatch.setattr(sheets, "LARGE", 0)
        assert small == [entry for entry in read(path) if any(entry[1])] == [(2, ["a", "b"]), (4, ["1", "2"])]

    def test_a_protected_workbook_is_named(self, write: Write) -> None:
        content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le")
        with pytest.raises(FileRefused) as refused:
            find_layout(write(content))
        assert refused.value.reason["code"] == "password"

    def test_other_archives_are_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "a.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("readme.txt", "no workbook")
        with pytest.raises(FileRefused):
            read(path)


class TestBombs:
    def archive(self, path: Path, entries: dict[str, bytes]) -> Path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in entries.items():
                archive.writestr(name, content)
        return path

    def test_a_ratio_beyond_reason_is_refused_before_unpacking(self, tmp_path: Path) -> None:
        path = self.archive(tmp_path / "a.xlsx", {"xl/worksheets/sheet1.xml": bytes(30 * 2**20)})
        with pytest.raises(FileRefused) as refused:
            find_layout(path)
        assert refused.value.reason["code"] == "bomb"

    def test_more_than_a_table_can_need_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(files, "MAX_UNPACKED", 2**20)
        path = self.archive(tmp_path / "a.xlsx", {"xl/worksheets/sheet1.xml": bytes(2 * 2**20)})
        with pytest.raises(FileRefused) as refused:
            find_layout(path)
        assert refused.value.reason == {"code": "bomb", "what": "2 MB"}

    def test_an_encrypted_entry_asks_for_the_file_without_password(self, tmp_path: Path) -> None:
        path = self.archive(tmp_path / "a.xlsx", {"xl/workbook.xml": b"<x/>"})
        content = bytearray(path.read_bytes())
        content[content.index(b"PK\x01\x02") + 8] |= 1  # the flag in the directory of the archive
        path.write_bytes(bytes(content))
        with pytest.raises(FileRefused) as refused:
            find_layout(path)
        assert refused.value.reason["code"] == "password"

    def test_too_many_entries_are_refused(self, tmp_path: Path) -> None:
        path = self.archive(tmp_path / "a.xlsx", {f"x{n}": b"" for n in range(1_001)})
        with pytest.raises(FileRefused) as refused:
            find_layout(path)
        assert refused.value.reason == {"code": "bomb", "what": "1001 entries"}

    @pytest.mark.parametrize(
        "part", ["worksheets/sheet1.xml", "sharedStrings.xml", "styles.xml", "workbook.xml", "_rels/workbook.xml.rels"]
    )
    def test_entities_are_refused_in_every_part(self, tmp_path: Path, part: str) -> None:
        plain = workbook(tmp_path / "plain.xlsx", [["a"]], constant_memory=False)
        with zipfile.ZipFile(plain) as archive:
            entries = {entry.filename: archive.read(entry) for entry in archive.infolist()}
        content = entries[f"xl/{part}"].decode()
        laughs = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l "ha">]>' + content.split("?>", 1)[1]
        assert list(large_sheet_rows(plain)) == [(1, ["a"])]
        path = self.archive(tmp_path / "b.xlsx", {**entries, f"xl/{part}": laughs.encode()})
        with pytest.raises(FileRefused) as refused:
            list(large_sheet_rows(path))
        assert refused.value.reason["code"] == "not_readable"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(write: Write, content: bytes) -> None:
    with suppress(DomainError):
        read(write(content), likely=("cp932",))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(min_value=0, max_value=3000), value=st.integers(min_value=0, max_value=255))
def test_a_broken_workbook_is_read_or_refused(tmp_path: Path, place: int, value: int) -> None:
    content = bytearray(_sample())
    content[place % len(content)] = value
    path = tmp_path / "broken.xlsx"
    path.write_bytes(bytes(content))
    try:
        read(path)
        list(large_sheet_rows(path))
    except DomainError:
        pass


def _sample() -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet().write_row(0, 0, ["a", 1, "b"])
    return file.getvalue()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=12), min_size=2, max_size=4
        ),
        max_size=5,
    )
)
def test_what_csv_writes_is_read_back(write: Write, rows: list[list[str]]) -> None:
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    path = write("\n".join(lines).encode())
    layout = Layout(kind="csv", encoding="utf-8", delimiter=",")
    with open_rows(path, layout) as found:
        assert [row for _number, row in found] == rows
