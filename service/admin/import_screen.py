"""Inquiries on the import pages: by which inlet they came, and where they are worked on."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.imports.screens import OptionsForm, Screen, register_screen
from core.models import ImportRow
from service.admin.status import inbox_url
from service.models import Inlet


class ConversationOptions(OptionsForm):
    """By which inlet the messages came."""

    inlet = forms.ModelChoiceField(
        label=_("Inlet"),
        queryset=Inlet.objects.filter(is_active=True),
        help_text=_("Its sales channel tells the time zone and whose order numbers these are."),
    )

    def options(self) -> dict[str, Any]:
        """Return JSON; the inlet as its id."""
        return {"inlet": self.cleaned_data["inlet"].pk}

    @classmethod
    def told(cls, options: Mapping[str, Any]) -> Sequence[tuple[Any, Any]]:
        """Return the inlet."""
        return [(_("Inlet"), Inlet.objects.filter(pk=options.get("inlet") or 0).first() or "–")]


def ticket_link(row: ImportRow) -> str:
    """Return where the row's ticket is worked on."""
    return inbox_url(row.object_id) if row.object_id else ""


register_screen("service.messages", Screen(options=ConversationOptions, link=ticket_link))
