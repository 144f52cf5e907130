"""The bulk edit grid: a page of variants like a spreadsheet, what is saved of it, and how a person arranges it."""

import json
import re
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from catalog.admin import grid_goods, grid_prices  # noqa: F401 registering their columns
from catalog.admin.grid_registry import catalog_grid
from catalog.admin.grid_rows import grid_page, lock_in_reach
from catalog.admin.grid_words import grid_words
from catalog.models import Product, Variant
from catalog.selectors.grid import category_paths
from catalog.services.products.arranging import MOST_COLUMNS, arrange_grid
from core.commands import once
from core.errors import DomainError
from core.events import RACES
from core.ui.acting import actor
from core.ui.grid import MAX_CELLS, GridColumn, PostedCell, Sheet
from core.ui.listlinks import ListLink, register_list_link
from core.ui.sitepages import register_page, render_page

PERMISSION = "catalog.view_variant"
SKU = "sku"  # always the first column, and the name of the row
_KEY = re.compile(r"[0-9a-zA-Z-]{8,64}")
_COLUMN = re.compile(r"[a-z_]{1,40}(:[0-9a-z-]{1,20})?")


@register_page("catalog/grid/", name="catalog_grid", permission=PERMISSION)
@require_safe
def grid_view(request: HttpRequest) -> HttpResponse:
    """Show a page of variants with the columns this person chose."""
    page = grid_page(request)
    columns = page.layout.get("columns")
    chosen = list(dict.fromkeys([SKU, *columns])) if columns else None
    sheet = catalog_grid.sheet(rows=page.rows, chosen=chosen, user=request.user)
    return render_page(
        request,
        "core/grid/page.html",
        title=_("Edit in grid"),
        page=page,
        sheet=_data(page, sheet, page.layout.get("widths", {})),
        sections=_sections(sheet),
        next_url=page.link(p=page.number + 1),
        previous_url=page.link(p=page.number - 1),
        clear_url=page.link(q=None, p=None),
        kept=[(name, value) for name, value in page.parameters.items() if name not in {"q", "p", "ids"}],
        save_url=reverse("admin:catalog_grid_save"),
        arrange_url=reverse("admin:catalog_grid_arrange"),
    )


@register_page("catalog/grid/save/", name="catalog_grid_save", permission=PERMISSION)
@require_POST
def save_view(request: HttpRequest) -> HttpResponseBase:
    """Save changed cells once under the posted key and answer what became of each; 422 when none can be saved."""
    posted = _posted(request)
    key, cells = posted.get("key"), posted.get("cells")
    if not isinstance(key, str) or not _KEY.fullmatch(key) or not isinstance(cells, list):
        raise SuspiciousOperation("no cells")
    user = actor(request)

    def run() -> list[dict[str, str]]:
        read = [_cell(cell) for cell in cells]
        outcomes = catalog_grid.save(cells=read, lock_rows=lambda ids: lock_in_reach(request, ids), user=user)
        return [outcome.told() for outcome in outcomes]

    try:
        told = once(key=f"grid:{user.pk}:{key}", parameters={"cells": cells}, run=run)
    except DomainError as error:
        return JsonResponse({"sentence": str(error)}, status=422)
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", None) not in RACES:
            raise
        # others held the same rows in another order; nothing is written, and the next press succeeds
        return JsonResponse({"sentence": _("Somebody else is saving the same rows. Press Save again.")}, status=422)
    return JsonResponse({"cells": told})


@register_page("catalog/grid/arrange/", name="catalog_grid_arrange", permission=PERMISSION)
@require_POST
def arrange_view(request: HttpRequest) -> HttpResponseBase:
    """Remember columns, widths or both for this person."""
    posted = _posted(request)
    columns, widths = posted.get("columns"), posted.get("widths")
    if columns is not None and not (
        isinstance(columns, list) and len(columns) <= 500 and all(map(_is_column, columns))
    ):
        raise SuspiciousOperation("no such columns")
    is_dict = widths is None or (isinstance(widths, dict) and len(widths) <= MOST_COLUMNS)
    if not is_dict or not all(_is_column(key) and type(px) is int for key, px in (widths or {}).items()):
        raise SuspiciousOperation("no such widths")
    try:
        arrange_grid(columns=columns, widths=widths, actor=actor(request))
    except DomainError as error:
        return JsonResponse({"sentence": str(error)}, status=422)
    return JsonResponse({})


@register_page("catalog/grid/categories/", name="catalog_grid_categories", permission="catalog.view_category")
@require_safe
def categories_view(request: HttpRequest) -> HttpResponseBase:
    """Answer all categories by their way from the top, for the cell that is edited."""
    return JsonResponse({"choices": list(category_paths().values())})


def _posted(request: HttpRequest) -> dict[str, Any]:
    try:
        posted = json.loads(request.body)
        json.dumps(posted, ensure_ascii=False).encode()  # half a character ("\\ud800") can be stored nowhere
    except (ValueError, RecursionError) as error:
        raise SuspiciousOperation("no JSON") from error
    if not isinstance(posted, dict):
        raise SuspiciousOperation("no JSON object")
    return posted


def _is_column(value: Any) -> bool:
    return isinstance(value, str) and _COLUMN.fullmatch(value) is not None


def _cell(cell: Any) -> PostedCell:
    """Read [row id, column, what it was based on, what it should be]; 400 for anything else."""
    if not (isinstance(cell, list) and len(cell) == 4 and type(cell[0]) is int and 0 < cell[0] < 2**63):
        raise SuspiciousOperation("no cell")
    row_id, key, base, text = cell
    if not (_is_column(key) and isinstance(base, str) and isinstance(text, str)):
        raise SuspiciousOperation("no cell")
    return PostedCell(row_id=row_id, key=key, base=base, text=text)


def _data(page: Any, sheet: Sheet, widths: dict[str, int]) -> dict[str, Any]:
    """Return what the script draws: values of a product stand there once."""
    return {
        "columns": [{**column.described(), "width": widths.get(column.key, column.width)} for column in sheet.shown],
        "rows": list(page.rows.groups.items()),
        "values": sheet.values,
        "notes": sheet.notes,
        "sort": page.sort,
        "sorts": _sorts(page, sheet),
        "most": MAX_CELLS,
        "words": grid_words(),
    }


def _sorts(page: Any, sheet: Sheet) -> dict[str, str]:
    """Return the address behind each heading that orders; pressed again it turns the order around."""
    return {
        column.key: page.link(sort=f"-{column.sort}" if page.sort == column.sort else column.sort, p=None)
        for column in sheet.shown
        if column.sort
    }


def _sections(sheet: Sheet) -> list[tuple[str, list[tuple[GridColumn, bool]]]]:
    """Return the columns to choose from, by section, each with whether it is shown."""
    shown = {column.key for column in sheet.shown}
    sections: dict[str, list[tuple[GridColumn, bool]]] = {}
    for column in sheet.columns:
        if column.key != SKU:
            sections.setdefault(str(column.section), []).append((column, column.key in shown))
    return list(sections.items())


for _model, _list in ((Product, "product"), (Variant, "variant")):
    register_list_link(_model, ListLink(gettext_lazy("Edit in grid"), "table_edit", "catalog_grid", _list, PERMISSION))
