"""Every message of the libraries whose pages people see is there in Korean and Japanese: theirs, Django's or ours.

An upgrade of a library brings new messages: this test names them;
locale/<language>/LC_MESSAGES/django.po takes them.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.apps import apps
from django.conf import settings
from django.utils.translation.template import templatize

LIBRARIES = ("unfold", "import_export", "django_filters", "django_celery_beat", "axes")
DJANGO = ("django.conf", "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes")
LANGUAGES = ("ko", "ja")
PLURAL, CONTEXT, CONTEXT_PLURAL = (1, 2), ((1, "c"), 2), ((1, "c"), 2, 3)
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": PLURAL,
    "ngettext_lazy": PLURAL,
    "pgettext": CONTEXT,
    "pgettext_lazy": CONTEXT,
    "npgettext": CONTEXT_PLURAL,
    "npgettext_lazy": CONTEXT_PLURAL,
}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z]|\{\w*")

Key = tuple[str | None, str]  # context, English text


def _folder(package: str) -> Path:
    """Return where a package is installed."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None, f"{package} is not installed"
    return Path(spec.origin).parent


def _sources(package: str) -> Iterator[Path]:
    """Yield the files of a library that can show a message; parts of it that are not in INSTALLED_APPS show none."""
    root = _folder(package)
    installed = {Path(config.path) for config in apps.get_app_configs()}
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if parts[0] == "contrib" and len(parts) > 2 and root / parts[0] / parts[1] not in installed:
            continue
        if path.suffix in {".py", ".html", ".txt"} and not {"tests", "locale"} & set(parts):
            yield path


def _messages(path: Path) -> Iterator[Key]:
    """Yield (context, English text) of each translatable message in one Python file or template."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Django turns a template into something like Python, whose indentation would confuse a tokenizer.
        text = "\n".join(line.lstrip() for line in templatize(text, origin=str(path)).splitlines())
    if "_(" not in text and "gettext" not in text:
        return
    for _line, found, _comments, context in extract("python", BytesIO(text.encode()), KEYWORDS):
        message = found[0] if isinstance(found, tuple) else found
        if message:
            yield context, message


@cache
def _library_messages(package: str) -> list[tuple[str, Key]]:
    """Return (file, message) of all that a library can show."""
    base = _folder(package).parent
    return [(str(path.relative_to(base)), message) for path in _sources(package) for message in _messages(path)]


def _texts(catalog: Iterator[Message]) -> Iterator[Key]:
    for message in catalog:
        text = message.string if isinstance(message.string, str) else "".join(message.string)
        if message.id and text and not message.fuzzy:
            yield message.context, message.id if isinstance(message.id, str) else message.id[0]


def _shipped(package: str, language: str) -> set[Key]:
    """Return what the compiled catalog of a package translates (nothing when it has none)."""
    path = _folder(package) / "locale" / language / "LC_MESSAGES" / "django.mo"
    if not path.exists():
        return set()
    with path.open("rb") as file:
        return set(_texts(iter(read_mo(file))))


def _own(language: str) -> list[Message]:
    path = Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"
    with path.open("rb") as file:
        return [message for message in read_po(file) if message.id]


@pytest.mark.parametrize("language", LANGUAGES)
def test_messages_of_libraries_are_translated(language: str) -> None:
    # Django merges all catalogs into one, so a message may be translated by any of them.
    known = set(_texts(iter(_own(language)))).union(*(_shipped(package, language) for package in (*DJANGO, *LIBRARIES)))

    missing = sorted(
        f"{path}: {message!r}"
        for library in LIBRARIES
        for path, message in _library_messages(library)
        if message not in known
    )

    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_own_catalog_keeps_placeholders_and_has_nothing_fuzzy(language: str) -> None:
    for message in _own(language):
        english = message.id[-1] if isinstance(message.id, tuple) else message.id
        translations = [message.string] if isinstance(message.string, str) else list(message.string)

        assert not message.fuzzy, english
        assert len(translations) == 1, f"{english}: {language} has one form only"
        assert sorted(PLACEHOLDER.findall(translations[0])) == sorted(PLACEHOLDER.findall(english)), english
        assert translations[0].startswith("\n") == english.startswith("\n"), english
        assert translations[0].endswith("\n") == english.endswith("\n"), english
