"""Lists that stay fast on a million rows: cheap counts, a page of keys first, cursors far from the start."""

import json
from typing import Any

from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import FieldDoesNotExist, SuspiciousOperation
from django.core.paginator import Paginator
from django.core.signing import BadSignature, Signer
from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.views import ChangeList as UnfoldChangeList

from core.search import sought_words
from core.similar import Similar
from core.ui.added_columns import load_added
from core.ui.columns import Column
from core.ui.saved_views import asked, pairs_of, rows_of_view, views_of
from core.ui.tabs import CAP, Tab, capped_counts, capped_text

TAB_VAR = "tab"
AFTER_VAR = "after"
EXACTLY_VAR = "exactly"  # search without words that are only similar
CURSOR_FROM_PAGE = 20  # nearer to the start an OFFSET is cheap and page numbers are exact
MAX_PAGE = 100_000
SEARCH_CAP = 1_000


class CheapPaginator(Paginator):  # type: ignore[type-arg]
    """Counts exactly up to 10,000 rows; more is an estimate without a filter, "10,000+" with one.

    What words find is counted to ``cap`` = 1,000: nobody pages through more, and each further hit costs a row's read.
    """

    object_list: Any
    cap = CAP

    @cached_property
    def count(self) -> int:
        """Return the number of rows as far as anybody needs it."""
        estimate = self.estimate()
        return capped_counts([self.object_list], cap=self.cap)[0] if estimate is None else estimate

    @property
    def is_exact(self) -> bool:
        """Tell whether ``count`` is the true number."""
        return self.count <= self.cap

    @property
    def count_text(self) -> str:
        """Return the count as shown on screen."""
        return capped_text(self.count, cap=self.cap)

    def estimate(self) -> int | None:
        """Return the planner's number of a large table without a filter, else None."""
        query = self.object_list.query
        if query.where or query.is_sliced or query.distinct:
            return None
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(%s)", [f'"{query.get_meta().db_table}"']
            )
            row = cursor.fetchone()
        return int(row[0]) if row and row[0] > CAP else None


