"""The questions of the dialogs about tasks."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from core.ui import ActionForm
from staff.models import Priority, Task, User
from staff.selectors import users_with_permission
from staff.selectors.suggesting import suggest_assignees


class MomentInput(forms.DateTimeInput):
    """The browser's own chooser of day and time."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class AssigneeForm(ActionForm):
    """Who gets it: one of those who fit best, or anybody who works here."""

    suggested = forms.TypedChoiceField(
        label=_("Who fits"), widget=forms.RadioSelect, required=False, coerce=int, empty_value=None
    )
    somebody = forms.ModelChoiceField(label=_("Somebody else"), queryset=User.objects.none(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        workers = users_with_permission("staff.work_on_task").order_by("first_name", "username")
        self.fields["somebody"].queryset = workers  # type: ignore[attr-defined]
        found = suggest_assignees(self.obj) if self.obj is not None else []
        if not found:
            del self.fields["suggested"]
            self.fields["somebody"].label = pgettext("task", "Assignee")
            return
        self.fields["suggested"].choices = [  # type: ignore[attr-defined]
            (one.user.pk, format_html("<span>{}<small>{}</small></span>", one.user, one.sentence)) for one in found
        ]
        self.fields["suggested"].initial = found[0].user.pk

    def clean(self) -> dict[str, Any]:
        """Give the service one id; who was chosen by name goes before who was suggested."""
        data = super().clean() or {}
        chosen = data["somebody"].pk if data.get("somebody") else data.get("suggested")
        if not self.errors and chosen is None:
            raise forms.ValidationError(_("Choose who gets it."))
        return {**data, "assignee_id": chosen}


class ReasonForm(ActionForm):
    """Why."""

    reason = forms.CharField(
        label=_("Reason"), max_length=200, widget=forms.Textarea(attrs={"rows": 2, "autofocus": True})
    )


class OptionalReasonForm(ActionForm):
    """Why, if there is something to say."""

    reason = forms.CharField(
        label=_("Reason"), max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class PlaceForm(ActionForm):
    """Where the result is now."""

    place = forms.CharField(
        label=_("Where it is now"), max_length=200, required=False, help_text=_("A link, a page of a mall, a folder.")
    )


class DeadlineForm(ActionForm):
    """When it has to be done; empty for no deadline."""

    due_at = forms.DateTimeField(label=pgettext_lazy("deadline", "Due"), required=False, widget=MomentInput)


class ReopenForm(ReasonForm):
    """Why another version is wanted, and until when."""

    due_at = forms.DateTimeField(label=_("New deadline"), required=False, widget=MomentInput)


class PriorityForm(ActionForm):
    """How much it presses."""

    priority = forms.TypedChoiceField(
        label=pgettext_lazy("task", "Priority"), choices=Priority.choices, coerce=int, initial=Priority.NORMAL
    )


def deadline_initial(request: HttpRequest, task: Task | None) -> dict[str, datetime | None]:
    """Propose the deadline as it stands."""
    due = task.due_at if task is not None else None
    return {"due_at": timezone.localtime(due) if due else None}
