"""Down you call, up you record an event, sideways you don't."""

import ast

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from importlinter.application.use_cases import lint_imports
from importlinter.configuration import configure

from tests.architecture.house import APPS, CONFIG, HEIGHT, ROOT, modules, named, tree

configure()
OWN_MODELS = [model for model in apps.get_models() if model._meta.app_label in HEIGHT]


def test_imports_go_down(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)

    kept = lint_imports(str(ROOT / "pyproject.toml"), cache_dir=None, no_logo=True, is_debug_mode=True)

    assert kept, capsys.readouterr().out


def test_nothing_is_excepted_from_the_contract():
    (contract,) = CONFIG["importlinter"]["contracts"]
    assert "ignore_imports" not in contract


def test_every_app_stands_in_the_contract():
    found = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert found == set(APPS)
    assert found == set(CONFIG["importlinter"]["root_packages"])
    assert found == set(CONFIG["coverage"]["run"]["source"])


@pytest.mark.parametrize("model", OWN_MODELS, ids=lambda model: model._meta.label)
def test_foreign_keys_point_down(model):
    home = model._meta.app_label
    for field in model._meta.get_fields():
        target = getattr(field, "related_model", None)
        if not field.is_relation or not field.concrete or target is None or target is ContentType:
            continue
        other = target._meta.app_label
        # who did it: the user model is named by settings, below everything that acts
        is_actor = home == "core" and other == "staff"
        assert other == home or is_actor or other not in HEIGHT or HEIGHT[other] < HEIGHT[home], (
            f"{model._meta.label}.{field.name} points up to {other}: the upper app owns the link"
        )


def test_core_names_the_user_only_by_settings():
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "core" / "models").glob("*.py")]
    assert len(texts) > 1
    assert not [text for text in texts if "staff" in text]


def test_nobody_listens_to_model_signals():
    forbidden = {"django.db.models.signals", "django.dispatch", "django.core.signals"}
    found = [
        f"{named(path)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(tree(path))
        if getattr(node, "module", None) in forbidden
    ]
    assert found == []
