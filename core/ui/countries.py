"""Countries on pages: two letters in the table, a name on the screen."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib.admin import AllValuesFieldListFilter
from django.http import HttpRequest
from django.utils.text import capfirst
from unfold.widgets import UnfoldAdminSelectWidget

from core.countries import country_choices, country_name


class CountryField(forms.ChoiceField):
    """One country, chosen by name; a code that the row already holds may stay, whatever it is."""

    widget = UnfoldAdminSelectWidget

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        """Offer the names, and what the row holds."""
        bound = super().get_bound_field(form, field_name)
        held = str(bound.initial or "")
        known = country_choices()
        self.choices = [("", "–"), *known] if held in {"", *dict(known)} else [("", "–"), (held, held), *known]
        return bound


class CountryMixin:
    """Admin class of a model with a ``country``: chosen by name, and by name for those who may only look at it."""

    readonly_preprocess_fields: ClassVar[dict[str, Callable[[str], str]]] = {"country": country_name}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer names instead of a box for two letters."""
        if db_field.name == "country":
            return CountryField(label=capfirst(db_field.verbose_name), required=not db_field.blank)
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]


class CountryFilter(AllValuesFieldListFilter):
    """The countries that occur, by name."""

    def choices(self, changelist: Any) -> Any:
        """Put names in the place of codes."""
        for choice in super().choices(changelist):
            yield {**choice, "display": country_name(str(choice["display"]))}
