"""Which query parameters a list accepts."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.utils import get_fields_from_path
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import HttpRequest

_EXACT = ("", "__exact", "__in", "__isnull")
_RELATION = ("", "__exact", "__in", "__isnull", "__id__exact", "__id__in", "__pk__exact", "__pk__in")
# parameters of Unfold's and Django's filters of dates and numbers
_RANGE = ("__gte", "__lt", "__gt", "__lte", "_from", "_to", "_from_0", "_from_1", "_to_0", "_to_1")
_ORDERED = (models.DateField, models.IntegerField, models.DecimalField, models.FloatField)


def allowed_lookups(model_admin: Any, request: HttpRequest) -> set[str]:
    """Return the exact names of all parameters that declared filters read."""
    allowed = set(model_admin.filter_lookups)
    for item in model_admin.get_list_filter(request):
        if isinstance(item, type) and issubclass(item, SimpleListFilter):
            allowed.add(str(item.parameter_name))
        elif callable(item):
            allowed.update(getattr(item, "parameters", ()))
        else:
            name = item[0] if isinstance(item, list | tuple) else item
            allowed.update(_for_field(model_admin.model, name))
    return allowed


def _for_field(model: type[models.Model], name: str) -> set[str]:
    try:
        field = get_fields_from_path(model, name)[-1]
    except FieldDoesNotExist:
        return set()
    suffixes = _RELATION if field.is_relation else _EXACT
    if isinstance(field, _ORDERED):
        suffixes = (*suffixes, *_RANGE)
    return {name + suffix for suffix in suffixes}
