"""Questions of the board: why, to whom, how many."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from staff.models import LIMITED_STATUSES, TaskStatus, User
from staff.selectors.limits import board_limits
from staff.selectors.roles import users_with_permission
from staff.services.assignment.limiting import MOST, ColumnLimit

PERSON = "person_limit"


class ReasonForm(forms.Form):
    """Why a task waits, is called off or taken up again."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3, "autofocus": True})
    )


class PersonForm(forms.Form):
    """Who gets the task."""

    person = forms.ModelChoiceField(label=_("Give to"), queryset=User.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = users_with_permission("staff.work_on_task").order_by("last_name", "first_name", "username")
        self.fields["person"].queryset = people  # type: ignore[attr-defined]


class LimitsForm(forms.Form):
    """A number for each column, and how much one person may have in progress; empty is none."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        now = board_limits()
        for status in LIMITED_STATUSES:
            self.fields[str(status)] = _number(status.label, now.get(str(status), (None, None))[0])
        usual = now[TaskStatus.IN_PROGRESS][1]
        self.fields[PERSON] = _number(pgettext_lazy("limit", "In progress, each person"), usual)

    def limits(self) -> dict[str, ColumnLimit]:
        """Return the limits by status."""
        data = self.cleaned_data
        return {
            str(status): ColumnLimit(data[status], data[PERSON] if status == TaskStatus.IN_PROGRESS else None)
            for status in LIMITED_STATUSES
        }


def _number(label: Any, initial: int | None) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=MOST, required=False, initial=initial)
