"""Settings of a live chat: who may embed it, when somebody is there, and the tag that a page embeds."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat.admin.visiting import is_origin, script_tag
from chat.models import Widget
from core.ui import ModelAdmin, columns
from service.models import Inlet, InletKind


class WidgetForm(forms.ModelForm):  # type: ignore[type-arg]
    """A chat stands at an inlet of its kind, and leaves messages to a web form."""

    class Meta:
        model = Widget
        fields = ("inlet", "is_active", "origins", "greeting", "calendar", "form_inlet")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, kind in (("inlet", InletKind.CHAT), ("form_inlet", InletKind.WEB_FORM)):
            if name in self.fields:
                self.fields[name].queryset = Inlet.objects.filter(kind=kind)  # type: ignore[attr-defined]

    def clean_origins(self) -> list[str]:
        """Take sites as browsers name them: scheme, host and port, without a path."""
        origins = [origin.strip().lower().rstrip("/") for origin in self.cleaned_data["origins"] if origin.strip()]
        wrong = next((origin for origin in origins if not is_origin(origin)), None)
        if wrong is not None:
            raise forms.ValidationError(
                gettext("“%(site)s” is no site. Write it like https://shop.example.") % {"site": wrong}
            )
        return origins


@admin.register(Widget)
class WidgetAdmin(ModelAdmin):
    """Chats of the own site."""

    few_rows = True
    form = WidgetForm
    list_display = [
        columns.two_lines("inlet.name", "inlet.code", _("Live chat")),
        columns.computed("origins", _("Sites"), lambda widget: ", ".join(widget.origins) or "–"),
        columns.computed("hours", _("Hours"), lambda widget: widget.calendar or "–"),
        columns.flag("is_active", _("Active")),
    ]
    list_select_related = ("inlet", "calendar")
    ordering = ["id"]
    fields = [("inlet", "is_active"), "origins", "greeting", ("calendar", "form_inlet")]
    empty_title = _("No live chats yet")
    empty_text = _("Make an inlet of the kind live chat first, then say here which sites may embed it.")

    def facts(self, request: HttpRequest, obj: Widget) -> Sequence[tuple[Any, Any]]:
        """Return the tag that a page of the site embeds, and what becomes of answers to who left."""
        address = obj.inlet.address
        way = gettext("by e-mail from %(address)s") % {"address": address} if address else gettext("in the chat only")
        return [
            (gettext("Tag for your pages"), script_tag(obj)),
            (gettext("Answers to visitors who left"), way),
        ]
