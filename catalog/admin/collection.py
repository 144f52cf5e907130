"""Collections: their rules, and the products that fulfil them."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from catalog.collecting import OPERATOR_LABELS, condition_of, subject_of, subjects
from catalog.models import Collection, CollectionRule
from catalog.services.products.collecting import MOST_RULES, refresh_collection, set_rules
from core.errors import DomainError
from core.ui import ModelAdmin, Panel, TabularInline, actor, columns, register_panel, service_action

SHOWN = 24


class RuleForm(forms.ModelForm):  # type: ignore[type-arg] # Django's own class takes no parameter
    """One rule in words; what it compares is read before it is kept."""

    subject = forms.ChoiceField(label=gettext_lazy("what"), widget=UnfoldAdminSelectWidget)
    operator = forms.ChoiceField(
        label=gettext_lazy("condition"), choices=[*OPERATOR_LABELS.items()], widget=UnfoldAdminSelectWidget
    )
    value = forms.CharField(
        label=gettext_lazy("value"), max_length=200, widget=UnfoldAdminTextInputWidget(attrs={"list": "rule-values"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["subject"]
        known = [(subject.code, _with_example(subject.label, subject.example)) for subject in subjects()]
        field.choices = known

    def clean(self) -> dict[str, Any]:
        """Refuse a rule that means nothing, with the reason."""
        data: dict[str, Any] = super().clean() or {}
        if all(data.get(name) for name in ("subject", "operator", "value")):
            try:
                condition_of(data["subject"], data["operator"], data["value"])
            except DomainError as error:
                self.add_error("value", str(error))
        return data


def _with_example(label: Any, example: Any) -> str:
    return f"{label} ({example})" if example else str(label)


class RuleInline(TabularInline):
    """The rules, one under the other."""

    model = CollectionRule
    form = RuleForm
    fields = ("subject", "operator", "value")
    extra = 1
    max_num = MOST_RULES
    hide_title = True  # the line says it all
    can_delete = True
    verbose_name_plural = gettext_lazy("Rules")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for the collection: its rules are what it is."""
        return request.user.has_perm("catalog.view_collection")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for the collection."""
        return request.user.has_perm("catalog.change_collection")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for the collection; a new one comes with its rules."""
        return request.user.has_perm("catalog.change_collection")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for the collection."""
        return request.user.has_perm("catalog.change_collection")


@admin.register(Collection)
class CollectionAdmin(ModelAdmin):
    """Groups of products that follow rules."""

    list_display = [
        columns.two_lines("name", "code", gettext_lazy("Collection")),
        columns.computed("match", gettext_lazy("Match"), lambda row: row.get_match_display()),
        columns.number("product_count", gettext_lazy("Products"), order=True),
        columns.moment("refreshed_at", gettext_lazy("Refreshed")),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    search_fields = ["code", "name_en", "name_ko", "name_ja"]
    ordering = ["code", "id"]
    fields = ["code", "name_en", "name_ko", "name_ja", "match", "is_active"]
    inlines = [RuleInline]
    empty_title = gettext_lazy("No collections yet")
    empty_text = gettext_lazy("Add one: its rules find its products, every hour again.")

    class Media:
        """The grid of its products."""

        css: ClassVar = {"all": ["backoffice/content.css"]}

    def facts(self, request: HttpRequest, obj: Collection) -> Sequence[tuple[Any, Any]]:
        """Return how many products it has, and whether a rule has lost its meaning."""
        facts: list[tuple[Any, Any]] = [(_("Products"), obj.product_count)]
        for rule in obj.rules.all():
            try:
                subject_of(rule.subject)
                condition_of(rule.subject, rule.operator, rule.value)
            except DomainError as error:
                facts.append((_("Cannot be refreshed"), str(error)))
        return facts

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: Any) -> None:
        """Hand the rules to the service instead of saving rows."""
        rules = [
            (data["subject"], data["operator"], data["value"])
            for data in (one.cleaned_data for one in formset.forms)
            if data.get("value") and not data.get("DELETE")
        ]
        formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        set_rules(collection_id=form.instance.pk, rules=rules, match=form.instance.match, actor=actor(request))

    @service_action(gettext_lazy("Refresh now"), permission="catalog.change_collection", icon="refresh")
    def refresh(self, request: HttpRequest, obj: Collection, data: dict[str, Any]) -> str:
        """Find its products now instead of at the next full hour."""
        count = refresh_collection(collection_id=obj.pk)
        return _("%(name)s has %(count)s products now.") % {"name": obj.name, "count": count}


def members(request: HttpRequest, collection: Collection) -> dict[str, Any]:
    """Give the newest products of the collection."""
    rows = collection.members.select_related("product").order_by("-since", "-pk")[:SHOWN]
    return {
        "products": [row.product for row in rows],
        "rest": max(collection.product_count - SHOWN, 0),
        "list_url": f"{reverse('admin:catalog_product_changelist')}?memberships__collection={collection.pk}&tab=all",
    }


register_panel(
    Collection,
    Panel(
        "members",
        gettext_lazy("Products"),
        "catalog/panels/members.html",
        members,
        "catalog.view_product",
        position=10,
        wide=True,
    ),
)
