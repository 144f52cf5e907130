"""Hold rules: the list, and the page where one is written and tried on past orders before it is saved."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.errors import DomainError
from core.ui import ModelAdmin, Tab, actor, columns
from core.ui.listlinks import ListLink, register_list_link
from core.ui.sitepages import register_page, render_page
from core.ui.timeline import timeline, timeline_icon
from orders import policies, services
from orders.admin.status import work_badges
from orders.conditions import ConditionKind, condition_sentences, kinds
from orders.models import HoldRule
from orders.selectors.holding import RulePreview, preview_rule

WRITE = "orders.change_holdrule"
DAYS = (("30", gettext_lazy("30 days")), ("90", gettext_lazy("90 days")), ("365", gettext_lazy("a year")))


class RuleForm(forms.Form):
    """A rule: its head, and the inputs of every kind of condition."""

    name = forms.CharField(label=pgettext_lazy("rule", "name"), max_length=80)
    takes_stock = forms.BooleanField(
        label=gettext_lazy("Held orders take stock"),
        required=False,
        help_text=gettext_lazy(
            "Ticked: they are confirmed and reserve their pieces, but do not leave. Unticked: they are not confirmed."
        ),
    )
    rank = forms.IntegerField(label=gettext_lazy("rank"), min_value=0, max_value=30_000, initial=100)
    valid_from = forms.DateField(
        label=gettext_lazy("valid from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    valid_until = forms.DateField(
        label=gettext_lazy("valid until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    is_active = forms.BooleanField(label=gettext_lazy("active"), required=False, initial=True)
    days = forms.TypedChoiceField(label=gettext_lazy("Try it on"), choices=DAYS, coerce=int, initial="90")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds: list[tuple[ConditionKind, list[str]]] = []
        for kind in kinds():
            fields = kind.fields()
            self.fields.update(fields)
            self.kinds.append((kind, list(fields)))

    def groups(self) -> Iterator[tuple[Any, list[forms.BoundField]]]:
        """Yield each kind's label with its inputs."""
        for kind, names in self.kinds:
            yield kind.label, [self[name] for name in names]

    def clean(self) -> dict[str, Any]:
        """Read the conditions that were asked for, and refuse a rule that means nothing."""
        data: dict[str, Any] = super().clean() or {}
        conditions = {kind.code: value for kind, _names in self.kinds if (value := kind.read(data)) is not None}
        for kind, names in self.kinds:
            if kind.code in conditions:
                try:
                    kind.condition(conditions[kind.code])
                except DomainError as error:
                    self.add_error(names[0], str(error))
        if not conditions and not self.errors:
            raise forms.ValidationError(_("Choose at least one condition: a rule without one would hold every order."))
        return {**data, "conditions": conditions}

    def draft(self) -> services.RuleDraft:
        """Return the rule that was written."""
        data = self.cleaned_data
        return services.RuleDraft(
            **{
                name: data[name]
                for name in ("name", "conditions", "takes_stock", "rank", "valid_from", "valid_until", "is_active")
            }
        )


def form_values(rule: HoldRule) -> dict[str, Any]:
    """Return what the form shows of a rule."""
    head = ("name", "takes_stock", "rank", "valid_from", "valid_until", "is_active")
    values: dict[str, Any] = {name: getattr(rule, name) for name in head}
    for kind in kinds():
        if kind.code in rule.conditions:
            values |= kind.fill(rule.conditions[kind.code])
    return values


@register_page("orders/rules/new/", name="orders_hold_rule_new", permission=WRITE)
def new_rule_page(request: HttpRequest) -> HttpResponseBase:
    """Write a new rule; with ``copy`` it begins as another one."""
    copied = request.GET.get("copy", "")
    first = HoldRule.objects.filter(pk=int(copied)).first() if copied.isascii() and copied.isdigit() else None
    return _page(request, None, {**form_values(first), "name": ""} if first else {})


@register_page("orders/rules/<int:rule>/", name="orders_hold_rule", permission="orders.view_holdrule")
def rule_page(request: HttpRequest, rule: int) -> HttpResponseBase:
    """Show a rule with what it means among past orders; POST tries a change or saves it."""
    found = HoldRule.objects.filter(pk=rule).first()
    if found is None:
        raise Http404
    return _page(request, found, form_values(found))