class ChangeList(UnfoldChangeList):
    """One page of a list; ``result_list`` is a list of rows fetched by key, in order."""

    root_queryset: QuerySet[Any]
    queryset: QuerySet[Any]
    query: str
    similar: Similar | None = None  # what is shown instead, when nothing contains the words

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        """Leave out the parameters that are ours."""
        found: dict[str, Any] = super().get_filters_params(params)
        return {key: value for key, value in found.items() if key not in {TAB_VAR, AFTER_VAR, EXACTLY_VAR}}

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """Return the rows of the chosen tab, filters and search."""
        self.tabs: list[Tab] = list(self.model_admin.get_tabs(request))
        self.tab = self._chosen_tab(request)
        after = self.filter_params.pop(AFTER_VAR, None)
        self.params.pop(AFTER_VAR, None)
        self.after = after[-1] if after else ""
        self.exactly = bool(self.filter_params.pop(EXACTLY_VAR, None))
        self.params.pop(EXACTLY_VAR, None)
        unfiltered, query = self.root_queryset, self.query
        if self.tab:
            self.root_queryset = self.tab.apply(unfiltered, request)
        try:
            self.query = ""  # the words come last, and may be replaced by similar ones
            self.unsearched: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        finally:
            self.root_queryset, self.query = unfiltered, query
        rows, duplicates = self.model_admin.get_search_results(request, self.unsearched, query)
        found: QuerySet[Any] = rows.distinct() if duplicates else rows
        return found

    def _chosen_tab(self, request: HttpRequest) -> Tab | None:
        if not self.tabs:
            return None
        wanted = request.GET.get(TAB_VAR, "")
        chosen = next((tab for tab in self.tabs if tab.key == wanted), None)
        if chosen is None and wanted:
            raise SuspiciousOperation("no such tab")
        # a search from elsewhere must not be narrowed by a tab that nobody chose
        return chosen or (None if self.query else self.tabs[0])

    def apply_select_related(self, qs: QuerySet[Any]) -> QuerySet[Any]:
        """Select nothing yet: the page of keys needs no joins."""
        return qs

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """Return the chosen order once, ending in the key (Django would append the default order again)."""
        ordering: list[Any] = super().get_ordering(request, queryset.order_by())
        return ordering

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the page: first its keys in order, then the rows by key with what the columns need."""
        if not 1 <= self.page_num <= MAX_PAGE:
            raise SuspiciousOperation("no such page")
        self.paginator = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)
        self._count(request)
        keys = self._page_keys(request)
        self.result_count = self.paginator.count
        self.show_full_result_count, self.full_result_count = False, self.result_count
        self.can_show_all, self.show_all = False, False
        self.show_admin_actions = True
        self.has_next = len(keys) > self.list_per_page
        self.has_previous = self.page_num > 1
        self.multi_page = self.has_next or self.has_previous
        keys = keys[: self.list_per_page]
        self.result_list = self._rows(request, keys)
        ways = self.similar.parts if self.similar else tuple((word,) for word in sought_words(self.query))
        self.notes = self.model_admin.search_notes(request, self.result_list, ways) if ways else {}

    def _find_similar(self, request: HttpRequest) -> list[Any]:
        """Show rows with similar words where the words find nothing; return their keys, as far as anybody pages.

        Two statements: the words, and the keys, which count them as well.
        """
        similar = self.model_admin.similar_search(request, self.query)
        rows = self.unsearched.filter(similar.condition()) if similar else self.queryset.none()
        keys = list(rows.values_list("pk", flat=True)[: SEARCH_CAP + 1])
        if keys:
            self.similar, self.queryset = similar, rows
            self.paginator = self.model_admin.get_paginator(request, rows, self.list_per_page)
            self.paginator.cap, self.paginator.count = SEARCH_CAP, len(keys)
        return keys

    def exact_query(self) -> str:
        """Return the query string of the same search without similar words."""
        return str(self.get_query_string({EXACTLY_VAR: "1"}, [PAGE_VAR]))

    def _count(self, request: HttpRequest) -> None:
        """Count the tabs and, unless the planner knows enough, this list too: one statement for all."""
        counted = [tab for tab in self.tabs if tab.count]
        querysets = [tab.apply(self.root_queryset, request) for tab in counted]
        self.views = [] if self.is_popup else views_of(request, self.model)
        meant = {view.pk: rows for view in self.views if (rows := rows_of_view(self, request, view)) is not None}
        querysets += [rows.order_by()[: SEARCH_CAP + 1] for rows in meant.values()]
        self.paginator.cap = SEARCH_CAP if self.query else CAP
        estimate = self.paginator.estimate()
        if estimate is None:
            querysets.append(self.queryset.order_by()[: self.paginator.cap + 1])
        counts = capped_counts(querysets)
        self.paginator.count = counts.pop() if estimate is None else estimate
        tabs, of_views = counts[: len(counted)], counts[len(counted) :]
        self.tab_counts = {tab.key: count for tab, count in zip(counted, tabs, strict=True)}
        self.view_counts = dict(zip(meant, of_views, strict=True))

    def _page_keys(self, request: HttpRequest) -> list[Any]:
        """Return the keys of the page and the one behind it."""
        if not self.query or self.paginator.count or self.exactly:
            return self._keys()
        start = (self.page_num - 1) * self.list_per_page
        return self._find_similar(request)[start : start + self.list_per_page + 1]

    def _keys(self) -> list[Any]:
        size = self.list_per_page
        ordered = self._few_first() if self.query and self.paginator.count <= SEARCH_CAP else self.queryset
        if self.after:
            ordered, start = ordered.filter(self._behind(self.after)), 0
        else:
            start = (self.page_num - 1) * size
        return list(ordered.values_list("pk", flat=True)[start : start + size + 1])

    def _few_first(self) -> QuerySet[Any]:
        """Return the rows found, found before they are sorted: the planner must not walk the order for a rare word."""
        found = self.queryset.order_by().values("pk")[:SEARCH_CAP]
        return self.root_queryset.order_by(*self.queryset.query.order_by).filter(pk__in=found)

    def _rows(self, request: HttpRequest, keys: list[Any]) -> list[Model]:
        if not keys:
            return []
        base = self.model_admin.for_display(request, self.model_admin.get_queryset(request).order_by())
        if self.query:
            base = self.model_admin.for_search(request, base)
        related = self.related_for_columns()
        if related:
            base = base.select_related(*related)
        found = {row.pk: row for row in base.filter(pk__in=keys)}
        rows = [found[key] for key in keys if key in found]
        self.model_admin.complete_rows(request, rows)
        load_added(request, self.model, rows)
        return rows

    def related_for_columns(self) -> list[str]:
        """Return the relations that the columns show."""
        related: dict[str, None] = {}
        if isinstance(self.list_select_related, list | tuple):
            related.update(dict.fromkeys(self.list_select_related))
        for column in self.list_display:
            if isinstance(column, Column):
                related.update(dict.fromkeys(column.related))
            elif self._is_relation(column):
                related[column] = None
        return list(related)

    def _is_relation(self, name: Any) -> bool:
        try:
            field = self.lookup_opts.get_field(name)
        except FieldDoesNotExist:
            return False
        return bool(field.many_to_one or field.one_to_one) and field.name == name

    # --- cursors

    def _sort_keys(self) -> list[tuple[str, bool]] | None:
        """Return [(column, descending), ...] when a cursor can express the order: own, never empty columns, id last."""
        keys: list[tuple[str, bool]] = []
        for part in self.queryset.query.order_by:
            if not isinstance(part, str):
                return None
            name, descending = part.lstrip("-"), part.startswith("-")
            field = self.lookup_opts.pk if name == "pk" else self._own_field(name)
            if field is None or field.null:
                return None
            keys.append((field.attname, descending))
        return keys if 1 <= len(keys) <= 2 and keys[-1][0] == self.lookup_opts.pk.attname else None

    def _own_field(self, name: str) -> Any:
        try:
            field = self.lookup_opts.get_field(name)
        except FieldDoesNotExist:
            return None
        return field if field.concrete and not field.is_relation else None

    def _signer(self) -> Signer:
        return Signer(salt=f"cursor.{self.opts.label_lower}")

    def next_query(self) -> str:
        """Return the query string of the next page: by page number near the start, by cursor far from it."""
        keys = self._sort_keys() if self.page_num >= CURSOR_FROM_PAGE else None
        if not keys or not self.result_list:
            return str(self.get_query_string({PAGE_VAR: self.page_num + 1}, [AFTER_VAR]))
        last: Any = self.result_list[-1]
        values = [last._meta.get_field(name).value_to_string(last) for name, _descending in keys]
        cursor = self._signer().sign(json.dumps(values))
        return str(self.get_query_string({PAGE_VAR: self.page_num + 1, AFTER_VAR: cursor}))

    def previous_query(self) -> str:
        """Return the query string of the page before."""
        return str(self.get_query_string({PAGE_VAR: self.page_num - 1}, [AFTER_VAR]))

    def _behind(self, cursor: str) -> Q:
        """Return the condition of the rows after the signed cursor, in a form that one index range serves."""
        keys = self._sort_keys()
        try:
            values = json.loads(self._signer().unsign(cursor))
        except (BadSignature, ValueError) as error:
            raise SuspiciousOperation("no such cursor") from error
        if keys is None or len(values) != len(keys):
            raise SuspiciousOperation("the cursor belongs to another order")
        parsed = [
            self.lookup_opts.get_field(name).to_python(value) for (name, _d), value in zip(keys, values, strict=True)
        ]
        (last_name, last_descending), last_value = keys[-1], parsed[-1]
        behind = Q(**{f"{last_name}__{'lt' if last_descending else 'gt'}": last_value})
        if len(keys) == 1:
            return behind
        (name, descending), value = keys[0], parsed[0]
        side = "lt" if descending else "gt"
        return Q(**{f"{name}__{side}e": value}) & (Q(**{f"{name}__{side}": value}) | behind)

    # --- saved views

    def rows_of(self, request: HttpRequest, query: str) -> QuerySet[Any]:
        """Return the rows of this list for another query of the same person; what it cannot read is an error of it."""
        return _Unfetched(
            asked(request, query),
            self.model,
            self.list_display,
            self.list_display_links,
            self.list_filter,
            self.date_hierarchy,
            self.search_fields,
            self.list_select_related,
            self.list_per_page,
            self.list_max_show_all,
            self.list_editable,
            self.model_admin,
            self.sortable_by,
            self.search_help_text,
        ).queryset

    def view_items(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Return the saved views as tabs; the one whose query this is, is the chosen one."""
        here = pairs_of(request.META.get("QUERY_STRING", ""))
        return [
            {
                "label": view.name,
                "url": f"?{view.query}",
                "active": pairs_of(view.query) == here,
                "count": capped_text(self.view_counts[view.pk], cap=SEARCH_CAP) if view.pk in self.view_counts else "?",
                "alert": False,
            }
            for view in self.views
        ]

    # --- tabs

    def tab_items(self) -> list[dict[str, Any]]:
        """Return the tabs with their links and counts."""
        number = self.tab_counts
        return [
            {
                "label": tab.label,
                "url": f"?{TAB_VAR}={tab.key}",
                "active": tab is self.tab,
                "count": capped_text(number[tab.key]) if tab.key in number else "",
                "alert": tab.alert and number.get(tab.key, 0) > 0,
            }
            for tab in self.tabs
        ]


class _Unfetched(ChangeList):
    """Knows which rows a query means without fetching or counting any."""

    def get_results(self, request: HttpRequest) -> None:
        """Fetch nothing: only the queryset is asked for."""
        self.result_list, self.result_count, self.full_result_count = [], 0, 0
        self.show_full_result_count, self.show_admin_actions = False, False
        self.can_show_all, self.multi_page = False, False
        self.paginator = self.model_admin.get_paginator(request, self.queryset.none(), self.list_per_page)
