"""Raw rows to columns: places, fixed values, joined and added cells, rules, carried documents."""

from decimal import Decimal
from typing import Any

from core.imports.definitions import Definition
from core.imports.running import documents_of
from core.imports.shaping import Shaper
from core.imports.targets import Chunk, Field, Kind, Setting, Target


class Parcels(Target):
    """A target of its own: the engine knows no business."""

    code = "tests.parcels"
    fields = (
        Field(name="number", label="Number", kind=Kind.CODE, is_required=True, is_document=True),
        Field(name="street", label="Street"),
        Field(name="weight", label="Weight", kind=Kind.AMOUNT),
        Field(name="carrier", label="Carrier"),
    )
    document_field = "number"


def shaper(columns: list[str], **written: Any) -> Shaper:
    return Shaper(target=Parcels(), definition=Definition.of(written), columns=columns, setting=Setting())


def shape(of: Shaper, *rows: list[str]) -> Chunk:
    numbered = list(enumerate(rows, start=2))
    return of.shape(numbered, documents_of(of, numbered))


def codes(chunk: Chunk) -> list[list[str]]:
    return [[reason["code"] for reason in reasons] for reasons in chunk.problems]


def test_a_fixed_value_stands_where_a_cell_is_empty_or_there_is_no_column() -> None:
    of = shaper(["no", "by"], fields={"number": "no", "carrier": "by"}, constants={"carrier": "CJ", "street": "–"})
    chunk = shape(of, ["1", ""], ["2", "Hanjin"], ["3"])
    assert chunk.values == {
        "number": ["1", "2", "3"],
        "carrier": ["CJ", "Hanjin", "CJ"],
        "street": ["–", "–", "–"],
    }
    assert codes(chunk) == [[], [], []]


def test_cells_are_joined_or_the_first_filled_one_counts() -> None:
    of = shaper(
        ["no", "city", "road", "short"],
        fields={"number": "no", "street": {"join": ["city", "road"]}, "carrier": {"first": ["short", "city"]}},
    )
    chunk = shape(of, ["1", "서울", "강북로 1", ""], ["2", "", "강북로 2", "CJ"], ["3", "부산"])
    assert chunk.values["street"] == ["서울 강북로 1", "강북로 2", "부산"]
    assert chunk.values["carrier"] == ["서울", "CJ", "부산"]


def test_amounts_are_added_and_what_is_none_is_refused_by_its_text() -> None:
    of = shaper(["no", "a", "b"], fields={"number": "no", "weight": {"sum": ["a", "b"]}})
    chunk = shape(of, ["1", "1.5", "2.25"], ["2", "", "3"], ["3", "1", "heavy"], ["4", "", ""])
    assert chunk.values["weight"] == [Decimal("3.75"), Decimal(3), None, None]
    assert codes(chunk) == [[], [], ["not_amount"], []]
    assert chunk.problems[2] == [{"code": "not_amount", "text": "heavy", "column": "a"}]


def test_a_document_carries_on_below_and_only_where_the_format_says_so() -> None:
    rows = (["1", "A"], ["", "B"], ["2", "C"], ["", "D"])
    carrying = shape(shaper(["no", "st"], fields={"number": "no", "street": "st"}, carries_document=True), *rows)
    assert carrying.documents == carrying.values["number"] == ["1", "1", "2", "2"]
    alone = shape(shaper(["no", "st"], fields={"number": "no", "street": "st"}), *rows)
    assert alone.documents == ["1", "", "2", ""]
    assert alone.values["number"] == ["1", None, "2", None]


def test_a_rule_needs_all_of_its_patterns_and_fills_only_what_is_empty() -> None:
    rule = {"when": {"number": "^R", "street": "서울"}, "set": {"carrier": "own"}}
    of = shaper(["no", "st", "by"], fields={"number": "no", "street": "st", "carrier": "by"}, rules=[rule])
    chunk = shape(of, ["R1", "서울 1", ""], ["R2", "부산 1", ""], ["3", "서울 1", ""], ["R4", "서울 2", "CJ"])
    assert chunk.values["carrier"] == ["own", None, None, "CJ"]


def test_a_rule_that_refuses_gives_its_reason_once() -> None:
    rules = [{"when": {"number": "^X"}, "refuse": "tests.gone"}, {"when": {"number": "X1"}, "refuse": "tests.late"}]
    chunk = shape(shaper(["no"], fields={"number": "no"}, rules=rules), ["X1"], ["X2"], ["1"])
    assert chunk.problems == [
        [{"code": "tests.gone", "is_rule": True}],
        [{"code": "tests.gone", "is_rule": True}],
        [],
    ]


def test_a_pattern_for_a_value_that_the_file_lacks_fits_no_row() -> None:
    rules = [{"when": {"carrier": "CJ"}, "refuse": "tests.gone"}]
    assert codes(shape(shaper(["no"], fields={"number": "no"}, rules=rules), ["1"])) == [[]]


def test_cells_beyond_the_header_refuse_the_row_unless_they_are_empty() -> None:
    chunk = shape(shaper(["no"], fields={"number": "no"}), ["1", " ", ""], ["2", "", "what"])
    assert codes(chunk) == [[], ["ragged"]]
    assert chunk.problems[1] == [{"code": "ragged", "found": 3, "wanted": 1}]


def test_what_is_missing_is_named_as_the_format_calls_it() -> None:
    of = shaper(["st"], fields={"number": {"first": ["Nr.", "No."]}, "street": "st"}, required=["carrier"])
    assert of.missing() == ["Nr. / No.", "carrier"]


def test_a_target_without_pages_of_its_own_takes_the_defaults() -> None:
    plain = Parcels()
    assert (plain.setting({}), plain.rank({}, {}), plain.kind_label("parcel")) == (Setting(), 0.0, "parcel")
    assert plain.field("weight").kind == Kind.AMOUNT
