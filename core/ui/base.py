"""The base of every admin page: closes what stock Django leaves open, and bends Unfold once for all apps."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import FieldDoesNotExist, SuspiciousOperation, ValidationError
from django.db import DataError
from django.db.models import AutoField, IntegerField, Model, Q, QuerySet, URLField
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from unfold.admin import ModelAdmin as UnfoldModelAdmin
from unfold.admin import StackedInline as UnfoldStackedInline
from unfold.admin import TabularInline as UnfoldTabularInline

from core.errors import DomainError
from core.search import matching
from core.similar import Similar, similar_to
from core.ui.added_columns import added_columns
from core.ui.changelist import AFTER_VAR, ChangeList, CheapPaginator
from core.ui.checks import BaseChecks
from core.ui.freshness import FreshnessMixin, token_for
from core.ui.listlinks import list_links
from core.ui.lookups import allowed_lookups
from core.ui.panels import next_actions_for, panels_for
from core.ui.pressing import PressingMixin
from core.ui.relations import RelationMixin
from core.ui.saved_views import TAB, pairs_of
from core.ui.table import Table
from core.ui.tabs import Tab
from core.ui.timeline import timeline

MAX_OBJECT_ID = 2**63


class ModelAdmin(PressingMixin, RelationMixin, UnfoldModelAdmin):
    """Declare columns, tabs, filters and buttons; see README.md beside this file for the promises."""

    checks_class = BaseChecks
    change_list_template = "core/change_list.html"
    change_form_template = "core/change_form.html"
    add_form_template = "core/change_form.html"
    paginator = CheapPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 0
    list_filter_submit = True
    actions = ()
    save_on_top = False
    formfield_overrides: ClassVar[dict[Any, Any]] = {URLField: {"assume_scheme": "https"}}

    tabs: ClassVar[Sequence[Tab]] = ()
    deletable = False
    few_rows = False  # True: a plain select is enough for foreign keys to this model
    search_fields: Sequence[str] = ()
    exact_search_fields: ClassVar[Sequence[str]] = ()  # unique columns tried before the text search
    filter_lookups: ClassVar[Sequence[str]] = ()  # further query parameters that links from other pages use
    empty_title: Any = ""
    empty_text: Any = ""
    show_timeline = True
    later_panels = ""  # the page ("admin:...") that gives the panels with ``is_later``; without it they stand at once
    typo_tolerant_search = False  # True: similar words of the app's texts (core.similar) where nothing is found

    def __init__(self, model: type[Model], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        if not self.search_fields and _has_field(model, "search_text"):
            self.search_fields = ("search_text",)

    # --- rows

    def scope(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows that this person may meet at all: in lists, pages, buttons, exports, autocompletes, keys."""
        return queryset

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the scoped rows, in no order of their own."""
        return self.scope(request, super().get_queryset(request))

    def for_display(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Add what the columns show: annotations and prefetches, for the rows of one page only."""
        return queryset

    def complete_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Put beside the rows of one page what no statement over their table tells; for all of them at once."""

    def get_tabs(self, request: HttpRequest) -> Sequence[Tab]:
        """Return the saved views of this person."""
        return self.tabs

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the row, or None for an id that no row can have."""
        return super().get_object(request, object_id, from_field) if self._may_be_a_key(object_id) else None

    def _may_be_a_key(self, object_id: str) -> bool:
        if not isinstance(self.opts.pk, AutoField | IntegerField):
            return "\x00" not in object_id
        return object_id.isascii() and object_id.isdigit() and int(object_id) < MAX_OBJECT_ID

    # --- rights

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is deleted unless the class opens it with ``deletable = True``."""
        return self.deletable and super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Django's own actions are off; ``bulk_action`` replaces them."""
        return {}

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allow the parameters of declared filters only: any other would read hidden columns letter by letter."""
        if request is None:
            return False
        return lookup in allowed_lookups(self, request)

    # --- list

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return our list."""
        return ChangeList

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        """Return the class's columns and those that other apps add."""
        return [*super().get_list_display(request), *added_columns(request, self.model)]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find an exact number through its unique index first, else words in ``search_text``."""
        term = search_term.strip()
        if not term:
            return queryset, False
        if "\x00" in term:
            return queryset.none(), False
        if exact := self._exactly(queryset, term):
            return queryset.filter(pk__in=exact), False
        if self._finds_by_text():
            return self._by_words(request, queryset, term), False
        found: tuple[QuerySet[Any], bool] = super().get_search_results(request, queryset, term)
        return found

    def _by_words(self, request: HttpRequest, queryset: QuerySet[Any], term: str) -> QuerySet[Any]:
        if not self.may_search_text(request):
            return queryset.none()
        rows = queryset.filter(matching(term))
        # choosing in a form; the list does this itself, and says so
        chooses = request.resolver_match is not None and request.resolver_match.url_name == "autocomplete"
        similar = self.similar_search(request, term) if chooses and not rows.exists() else None
        return queryset.filter(similar.condition()) if similar else rows

    def similar_search(self, request: HttpRequest, term: str) -> Similar | None:
        """Return what a term that finds nothing probably means, None where nothing resembles it or nobody asks."""
        if not (self.typo_tolerant_search and self._finds_by_text() and self.may_search_text(request)):
            return None
        return similar_to(term, subject=self.opts.app_label)

    def for_search(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Add what ``search_notes`` reads, for the rows of one page of what words found."""
        return queryset

    def search_notes(
        self, request: HttpRequest, rows: Sequence[Any], ways: Sequence[Sequence[str]]
    ) -> Mapping[Any, Any]:
        """Return key -> why a row of this page was found, where one cannot see it; ``ways``: words, any of each.

        ``for_search`` has brought what it needs: it runs no query.
        """
        return {}

    def may_search_text(self, request: HttpRequest) -> bool:
        """Tell whether this person may search in ``search_text``; others find exact numbers only.

        Where it holds what the page masks, a hit or none would tell the hidden words letter by letter.
        """
        return True

    def _exactly(self, queryset: QuerySet[Any], term: str) -> list[Any]:
        """Return the keys of rows whose number is the term, by the first field that has any.

        Own columns are asked in one statement; columns of other tables each in one, because an OR over two tables has
        no index. What cannot be a number (a name, two words) is left to ``search_text``, where numbers stand as well;
        a word without a digit is no number of another table.
        """
        by_text = self._finds_by_text()
        if by_text and (not term.isascii() or " " in term):
            return []
        own = [field for field in self.exact_search_fields if "__" not in field]
        asked = not by_text or any(letter.isdigit() for letter in term)
        others = [[field] for field in self.exact_search_fields if "__" in field and asked]
        for fields in [own, *others] if own else others:
            either = Q(*[(field, term) for field in fields], _connector=Q.OR)
            rows = list(queryset.order_by().filter(either).values_list("pk", *fields)[:50])
            for place in range(1, 1 + len(fields)):
                if exact := [row[0] for row in rows if row[place] == term]:
                    return exact
        return []

    def _finds_by_text(self) -> bool:
        return tuple(self.search_fields) == ("search_text",)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Answer 400, never 500, to parameters that make no sense."""
        try:
            response: HttpResponse = super().changelist_view(request, extra_context)
            if hasattr(response, "context_data") and response.context_data and "cl" in response.context_data:
                response.context_data.update(self._list_context(request, response.context_data["cl"]))
        except (IncorrectLookupParameters, DataError, ValidationError, OverflowError) as error:
            raise SuspiciousOperation("no such filter") from error
        return response

    def _list_context(self, request: HttpRequest, cl: ChangeList) -> dict[str, Any]:
        buttons = [] if cl.is_popup else self.bulk_buttons(request)
        links = (
            [] if cl.is_popup else list_links(request, self.model, cl.get_query_string(remove=[PAGE_VAR, AFTER_VAR]))
        )
        return {
            "tab_items": self._tab_items(request, cl),
            "save_view_url": self._save_view_url(request, cl),
            "bulk_buttons": buttons,
            "list_links": links,
            "table": Table(cl, selectable=bool(buttons or links)),
        }

    def _tab_items(self, request: HttpRequest, cl: ChangeList) -> list[dict[str, Any]]:
        """Return the tabs; a saved view that is shown is the chosen one instead of the tab it stands on."""
        views = cl.view_items(request)
        tabs = cl.tab_items()
        if any(view["active"] for view in views):
            tabs = [{**tab, "active": False} for tab in tabs]
        return [*tabs, *views]

    def _save_view_url(self, request: HttpRequest, cl: ChangeList) -> str:
        """Return where this view is saved, or where the saved ones are kept; empty when there is nothing to do."""
        query = "" if any(item["active"] for item in cl.view_items(request)) else request.META.get("QUERY_STRING", "")
        asked = [name for name, _value in pairs_of(query) if name != TAB]
        if cl.is_popup or not (asked or cl.views):
            return ""
        parameters = {"list": self.opts.label_lower, **({"query": query} if asked else {})}
        return f"{reverse('admin:core_saved_views')}?{urlencode(parameters)}"

    # --- form

    def get_form(
        self,
        request: HttpRequest,
        obj: Any = None,
        change: bool = False,  # noqa: FBT001, FBT002 Django's signature
        **kwargs: Any,
    ) -> "type[ModelForm[Any]]":
        """Return the form with the check against somebody else's change."""
        form = super().get_form(request, obj, change=change, **kwargs)
        refusal = getattr(request, "_refusal", "")
        return type(form.__name__, (FreshnessMixin, form), {"refusal": refusal})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Write the changed columns only: what others wrote meanwhile into other columns stays."""
        if not change:
            obj.save()
            return
        columns = {f.name for f in self.opts.concrete_fields}
        fields = [name for name in form.changed_data if name in columns]
        if fields:
            fields += [f.name for f in self.opts.concrete_fields if getattr(f, "auto_now", False)]
            obj.save(update_fields=fields)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the form again with the reason when a service refuses; nothing is saved, said or logged then."""
        queue: Any = messages.get_messages(request)
        said = len(queue._queued_messages)  # noqa: SLF001 there is no public way to take a message back
        response: HttpResponse
        try:
            response = super().changeform_view(request, object_id, form_url, extra_context)
        except DomainError as error:
            del queue._queued_messages[said:]  # noqa: SLF001
            request._refusal = str(error)  # type: ignore[attr-defined]  # noqa: SLF001
            response = super().changeform_view(request, object_id, form_url, extra_context)
        return response

    def _changeform_view(
        self, request: HttpRequest, object_id: str | None, form_url: str, extra_context: Any
    ) -> HttpResponse:
        if request.method == "POST" and object_id is not None and self._may_be_a_key(unquote(object_id)):
            # lock before the row is read, so that the comparison with the opened page holds until the commit
            list(self.model._base_manager.select_for_update().filter(pk=unquote(object_id)).values_list("pk"))
        response: HttpResponse = super()._changeform_view(request, object_id, form_url, extra_context)
        return response

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002 Django's signature
        change: bool = False,  # noqa: FBT001, FBT002
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Add the state token, the buttons, the panels and the timeline."""
        if obj is not None and not context["is_popup"]:
            form = context["adminform"].form
            panels = panels_for(request, obj, is_later=False if self.later_panels else None)
            buttons = self.detail_buttons(request, obj)
            context.update(
                opened_token=form.fresh_token or token_for(form, obj),
                buttons=buttons,
                rare_buttons=[button for button in buttons if button["is_rare"]],
                facts=self.facts(request, obj),
                next_actions=next_actions_for(request, obj),
                panels_above=[item for item in panels if item["panel"].above],
                panels=[item for item in panels if not item["panel"].above],
                later_url=reverse(self.later_panels, args=[obj.pk]) if self.later_panels else "",
                timeline=timeline(obj, user=request.user) if self.show_timeline else None,
            )
        elif obj is not None:
            form = context["adminform"].form
            context["opened_token"] = form.fresh_token or token_for(form, obj)
        response: HttpResponse = super().render_change_form(request, context, add, change, form_url, obj)
        return response

    def option_label(self, obj: Any) -> str:
        """Return what the row is called where one chooses among rows: more than its name where names repeat."""
        return str(obj)

    def facts(self, request: HttpRequest, obj: Any) -> Sequence[tuple[Any, Any]]:
        """Return (label, value) pairs shown above the form, the state first; values may be badges or money."""
        return ()

    def get_urls(self) -> list[URLPattern]:
        """Put the addresses of buttons before Django's catch-all."""
        return [*self.pressing_urls(), *super().get_urls()]


class InlineHabits(RelationMixin):
    """Inlines delete nothing and add no blank rows unless told so."""

    can_delete = False
    extra = 0
    show_change_link = False


class TabularInline(InlineHabits, UnfoldTabularInline):
    """Rows of a lower table within a form."""


class StackedInline(InlineHabits, UnfoldStackedInline):
    """Forms of a lower table within a form."""


def _has_field(model: type[Model], name: str) -> bool:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True
