"""A colleague, chosen by name: who directs work names people without seeing their accounts."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget

from staff.models import User


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One active colleague; whoever the row holds may stay, whatever became of the account."""

    widget = UnfoldAdminSelectWidget

    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=User.objects.filter(is_active=True).order_by("first_name", "username"), **options)

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        """Offer who stands in the row, too."""
        held = getattr(getattr(form, "instance", None), f"{field_name}_id", None)
        if held is not None:
            self.queryset = User.objects.filter(pk=held) | User.objects.filter(is_active=True)
        return super().get_bound_field(form, field_name)
