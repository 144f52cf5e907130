"""SQL of a model's columns for a merge: their types, and what a new row gets where the file says nothing."""

from __future__ import annotations

from typing import Any

from django.db import connection, models
from django.db.models.fields import NOT_PROVIDED
from django.db.models.functions import Now
from django.db.models.sql import Query
from django.utils import timezone

from core.resources.columns import Column


def sql_type(model_field: models.Field[Any, Any]) -> str:
    """Return the type of a column; a key's own, not that of its sequence."""
    return str(model_field.rel_db_type(connection) if model_field.primary_key else model_field.db_type(connection))


def default_of(model_field: models.Field[Any, Any], column: Column | None = None) -> tuple[str, list[Any]]:
    """Return the SQL of what a new row gets where the file says nothing; a resource's own default comes first."""
    own = column.field.default if column is not None else NOT_PROVIDED
    if own is not NOT_PROVIDED:
        return "%s", [own() if callable(own) else own]
    return _model_default(model_field)


def _model_default(model_field: models.Field[Any, Any]) -> tuple[str, list[Any]]:
    if getattr(model_field, "auto_now", False) or getattr(model_field, "auto_now_add", False):
        return "%s", [timezone.now()]
    if model_field.has_default():
        return "%s", [model_field.get_db_prep_save(model_field.get_default(), connection)]
    if model_field.db_default is not NOT_PROVIDED:
        expression = model_field._db_default_expression  # type: ignore[attr-defined]  # noqa: SLF001 Django's own wrapping of db_default
        if isinstance(expression, Now):
            return "STATEMENT_TIMESTAMP()", []
        compiler = Query(model_field.model).get_compiler(connection=connection)
        sql, params = compiler.compile(expression.resolve_expression(compiler.query))
        return sql, list(params)
    if not model_field.null and model_field.empty_strings_allowed:
        return "%s", [""]
    return "NULL", []
