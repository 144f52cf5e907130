"""Tasks by what they are about."""

from collections.abc import Collection

from django.contrib.contenttypes.models import ContentType
from django.db import models

from staff.models import Task, TaskQuerySet


def tasks_about(model: type[models.Model], ids: Collection[int] | None) -> TaskQuerySet:
    """Return the tasks opened from these rows of ``model``; None means from any of its rows."""
    tasks = Task.objects.filter(subject_type=ContentType.objects.get_for_model(model))
    return tasks if ids is None else tasks.filter(subject_id__in=ids)
