"""Creative slots: where pictures are shown, and what they must be for that."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from core.admin.tables import TableFilesMixin
from core.ui import ModelAdmin, Panel, Tab, columns, register_panel
from staff import services
from staff.adapters.pictures import ACCEPTED
from staff.admin.resources import CreativeSlotResource
from staff.models import CreativeSlot

LONGEST = 3000  # a taller frame is drawn as tall as this: it would be a line otherwise


def frame_html(slot: CreativeSlot, css: str) -> SafeString:
    """Return the slot drawn to scale: its frame, and dashed the area where text and product are safe."""
    width, height = slot.width_px, min(slot.height_px, LONGEST)
    line = max(width, height) / 200
    bottom = slot.safe_bottom if height == slot.height_px else 0
    inside = (slot.safe_left, slot.safe_top, width - slot.safe_left - slot.safe_right, height - slot.safe_top - bottom)
    return format_html(
        '<svg class="{}" viewBox="{} {} {} {}" preserveAspectRatio="xMinYMid" role="img" aria-label="{}">'
        '<rect class="outer" width="{}" height="{}" stroke-width="{}"></rect>'
        '<rect class="inner" x="{}" y="{}" width="{}" height="{}" stroke-width="{}" '
        'stroke-dasharray="{} {}"></rect></svg>',
        css,
        *(f"{value:.1f}" for value in (-line, -line, width + 2 * line, height + 2 * line)),
        slot.size,
        width,
        height,
        f"{line:.1f}",
        *inside,
        *(f"{line * times:.1f}" for times in (1, 4, 3)),
    )


def frame(request: HttpRequest, slot: CreativeSlot) -> dict[str, Any]:
    """Give the drawing with its numbers."""
    sides = [
        (_("Top"), slot.safe_top),
        (pgettext_lazy("side", "Right"), slot.safe_right),
        (_("Bottom"), slot.safe_bottom),
        (pgettext_lazy("side", "Left"), slot.safe_left),
    ]
    return {"slot": slot, "drawing": frame_html(slot, "slot-frame"), "safe": [row for row in sides if row[1]]}


class SlotForm(forms.ModelForm):  # type: ignore[type-arg] # Django's own class takes no parameter
    """A slot; its safe area lies within its size."""

    formats = forms.MultipleChoiceField(
        label=gettext_lazy("Formats"),
        choices=[(name, name.upper()) for name in sorted(ACCEPTED)],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a safe area without an inside, and a placement without a name."""
        data: dict[str, Any] = super().clean() or {}
        for size, one, other in (("width_px", "safe_left", "safe_right"), ("height_px", "safe_top", "safe_bottom")):
            if data.get(size) is not None and data[size] <= (data.get(one) or 0) + (data.get(other) or 0):
                self.add_error(one, _("The safe area must leave room inside the picture."))
        if not any(data.get(f"placement_{language}") for language in ("en", "ko", "ja")):
            self.add_error("placement_en", _("Name the placement in at least one language."))
        return data


@admin.register(CreativeSlot)
class CreativeSlotAdmin(TableFilesMixin, ModelAdmin):
    """Find a slot by mall, placement or size; keep its rules true."""

    resource_class = CreativeSlotResource
    form = SlotForm
    list_display = [
        columns.two_lines("placement", "code", pgettext_lazy("slot", "Placement")),
        columns.text("platform", gettext_lazy("Platform"), order=True),
        columns.computed("frame", gettext_lazy("Frame"), lambda slot: frame_html(slot, "slot-thumb"), css="fit"),
        columns.two_lines("size", lambda slot: slot.get_size_rule_display(), gettext_lazy("Size")),
        columns.computed(
            "formats", gettext_lazy("Formats"), lambda slot: ", ".join(name.upper() for name in slot.formats)
        ),
        columns.number("max_kb", gettext_lazy("at most (KB)")),
        columns.moment("checked_on", gettext_lazy("checked on"), order=True),
        columns.flag("is_active", pgettext_lazy("slot", "Active")),
    ]
    ordering = ["platform", "code", "id"]
    exact_search_fields = ["code"]
    list_filter = ["platform_code", "size_rule"]
    tabs = [
        Tab("active", pgettext_lazy("slots", "Active"), lambda rows, request: rows.filter(is_active=True)),
        Tab("all", pgettext_lazy("slots", "All"), count=False),
    ]
    fieldsets = [
        (None, {"fields": ["code", ("platform", "platform_code"), "placement_en", "placement_ko", "placement_ja"]}),
        (
            gettext_lazy("What a picture must be"),
            {"fields": [("width_px", "height_px"), "size_rule", ("max_kb", "text_limit"), "formats"]},
        ),
        (gettext_lazy("Safe area"), {"fields": [("safe_top", "safe_bottom"), ("safe_left", "safe_right")]}),
        (gettext_lazy("Source"), {"fields": ["note", "source", ("checked_on", "is_active")]}),
    ]
    empty_title = gettext_lazy("No slots here")
    empty_text = gettext_lazy("Add the placements your pictures are made for.")

    class Media:
        css = {"all": ["backoffice/tasks.css"]}

    def facts(self, request: HttpRequest, obj: CreativeSlot) -> Sequence[tuple[Any, Any]]:
        """Return what a designer asks first."""
        return [
            (_("Platform"), obj.platform_name),
            (_("Size"), f"{obj.size} ({obj.get_size_rule_display()})"),
            (_("Formats"), ", ".join(name.upper() for name in obj.formats)),
            (_("At most"), f"{obj.max_kb} KB" if obj.max_kb else "–"),
        ]

    def save_model(self, request: HttpRequest, obj: CreativeSlot, form: Any, change: Any) -> None:
        """Keep the slot findable."""
        super().save_model(request, obj, form, change)
        services.refresh_slot_search_text(slot_ids=[obj.pk])


register_panel(
    CreativeSlot,
    Panel("frame", gettext_lazy("Frame and safe area"), "staff/panels/slot.html", frame, position=10, above=True),
)
