"""Requests of persons concerned: a work list, what would become of their records before it is decided, the receipt."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.display import badge_html, moment_text
from core.ui import ActionForm, Panel, Tab, actor, columns, register_panel, service_action
from core.ui.actions import link_action
from core.ui.readonly import ReadOnlyAdmin
from core.ui.tiles import Kpi, Tile, register_tile
from privacy import policies, services
from privacy.models import DataRequest, Outcome, RequestKind, RequestState
from privacy.selectors.requests import decided_rows, expected_rows, letter_of, open_request_count
from privacy.subjects import kind_of_model

ANSWER = "privacy.answer_datarequest"
DECIDE = "privacy.decide_erasure"
COLOURS = {"open": "amber", "decided": "blue", "done": "green", "refused": "grey"}
OUTCOMES = {Outcome.DESTROYED: "red", Outcome.RESTRICTED: "amber", Outcome.KEPT: "grey"}


class AnswerForm(ActionForm):
    """What the person was told."""

    answer = forms.CharField(
        label=pgettext_lazy("data request", "our answer"), widget=forms.Textarea(attrs={"rows": 4}), max_length=2000
    )


def subject_page(request: DataRequest) -> str:
    """Return the address of the person's page; empty when nobody registered it."""
    model = request.subject_type.model_class()
    kind = kind_of_model(model) if model else None
    return reverse(f"admin:{kind.page}", args=[request.subject_id]) if kind else ""


@admin.register(DataRequest)
class DataRequestAdmin(ReadOnlyAdmin):
    """What persons ask about their data, the most urgent first."""

    list_display = [
        columns.two_lines("number", "subject_label", gettext_lazy("Request")),
        columns.badge("kind", pgettext_lazy("data request", "Kind"), colours={"erasure": "red", "access": "blue"}),
        columns.badge("state", gettext_lazy("State"), colours=COLOURS),
        columns.country("country", gettext_lazy("Country")),
        columns.moment("asked_at", pgettext_lazy("data request", "Asked")),
        columns.moment("due_at", pgettext_lazy("data request", "Due"), order="due_at"),
        columns.text("asked_through", pgettext_lazy("data request", "By which way")),
    ]
    ordering = ["due_at", "-id"]
    tabs = [
        Tab("open", pgettext_lazy("data request", "To answer"), Q(state=RequestState.OPEN), alert=True,
            empty=gettext_lazy("Nobody waits for an answer about their data.")),
        Tab("decided", pgettext_lazy("data request", "Being carried out"), Q(state=RequestState.DECIDED), count=False),
        Tab("all", gettext_lazy("All"), count=False),
    ]  # fmt: skip
    list_filter = ["kind"]
    exact_search_fields = ["number", "subject_label"]
    search_fields = ["number", "subject_label"]
    empty_title = gettext_lazy("No requests here")
    empty_text = gettext_lazy(
        "A request is noted on the page of the customer who asks: “Note a request about their data”."
    )
    fields = ["kind", "country", "asked_at", "asked_through", "identity_check", "wish", "answer", "closed_at"]

    def facts(self, request: HttpRequest, obj: DataRequest) -> Sequence[tuple[Any, Any]]:
        """Return how it stands, and until when the law wants an answer."""
        shown = [
            (_("State"), badge_html(obj.get_state_display(), COLOURS[obj.state])),
            (pgettext_lazy("data request", "Kind"), obj.get_kind_display()),
            (pgettext_lazy("data request", "Whose"), obj.subject_label),
        ]
        return [*shown, (pgettext_lazy("data request", "Due"), moment_text(obj.due_at))] if obj.due_at else shown

    @service_action(
        gettext_lazy("Decide the erasure"), permission=DECIDE, icon="gavel", variant="danger",
        question=gettext_lazy(
            "What no law wants kept is destroyed and cannot be brought back. What a law wants kept moves into the"
            " restricted store until its day. The table on the page says what becomes of what."
        ),
        available=lambda user, obj: policies.is_erasure_to_decide(obj),
    )  # fmt: skip
    def decide(self, request: HttpRequest, obj: DataRequest, data: dict[str, Any]) -> str:
        """Decide by the rules of today; a worker carries it out."""
        services.decide_erasure(request_id=obj.pk, actor=actor(request))
        return _("Decided. A worker carries it out within minutes.")

    @service_action(
        gettext_lazy("Note the answer"), permission=ANSWER, icon="task_alt", variant="primary", form=AnswerForm,
        available=lambda user, obj: policies.is_to_answer(obj),
    )  # fmt: skip
    def answer(self, request: HttpRequest, obj: DataRequest, data: dict[str, Any]) -> str:
        """Grant access or correction and say what was told."""
        services.answer_data_request(request_id=obj.pk, answer=data["answer"], granted=True, actor=actor(request))
        return _("Request answered")

    @service_action(
        gettext_lazy("Refuse the request"), permission=ANSWER, icon="block", form=AnswerForm, is_rare=True,
        question=gettext_lazy("Write down why, and what the person was told about complaints to the authority."),
        available=lambda user, obj: obj.state == RequestState.OPEN,
    )  # fmt: skip
    def refuse(self, request: HttpRequest, obj: DataRequest, data: dict[str, Any]) -> str:
        """Refuse it with its reason."""
        services.answer_data_request(request_id=obj.pk, answer=data["answer"], granted=False, actor=actor(request))
        return _("Request refused")

    bundle = link_action(
        "bundle", gettext_lazy("Bundle for the person"), permission=ANSWER, icon="folder_zip",
        link=lambda obj: reverse("admin:privacy_bundle", args=[obj.pk]),
        available=lambda user, obj: policies.is_to_answer(obj) and obj.kind == RequestKind.ACCESS,
    )  # fmt: skip
    whose = link_action(
        "whose", gettext_lazy("Whose it is"), permission="privacy.view_datarequest", icon="person",
        link=subject_page, is_rare=True,
        available=lambda user, obj: bool(subject_page(obj)),
    )  # fmt: skip


def records_panel(request: HttpRequest, obj: DataRequest) -> dict[str, Any] | None:
    """Give what becomes, or became, of each class of records; nothing for access and correction."""
    if obj.kind != RequestKind.ERASURE or obj.state == RequestState.REFUSED:
        return None
    is_open = obj.state == RequestState.OPEN
    rows = expected_rows(obj) if is_open else decided_rows(obj)
    may_open = policies.can_open_restricted(actor(request))
    shown = [
        {
            "row": row,
            "badge": badge_html(row.outcome.label, OUTCOMES[row.outcome]),
            "url": reverse("admin:privacy_restricted", args=[row.restricted_id])
            if row.restricted_id and may_open
            else "",
        }
        for row in rows
    ]
    return {"rows": shown, "is_open": is_open, "letter": letter_of(obj, rows)}


def requests_tile(request: HttpRequest) -> Kpi | None:
    """Say how many persons wait for an answer."""
    waiting, late = open_request_count()
    if not waiting:
        return None
    note = _("%(count)s late") % {"count": late} if late else _("persons wait for an answer about their data")
    url = reverse("admin:privacy_datarequest_changelist")
    return Kpi(waiting, note, url, "danger" if late else "warning", "contact_page")


register_panel(
    DataRequest,
    Panel("records", gettext_lazy("What becomes of the records"), "privacy/panels/records.html", records_panel,
          position=10, wide=True, above=True),
)  # fmt: skip
register_tile(
    Tile("privacy.requests", gettext_lazy("Requests of persons"), requests_tile, "privacy.view_datarequest", "privacy",
         50, cache_seconds=120)
)  # fmt: skip
