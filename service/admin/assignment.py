"""Who is there and how much they have: agents, and the desk, where everybody says whether they are here."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.display import badge_html, moment_text
from core.errors import DomainError
from core.ui import ActionForm, Answer, ModelAdmin, actor, columns, service_action
from core.ui.sitepages import register_page, render_page
from core.ui.timeline import timeline_icon
from service import policies
from service.admin.assignment_rules import target_of, words_of
from service.models import AgentProfile, AgentSearch, AssignmentRule, Availability, Ticket
from service.selectors.agents import Agent, Obstacle, agents_at
from service.services.assigning import set_availability
from staff.models import Language
from staff.selectors.roles import users_with_permission

COLOURS: dict[str, str] = {Availability.HERE: "green", Availability.PAUSED: "amber", Availability.AWAY: "grey"}
ABSENT: dict[str, str] = {Obstacle.LEAVE: "violet", Obstacle.PAUSED: "amber", Obstacle.CLOSED: "red"}


class AvailabilityForm(ActionForm):
    """Whether somebody takes tickets, and until when not."""

    availability = forms.ChoiceField(
        label=gettext_lazy("Availability"),
        choices=Availability.choices,
        help_text=gettext_lazy("Away: what waits goes to others within a minute. Nothing new: what one has stays."),
    )
    until = forms.DateTimeField(
        label=pgettext_lazy("availability", "Until"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=gettext_lazy("Empty: until somebody changes it."),
    )


class AgentForm(forms.ModelForm):  # type: ignore[type-arg]
    """Languages as boxes to tick; only who may answer tickets becomes an agent."""

    languages = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Languages"), choices=Language.choices, required=False, empty_value=[],
        widget=forms.CheckboxSelectMultiple, help_text=gettext_lazy("None chosen: all."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "user" in self.fields:
            self.fields["user"].queryset = users_with_permission("service.work_on_ticket")  # type: ignore[attr-defined]


def _availability(profile: AgentProfile) -> Any:
    state = profile.state_at(timezone.now())
    return badge_html(state.label, COLOURS[state])


def _languages(profile: AgentProfile) -> str:
    return ", ".join(Language(code).label for code in profile.languages) or str(_("all"))


@admin.register(AgentProfile)
class AgentProfileAdmin(ModelAdmin):
    """What each agent can take."""

    few_rows = True
    form = AgentForm
    list_display = [
        columns.text("user", gettext_lazy("Colleague"), order=True),
        columns.computed("state", gettext_lazy("Availability"), _availability),
        columns.computed("languages", gettext_lazy("Languages"), _languages),
        columns.computed("skills", gettext_lazy("Skills"), lambda profile: ", ".join(profile.skills) or "–"),
        columns.number("weight", gettext_lazy("Weight")),
        columns.number("capacity", gettext_lazy("Most tickets at once")),
    ]
    list_select_related = ("user",)
    ordering = ["user", "id"]
    fields = ["user", "languages", "skills", ("weight", "capacity"), "keeps_hours"]
    empty_title = gettext_lazy("No agents yet")
    empty_text = gettext_lazy("Say what each colleague can take: languages, skills and how many tickets at once.")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[str]:
        """Whose profile it is does not change."""
        return ["user"] if obj is not None else []

    def facts(self, request: HttpRequest, obj: AgentProfile) -> Sequence[tuple[Any, Any]]:
        """Return whether the colleague is here and how much there is on the desk."""
        agent = agents_at(timezone.now())[obj.user_id]
        return [(_("Availability"), _state(agent)), (_("Waits for us"), f"{agent.load} / {obj.capacity}")]

    @service_action(
        gettext_lazy("Here or away"),
        permission="service.work_on_ticket",
        form=AvailabilityForm,
        icon="event_available",
        submit=gettext_lazy("Save"),
        available=lambda user, profile: policies.can_set_availability_of(user, profile.user_id),
        initial=lambda _request, profile: {"availability": profile.state_at(timezone.now())},
    )
    def set_state(self, request: HttpRequest, obj: AgentProfile, data: dict[str, Any]) -> Answer:
        """Say whether the colleague takes tickets."""
        set_availability(user_id=obj.user_id, actor=actor(request), **data)
        return Answer(_("Saved."))


def _state(agent: Agent) -> Any:
    """Return the badge of who is here, or why not."""
    if agent.absence is None:
        return badge_html(Availability.HERE.label, "green")
    if agent.absence in {Obstacle.PAUSED, Obstacle.AWAY}:
        state = agent.profile.state_at(timezone.now())
        return badge_html(state.label, COLOURS[state])
    return badge_html(agent.absence.label.capitalize(), ABSENT.get(agent.absence, "grey"))


class MineForm(forms.Form):
    """What a colleague says of oneself."""

    availability = forms.ChoiceField(choices=Availability.choices)
    until = forms.DateTimeField(required=False, input_formats=["%Y-%m-%dT%H:%M"])


@register_page("inbox/desk/", name="service_desk", permission="service.view_agentprofile")
def desk_page(request: HttpRequest) -> HttpResponseBase:
    """Show who is here with how much, what waits, and the rules; POST says whether one is here oneself."""
    user = actor(request)
    if request.GET:
        raise SuspiciousOperation("no such parameter")
    if request.method == "POST":
        return _say(request)
    agents = sorted(agents_at(timezone.now()).values(), key=lambda one: (one.absence is not None, str(one.user)))
    rules = AssignmentRule.objects.select_related("inlet", "reason", "of_team", "team")
    waiting = Ticket.objects.to_answer().filter(assignee=None)
    context = {
        "agents": [_row(agent) for agent in agents],
        "mine": next((agent for agent in agents if agent.user_id == user.pk), None),
        "states": Availability.choices,
        "rules": [(rule, words_of(rule), target_of(rule)) for rule in rules],
        "room": sum(agent.room for agent in agents if agent.absence is None),
        "here": sum(agent.absence is None for agent in agents),
        "waiting": waiting.count(),
        "sought": AgentSearch.objects.filter(ticket__in=waiting).count(),
        "may_direct": policies.can_direct_tickets(user),
        "may_write": policies.can_write_assignment_rules(user),
        "sees_rules": request.user.has_perm("service.view_assignmentrule"),
        "may_enter": request.user.has_perm("service.add_agentprofile"),
    }
    return render_page(request, "service/pages/desk.html", title=_("Who gets what"), **context)


def _say(request: HttpRequest) -> HttpResponseBase:
    user = actor(request)
    if not policies.can_work_on_tickets(user):
        raise PermissionDenied
    form = MineForm(request.POST)
    if not form.is_valid():
        raise SuspiciousOperation("no such availability")
    try:
        profile = set_availability(user_id=user.pk, actor=user, **form.cleaned_data)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _SAID[Availability(profile.availability)])
    return HttpResponseRedirect(reverse("admin:service_desk"))


_SAID: dict[Availability, Any] = {
    Availability.HERE: gettext_lazy("You are here: tickets come to you."),
    Availability.PAUSED: gettext_lazy("Nothing new comes to you; what you have stays yours."),
    Availability.AWAY: gettext_lazy("You are away: what waits for you goes to others within a minute."),
}


def _row(agent: Agent) -> dict[str, Any]:
    profile = agent.profile
    is_timed = agent.absence in {Obstacle.PAUSED, Obstacle.AWAY} and profile.until is not None
    return {
        "agent": agent,
        "state": _state(agent),
        "until": moment_text(profile.until) if is_timed else "",
        "languages": _languages(profile),
        "skills": profile.skills,
        "level": "over" if agent.load > profile.capacity else "high" if agent.percent >= 80 else "free",
        "url": reverse("admin:service_agentprofile_change", args=[profile.pk]),
    }


timeline_icon("service.availability_changed", "event_available")
