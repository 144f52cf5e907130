"""Which words resemble which, in three languages; and which do not."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import SearchWord
from core.similar import Run, alike, distance, remember_words, runs_of, similar_to

pytestmark = pytest.mark.django_db

TEXTS = [
    "Linen Hoodie",
    "Cotton Shirt Dress",
    "Socks and Shoes",
    "Crème Café Mug",
    "여성 린넨 원피스 롱원피스",
    "오버핏 맨투맨 티셔츠",
    "베개 커버",
    "바지",
    "카디건",
    "花柄 ロングワンピース",
    "レディース スニーカー",
    "もこもこパーカー",
    "バッグ",
    "SKU-1204-AB",
]


@pytest.fixture
def words():
    remember_words(subject="catalog", texts=TEXTS)


def meant(query, subject="catalog"):
    found = similar_to(query, subject=subject)
    return found and found.suggested


@pytest.mark.parametrize(
    ("mistyped", "right"),
    [
        ("hoddie", "hoodie"),
        ("hoodei", "hoodie"),
        ("hodie", "hoodie"),
        ("Hoodiee", "hoodie"),
        ("ＨＯＤＤＩＥ", "hoodie"),
        ("shrit", "shirt"),
        ("coton", "cotton"),
        ("creme", "crème"),
        ("dresss", "dress"),
        ("원피쓰", "원피스"),
        ("원피수", "원피스"),
        ("멘투멘", "맨투맨"),
        ("맨투매", "맨투맨"),
        ("티셔스", "티셔츠"),
        ("배게", "베개"),
        ("가디건", "카디건"),
        ("ワンピス", "ロングワンピース"),
        ("わんぴす", "ロングワンピース"),
        ("ロングワンビース", "ロングワンピース"),
        ("スニカー", "スニーカー"),
        ("すにか", "スニーカー"),
        ("パ一カ", None),  # the Chinese one instead of the long vowel mark
        ("レデイース", "レディース"),
    ],
)
def test_mistyped_words(words, mistyped, right):
    assert meant(mistyped) == (right and (right,))


@pytest.mark.parametrize(
    "query",
    [
        "hat",  # short words resemble everything
        "mag",
        "sho",
        "hoop",
        "boodle",
        "rocks",  # another first letter
        "shark",
        "keyboard",
        "바나",
        "반지",  # a ring is no pair of trousers
        "가방",
        "냉장고",
        "원피크닉매트",
        "ハサミ",
        "カメラ",
        "ワンワン",
        "すし",
        "花火",  # Chinese characters are never similar
        "靴",
        "SKU-1205-AB",  # nor are article numbers
        "120",
        "!!!",
        "%",
        "___",
        "",
        "   ",
        "hod\x00die",
        "hoddie " * 2000,
        "h" * 10_000,
        "ワ" * 10_000,
        "%_%_%",
        "'; --",
        "🙂🙂🙂",
    ],
)
def test_what_resembles_nothing(words, query):
    assert similar_to(query, subject="catalog") is None


def test_words_that_texts_have_are_sought_as_they_are(words):
    assert similar_to("hoodie", subject="catalog") is None
    assert similar_to("わんぴーす", subject="catalog") is None

    assert similar_to("Linen hoddie", subject="catalog").parts == (("linen",), ("hoodie",))
    assert similar_to("花柄ワンピス", subject="catalog").parts == (("花柄",), ("ロングワンピース",))
    assert similar_to("린넨hoddie 2XL", subject="catalog").parts == (("린넨",), ("hoodie",), ("2xl",))


def test_one_word_that_resembles_nothing_is_enough(words):
    assert similar_to("hoddie refrigerator", subject="catalog") is None


def test_each_app_has_words_of_its_own(words):
    assert meant("hoddie", subject="orders") is None


def test_several_words_and_the_nearest_only():
    remember_words(subject="catalog", texts=["blouse", "blouson", "blousing"])
    assert meant("blousse") == ("blouse",)
    remember_words(subject="catalog", texts=["blousse-x", "grape", "graph", "grapple"])
    assert meant("grapd") == ("grape", "graph")


def test_words_are_written_once_and_article_numbers_not_at_all(words):
    before = set(SearchWord.objects.values_list("word", flat=True))
    remember_words(subject="catalog", texts=["Hoodie hoodie", "LINEN", "ab", "a1b2c3d4", "x" * 41])
    assert set(SearchWord.objects.values_list("word", flat=True)) == before
    assert SearchWord.objects.filter(word="hoodie").count() == 1
    assert not any(character.isdigit() for word in before for character in word)


def test_one_statement_for_any_number_of_words(words):
    with CaptureQueriesContext(connection) as queries:
        similar_to("hoddie 원피쓰 ワンピス shrit", subject="catalog")
    assert len(queries) == 1


def test_runs():
    assert runs_of("花柄ロングワンピース") == [Run("花柄", "exact"), Run("ロングワンピース", "kana")]
    assert runs_of("もこもこパーカー") == [Run("もこもこ", "kana"), Run("パーカー", "kana")]
    assert runs_of("남성용hoodie") == [Run("남성용", "hangul"), Run("hoodie", "latin")]
    assert runs_of("ab-1203") == [Run("ab-1203", "exact")]
    assert runs_of("t-shirt_x") == [Run("t", "latin"), Run("shirt", "latin"), Run("x", "latin")]


def test_alike():
    assert alike("ワンピース", "kana") == alike("わんぴす", "kana") == "わんひpす"
    assert alike("シャツ", "kana") == alike("しやつ", "kana")
    assert alike("원피스", "hangul") == alike("원피쓰", "hangul")
    assert alike("맨투맨", "hangul") == alike("멘투멘", "hangul")
    assert alike("바지", "hangul") != alike("바디", "hangul")
    assert alike("cafés", "latin") == "cafe"
    assert alike("dress", "latin") == "dress"


def test_distance():
    assert distance("hoodie", "hoddie") == 1
    assert distance("shirt", "shrit") == 1
    assert distance("abc", "") == 3
    assert distance("bcx", "aabcdd", within=True) == 1
    assert distance("bc", "aabcdd", within=True) == 0
