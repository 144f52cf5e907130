"""Arrays as PostgreSQL reads them."""

from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from core.copying import array_literal

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)


@pytest.mark.django_db
@settings(max_examples=100, deadline=None)
@given(values=st.lists(st.none() | TEXTS))
def test_texts_come_back(values: list[str | None]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text[]", [array_literal(values)])
        assert cursor.fetchone()[0] == values


@pytest.mark.django_db
def test_numbers_come_back() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT %s::bigint[], %s::numeric[]", [array_literal([1, None, -2]), array_literal([Decimal("1.50")])]
        )
        assert cursor.fetchone() == ([1, None, -2], [Decimal("1.50")])


@pytest.mark.parametrize("word", ["null", "NULL", "", "a b", 'x"y', "x\\y", "{}", "1,2"])
@pytest.mark.django_db
def test_odd_words_come_back(word: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text[]", [array_literal([word])])
        assert cursor.fetchone()[0] == [word]
