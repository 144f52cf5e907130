"""A row that a task is about is not deleted by undoing the import that made it."""

from collections.abc import Collection

from django.contrib.contenttypes.models import ContentType
from django.db import models

from core.resources.taking_back import register_holder
from staff.models import Task


def rows_with_tasks(model: type[models.Model], pks: Collection[int]) -> set[int]:
    """Return those of the rows that some task, open or ended, is about."""
    subject_type = ContentType.objects.get_for_model(model)
    found = Task.objects.filter(subject_type=subject_type, subject_id__in=pks).values_list("subject_id", flat=True)
    return {pk for pk in found if pk is not None}


register_holder(rows_with_tasks)
