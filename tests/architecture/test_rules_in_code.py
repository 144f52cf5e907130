"""Rules of the house style that no linter knows."""

import ast
import re

import pytest
from django.apps import apps
from django.db.models import TextChoices

from core.events import Event
from tests.architecture.house import APPS, HEIGHT, ROOT, called_name, calls, functions, modules, named, tree

OWN_MODELS = [model for model in apps.get_models() if model._meta.app_label in HEIGHT]
SERVICES = [path for path in modules() if path.stem == "services" or "services" in path.parts[:-1]]
# each builds its HTML with format_html or escapes by itself; a new entry needs a reason and a test with hostile text
SAFE_HTML = {"core/ui/table.py", "staff/admin/card_html.py"}
STATE_FIELDS = {"status", "state"}


def public(path):
    """Return the services of a module: what its package offers and what writes, that is, a transaction or an actor."""
    offered = {function.name for function in functions(path) if not function.name.startswith("_")}
    if path.stem != "services":
        package = path.parent if path.parent.name == "services" else path.parent.parent
        offered &= {name for facade in {package, path.parent} for name in exported(facade / "__init__.py")}
    return [function for function in functions(path) if function.name in offered and writes(function)]


def writes(function):
    arguments = [*function.args.args, *function.args.kwonlyargs]
    decorated = any("atomic" in ast.unparse(decorator) for decorator in function.decorator_list)
    return decorated or any(argument.arg == "actor" for argument in arguments)


def exported(path):
    return [alias.name for node in tree(path).body if isinstance(node, ast.ImportFrom) for alias in node.names]


@pytest.mark.parametrize("path", SERVICES, ids=named)
def test_services_are_keyword_only_with_the_actor_last(path):
    wrong = []
    for function in public(path):
        names = [argument.arg for argument in function.args.kwonlyargs]
        if function.args.args or function.args.posonlyargs or function.args.vararg:
            wrong.append(f"{function.name}: arguments by position")
        if "actor" in names and names[-1] != "actor":
            wrong.append(f"{function.name}: actor is not last")
        if function.returns is None or any(argument.annotation is None for argument in function.args.kwonlyargs):
            wrong.append(f"{function.name}: not typed")
        if ast.get_docstring(function) is None:
            wrong.append(f"{function.name}: says not what is true afterwards")
    assert wrong == []


def test_services_have_one_name_in_the_whole_repository():
    names = [function.name for path in SERVICES for function in public(path)]
    assert sorted({name for name in names if names.count(name) > 1}) == []


@pytest.mark.parametrize("path", SERVICES, ids=named)
def test_services_know_no_request_and_no_celery(path):
    forbidden = ("django.http", "django.forms", "django.contrib.admin", "django.contrib.messages", "celery", "unfold")
    found = [
        f"{name}:{node.lineno}"
        for node in ast.walk(tree(path))
        for name in imported(node)
        if name.startswith(forbidden)
    ]
    assert found == []


