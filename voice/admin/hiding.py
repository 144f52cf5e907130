"""Wishes to hide reviews, decided by a second person; and how often what stars are hidden."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.ui import ActionForm, Answer, Tab, actor, columns, service_action
from core.ui.readonly import ReadOnlyAdmin
from voice import services
from voice.models import Hiding, HidingState
from voice.policies import can_decide_hiding

DECIDE = "voice.decide_hiding"


class RefuseForm(ActionForm):
    """Why the review stays shown."""

    answer = forms.CharField(label=gettext_lazy("Why it stays shown"), max_length=300)


def _named(hiding: Hiding) -> str:
    return f"{hiding.review.rating} ★ {hiding.review}"


@admin.register(Hiding)
class HidingAdmin(ReadOnlyAdmin):
    """Who wants which review hidden, why, and who decided."""

    list_display = [
        columns.computed("review", pgettext_lazy("customer", "Review"), _named),
        columns.text("ground", gettext_lazy("Lawful reason")),
        columns.badge(
            "state",
            gettext_lazy("State"),
            colours={"asked": "amber", "hidden": "red", "refused": "grey", "lifted": "green"},
        ),
        columns.text("asked_by", gettext_lazy("Asked by")),
        columns.text("decided_by", gettext_lazy("Decided by")),
        columns.moment("asked_at", pgettext_lazy("hiding", "Asked"), order=True),
    ]
    list_select_related = ("review", "ground", "asked_by", "decided_by")
    ordering = ["-asked_at", "-id"]
    tabs = [
        Tab("asked", pgettext_lazy("hidings", "To decide"), Q(state=HidingState.ASKED)),
        Tab("all", pgettext_lazy("hidings", "All"), count=False),
    ]
    fields = ["review", "ground", "evidence", "asked_by", "asked_at", "decided_by", "decided_at", "answer"]
    empty_title = gettext_lazy("Nothing to decide")
    empty_text = gettext_lazy("Reviews are hidden for a lawful reason only, and by two people.")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[str]:
        """Show what the page shows."""
        return self.fields

    def facts(self, request: HttpRequest, obj: Hiding) -> Sequence[tuple[Any, Any]]:
        """Return the words that shall be hidden, and the source of the reason."""
        return [
            (_("State"), obj.get_state_display()),
            (pgettext_lazy("customer", "Review"), f"{obj.review.rating} ★ {obj.review.title} {obj.review.body}"[:600]),
            (_("Source"), obj.ground.source),
        ]

    @service_action(
        pgettext_lazy("hiding", "Hide the review"),
        permission=DECIDE,
        icon="visibility_off",
        variant="danger",
        question=gettext_lazy("The lawful reason holds, and the evidence shows it?"),
        available=can_decide_hiding,
    )
    def approve(self, request: HttpRequest, obj: Hiding, data: dict[str, Any]) -> Answer:
        """Hide it."""
        services.decide_hiding(hiding_id=obj.pk, is_hidden=True, actor=actor(request))
        return Answer(_("Hidden. Take it off at the channel too."))

    @service_action(
        pgettext_lazy("hiding", "Refuse"), permission=DECIDE, form=RefuseForm, icon="close", available=can_decide_hiding
    )
    def refuse(self, request: HttpRequest, obj: Hiding, data: dict[str, Any]) -> Answer:
        """Leave it shown."""
        services.decide_hiding(hiding_id=obj.pk, is_hidden=False, answer=data["answer"], actor=actor(request))
        return Answer(_("It stays shown."))

    @service_action(
        pgettext_lazy("hiding", "Show again"),
        permission=DECIDE,
        icon="visibility",
        available=lambda _user, hiding: hiding.state == HidingState.HIDDEN,
    )
    def lift(self, request: HttpRequest, obj: Hiding, data: dict[str, Any]) -> Answer:
        """Show it again."""
        services.lift_hiding(hiding_id=obj.pk, actor=actor(request))
        return Answer(_("Shown again."))
