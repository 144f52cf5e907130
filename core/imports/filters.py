"""Narrowing the rows of an import down to what one looks for."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from core.models import ImportRow, RowOutcome


class RowFilter(django_filters.FilterSet):
    """By outcome, by what the row became, and by the number of its order (from its beginning)."""

    outcome = django_filters.ChoiceFilter(choices=RowOutcome.choices, label=_("outcome"))
    kind = django_filters.CharFilter(label=_("became"))
    reference = django_filters.CharFilter(lookup_expr="startswith", label=_("reference"))

    class Meta:
        model = ImportRow
        fields = ["outcome", "kind", "reference"]


def chosen_rows(parameters: Mapping[str, Any], *, has_refused: bool) -> dict[str, Any]:
    """Return the filter's values: what the address says, at first the refused rows if there are any."""
    chosen = {name: parameters[name][:80] for name in RowFilter.base_filters if parameters.get(name)}
    if not chosen and "outcome" not in parameters and has_refused:
        chosen["outcome"] = RowOutcome.REFUSED.value
    return chosen
