"""Errors are told in the reader's language, also when nothing but templates works."""

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from backoffice.runner.catalogs import compile_stale_catalogs

PAGES = ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_errors_needs_no_request_and_no_database(page):
    compile_stale_catalogs()
    told = {}
    for language in ("en", "ko", "ja"):
        with translation.override(language):
            told[language] = render_to_string(page)

    assert all(f'<html lang="{language}">' in text for language, text in told.items())
    assert "Go to the home page" in told["en"]
    assert "홈으로 이동" in told["ko"]
    assert "ホームへ移動" in told["ja"]


@pytest.mark.django_db
def test_a_missing_page_is_told_with_our_page(client):
    response = client.get("/no-such-page/", headers={"accept-language": "ja"})

    assert response.status_code == 404
    assert "このページは存在しません" in response.content.decode()
