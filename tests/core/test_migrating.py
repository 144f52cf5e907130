"""Tables come out as Django's own executor makes them."""

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.state import ProjectState

from core.migrating import Application, pointed_to

pytestmark = pytest.mark.django_db
LAST = ("staff", "addresses")


def sql_of(apply):
    """Return the statements of the lower apps' migrations that need neither code nor a way around transactions."""
    loader = MigrationLoader(connection)
    ends = [key for key in loader.graph.leaf_nodes() if key[0] in LAST]
    state, statements = ProjectState(), []
    for key in dict.fromkeys(key for end in ends for key in loader.graph.forwards_plan(end)):
        migration = loader.graph.nodes[key]
        if not migration.atomic or not all(operation.reduces_to_sql for operation in migration.operations):
            state = migration.mutate_state(state)
            continue
        with connection.schema_editor(collect_sql=True) as editor:
            state = apply(migration, state, editor)
        statements += editor.collected_sql
    return statements


def test_the_same_statements_as_with_all_models_rendered():
    ours = sql_of(lambda migration, state, editor: Application(migration)(state, editor))

    assert len(ours) > 200
    assert ours == sql_of(Migration.apply)


def test_a_model_is_rendered_with_what_it_points_to_and_nothing_else():
    state = MigrationLoader(connection).project_state()

    assert pointed_to(state.models, ("inventory", "warehouse")) == {("inventory", "warehouse")}
    assert ("orders", "order") in pointed_to(state.models, ("orders", "orderline"))
    assert ("orders", "orderline") not in pointed_to(state.models, ("orders", "order"))
