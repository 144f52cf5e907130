"""Every sentence of ours is there in Korean and Japanese, with the same placeholders."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import translation

from backoffice import translations
from backoffice.runner.catalogs import compile_stale_catalogs

PYTHON = """
from django.utils.translation import gettext as _, ngettext, pgettext
print(_("Ship the %(count)s orders"), pgettext("order", "New"), ngettext("%(n)s piece", "%(n)s pieces", 2))
"""
TEMPLATE = """{% load i18n %}
<div>
    <p>{% translate "It is Tom's order" %}</p>
  {% blocktranslate count n=lines %}{{ n }} line{% plural %}{{ n }} lines{% endblocktranslate %}
</div>
{% translate "May" context "month" %}
"""


@pytest.fixture
def small_house(tmp_path, settings, monkeypatch):
    """A project of two files with its own catalogs, without any library."""
    (tmp_path / "shop" / "templates").mkdir(parents=True)
    (tmp_path / "shop" / "views.py").write_text(PYTHON, encoding="utf-8")
    (tmp_path / "shop" / "templates" / "page.html").write_text(TEMPLATE, encoding="utf-8")
    settings.BASE_DIR = tmp_path
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    monkeypatch.setattr(translations, "LIBRARIES", ())
    return tmp_path


def translate_all(path: Path, answers: dict[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for english, local in answers.items():
        for plural in ("msgstr", "msgstr[0]"):
            text = text.replace(f'"{english}"\n{plural} ""', f'"{english}"\n{plural} "{local}"')
    path.write_text(text, encoding="utf-8")


KOREAN = {
    "Ship the %(count)s orders": "주문 %(count)s건 출고",
    "New": "신규",
    "%(n)s pieces": "%(n)s개",
    "It is Tom's order": "톰의 주문",
    "%(n)s lines": "%(n)s줄",
    "May": "5월",
}


def test_messages_of_python_and_templates_are_found_with_context_and_plural(small_house):
    found = {(m.context, m.id) for m in translations.wanted_messages() if m.id}

    assert found == {
        (None, "Ship the %(count)s orders"),
        ("order", "New"),
        (None, ("%(n)s piece", "%(n)s pieces")),
        (None, "It is Tom's order"),
        (None, ("%(n)s line", "%(n)s lines")),
        ("month", "May"),
    }


def test_update_keeps_translations_and_drops_what_the_code_no_longer_says(small_house):
    assert translations.update("ko") == (6, 0)
    translate_all(translations.catalog_path("ko"), KOREAN)
    assert translations.problems("ko") == []

    (small_house / "shop" / "views.py").write_text(PYTHON.replace("Ship the", "Send the"), encoding="utf-8")

    assert translations.update("ko") == (1, 1)
    assert translations.problems("ko") == ["ko: not translated: 'Send the %(count)s orders' (shop/views.py)"]
    before = translations.catalog_path("ko").read_bytes()
    assert translations.update("ko") == (0, 0)
    assert translations.catalog_path("ko").read_bytes() == before


def test_update_leaves_a_format_out_that_the_catalog_denies(small_house):
    (small_house / "shop" / "views.py").write_text('print(_("{0} task{1} run"))', encoding="utf-8")
    translations.update("ko")
    path = translations.catalog_path("ko")
    said = path.read_text(encoding="utf-8")
    assert "#, python-brace-format" in said
    path.write_text(said.replace("#, python-brace-format", "#, no-python-brace-format"), encoding="utf-8")

    translations.update("ko")

    assert "#, no-python-brace-format\n" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (("주문 %(count)s건 출고", "주문 %(anzahl)s건 출고"), "placeholders differ"),
        (("주문 %(count)s건 출고", ""), "not translated"),
        (('msgid "It is', '#, fuzzy\nmsgid "It is'), "fuzzy"),
        (('msgctxt "month"\n', ""), "not in the catalog"),
    ],
)
def test_a_gap_is_named_and_fails_the_command(small_house, spoil, complaint, capsys):
    translations.update("ko")
    path = translations.catalog_path("ko")
    translate_all(path, KOREAN)
    path.write_text(path.read_text(encoding="utf-8").replace(*spoil), encoding="utf-8")

    found = translations.problems("ko")

    assert len(found) == 1
    assert complaint in found[0]
    with pytest.raises(CommandError):
        call_command("messages", "check")


@pytest.mark.parametrize("language", ["ko", "ja"])
def test_every_message_is_translated(language):
    assert translations.problems(language) == []


def test_catalogs_are_compiled_without_gettext_programs_and_used():
    compile_stale_catalogs()

    for language in translations.languages():
        assert translations.catalog_path(language).with_suffix(".mo").exists()
    with translation.override("ko"):
        assert str(dict(settings.LANGUAGES)["ko"]) == "한국어"
