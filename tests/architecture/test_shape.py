"""Where things stand: the closed list of files, sizes, READMEs, and names that would hide everything."""

import ast

import pytest

from tests.architecture.house import APPS, ROOT, modules, named

# the closed list of the house style; either form, never both
FILES = {
    "__init__",
    "apps",
    "models",
    "events",
    "selectors",
    "policies",
    "services",
    "handlers",
    "tasks",
    "checks",
    "importing",
    "sellable",
    "outlook",
    "personal",
    "collecting",
    "middleware",
}
FOLDERS = {
    "admin",
    "adapters",
    "management",
    "migrations",
    "models",
    "selectors",
    "services",
    "templatetags",
    "locale",
    "static",
    "templates",
}
# what an app has beyond the list, with its reason; the list may only shrink
EXTRA = {
    "staff": {
        "login": "what axes calls",
        "backends": "what Django asks for rights",
        "data": "seed rows of creative slots, with their sources",
    },
    "compliance": {"data": "the delivered rules, with their sources"},
    "privacy": {
        "subjects": "the registry of whom personal data is about, which upper floors add to",
        "records": "the registry of classes of records about persons, which upper floors add to",
        "locking": "columns that only this program can read: what models of upper floors are made of",
    },
    "catalog": {
        "formats": "data files of the malls' product files",
        "checking": "the registry of checks that upper floors add to",
        "fields": "the parts of a product, as comments and events name them",
        "gtin": "check digits, which models and files share",
    },
    "purchasing": {
        "registration": "check digits, which forms and files share",
    },
    "inventory": {
        "suspecting": "the registry of signs that a number is wrong, which upper floors add to",
        "costing": "the registry of what a piece costs, which upper floors add to",
    },
    "addresses": {
        "fitting": "addresses in the lines of a carrier, pure: what files and previews share",
        "spelling": "how phones, readings and names of places are written, pure: what intake, forms and tables share",
        "data": "seed rows of remote places and of names that changed, with their sources",
    },
    "customers": {"story": "the registry of what happens to customers, which upper floors add to"},
    "orders": {"conditions": "the registry of what orders are held for, which upper floors add to"},
    "crm": {"conditions": "the registry of what customers are chosen by, which upper floors add to"},
    "shipping": {
        "data": "the delivered carriers, and what is not sure of them",
        "formats": "data files of what goes to carriers and malls",
    },
    "accounting": {"data": "the delivered tax rates, with their sources"},
    "channels": {"formats": "data files of malls and carriers"},
}
# the kernel and the composition root hold mechanisms, each in a module of its name
FREE = {"core", "backoffice"}
NEVER = {"utils", "util", "helpers", "helper", "signals", "constants", "misc", "common", "managers", "tools"}
README_LINES = 40
# beyond that nobody finds anything: modules go into folders by part
SERVICES_IN_A_FOLDER = 16


@pytest.mark.parametrize("app", [name for name in APPS if name not in FREE])
def test_an_app_holds_only_the_files_of_the_closed_list(app):
    allowed = FILES | FOLDERS | EXTRA.get(app, {}).keys() | {"README", "__pycache__"}
    found = {path.name.removesuffix(".py").removesuffix(".md") for path in (ROOT / app).iterdir()}
    assert found <= allowed, f"{app} has {sorted(found - allowed)}: see the list in CONTRIBUTING.md"


@pytest.mark.parametrize("app", APPS)
def test_no_module_is_a_drawer_for_everything(app):
    found = [named(path) for path in (ROOT / app).rglob("*") if path.stem in NEVER and "__pycache__" not in path.parts]
    assert found == [], "name the module after what it does"


@pytest.mark.parametrize("app", APPS)
def test_each_app_has_a_readme_of_one_screen(app):
    readme = ROOT / app / "README.md"
    assert readme.exists(), f"{app} has no README.md"
    assert len(readme.read_text(encoding="utf-8").splitlines()) <= README_LINES


def test_modules_stay_small():
    lengths = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {name: length for name, length in lengths.items() if length >= 400} == {}
    ordered = sorted(lengths.values())
    assert ordered[len(ordered) // 2] <= 120


def test_services_stand_in_folders_by_part_before_they_become_a_heap():
    folders = [path for app in APPS for path in (ROOT / app / "services").rglob("*") if path.is_dir()]
    folders += [ROOT / app / "services" for app in APPS]
    held = {named(folder): len([path for path in folder.glob("*.py") if path.stem != "__init__"]) for folder in folders}
    assert {name: count for name, count in held.items() if count > SERVICES_IN_A_FOLDER} == {}


def test_every_module_says_what_it_is():
    silent = []
    for path in modules():
        text = path.read_text(encoding="utf-8")
        if text.strip() and "formats" not in path.parts and ast.get_docstring(ast.parse(text)) is None:
            silent.append(named(path))
    assert silent == []
