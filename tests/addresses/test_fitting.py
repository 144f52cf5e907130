"""Addresses in the lines of a carrier: counted as it counts, broken where people break, nothing lost in silence."""

import pytest

from addresses.fitting import (
    AddressBudget,
    AddressParts,
    BudgetLine,
    Measure,
    fit,
    fit_text,
    not_carried,
    propose,
    read_budget,
    widened,
)
from core.errors import InvalidInput

# Sagawa e-hiden: three lines of 16 full-width characters, everything written in full width
SAGAWA = AddressBudget(
    lines=tuple(BudgetLine(column=f"line {number}", width=16) for number in (1, 2, 3)), encoding="cp932", widen=True
)
# Yamato B2: one column of prefecture 4, city 12, street 16, and one of building 16 (full width, two columns each)
YAMATO = AddressBudget(
    lines=(
        BudgetLine(column="address", width=8, takes=("region",)),
        BudgetLine(column="address", width=24, takes=("city",)),
        BudgetLine(column="address", width=32, takes=("street",)),
        BudgetLine(column="building", width=32, takes=("street", "building")),
    ),
    measure=Measure.COLUMNS,
    encoding="cp932",
)
TOKYO = AddressParts(
    country="JP", region="東京都", city="千代田区", street="丸の内1-9-1", building="グラントウキョウ101"
)
SEOUL = AddressParts(
    country="KR", region="서울특별시", city="중구", street="세종대로 110", building="시청 본관 2층 203호"
)


def budget(*widths, **over):
    return AddressBudget(lines=tuple(BudgetLine(column=str(width), width=width) for width in widths), **over)


def codes(fitted):
    return [(problem.code, problem.text) for problem in fitted.problems]


def test_a_short_address_takes_one_line_and_the_building_another():
    fitted = fit(TOKYO, SAGAWA)

    assert fitted.lines == ("東京都千代田区丸の内１－９－１", "グラントウキョウ１０１", "")
    assert fitted.problems == ()
    assert fitted.fits
    assert [taken for _line, _text, taken in fitted.rows] == [15, 11, 0]


def test_a_long_address_breaks_behind_the_town_not_inside_the_number():
    parts = AddressParts(country="JP", region="北海道", city="札幌市中央区", street="北一条西二丁目大通公園前12-345")

    assert fit(parts, SAGAWA).lines == ("北海道札幌市中央区北一条西二丁目", "大通公園前１２－３４５", "")


def test_each_part_goes_where_the_carrier_wants_it():
    fitted = fit(TOKYO, YAMATO)

    assert fitted.lines == ("東京都", "千代田区", "丸の内1-9-1", "グラントウキョウ101")
    assert fitted.columns == {"address": "東京都千代田区丸の内1-9-1", "building": "グラントウキョウ101"}
    assert [taken for _line, _text, taken in fitted.rows] == [6, 8, 11, 19]


def test_what_has_no_room_is_told_and_the_rest_still_stands():
    parts = AddressParts(country="JP", region="東京都", city="千代田区", street="あ" * 40 + "1-2", building="ビル")

    fitted = fit(parts, YAMATO)

    assert fitted.lines == ("東京都", "千代田区", "あ" * 16, "あ" * 16)
    assert codes(fitted) == [("too_long", "あ" * 8 + "1-2"), ("too_long", "ビル"), ("cut_word", "あ" * 40)]
    assert not fitted.fits


def test_nothing_of_an_address_gets_lost():
    for widths in ([16, 16, 16], [10, 10, 10], [5, 5], [40], [3]):
        for parts in (TOKYO, SEOUL):
            fitted = fit(parts, budget(*widths, encoding="utf-8"))
            left = "".join(problem.text for problem in fitted.problems if problem.code == "too_long")
            whole = "".join(parts.part(role) for role in ("region", "city", "street", "building"))
            assert sorted(("".join(fitted.lines) + left).replace(" ", "")) == sorted(whole.replace(" ", ""))


def test_a_korean_road_keeps_its_number():
    fitted = fit(SEOUL, budget(13, 9, 20, encoding="cp949"))

    assert fitted.lines == ("서울특별시 중구", "세종대로 110", "시청 본관 2층 203호")
    assert fitted.problems == ()


@pytest.mark.parametrize(
    ("measure", "encoding", "text", "width"),
    [
        (Measure.CHARACTERS, "cp932", "東京Aｱ1", 5),
        (Measure.COLUMNS, "cp932", "東京Aｱ1", 7),
        (Measure.COLUMNS, "cp949", "서울 A①", 8),
        (Measure.BYTES, "cp932", "東京Aｱ1", 7),
        (Measure.BYTES, "euc-kr", "서울 A", 6),
        (Measure.BYTES, "utf-8", "東京A", 7),
        (Measure.BYTES, "euc-kr", "뷁", 2),  # not in EUC-KR: counted like any other, and told
    ],
)
def test_room_is_counted_as_the_carrier_counts_it(measure, encoding, text, width):
    assert budget(10, measure=measure, encoding=encoding).width_of(text) == width


def test_characters_that_the_file_cannot_carry_are_named_with_what_may_stand_for_them():
    parts = AddressParts(country="JP", region="東京都", city="港区", street="髙輪1\u20132", building="𠮷ビル😀")

    strict = fit(parts, budget(40, encoding="shift_jis"))
    assert [(p.text, p.proposal) for p in strict.problems] == [("髙", "高"), ("\u2013", "-"), ("𠮷", "吉"), ("😀", "")]
    microsoft = fit(parts, budget(40, encoding="cp932"))
    assert [(p.text, p.proposal) for p in microsoft.problems] == [("\u2013", "-"), ("𠮷", "吉"), ("😀", "")]
    assert not_carried("뷁이", "euc-kr") == ["뷁"]
    assert not_carried("뷁이", "cp949") == []


def test_half_width_kana_become_full_with_their_marks():
    assert widened("ﾊﾟｰｸﾋﾞﾙ 2F-A") == "パークビル　２Ｆ－Ａ"


def test_a_shorter_way_is_proposed_not_taken():
    parts = AddressParts(country="JP", region="神奈川県", city="横浜市西区", street="みなとみらい二丁目3番1号")
    room = budget(16, encoding="cp932")

    assert not fit(parts, room).fits
    proposal = propose(parts, room)

    assert proposal is not None
    assert proposal.changes == (
        ("region", "神奈川県", ""),
        ("street", "みなとみらい二丁目3番1号", "みなとみらい2-3-1"),
    )
    assert proposal.fitted.lines == ("横浜市西区みなとみらい2-3-1",)
    assert proposal.fitted.fits
    assert propose(TOKYO, SAGAWA) is None


def test_names_fit_the_same_way():
    assert fit_text("株式会社サンプル 東京 太郎", budget(8, 8)).lines == ("株式会社サンプル", "東京 太郎")


def test_a_budget_is_data():
    assert read_budget(YAMATO.as_json()) == YAMATO
    for wrong in (
        None,
        {},
        {"lines": []},
        {"lines": [{"column": "a", "width": 0}]},
        {"lines": [{"column": "a", "width": True}]},
        {"lines": [{"column": "a", "width": 5, "takes": ["door"]}]},
        {"lines": [{"column": "a", "width": 5}], "measure": "feet"},
        {"lines": [{"column": "a", "width": 5}], "encoding": "nothing"},
    ):
        with pytest.raises(InvalidInput):
            read_budget(wrong)
