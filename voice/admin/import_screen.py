"""Reviews on the import pages: of which sales channel they are."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.models import SalesChannel
from core.imports.screens import OptionsForm, Screen, register_screen
from core.models import ImportRow


class ReviewOptions(OptionsForm):
    """Where the reviews were written."""

    sales_channel = forms.ModelChoiceField(label=_("Sales channel"), queryset=SalesChannel.objects.all())

    def options(self) -> dict[str, Any]:
        """Return JSON; the channel as its id."""
        return {"sales_channel": self.cleaned_data["sales_channel"].pk}

    @classmethod
    def told(cls, options: Mapping[str, Any]) -> Sequence[tuple[Any, Any]]:
        """Return the sales channel."""
        channel = SalesChannel.objects.filter(pk=options.get("sales_channel") or 0).first()
        return [(_("Sales channel"), channel or "–")]


def review_link(row: ImportRow) -> str:
    """Return the page of the row's review."""
    return reverse("admin:voice_review_change", args=[row.object_id]) if row.object_id else ""


register_screen("voice.reviews", Screen(options=ReviewOptions, link=review_link))
