"""Which variants the grid shows: those of a list as it is filtered, searched or ticked, a page at a time."""

from collections.abc import Collection
from copy import copy
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import EmptyResultSet, SuspiciousOperation, ValidationError
from django.db import DataError
from django.db.models import QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.models import GridLayout, Product, Variant
from catalog.services.products.editing import lock_goods
from core.ui.acting import actor
from core.ui.changelist import TAB_VAR
from core.ui.grid import Rows
from core.ui.tabs import CAP, capped_text
from staff.models import User

SIZE = 100
MAX_PAGE = 100_000
MAX_IDS = 1_000
LISTS = {"product": Product, "variant": Variant}
OWN = ("list", "ids", "p", "sort")  # the others are those of the list
ORDERS = {"product": ("-product_id", "sku"), "sku": ("sku",), "-sku": ("-sku",), "-product": ("product_id", "sku")}


@dataclass(frozen=True)
class GridPage:
    """The page's rows, and the links around them."""

    rows: Rows
    layout: dict[str, Any]  # of this person: columns and widths, empty while nothing was arranged
    number: int
    has_next: bool
    count: int
    count_text: str
    sort: str
    list_name: str
    query: str  # what was searched
    tabs: list[dict[str, Any]]
    is_selection: bool
    is_filtered: bool
    list_url: str
    parameters: QueryDict

    def link(self, **over: Any) -> str:
        """Return the address of this page with other parameters; None takes one away."""
        query = self.parameters.copy()
        for name, value in over.items():
            query.pop(name, None)
            if value is not None:
                query[name] = str(value)
        return f"?{query.urlencode()}"


def grid_page(request: HttpRequest) -> GridPage:
    """Return the page that the address asks for; 400 for what makes no sense."""
    asked = request.GET
    list_name, sort = asked.get("list", "product"), asked.get("sort", "product")
    if list_name not in LISTS or sort not in ORDERS:
        raise SuspiciousOperation("no such list or order")
    number = _number(asked.get("p", "1"))
    changelist = _changelist(request, list_name)
    variants = _variants(changelist, list_name, asked.get("ids", ""))
    variants = variants.order_by(*ORDERS[sort])
    found, count, layout = _found(variants, number, actor(request))
    return GridPage(
        rows=Rows(dict(found[:SIZE])),
        layout=layout,
        number=number,
        has_next=len(found) > SIZE,
        count=count,
        count_text=capped_text(count),
        sort=sort,
        list_name=list_name,
        query=changelist.query,
        tabs=_tabs(changelist, list_name),
        is_selection="ids" in asked,
        is_filtered=bool(_filters(asked)),
        list_url=_list_url(list_name, asked),
        parameters=_without(asked, ()),
    )


def _found(variants: QuerySet[Variant], number: int, user: User) -> tuple[list[tuple[int, int]], int, dict[str, Any]]:
    """Return (id, product id) of the page and the next row, how many there are, and the person's arrangement.

    One statement: the number and the arrangement are subqueries that the database answers once.
    """
    start = (number - 1) * SIZE
    layout = GridLayout.objects.filter(user=user).values(both=JSONObject(columns="columns", widths="widths"))
    try:
        sql, parameters = variants.order_by()[: CAP + 1].values("pk").query.sql_with_params()
        counted = RawSQL(f"SELECT count(*) FROM ({sql}) AS capped", parameters)  # noqa: S608, S611 the ORM's own statement
        rows = variants.annotate(found=counted, layout=Subquery(layout[:1])).values_list(
            "pk", "product_id", "found", "layout"
        )
        found = list(rows[start : start + SIZE + 1])
    except EmptyResultSet:
        found = []
    if not found:
        return [], 0, {}
    return [(pk, product_id) for pk, product_id, _count, _layout in found], found[0][2], found[0][3] or {}


def lock_in_reach(request: HttpRequest, row_ids: Collection[int]) -> Rows:
    """Lock those of the variants, and their products, that this person may meet, and return them."""
    rows = _admin(Variant).get_queryset(request).filter(pk__in=row_ids).order_by("pk")
    groups = dict(rows.values_list("pk", "product_id"))
    lock_goods(product_ids=set(groups.values()), variant_ids=list(groups))
    return Rows(groups)


def _admin(model: Any) -> Any:
    return admin.site.get_model_admin(model)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= MAX_PAGE):
        raise SuspiciousOperation("no such page")
    return int(text)


def _without(query: QueryDict, names: Collection[str]) -> QueryDict:
    rest = query.copy()
    for name in names:
        rest.pop(name, None)
    return rest


def _filters(query: QueryDict) -> list[str]:
    return [name for name in query if name not in {*OWN, TAB_VAR, "q"}]


def _changelist(request: HttpRequest, list_name: str) -> Any:
    """Return the list as its own page would have it, filters checked alike, without fetching its rows."""
    model_admin = _admin(LISTS[list_name])
    inner: Any = copy(request)
    inner.GET = _without(request.GET, OWN)
    if "ids" in request.GET:
        inner.GET = QueryDict(urlencode({TAB_VAR: "all"}) if _has_all(model_admin, request) else "")
    # a filter of a plain field would fetch its choices, which are not shown here; its parameter works without
    declared = model_admin.get_list_filter(request) if _filters(request.GET) else ()
    filters = [item for item in declared if not isinstance(item, str)]
    base = model_admin.get_changelist(inner)
    unfetched = type("UnfetchedList", (base,), {"get_results": lambda _self, _request: None})
    try:
        changelist = unfetched(
            inner,
            model_admin.model,
            model_admin.get_list_display(inner),
            None,
            filters,
            None,
            model_admin.get_search_fields(inner),
            (),
            SIZE,
            0,
            (),
            model_admin,
            (),
            "",
        )
    except (IncorrectLookupParameters, DataError, ValidationError, OverflowError) as error:
        raise SuspiciousOperation("no such filter") from error
    return changelist


def _list_url(list_name: str, asked: QueryDict) -> str:
    base = reverse(f"admin:catalog_{list_name}_changelist")
    query = _without(asked, OWN).urlencode()
    return f"{base}?{query}" if query else base


def _has_all(model_admin: Any, request: HttpRequest) -> bool:
    return any(tab.key == "all" for tab in model_admin.get_tabs(request))


def _variants(changelist: Any, list_name: str, ids: str) -> QuerySet[Variant]:
    listed = changelist.queryset.order_by()
    if ids:
        parts = ids.split(",")
        if len(parts) > MAX_IDS or not all(part.isascii() and part.isdigit() and len(part) <= 18 for part in parts):
            raise SuspiciousOperation("no such rows")
        listed = listed.filter(pk__in=parts)
    if list_name == "variant":
        return listed  # type: ignore[no-any-return]
    if not listed.query.where:
        return Variant.objects.all()
    return Variant.objects.filter(product__in=listed.values("pk"))


def _tabs(changelist: Any, list_name: str) -> list[dict[str, Any]]:
    chosen = changelist.tab
    shown = [
        {
            "label": tab.label,
            "url": f"?{urlencode({'list': list_name, TAB_VAR: tab.key})}",
            "active": tab is chosen,
            "count": "",
            "alert": False,
        }
        for tab in changelist.tabs
    ]
    return shown or [{"label": _("All variants"), "url": f"?list={list_name}", "active": True, "count": ""}]
