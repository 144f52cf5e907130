"""Phones, readings and postcodes as their country writes them."""

import pytest

from addresses.spelling import normalise_kana, normalise_phone, normalise_postcode


@pytest.mark.parametrize(
    ("country", "text", "written"),
    [
        ("JP", "09012345678", "090-1234-5678"),
        ("JP", "０９０ー１２３４ー５６７８", "090-1234-5678"),
        ("JP", "+81 90 1234 5678", "090-1234-5678"),
        ("JP", "+81-3-1234-5678", "03-1234-5678"),
        ("JP", "0312345678", "03-1234-5678"),
        ("JP", "0120000000", "0120-000-000"),
        ("JP", "08001234567", "0800-123-4567"),
        ("JP", "(0422) 12-3456", "0422-12-3456"),
        ("JP", "0422-12-3456", "0422-12-3456"),
        ("JP", "0422123456", "0422123456"),  # where its area code ends is not guessed
        ("JP", "010-1234-5678", "010-1234-5678"),  # no Japanese number: left alone
        ("KR", "01012345678", "010-1234-5678"),
        ("KR", "+82 10-1234-5678", "010-1234-5678"),
        ("KR", "82-10-1234-5678", "82-10-1234-5678"),
        ("KR", "0212345678", "02-1234-5678"),
        ("KR", "02 123 4567", "02-123-4567"),
        ("KR", "0311234567", "031-123-4567"),
        ("KR", "050712345678", "0507-1234-5678"),
        ("KR", "15881234", "1588-1234"),
        ("KR", "０１０．１２３４．５６７８", "010-1234-5678"),
        ("KR", "+1 212 555 0100", "+12125550100"),
        ("US", "(212) 555-0100", "+12125550100"),
        ("DE", "+49 30 901820", "+4930901820"),
        ("DE", "030 / 901820", "030 / 901820"),
        ("", "+81 3 1234 5678", "+81312345678"),
        ("JP", "03-1234-5678 内線 12", "03-1234-5678 内線 12"),
        ("KR", "", ""),
        ("KR", "없음", "없음"),
    ],
)
def test_phones(country, text, written):
    assert normalise_phone(country, text) == written
    assert normalise_phone(country, written) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダ タロウ"),
        ("やまだ　たろう", "ヤマダ タロウ"),
        ("  サトウ　　ハナコ ", "サトウ ハナコ"),
        ("ｻﾄ-", "サトー"),
        ("ガブリエル-スミス", "ガブリエルースミス"),
        ("Kim Minjun", "Kim Minjun"),
        ("", ""),
    ],
)
def test_readings(text, written):
    assert normalise_kana(text) == written
    assert normalise_kana(written) == written


@pytest.mark.parametrize(
    ("country", "text", "written"),
    [
        ("JP", "1000001", "100-0001"),
        ("JP", "〒１００ー０００１", "100-0001"),
        ("JP", "100-001", "100-001"),
        ("KR", " 04524 ", "04524"),
        ("KR", "100-011", "100-011"),
        ("US", "10118-0110", "10118-0110"),
        ("GB", "SW1A  1AA", "SW1A 1AA"),
        ("", "", ""),
    ],
)
def test_postcodes(country, text, written):
    assert normalise_postcode(country, text) == written