def _page(request: HttpRequest, rule: HoldRule | None, values: dict[str, Any]) -> HttpResponseBase:
    if request.method != "POST":
        form = RuleForm(initial=values)
        return _render(request, form, rule, _preview(rule.conditions, 90) if rule else None)
    if not policies.can_write_hold_rules(actor(request)):
        raise PermissionDenied
    form = RuleForm(request.POST)
    command = request.POST.get("command", "")
    if command not in {"preview", "save"}:
        raise SuspiciousOperation("no such command")
    if not form.is_valid():
        return _render(request, form, rule, None)
    if command == "preview":
        return _render(request, form, rule, _preview(form.cleaned_data["conditions"], form.cleaned_data["days"]))
    try:
        saved = services.save_hold_rule(draft=form.draft(), rule_id=rule.pk if rule else None, actor=actor(request))
    except DomainError as error:
        form.add_error(None, str(error))
        return _render(request, form, rule, None)
    messages.success(request, _("“%(name)s” is saved; open orders follow within a minute.") % {"name": saved.name})
    return HttpResponseRedirect(reverse("admin:orders_hold_rule", args=[saved.pk]))


def _preview(conditions: Any, days: int) -> RulePreview | None:
    try:
        return preview_rule(conditions=conditions, days=days)
    except DomainError:
        return None


def _render(
    request: HttpRequest, form: RuleForm, rule: HoldRule | None, preview: RulePreview | None
) -> HttpResponseBase:
    sees_names = request.user.has_perm("customers.see_contact_data")
    context = {
        "form": form,
        "rule": rule,
        "preview": preview,
        "rows": [(order, work_badges(order)) for order in preview.orders] if preview else [],
        "sees_names": sees_names,
        "sees_money": policies.can_see_money(actor(request)),
        "held": rule.holds.filter(released_at=None).count() if rule else 0,
        "may_write": policies.can_write_hold_rules(actor(request)),
        "timeline": timeline(rule, user=request.user) if rule else None,
        "sentences": _sentences(rule) if rule else [],
    }
    title = rule.name if rule else _("New hold rule")
    return render_page(request, "orders/pages/hold_rule.html", title=title, **context)


def _sentences(rule: HoldRule) -> list[str]:
    return condition_sentences(rule.conditions)


@admin.register(HoldRule)
class HoldRuleAdmin(ModelAdmin):
    """By what orders are held."""

    list_display = [
        columns.text("name", pgettext_lazy("rule", "Name")),
        columns.computed("conditions", gettext_lazy("Holds orders"), lambda rule: " · ".join(_sentences(rule))),
        columns.flag("takes_stock", gettext_lazy("Take stock")),
        columns.computed("held", gettext_lazy("Holds now"), lambda rule: str(rule.held)),
        columns.moment("valid_until", gettext_lazy("Valid until")),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    ordering = ["rank", "id"]
    tabs = [
        Tab("active", pgettext_lazy("rules", "Active"), Q(is_active=True)),
        Tab("inactive", pgettext_lazy("rules", "Switched off"), Q(is_active=False)),
    ]
    search_fields = ["name"]
    empty_title = gettext_lazy("No order is held by a rule")
    empty_text = gettext_lazy("Write a rule: you see which past orders it would have held before it is saved.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rules are written on their own page."""
        return False

    def for_display(self, request: HttpRequest, queryset: QuerySet[HoldRule]) -> QuerySet[HoldRule]:
        """Count what each holds now."""
        return queryset.annotate(held=Count("holds", filter=Q(holds__released_at=None)))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Lead to the page that shows it."""
        row = self.get_object(request, object_id)
        if row is None or not self.has_view_permission(request, row) or request.method not in {"GET", "HEAD"}:
            return super().change_view(request, object_id, form_url, extra_context)
        return HttpResponseRedirect(reverse("admin:orders_hold_rule", args=[row.pk]))


register_list_link(
    HoldRule,
    ListLink(gettext_lazy("New hold rule"), "add", "orders_hold_rule_new", "rules", WRITE, of_rows=False),
)
timeline_icon("orders.hold_rule_saved", "edit")
