"""Pages run under a content security policy without inline scripts, and escape what people wrote."""

import re

import pytest

from tests.architecture.house import ROOT, named, templates

INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"(?:application/json|text/template)\")[^>]*>", re.I)
HANDLER = re.compile(r"\son[a-z]+\s*=\s*[\"']", re.I)
SCRIPT_LINK = re.compile(r"(?:href|src|action)\s*=\s*[\"']\s*javascript:", re.I)
UNESCAPED = re.compile(r"\|\s*safe(?:seq)?\b|{%\s*autoescape\s+off")
OUTSIDE = re.compile(r"(?:src|href)\s*=\s*[\"']https?://", re.I)
# words that are the same in all three languages
SAME = {
    "SKU",
    "CSV",
    "PDF",
    "Esc",
    "Ctrl",
    "Ctrl   Enter",
    "Alt   H",
    "Alt   Shift   H",
}  # codes, and what stands on keys
# file -> why its |safe is safe
SAFE: dict[str, str] = {
    "templates/emails/staff/digest.txt": "plain text: nothing in it is HTML",
    "templates/emails/purchasing/order.txt": "plain text: nothing in it is HTML",
    "templates/catalog/pages/text.html": "the view gives what core.html.clean_html left",
}


@pytest.mark.parametrize("path", templates(), ids=named)
def test_template_runs_no_inline_script(path):
    text = path.read_text(encoding="utf-8")
    assert INLINE_SCRIPT.findall(text) == []
    assert HANDLER.findall(text) == []
    assert SCRIPT_LINK.findall(text) == []


@pytest.mark.parametrize("path", templates(), ids=named)
def test_template_escapes_and_asks_no_other_host(path):
    text = path.read_text(encoding="utf-8")
    assert not UNESCAPED.search(text) or named(path) in SAFE
    assert OUTSIDE.findall(text) == []


@pytest.mark.parametrize("path", [path for path in templates() if path.suffix == ".html"], ids=named)
def test_words_of_a_template_can_be_translated(path):
    text = re.sub(
        r"{%\s*(?:blocktranslate|comment).*?{%\s*end(?:blocktranslate|comment)\s*%}",
        "",
        path.read_text("utf-8"),
        flags=re.S,
    )
    text = re.sub(r"<span[^>]*material-symbols[^>]*>[^<]*</span>", "", text)  # names of icons
    text = re.sub(r"{#.*?#}|<!--.*?-->|<(?:style|script|svg)\b.*?</(?:style|script|svg)>", "", text, flags=re.S)
    text = re.sub(r"{%.*?%}|{{.*?}}", " ", text, flags=re.S)
    text = re.sub(r"<[^>]*>|&\w+;", " ", text)
    assert [word.strip() for word in re.findall(r"[A-Za-z]{3,}[ A-Za-z]*", text) if word.strip() not in SAME] == []


def test_only_the_agreed_files_of_libraries_are_overridden():
    # the last one: the library's asks ten questions for each of ninety entries, 13 ms of every page
    allowed = {"admin/base_site.html", "admin/index.html", "admin/login.html", "unfold/helpers/app_list.html"}
    found = {
        path.relative_to(ROOT / "templates").as_posix()
        for path in templates()
        if path.is_relative_to(ROOT / "templates")
        and path.relative_to(ROOT / "templates").parts[0] in {"admin", "unfold", "registration"}
    }
    assert found <= allowed, f"{sorted(found - allowed)}: an override has to be redone with every upgrade"
