"""Stocktakes: the list, and the page from plan to posting."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from core.display import badge_html, number_text
from core.ui import ActionForm, Answer, BulkOutcome, Tab, actor, columns, link_action, service_action
from core.ui.readonly import ReadOnlyAdmin
from inventory import policies
from inventory.models import LineState, Stocktake, StocktakeState
from inventory.services import counting

_S = StocktakeState
MOST_BYTES = 10 * 2**20
COUNT, APPROVE = "inventory.count_stock", "inventory.approve_stocktake"
COLOURS = {
    _S.PLANNED.value: "grey", _S.COUNTING.value: "blue", _S.REVIEW.value: "amber", _S.APPROVED.value: "violet",
    _S.POSTED.value: "green",
}  # fmt: skip
WAITING = Q(lines__state__in=[LineState.OPEN, LineState.RECOUNT])
COUNTED_LINES = ~Q(lines__state=LineState.SKIPPED)


class ReviewForm(ActionForm):
    """Whether what nobody counted is left out."""

    leave_out = forms.BooleanField(
        label=gettext_lazy("Leave out what was not counted"),
        required=False,
        help_text=gettext_lazy("Its numbers stay as they are in the books."),
    )


class FileForm(ActionForm):
    """A file of counts."""

    file = forms.FileField(
        label=gettext_lazy("File (CSV or XLSX)"),
        help_text=gettext_lazy("Columns: sku, counted; perhaps bin and lot."),
    )

    def clean_file(self) -> Any:
        """Refuse what is larger than any count."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 10 MB."))
        return file


class CancelForm(ActionForm):
    """Why it is given up."""

    note = forms.CharField(label=gettext_lazy("Why"), max_length=200)


def scope_words(stocktake: Stocktake) -> str:
    """Return what is counted, such as "An ABC class: A"."""
    words = stocktake.get_scope_display()
    return f"{words}: {stocktake.scope_value}" if stocktake.scope_value else words


def state_badge(stocktake: Stocktake) -> Any:
    """Return the state as a badge."""
    return badge_html(stocktake.get_state_display(), COLOURS.get(stocktake.state, "grey"))


def _progress(stocktake: Any) -> str:
    total = stocktake.line_total
    return f"{number_text(total - stocktake.line_waiting)} / {number_text(total)}"