def imported(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def test_states_change_only_in_services():
    allowed = {"services", "imports", "demo", "jobs"}
    found = []
    for path in modules():
        # the life of a table import is the kernel's own service
        if allowed & {path.stem, *path.parts} or named(path).startswith("core/resources/"):
            continue
        for node in ast.walk(tree(path)):
            targets = node.targets if isinstance(node, ast.Assign) else []
            found += [
                f"{named(path)}:{node.lineno}"
                for target in targets
                if isinstance(target, ast.Attribute) and target.attr in STATE_FIELDS
            ]
    assert found == []


def subclasses(cls):
    for child in cls.__subclasses__():
        yield child
        yield from subclasses(child)


# a base of events has no name and is never recorded
EVENTS = [event for event in subclasses(Event) if event.name and event.__module__.partition(".")[0] in HEIGHT]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_each_event_has_a_name_of_its_app_and_a_sentence(event):
    app = event.__module__.partition(".")[0]
    assert re.fullmatch(rf"{app}\.[a-z_]+", event.name)
    assert event.sentence is not Event.sentence
    assert event.__dataclass_params__.frozen


def test_events_without_a_name_are_bases_only():
    nameless = [event for event in subclasses(Event) if not event.name and not event.__subclasses__()]
    assert nameless == []


def test_events_have_different_names():
    names = [event.name for event in EVENTS]
    assert names
    assert len(names) == len(set(names))


CHOICES = [
    (model, field)
    for model in OWN_MODELS
    for field in model._meta.local_fields
    if field.choices and not field.many_to_one
]


@pytest.mark.parametrize(("model", "field"), CHOICES, ids=lambda item: getattr(item, "name", None) or item.__name__)
def test_the_database_knows_the_allowed_words(model, field):
    checks = [constraint for constraint in model._meta.constraints if hasattr(constraint, "condition")]
    words = {str(value) for value, _ in field.flatchoices}
    for constraint in checks:
        for name, value in children(constraint.condition):
            if name == f"{field.name}__in" and words <= {str(word) for word in value}:
                return
    pytest.fail(f"{model._meta.label}.{field.name} has choices but no CheckConstraint with __in")


def children(condition):
    for child in getattr(condition, "children", []):
        if isinstance(child, tuple):
            yield child
        else:
            yield from children(child)


def test_choices_are_lower_case_words():
    wrong = [
        f"{choices.__module__}.{choices.__name__}.{value}"
        for choices in subclasses(TextChoices)
        if choices.__module__.partition(".")[0] in HEIGHT and choices.__name__ not in {"Currency", "Jurisdiction"}
        for value in choices.values
        if not re.fullmatch(r"[a-z0-9_]*", value)
    ]
    assert wrong == []


@pytest.mark.parametrize("model", OWN_MODELS, ids=lambda model: model._meta.label)
def test_models_have_a_text_names_and_no_business_in_save(model):
    assert "__str__" in vars(model), f"{model._meta.label} has no __str__"
    assert not {"save", "delete"} & vars(model).keys(), "what a save means belongs in a service"
    for constraint in model._meta.constraints:
        assert constraint.name.startswith(f"{model._meta.app_label}_"), constraint.name


def test_money_is_never_a_float():
    money = [path for path in modules() if "float(" in path.read_text(encoding="utf-8") or "FloatField" in str(path)]
    found = [
        f"{named(path)}:{node.lineno}"
        for path in money
        for node in calls(path)
        if called_name(node) in {"float", "FloatField"}
        and any(word in ast.unparse(node) for word in ("amount", "price", "total", "minor", "money"))
    ]
    assert found == []
    assert [
        f"{model._meta.label}.{field.name}"
        for model in OWN_MODELS
        for field in model._meta.local_fields
        if field.get_internal_type() == "FloatField"
    ] == []
    core_money = ROOT / "core" / "money.py"
    assert [
        node.lineno
        for node in ast.walk(tree(core_money))
        if isinstance(node, ast.Constant) and type(node.value) is float
    ] == []


def test_html_is_marked_safe_nowhere_but_on_the_list():
    found = {
        named(path) for path in modules() for call in calls(path) if called_name(call) in {"mark_safe", "SafeString"}
    }
    assert found == SAFE_HTML


HARMLESS = re.compile(r"repeat|again|twice|once|harmless|nothing (?:is left|to do)")
TASKS = [
    (path, function)
    for path in modules()
    if path.stem == "tasks" or "tasks" in path.parts
    for function in functions(path)
    if any("task" in ast.unparse(decorator) for decorator in function.decorator_list)
]


def test_tasks_have_explicit_names_of_their_app():
    wrong = []
    for path, function in TASKS:
        app = path.relative_to(ROOT).parts[0]
        text = " ".join(ast.unparse(decorator) for decorator in function.decorator_list)
        if f"name='{app}." not in text:
            wrong.append(f"{named(path)}:{function.name}")
        if not HARMLESS.search(ast.get_docstring(function) or ""):
            wrong.append(f"{named(path)}:{function.name} says not why running it twice is harmless")
    assert wrong == []


def test_services_import_no_tasks():
    found = [
        f"{named(path)}:{node.lineno}"
        for path in SERVICES
        for node in ast.walk(tree(path))
        for name in imported(node)
        if name.partition(".")[0] in APPS and "tasks" in name.split(".")
    ]
    assert found == []
