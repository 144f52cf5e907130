"""Postcode and place: what agrees in all the ways people write it, what does not, and what would be right."""

import pytest
from django.db import connection

from addresses.models import Postcode
from addresses.selectors import (
    WrittenAddress,
    check_addresses,
    places_of_postcode,
    whole_key,
)
from tests.addresses.making import load_few

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few(tmp_path):
    load_few(tmp_path)


def problems(country, postcode, region, city, address="1-1"):
    written = WrittenAddress(country=country, postcode=postcode, region=region, city=city, address=address)
    [found] = check_addresses(addresses=[written])
    return [(problem.code, [str(one) for one in problem.suggestions]) for problem in found]


@pytest.mark.parametrize(
    ("country", "postcode", "region", "city", "address"),
    [
        ("JP", "100-0005", "東京都", "千代田区", "丸の内1-9-1"),
        ("JP", "〒１００－０００５", "東京", "千代田区", "丸の内１－９－１"),
        ("JP", "1000005", "", "", "東京都千代田区丸の内1-9-1"),
        ("JP", "1000005", "東京都", "東京都千代田区", "丸の内1"),
        ("JP", "1000005", "JP-13", "千代田区", "丸の内1"),
        ("JP", "1000005", "東京都", "", "千代田区丸の内1"),
        ("JP", "1000005", "東京都", "千代田区", "東京都千代田区丸の内1"),
        ("JP", "1000005", "Tokyo", "Chiyoda-ku", "1-9-1 Marunouchi"),
        ("JP", "1980212", "東京都", "奥多摩町", "氷川215"),
        ("JP", "1980212", "東京都", "西多摩郡 奥多摩町", "氷川215"),
        ("JP", "3010000", "茨城県", "竜ヶ崎市", "3710"),
        ("JP", "4308652", "静岡県", "浜松市中区", "元城町103-2"),
        ("JP", "1008798", "東京都", "千代田区", "霞ヶ関1-3-2"),
        ("KR", "04524", "서울특별시", "중구", "세종대로 110"),
        ("KR", "04524", "서울", "중구", "세종대로110"),
        ("KR", "04524", "", "", "서울시 중구 세종대로 110"),
        ("KR", "24266", "강원특별자치도", "춘천시", "중앙로 1"),
        ("KR", "30151", "세종특별자치시", "", "소담3로 26"),
        ("US", "10118", "NY", "New York", "Fifth Avenue"),
        ("JP", "", "東京都", "千代田区", "丸の内1"),
    ],
)
def test_spellings_of_the_same_place_agree(country, postcode, region, city, address):
    assert problems(country, postcode, region, city, address) == []


def test_another_place_is_told_with_what_would_be_right():
    assert problems("JP", "530-0001", "東京都", "千代田区", "丸の内1-9-1") == [
        ("disagrees", ["100-0005 東京都 千代田区", "530-0001 大阪府 大阪市北区"])
    ]
    assert problems("JP", "100-0005", "大阪府", "千代田区", "丸の内1-9-1") == [
        ("disagrees", ["100-0005 東京都 千代田区"])
    ]
    assert problems("KR", "06236", "서울", "중구", "태평로1가 31") == [
        ("disagrees", ["04524 서울특별시 중구", "06236 서울특별시 강남구"])
    ]


def test_a_postcode_that_no_list_has_is_told():
    assert problems("JP", "999-9999", "東京都", "千代田区", "霞ヶ関1-3") == [
        ("unknown_postcode", ["100-0013 東京都 千代田区"])
    ]
    assert problems("KR", "99999", "서울특별시", "강남구", "테헤란로 152") == [("unknown_postcode", [])]


def test_nothing_is_said_of_a_country_whose_list_is_not_loaded():
    Postcode.objects.filter(country="KR").delete()

    assert problems("KR", "99999", "서울특별시", "강남구", "테헤란로 152") == []
    assert problems("JP", "9999999", "東京都", "千代田区", "1") == [("unknown_postcode", [])]


@pytest.mark.parametrize(
    ("country", "address", "lacks"),
    [
        ("JP", "丸の内", True),
        ("JP", "丸の内二丁目", False),
        ("JP", "八丁堀", True),
        ("JP", "丸の内１", False),
        ("KR", "세종대로", True),
        ("KR", "테헤란로 152", False),
        ("KR", "역삼동 737-1", False),
        ("KR", "성산읍 일출로", True),
        ("KR", "세종대로 203호", True),
        ("KR", "세종대로 지하 189", False),
        ("KR", "Sejong-daero", False),
    ],
)
def test_a_missing_house_number_is_told(country, address, lacks):
    [found] = check_addresses(addresses=[WrittenAddress(country=country, postcode="", address=address)])

    assert [problem.code for problem in found] == ["no_number"] * lacks


def test_many_addresses_cost_as_many_statements_as_two(django_assert_max_num_queries):
    right = WrittenAddress(country="JP", postcode="1000005", region="東京都", city="千代田区", address="丸の内1")
    wrong = WrittenAddress(country="JP", postcode="5300001", region="東京都", city="千代田区", address="丸の内1")
    strange = WrittenAddress(country="KR", postcode="99999", region="서울", city="중구", address="다동 1")

    with django_assert_max_num_queries(4):
        found = check_addresses(addresses=[right, wrong, strange] * 50)

    assert [[problem.code for problem in one] for one in found] == [[], ["disagrees"], ["unknown_postcode"]] * 50


def test_the_database_puts_an_address_together_in_the_same_way():
    cases = [
        ("東京都", "千代田区", "丸の内1"),
        ("東京都", "東京都千代田区", "丸の内1"),
        ("東京都", "千代田区", "東京都千代田区丸の内1"),
        ("東京都", "千代田区", "千代田区丸の内1"),
        ("", "", "東京都千代田区丸の内1"),
        ("JP-13", "千代田区", "丸の内1"),
        ("岡山", "岡山市北区", "1"),
        ("岡山", "岡山市北区", "岡山市北区1"),
        ("大阪府", "", ""),
    ]
    with connection.cursor() as cursor:
        for case in cases:
            cursor.execute("SELECT addresses_whole(%s, %s, %s)", case)
            assert cursor.fetchone() == (whole_key(*case),), case


def test_a_postcode_fills_a_form():
    found = places_of_postcode(country="KR", postcode="04520")
    assert [(one.region, one.city, one.area) for one in found] == [
        ("서울특별시", "중구", "다동"),
        ("서울특별시", "중구", "무교동"),
    ]
    office = places_of_postcode(country="JP", postcode="１００８７９８")
    assert [(one.postcode, one.office) for one in office] == [("100-8798", "役所の例")]
    assert places_of_postcode(country="JP", postcode="") == []