@admin.register(Stocktake)
class StocktakeAdmin(ReadOnlyAdmin):
    """Counts of many stock items, newest first; they change by buttons and on the phone."""

    list_display = [
        columns.two_lines("number", scope_words, gettext_lazy("Stocktake"), order=True),
        columns.text("warehouse.name", gettext_lazy("Warehouse")),
        columns.computed("state", pgettext_lazy("stocktake", "State"), state_badge, css="fit"),
        columns.computed("progress", gettext_lazy("Counted lines"), _progress, css="num"),
        columns.moment("planned_for", gettext_lazy("Planned for"), order=True),
        columns.computed(
            "by", pgettext_lazy("person", "By"), lambda row: str(row.created_by or _("the clock")),
            related=("created_by",),
        ),
        columns.moment("created_at", gettext_lazy("Created")),
    ]  # fmt: skip
    ordering = ["-id"]
    tabs = [
        Tab("to_count", gettext_lazy("To count"), Q(state__in=[_S.PLANNED, _S.COUNTING]),
            empty=gettext_lazy("Nothing is to be counted. Well done.")),
        Tab("to_review", gettext_lazy("To review"), Q(state__in=[_S.REVIEW, _S.APPROVED]), alert=True,
            empty=gettext_lazy("Nothing waits for a judgement.")),
        Tab("posted", pgettext_lazy("stocktake", "Posted"), Q(state=_S.POSTED), count=False),
        Tab("all", pgettext_lazy("stocktake", "All"), count=False),
    ]  # fmt: skip
    list_filter = ["warehouse", "scope"]
    search_fields = ["number"]
    exact_search_fields = ["number"]
    fields = ["is_blind", "blind_counts", "tolerance_pieces", "tolerance_value", "note"]
    empty_title = gettext_lazy("No stocktakes yet")
    empty_text = gettext_lazy("Plan one for a zone, an ABC class, or where something looks wrong.")

    class Media:
        css = {"all": ["backoffice/stocktake.css"]}

    def for_display(self, request: HttpRequest, queryset: QuerySet[Stocktake]) -> QuerySet[Stocktake]:
        """Count the lines of one page's rows."""
        return queryset.annotate(
            line_total=Count("lines", filter=COUNTED_LINES), line_waiting=Count("lines", filter=WAITING)
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Who counts may plan."""
        return bool(request.user.has_perm(COUNT))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Lead to the page on which a stocktake is planned."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:inventory_plan_stocktake"))

    def facts(self, request: HttpRequest, obj: Stocktake) -> Sequence[tuple[Any, Any]]:
        """Return what it is about and who answers for it."""
        facts = [
            (_("State"), state_badge(obj)),
            (_("What is counted"), scope_words(obj)),
            (_("Warehouse"), obj.warehouse),
            (_("Planned by"), obj.created_by or _("the clock")),
        ]
        if obj.approved_by:
            facts.append((_("Approved by"), obj.approved_by))
        return facts

    # --- buttons, in the order of the day

    @service_action(
        gettext_lazy("Start counting"), permission=COUNT, icon="play_arrow", variant="primary",
        available=lambda _user, obj: obj.state == _S.PLANNED,
    )  # fmt: skip
    def start(self, request: HttpRequest, obj: Stocktake, data: dict[str, Any]) -> Answer:
        """Begin, and lead to the page at the shelf."""
        counting.start_stocktake(stocktake_id=obj.pk, actor=actor(request))
        sentence = _("%(number)s has begun. Sales go on.") % {"number": obj.number}
        return Answer(sentence, reverse("admin:inventory_count", args=[obj.pk]))

    count = link_action(
        "count", gettext_lazy("Count"), permission=COUNT, icon="barcode_scanner", variant="primary",
        link=lambda obj: reverse("admin:inventory_count", args=[obj.pk]),
        available=lambda _user, obj: obj.state == _S.COUNTING,
    )  # fmt: skip

    @service_action(
        gettext_lazy("Hand in"), permission=COUNT, icon="task_alt", form=ReviewForm,
        available=lambda _user, obj: obj.state == _S.COUNTING,
    )  # fmt: skip
    def review(self, request: HttpRequest, obj: Stocktake, data: dict[str, Any]) -> str:
        """Let somebody else judge it."""
        counting.review_stocktake(stocktake_id=obj.pk, leave_out=data["leave_out"], actor=actor(request))
        return _("%(number)s is handed in. Somebody else approves it.") % {"number": obj.number}

    @service_action(
        gettext_lazy("Approve and post"), permission=APPROVE, icon="verified", variant="primary",
        question=gettext_lazy("The differences change the stock. Sales since the count stay as they are."),
        available=lambda user, obj: obj.state == _S.REVIEW and policies.can_approve_stocktake(user, obj),
    )  # fmt: skip
    def approve(self, request: HttpRequest, obj: Stocktake, data: dict[str, Any]) -> Answer:
        """Approve, and post what can be posted."""
        counting.approve_stocktake(stocktake_id=obj.pk, actor=actor(request))
        return _posted(obj, request)

    @service_action(
        gettext_lazy("Post the rest"), permission=APPROVE, icon="publish", variant="primary",
        available=lambda user, obj: obj.state == _S.APPROVED and policies.can_approve_stocktake(user, obj),
    )  # fmt: skip
    def post(self, request: HttpRequest, obj: Stocktake, data: dict[str, Any]) -> Answer:
        """Post what was refused before."""
        return _posted(obj, request)

    @service_action(
        gettext_lazy("Counts from a file"), permission=COUNT, icon="upload_file", form=FileForm, is_rare=True,
        available=lambda _user, obj: obj.state == _S.COUNTING,
    )  # fmt: skip
    def counts_from_file(self, request: HttpRequest, obj: Stocktake, data: dict[str, Any]) -> Answer:
        """Note what a handheld or a spreadsheet has written down."""
        with NamedTemporaryFile() as kept:
            for chunk in data["file"].chunks():
                kept.write(chunk)
            kept.flush()
            counts = counting.read_counts(Path(kept.name), country=obj.warehouse.country)
        outcome = counting.count_from_file(stocktake_id=obj.pk, counts=counts, actor=actor(request))
        return BulkOutcome(
            outcome.noted, [(_("row %(number)s") % {"number": n}, why) for n, why in outcome.refused]
        ).answer()

    sheet = link_action(
        "sheet", gettext_lazy("Count sheet (PDF)"), permission=COUNT, icon="print", is_rare=True,
        link=lambda obj: reverse("admin:inventory_count_sheet", args=[obj.pk]),
        available=lambda _user, obj: obj.is_under_way,
    )  # fmt: skip

    @service_action(
        gettext_lazy("Cancel stocktake"), permission=COUNT, icon="cancel", variant="danger", form=CancelForm,
        is_rare=True,
        available=lambda user, obj: obj.is_under_way or (obj.is_open and policies.can_approve_stocktakes(user)),
    )  # fmt: skip
    def cancel(self, request: HttpRequest, obj: Stocktake, data: dict[str, Any]) -> str:
        """Give it up; no stock changes."""
        counting.cancel_stocktake(stocktake_id=obj.pk, note=data["note"], actor=actor(request))
        return _("%(number)s is cancelled. No stock has changed.") % {"number": obj.number}


def _posted(obj: Stocktake, request: HttpRequest) -> Answer:
    outcome = counting.post_stocktake(stocktake_id=obj.pk, actor=actor(request))
    count = len(outcome.posted)
    said = ngettext("%(count)s difference is posted.", "%(count)s differences are posted.", count) % {"count": count}
    if not outcome.refused:
        return Answer(f"{obj.number}: {said}")
    whys = [why for _line, why in outcome.refused]
    return Answer(f"{said} {' '.join(whys[:3])}{' …' if len(whys) > 3 else ''}", level="warning")
