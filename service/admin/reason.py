"""The tree of reasons, and how one is chosen by typing."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from core.ui import ActionForm, Answer, ModelAdmin, Tab, actor, columns, service_action
from core.ui.sitepages import register_page
from service import services
from service.models import ReasonNode, Ticket
from service.selectors.reasons import ReasonChoice, find_reason, reason_choices, reason_paths

DIRECT = "service.direct_ticket"


class ReasonInput(forms.TextInput):
    """Words that a list completes; what the order suggests stands below as buttons to press."""

    choices: "list[ReasonChoice]" = []

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the input with its list."""
        values = {"name": name, "value": value, "attrs": attrs or {}, "choices": self.choices}
        return render_to_string("service/components/reason_input.html", values)


class ReasonField(forms.CharField):
    """A reason by its words; cleaned to its id."""

    widget = ReasonInput
    default_error_messages = {"unknown": gettext_lazy("Choose one of the reasons of the list.")}

    def clean(self, value: Any) -> int | None:
        """Return the id of the reason; refused when the words mean none."""
        text = super().clean(value)
        if not text:
            return None
        found = find_reason(text)
        if found is None:
            raise forms.ValidationError(self.error_messages["unknown"], code="unknown")
        return found


class ResolveForm(ActionForm):
    """Why the customer wrote."""

    reason = ReasonField(label=gettext_lazy("Reason"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = reason_choices(ticket_id=self.obj.pk)
        self.fields["reason"].widget.choices = choices
        if self.obj.reason_id:
            self.initial["reason"] = next((row.label for row in choices if row.id == self.obj.reason_id), "")


class MergeReasonForm(ActionForm):
    """Which reason counts for this one from now on."""

    into = ReasonField(label=gettext_lazy("Counts as"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = [row for row in reason_choices() if row.id != self.obj.pk]
        self.fields["into"].widget.choices = rows


@register_page("inbox/<int:pk>/reasons/", name="service_reason_options", permission="service.view_ticket")
@require_GET
def reason_options(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Answer the reasons that the ticket may get, its suggestions first; a part of the inbox."""
    ticket = get_object_or_404(Ticket, pk=pk)
    answer: HttpResponse = render(
        request, "service/components/reason_options.html", {"choices": reason_choices(ticket_id=ticket.pk)}
    )
    return answer


@admin.register(ReasonNode)
class ReasonNodeAdmin(ModelAdmin):
    """Why people write: the tree from which colleagues choose when they settle a ticket."""

    few_rows = True
    list_display = [
        columns.computed("path", gettext_lazy("Reason"), lambda node: node.path),
        columns.text("return_reason", gettext_lazy("Return reason")),
        columns.number("ticket_count", gettext_lazy("Tickets")),
        columns.text("merged_into", gettext_lazy("Counts as")),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    list_select_related = ("return_reason", "merged_into")
    tabs = [
        Tab("active", pgettext_lazy("reasons", "In use"), Q(is_active=True, merged_into=None)),
        Tab("all", pgettext_lazy("reasons", "All"), count=False),
    ]
    ordering = ["position", "id"]
    search_fields = ["code", "name_en", "name_ko", "name_ja"]
    fields = [
        ("code", "parent"),
        ("name_en", "name_ko", "name_ja"),
        ("return_reason", "position"),
        "is_active",
    ]
    empty_title = gettext_lazy("No reasons yet")
    empty_text = gettext_lazy("Write down why people write. A ticket is settled with one of these reasons only.")

    def for_display(self, request: HttpRequest, queryset: "QuerySet[ReasonNode]") -> "QuerySet[ReasonNode]":
        """Count the tickets of each."""
        return queryset.annotate(ticket_count=Count("tickets"))

    def complete_rows(self, request: HttpRequest, rows: "Sequence[ReasonNode]") -> None:
        """Put the names above it before each."""
        paths = reason_paths()
        for row in rows:
            row.path = paths[row.pk]  # type: ignore[attr-defined]

    @service_action(
        pgettext_lazy("reason", "Merge into another"),
        permission=DIRECT,
        form=MergeReasonForm,
        icon="merge",
        question=gettext_lazy("Figures count it as the other one from now on. Tickets keep what was chosen."),
        available=lambda _user, node: node.merged_into_id is None,
    )
    def merge(self, request: HttpRequest, obj: ReasonNode, data: dict[str, Any]) -> Answer:
        """Let figures count the reason as another one."""
        services.merge_reason(reason_id=obj.pk, into_id=data["into"], actor=actor(request))
        return Answer(_("Counts as %(reason)s from now on.") % {"reason": reason_paths()[data["into"]]})

    @service_action(
        pgettext_lazy("reason", "Undo the merge"),
        permission=DIRECT,
        icon="call_split",
        available=lambda _user, node: node.merged_into_id is not None,
    )
    def unmerge(self, request: HttpRequest, obj: ReasonNode, data: dict[str, Any]) -> Answer:
        """Let a merged reason count for itself again."""
        services.unmerge_reason(reason_id=obj.pk, actor=actor(request))
        return Answer(_("Counts for itself again."))
