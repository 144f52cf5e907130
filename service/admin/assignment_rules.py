"""Rules of assignment: the list, the page where one is tried on the latest tickets before it is saved, the preview."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_GET

from core.errors import DomainError
from core.ui import ModelAdmin, Tab, actor, columns
from core.ui.listlinks import ListLink, register_list_link
from core.ui.sitepages import register_page, render_page
from core.ui.timeline import timeline, timeline_icon
from service import policies
from service.models import AssignmentMethod, AssignmentRule, AssignmentWay, Inlet, InletKind, ReasonNode, Team, Ticket
from service.selectors.agents import agents_at
from service.selectors.deciding import Decision, active_rules, preview_rules
from service.selectors.reasons import reason_paths
from service.services.assigning import RuleDraft, save_assignment_rule
from staff.models import Language, Priority

WRITE = "service.change_assignmentrule"
LATEST = 30


def _boxes(label: Any, choices: Any) -> forms.TypedMultipleChoiceField:
    return forms.TypedMultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple, empty_value=[],
        help_text=gettext_lazy("None chosen: all."),
    )  # fmt: skip


class AssignmentRuleForm(forms.Form):
    """Which tickets, and to whom."""

    name = forms.CharField(label=pgettext_lazy("rule", "name"), max_length=80)
    position = forms.IntegerField(
        label=gettext_lazy("position"), min_value=0, max_value=30_000, initial=100,
        help_text=gettext_lazy("Rules are tried in this order; the first that fits counts."),
    )  # fmt: skip
    is_active = forms.BooleanField(label=gettext_lazy("active"), required=False)
    inlet_kinds = _boxes(gettext_lazy("Kinds of inlets"), InletKind.choices)
    inlet = forms.ModelChoiceField(
        label=gettext_lazy("Inlet"),
        queryset=Inlet.objects.all(),
        required=False,
        empty_label=pgettext_lazy("rule", "any"),
    )
    languages = _boxes(gettext_lazy("Languages"), Language.choices)
    least_priority = forms.TypedChoiceField(
        label=gettext_lazy("from this priority on"), choices=Priority.choices, coerce=int, initial=Priority.LOW
    )
    tag = forms.CharField(
        label=gettext_lazy("tag"), max_length=40, required=False,
        help_text=gettext_lazy("Of the ticket or of its customer, such as VIP."),
    )  # fmt: skip
    reason = forms.TypedChoiceField(
        label=gettext_lazy("reason"), required=False, coerce=int, empty_value=None,
        help_text=gettext_lazy("And all that is part of it."),
    )  # fmt: skip
    of_team = forms.ModelChoiceField(
        label=gettext_lazy("already of the team"), queryset=Team.objects.all(), required=False,
        empty_label=pgettext_lazy("rule", "any"),
    )  # fmt: skip
    method = forms.ChoiceField(
        label=pgettext_lazy("assignment", "method"), choices=AssignmentMethod.choices, widget=forms.RadioSelect,
        initial=AssignmentMethod.ROUND_ROBIN,
    )  # fmt: skip
    team = forms.ModelChoiceField(
        label=gettext_lazy("goes to the team"), queryset=Team.objects.all(), required=False,
        empty_label=gettext_lazy("all agents"),
    )  # fmt: skip
    skills = forms.CharField(
        label=gettext_lazy("asks for skills"), max_length=200, required=False,
        help_text=gettext_lazy("Separated by commas; an agent has to have all of them."),
    )  # fmt: skip
    returns_to_last = forms.BooleanField(
        label=gettext_lazy("back to the last agent"), required=False, initial=True,
        help_text=gettext_lazy("To who answered this customer within 30 days, if they are here and have room."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        paths = reason_paths()
        nodes = ReasonNode.objects.filter(merged_into=None).values_list("pk", flat=True)
        named = sorted(((pk, paths[pk]) for pk in nodes if pk in paths), key=lambda one: one[1])
        self.fields["reason"].choices = [("", pgettext("rule", "any")), *named]  # type: ignore[attr-defined]

    def draft(self) -> RuleDraft:
        """Return the rule that was written."""
        data = dict(self.cleaned_data)
        rows: dict[str, Any] = {
            f"{name}_id": (row.pk if (row := data.pop(name)) else None) for name in ("inlet", "of_team", "team")
        }
        reason_id, skills = data.pop("reason"), data.pop("skills").split(",")
        return RuleDraft(**data, **rows, reason_id=reason_id, skills=skills)


def form_values(rule: AssignmentRule) -> dict[str, Any]:
    """Return what the form shows of a rule."""
    names = (
        "name", "position", "is_active", "inlet_kinds", "inlet", "languages", "least_priority", "tag", "of_team",
        "method", "team", "returns_to_last",
    )  # fmt: skip
    values = {name: getattr(rule, name) for name in names}
    return {**values, "reason": rule.reason_id, "skills": ", ".join(rule.skills)}


def words_of(rule: AssignmentRule) -> list[str]:
    """Return which tickets a rule means, in words; empty: all."""
    words: list[Any] = [InletKind(kind).label for kind in rule.inlet_kinds]
    words += [Language(code).label for code in rule.languages]
    words += [str(one) for one in (rule.inlet, rule.of_team, rule.reason) if one is not None]
    if rule.least_priority > Priority.LOW:
        words.append(_("from %(priority)s on") % {"priority": rule.get_least_priority_display()})
    return [str(word) for word in [*words, *([f"#{rule.tag}"] if rule.tag else [])]]


def target_of(rule: AssignmentRule) -> str:
    """Return to whom a rule gives, in words."""
    if rule.method == AssignmentMethod.QUEUE:
        return str(AssignmentMethod.QUEUE.label)
    who = str(rule.team) if rule.team else _("all agents")
    return " · ".join([who, rule.get_method_display(), *rule.skills])


@register_page("inbox/rules/new/", name="service_assignment_rule_new", permission=WRITE)
def new_assignment_rule_page(request: HttpRequest) -> HttpResponseBase:
    """Write a new rule."""
    return _page(request, None)


@register_page("inbox/rules/<int:rule>/", name="service_assignment_rule", permission="service.view_assignmentrule")
def assignment_rule_page(request: HttpRequest, rule: int) -> HttpResponseBase:
    """Show a rule with who would get the latest tickets by it; POST tries a change or saves it."""
    found = AssignmentRule.objects.filter(pk=rule).first()
    if found is None:
        raise Http404
    return _page(request, found)


def _page(request: HttpRequest, rule: AssignmentRule | None) -> HttpResponseBase:
    user = actor(request)
    if request.method != "POST":
        form = AssignmentRuleForm(initial=form_values(rule) if rule else None)
        return _render(request, form, rule, rule)
    if not policies.can_write_assignment_rules(user):
        raise PermissionDenied
    form = AssignmentRuleForm(request.POST)
    command = request.POST.get("command", "")
    if command not in {"preview", "save"}:
        raise SuspiciousOperation("no such command")
    if not form.is_valid():
        return _render(request, form, rule, None)
    if command == "preview":
        tried = AssignmentRule(pk=rule.pk if rule else None, **form.draft().values())
        return _render(request, form, rule, tried)
    try:
        saved = save_assignment_rule(draft=form.draft(), rule_id=rule.pk if rule else None, actor=user)
    except DomainError as error:
        form.add_error(None, str(error))
        return _render(request, form, rule, None)
    messages.success(request, _("“%(name)s” is saved; what waits follows within a minute.") % {"name": saved.name})
    return HttpResponseRedirect(reverse("admin:service_assignment_rule", args=[saved.pk]))


def _render(
    request: HttpRequest, form: AssignmentRuleForm, rule: AssignmentRule | None, tried: AssignmentRule | None
) -> HttpResponseBase:
    decisions = _decisions(_latest(), tried) if tried is not None else None
    ours = [one for one in decisions or () if tried is not None and one.rule is tried]
    context = {
        "form": form,
        "rule": rule,
        "decisions": [_row(one) for one in ours] if decisions is not None else None,
        "looked_at": len(decisions or ()),
        "given": sum(one.agent is not None for one in ours),
        "nobody": sum(one.agent is None for one in ours),
        "may_write": policies.can_write_assignment_rules(actor(request)),
        "sees_tickets": policies.can_see_tickets(actor(request)),
        "timeline": timeline(rule, user=request.user) if rule else None,
    }
    title = rule.name if rule else _("New assignment rule")
    return render_page(request, "service/pages/assignment_rule.html", title=title, **context)


@register_page("inbox/rules/preview/", name="service_assignment_preview", permission="service.view_assignmentrule")
@require_GET
def assignment_preview_page(request: HttpRequest) -> HttpResponseBase:
    """Show who would get the latest tickets, or one of them (?ticket=Q-...), by the active rules, and why."""
    if set(request.GET) - {"ticket"}:
        raise SuspiciousOperation("no such parameter")
    number = request.GET.get("ticket", "").strip().upper()[:20]
    tickets = _tickets().filter(number=number) if number else _latest()
    decisions = _decisions(list(tickets), None)
    context = {
        "decisions": [_row(one) for one in decisions],
        "number": number,
        "given": sum(one.agent is not None for one in decisions),
        "nobody": sum(one.agent is None for one in decisions),
        "sees_tickets": policies.can_see_tickets(actor(request)),
    }
    return render_page(request, "service/pages/assignment_preview.html", title=_("Who would get what"), **context)


def _tickets() -> Any:
    return Ticket.objects.own().select_related("inlet", "assignee").defer("search_text")


def _latest() -> list[Ticket]:
    """Return the latest tickets in the order in which they came."""
    return list(reversed(_tickets().order_by("-pk")[:LATEST]))


def _decisions(tickets: list[Ticket], tried: AssignmentRule | None) -> list[Decision]:
    """Return who would get the tickets now; the rule that is tried counts at its place whether it is active or not."""
    rules = active_rules()
    if tried is not None:
        rules = sorted(
            [*(rule for rule in rules if rule.pk != tried.pk), tried],
            key=lambda rule: (rule.position, rule.pk is None, rule.pk or 0),
        )
    now = timezone.now()
    return preview_rules(rules=rules, tickets=tickets, agents=agents_at(now), now=now)


def _row(decision: Decision) -> dict[str, Any]:
    """Return a decision in words: who gets it and why, or why nobody."""
    passed = " · ".join(f"{agent.user}: {obstacle.label}" for agent, obstacle in decision.passed)
    if decision.agent is not None and decision.way is not None:
        why = str(AssignmentWay(decision.way).label)
    elif decision.rule is None:
        why = _("No rule fits: it waits in the queue.")
    elif decision.rule.method == AssignmentMethod.QUEUE:
        why = _("The rule leaves it in the queue.")
    else:
        why = _("Nobody can take it now: it waits until somebody can.")
    agent = decision.agent.user if decision.agent else None
    return {"ticket": decision.matter.ticket, "rule": decision.rule, "agent": agent, "why": why, "passed": passed}


@admin.register(AssignmentRule)
class AssignmentRuleAdmin(ModelAdmin):
    """By what tickets find their agents."""

    few_rows = True
    list_display = [
        columns.text("name", pgettext_lazy("rule", "Name")),
        columns.number("position", gettext_lazy("Position")),
        columns.computed("meant", gettext_lazy("Tickets"), lambda rule: " · ".join(words_of(rule)) or _("all")),
        columns.computed("target", gettext_lazy("Go to"), target_of),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    list_select_related = ("inlet", "reason", "of_team", "team")
    ordering = ["position", "id"]
    tabs = [
        Tab("active", pgettext_lazy("rules", "Active"), Q(is_active=True)),
        Tab("inactive", pgettext_lazy("rules", "Switched off"), Q(is_active=False)),
    ]
    search_fields = ["name"]
    empty_title = gettext_lazy("No ticket is given out by a rule")
    empty_text = gettext_lazy("Write a rule: you see who would have got the latest tickets before it is saved.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rules are written on their own page."""
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Lead to the page that shows it."""
        row = self.get_object(request, object_id)
        if row is None or not self.has_view_permission(request, row) or request.method not in {"GET", "HEAD"}:
            return super().change_view(request, object_id, form_url, extra_context)
        return HttpResponseRedirect(reverse("admin:service_assignment_rule", args=[row.pk]))


register_list_link(
    AssignmentRule,
    ListLink(gettext_lazy("New rule"), "add", "service_assignment_rule_new", "rules", WRITE, of_rows=False),
)
timeline_icon("service.assignment_rule_saved", "edit")
