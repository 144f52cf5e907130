"""How much a column of the board should hold at once."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from staff.models.task import TaskStatus

# without a row of its own this many tasks in progress are enough for one person
USUAL_WIP_LIMIT = 3
LIMITED_STATUSES = [
    TaskStatus.SUBMITTED,
    TaskStatus.ASSIGNED,
    TaskStatus.IN_PROGRESS,
    TaskStatus.IN_REVIEW,
    TaskStatus.CHANGES_REQUESTED,
    TaskStatus.APPROVED,
]


class BoardLimit(models.Model):
    """The limits of one column; an empty one is none. The column's own warns, that of a person holds back."""

    status = models.CharField(
        _("column"), max_length=20, choices=[(status.value, status.label) for status in LIMITED_STATUSES], unique=True
    )
    column_limit = models.PositiveSmallIntegerField(_("tasks in the column"), null=True, blank=True)
    person_limit = models.PositiveSmallIntegerField(_("tasks of one person"), null=True, blank=True)

    class Meta:
        verbose_name = _("limit of the board")
        verbose_name_plural = _("limits of the board")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=LIMITED_STATUSES), name="staff_boardlimit_status_valid"),
            models.CheckConstraint(
                condition=Q(column_limit=None) | Q(column_limit__gt=0), name="staff_boardlimit_column_positive"
            ),
            models.CheckConstraint(
                condition=Q(person_limit=None) | Q(person_limit__gt=0, status=TaskStatus.IN_PROGRESS),
                name="staff_boardlimit_person_in_progress",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_status_display())
