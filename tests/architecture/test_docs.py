"""The documentation names only what exists, and every word of the glossary is the one on screen."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.core.management import get_commands

from backoffice import translations
from staff.models import Role
from tests.architecture.house import APPS, ROOT, modules

DOCS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *(ROOT / app / "README.md" for app in APPS)])
DOCS += sorted(ROOT.glob("core/*/README.md"))
# a path of this repository, or a file at its root or beside the document
FILES = re.compile(r"`((?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:py|md|toml|txt))`")
LINKS = re.compile(r"\]\(([^)#]+)\)")
WORDS = re.compile(r"`([a-z]+(?:_[a-z]+)+|[A-Z][a-z]+(?:[A-Z][a-z]+)+)`")
GENERIC = {
    "collecting.py",
    "outlook.py",
    "personal.py",
    "sellable.py",
    "sellable/",
    "models.py",
    "services.py",
    "selectors.py",
    "events.py",
    "policies.py",
    "handlers.py",
    "tasks.py",
    "checks.py",
    "importing.py",
}
GENERIC |= {"admin/", "importing/", "models/", "selectors/", "services/"}


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_named_files_exist(path):
    text = text_of(path)
    named = {name for name in FILES.findall(text) if name not in GENERIC and not name.startswith(("var/", "Asia/"))}
    missing = [name for name in named if not (ROOT / name).exists() and not (path.parent / name).exists()]
    links = [link for link in LINKS.findall(text) if "://" not in link and not (path.parent / link).exists()]
    assert sorted(missing) == []
    assert links == []


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_named_commands_exist(path):
    text = text_of(path)
    commands = set(re.findall(r"manage\.py ([a-z_]+)", text))
    targets = set(re.findall(r"`make ([a-z]+)", text))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert sorted(commands - get_commands().keys()) == []
    assert sorted(target for target in targets if not re.search(rf"^{target}:", makefile, re.M)) == []


@pytest.fixture(scope="module")
def names():
    """Every word of the code."""
    return {word for path in modules() for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_names_to_grep_for_are_found(path, names):
    assert sorted({*WORDS.findall(text_of(path))} - names - get_commands().keys()) == []


def test_documents_name_no_place_outside_the_repository():
    for path in DOCS:
        assert not re.search(r"(?<![\w.])/(?:work|root|home|tmp)\b", text_of(path)), path


def test_readme_lists_every_setting():
    code = "\n".join(
        (ROOT / name).read_text(encoding="utf-8") for name in ("backoffice/settings.py", "backoffice/command_line.py")
    )
    read = set(re.findall(r"env\.(?:text|flag|number|items|required)\(\s*\"([A-Z_]+)\"", code))
    read |= set(re.findall(r"environ(?:\.get\(|\[)\"([A-Z_]+)\"", code)) | {"PORT", "BACKOFFICE_HOST"}
    table = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Settings")[2].partition("\n## ")[0]
    first_cells = " ".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    listed = set(re.findall(r"`([A-Z][A-Z_]+)`", first_cells))
    assert sorted(read - listed) == []
    assert sorted(listed - read) == []


def test_readme_starts_with_the_two_commands():
    first_screen = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:20]
    assert any(line.startswith("make demo") for line in first_screen)
    assert any(line.startswith("make test") for line in first_screen)
    assert any("docs/screenshots/" in line for line in first_screen)


def test_readme_names_every_role():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [role for role in Role.values if f"`{role}`" not in text] == []


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "adr").glob("*.md")), ids=lambda path: path.name)
def test_a_decision_is_short_and_names_its_cost(path):
    text = path.read_text(encoding="utf-8")
    assert re.match(rf"# {int(path.name[:4])}\. ", text)
    assert len(text.splitlines()) <= 24
    for part in ("**Decision.**", "**Why.**", "**Alternative.**", "**Cost.**"):
        assert part in text


def glossary() -> list[tuple[str, str, str, str]]:
    rows = []
    for line in (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 5 and cells[0] != "English" and not set(cells[0]) <= set("-"):
            rows.append((cells[0], cells[1], cells[2], cells[3].strip("`")))
    return rows


def test_glossary_has_one_row_per_thing():
    english = [row[0] for row in glossary()]
    assert len(english) > 50
    assert len(english) == len(set(english))


@pytest.mark.parametrize("row", glossary(), ids=lambda row: row[0])
def test_glossary_names_code_that_exists(row, names):
    assert row[3].rpartition(".")[2] in names


@pytest.mark.parametrize(("language", "column"), [("ko", 1), ("ja", 2)])
def test_screens_use_the_words_of_the_glossary(language, column):
    catalog = translations.read_catalog(language)
    others = []
    for row in glossary():
        said = translations_of(catalog, row[0])
        if said and row[column] not in said:
            others.append(f"{row[0]}: glossary says {row[column]}, screens say {', '.join(sorted(said))}")
    assert others == []


def translations_of(catalog: Catalog, english: str) -> set[str]:
    """Return how the catalog translates the word, in any context."""
    found = [message for message in catalog if message.id == english or (message.id and message.id[0] == english)]
    return {string for message in found for string in translations._strings(message) if string}
