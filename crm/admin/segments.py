"""Segments: who is meant, how many they are now, and what they were used for."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.db.models.functions import Now
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from core.display import moment_text
from core.errors import DomainError, InvalidInput
from core.ui import (
    ActionForm,
    Answer,
    ModelAdmin,
    Panel,
    Tab,
    actor,
    columns,
    link_action,
    register_panel,
    service_action,
)
from core.ui.sitepages import register_page, render_page
from crm.admin.trees import asked_tree, drawn, empty_tree
from crm.conditions import customers_in, tree_sentence
from crm.models import Segment
from crm.policies import SEES_NAMES, can_export_segments
from crm.services.segmenting import export_segment, save_segment, take_snapshot
from staff.login import client_address
from staff.models import User
from staff.selectors import users_with_permission


class ReasonForm(ActionForm):
    """What the people are needed for."""

    reason = forms.CharField(label=gettext_lazy("What for"), max_length=300)


class ExportForm(ReasonForm):
    """What the file is needed for, and whether names stand in it; only those are asked who may see them."""

    in_full = forms.BooleanField(
        label=gettext_lazy("Names in full"),
        required=False,
        help_text=gettext_lazy("Masked otherwise. With names in full the file stands in the download register."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.user is not None and not self.user.has_perm(SEES_NAMES):
            del self.fields["in_full"]


class OwnerForm(ActionForm):
    """Whose it becomes: anybody who may write segments."""

    owner = forms.ModelChoiceField(label=pgettext_lazy("segment", "Owner"), queryset=User.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = users_with_permission("crm.change_segment")  # type: ignore[attr-defined]


def _words(segment: Segment) -> str:
    try:
        return tree_sentence(segment.tree) if segment.tree else "–"
    except (DomainError, KeyError, TypeError, ValueError):
        return _("These conditions cannot be read.")


@admin.register(Segment)
class SegmentAdmin(ModelAdmin):
    """Who is meant, whose it is, what for and until when."""

    list_display = [
        columns.two_lines("name", "purpose", pgettext_lazy("segment", "Name")),
        columns.computed("conditions", gettext_lazy("Conditions"), _words),
        columns.text("owner", pgettext_lazy("segment", "Owner")),
        columns.moment("review_on", gettext_lazy("To review on")),
    ]
    list_select_related = ["owner"]
    fields = ["name", "purpose", "review_on"]
    few_rows = True
    tabs = [
        Tab("all", gettext_lazy("All")),
        Tab("due", gettext_lazy("To review"), Q(review_on__lte=Now()), empty=gettext_lazy("Nothing to review.")),
    ]
    empty_title = gettext_lazy("No segments yet")
    empty_text = gettext_lazy("A segment has conditions, a purpose, an owner and a day to look at it again.")

    def save_model(self, request: HttpRequest, obj: Segment, form: Any, change: Any) -> None:
        """Write the segment through the service; a new one is of who writes it."""
        user = actor(request)
        saved = save_segment(
            name=obj.name, purpose=obj.purpose, owner=obj.owner if change else user, review_on=obj.review_on,
            segment_id=obj.pk if change else None, actor=user,
        )  # fmt: skip
        obj.pk = saved.pk

    def facts(self, request: HttpRequest, obj: Segment) -> Sequence[tuple[Any, Any]]:
        """Return the conditions in words and when to look again."""
        return [
            (_("Conditions"), _words(obj)),
            (pgettext("segment", "Owner"), str(obj.owner)),
            (_("To review on"), moment_text(obj.review_on)),
        ]

    conditions = link_action(
        "conditions",
        gettext_lazy("Conditions"),
        permission="crm.change_segment",
        link=lambda segment: reverse("admin:crm_segment_tree", args=[segment.pk]),
        icon="rule",
        variant="primary",
    )

    @service_action(
        gettext_lazy("Give to a colleague"), permission="crm.change_segment", form=OwnerForm, icon="person",
        is_rare=True,
    )  # fmt: skip
    def hand_over(self, request: HttpRequest, obj: Segment, data: dict[str, Any]) -> str:
        """Make it a colleague's."""
        save_segment(
            name=obj.name, purpose=obj.purpose, owner=data["owner"], review_on=obj.review_on,
            segment_id=obj.pk, actor=actor(request),
        )  # fmt: skip
        return _("The segment is %(name)s’s now.") % {"name": data["owner"]}

    @service_action(
        gettext_lazy("Take a snapshot"), permission="crm.use_segment", form=ReasonForm, icon="photo_camera",
        available=lambda _user, segment: bool(segment.tree),
    )  # fmt: skip
    def snapshot(self, request: HttpRequest, obj: Segment, data: dict[str, Any]) -> str:
        """Keep who is in it now."""
        taken = take_snapshot(segment_id=obj.pk, used_for=data["reason"], actor=actor(request))
        return _("%(count)s customers are kept.") % {"count": taken.customer_count}

    @service_action(
        gettext_lazy("Export people"), permission="crm.export_segment", form=ExportForm, icon="download",
        available=lambda user, segment: bool(segment.tree) and can_export_segments(user),
        question=gettext_lazy(
            "Who exports, when, how many and what for stays written here. Contact data is not in the file."
        ),
    )  # fmt: skip
    def export_people(self, request: HttpRequest, obj: Segment, data: dict[str, Any]) -> Answer:
        """Write them into a file."""
        job = export_segment(
            segment_id=obj.pk, reason=data["reason"], in_full=data.get("in_full", False),
            address=client_address(request), actor=actor(request),
        )  # fmt: skip
        return Answer(
            _("The file is being made. It can be downloaded here when it is ready."),
            reverse("admin:core_job_change", args=[job.pk]),
        )


@register_page("segments/<int:pk>/conditions/", name="crm_segment_tree", permission="crm.change_segment")
def tree_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Draw the conditions with the number of people they mean now; every change draws them anew, “Save” keeps them."""
    if pk >= 2**63:
        raise Http404
    segment = get_object_or_404(Segment.objects.select_related("owner"), pk=pk)
    problem = ""
    if request.method == "POST":
        tree = asked_tree(request.POST)
        if request.POST.get("do") == "save":
            try:
                _save(segment, tree, request)
                return HttpResponseRedirect(reverse("admin:crm_segment_change", args=[pk]))
            except DomainError as error:
                problem = str(error)
    else:
        tree = segment.tree or empty_tree()
    count, trouble = _count(tree)
    context = {
        "segment": segment,
        "tree": drawn(tree),
        "count": count,
        "trouble": problem or trouble,
        "back": reverse("admin:crm_segment_change", args=[pk]),
    }
    return render_page(request, "crm/pages/tree.html", title=_("Conditions"), **context)


def _save(segment: Segment, tree: dict[str, Any], request: HttpRequest) -> None:
    customers_in(tree)
    save_segment(
        name=segment.name, purpose=segment.purpose, owner=segment.owner, review_on=segment.review_on,
        tree=tree, segment_id=segment.pk, actor=actor(request),
    )  # fmt: skip


def _count(tree: dict[str, Any]) -> tuple[int | None, str]:
    try:
        return customers_in(tree).count(), ""
    except InvalidInput as error:
        return None, str(error)


def snapshots(_request: HttpRequest, segment: Segment) -> dict[str, Any] | None:
    """Give what the segment was used for; None for nothing yet."""
    rows = list(segment.snapshots.select_related("taken_by")[:20])
    return {"rows": rows} if rows else None


register_panel(
    Segment,
    Panel("snapshots", gettext_lazy("Used for"), "crm/panels/snapshots.html", snapshots, "crm.view_segment"),
)
