"""Migrations applied without rendering every model again at each operation.

Django renders anew all models that are related to the one an operation touches, and here everything is related to the
user: 1,500 operations over 300 models took minutes of processor time. An operation on one table needs that model and
what it points to; the few that may need more (code, renames, keys of others) get what Django gives them.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib.postgres.operations import CreateExtension, ValidateConstraint
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterField,
    AlterModelOptions,
    AlterUniqueTogether,
    CreateModel,
    RemoveConstraint,
    RemoveField,
    RemoveIndex,
    RunSQL,
)
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.utils import resolve_relation
from django.db.transaction import atomic
from pgtrigger.migrations import AddTrigger, RemoveTrigger

Key = tuple[str, str]
# these change nothing that another model's class shows
_OPTIONS = (AddConstraint, AddIndex, AddTrigger, RemoveConstraint, RemoveIndex, RemoveTrigger, ValidateConstraint)
_NARROW = (*_OPTIONS, AddField, AlterField, AlterModelOptions, AlterUniqueTogether, CreateModel, RemoveField)
_WITHOUT_MODELS = (RunSQL, CreateExtension)


def pointed_to(models: Mapping[Key, ModelState], start: Key) -> set[Key]:
    """Return ``start`` and every model that it needs to be rendered: targets of its fields and bases, theirs too."""
    found: set[Key] = set()
    waiting = [start]
    while waiting:
        key = waiting.pop()
        if key in found or key not in models:
            continue
        found.add(key)
        waiting += [resolve_relation(target, *key) for target in _targets(models[key])]
    return found


def _targets(model: ModelState) -> list[Any]:
    relations = [field.remote_field for field in model.fields.values() if field.is_relation and field.remote_field]
    targets = [relation.model for relation in relations]
    targets += [through for relation in relations if (through := getattr(relation, "through", None))]
    return targets + [base for base in model.bases if isinstance(base, str)]


class NarrowExecutor(MigrationExecutor):
    """Applies forwards; every table comes out as with Django's own executor."""

    def _migrate_all_forwards(self, state: ProjectState, plan: Any, full_plan: Any, **options: bool) -> ProjectState:
        wanted = {migration for migration, _ in plan}
        for migration in [migration for migration, _ in full_plan if migration in wanted]:
            state.__dict__.pop("apps", None)  # rendered when an operation asks for it
            state = self.apply_migration(state, migration, **options)
        return state

    def apply_migration(  # type: ignore[override]
        self, state: ProjectState, migration: Migration, **options: bool
    ) -> ProjectState:
        """Do as Django does, with operations that see the models they need."""
        migration.apply = Application(migration)  # type: ignore[assignment, method-assign]
        return super().apply_migration(state, migration, **options)


class Application:
    """One migration being applied forwards; rendered models are kept while only options change."""

    def __init__(self, migration: Migration) -> None:
        self.migration = migration
        self.rendered: dict[Key, ProjectState] = {}

    def __call__(self, state: ProjectState, schema_editor: BaseDatabaseSchemaEditor) -> ProjectState:
        for operation in self.migration.operations:
            before, after = self._states(operation, state)
            # as Migration.apply does it: an operation is atomic by itself where its migration is not
            is_atomic = operation.atomic or (self.migration.atomic and operation.atomic is not False)
            if is_atomic and not schema_editor.atomic_migration:
                with atomic(schema_editor.connection.alias):
                    operation.database_forwards(self.migration.app_label, schema_editor, before, after)
            else:
                operation.database_forwards(self.migration.app_label, schema_editor, before, after)
        return state

    def _states(self, operation: Operation, state: ProjectState) -> tuple[ProjectState, ProjectState]:
        """Carry the operation into ``state``; return what it sees of the state before and after."""
        label = self.migration.app_label
        if not isinstance(operation, _OPTIONS):
            self.rendered.clear()
        if isinstance(operation, _WITHOUT_MODELS):
            operation.state_forwards(label, state)
            return state, state
        if not _is_narrow(operation):
            before = state.clone()
            operation.state_forwards(label, state)
            after = state.clone()
            return before, after
        named: Any = operation  # by `model_name`; operations on the model itself by `name`
        key = (label, (getattr(named, "model_name", "") or named.name).lower())
        before = ProjectState({k: state.models[k].clone() for k in pointed_to(state.models, key)})
        operation.state_forwards(label, state)
        if key not in self.rendered:
            self.rendered[key] = ProjectState({k: state.models[k].clone() for k in pointed_to(state.models, key)})
        return before, self.rendered[key]


def _is_narrow(operation: Operation) -> bool:
    # columns of others follow a key that changes
    return isinstance(operation, _NARROW) and not (isinstance(operation, AlterField) and operation.field.unique)
