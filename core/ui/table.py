"""The result table: rows built from short strings, because a template per cell costs more than the query."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin.templatetags.admin_list import result_headers
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import display_for_field, lookup_field
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db import models
from django.urls import reverse
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core.display import moment_text
from core.ui.columns import Column
from core.ui.pressing import SELECTED

Cell = Callable[[Any], str]


class Table:
    """Headers and rows of one page of a list."""

    def __init__(self, cl: Any, *, selectable: bool) -> None:
        self.cl = cl
        self.selectable = selectable
        self.columns = [c for c in cl.list_display if c != "action_checkbox"]
        self.rows_have_pages = cl.list_display_links is not None

    def headers(self) -> list[dict[str, Any]]:
        """Return label, css and sort links of each column."""
        shown = []
        for column, header in zip(self.cl.list_display, result_headers(self.cl), strict=True):
            if column != "action_checkbox":
                header["css"] = column.css if isinstance(column, Column) else ""
                header["label"] = capfirst(str(header["text"]))
                shown.append(header)
        return shown

    def body(self) -> SafeString:
        """Return all ``<tr>``: a checkbox, then one cell a column; the first one links to the row's page."""
        labels = [header["label"] for header in self.headers()]
        starts = [self._start(column, label) for column, label in zip(self.columns, labels, strict=True)]
        cells = [self._cell(column) for column in self.columns]
        to_page = self._page_link()
        noted = self._noted_column()
        tick = escape(_("Select this row"))
        parts: list[str] = []
        for row in self.cl.result_list:
            parts.append("<tr>")
            if self.selectable:
                parts.append(
                    f'<td class="tick"><input type="checkbox" name="{SELECTED}" value="{row.pk}" aria-label="{tick}">'
                )
            for index, (start, cell) in enumerate(zip(starts, cells, strict=True)):
                content = str(conditional_escape(cell(row)))
                if index == noted and row.pk in self.cl.notes:
                    content += f'<small class="why">{conditional_escape(self.cl.notes[row.pk])}</small>'
                parts.append(start)
                parts.append(f'<a href="{to_page(row)}">{content or row.pk}</a>' if index == 0 and to_page else content)
        return mark_safe("".join(parts))  # noqa: S308 each part is escaped above

    def _noted_column(self) -> int:
        """Return the place of the column that names the row: the first link, else the first one."""
        names = [str(getattr(column, "name", column)) for column in self.columns]
        links = [str(name) for name in self.cl.list_display_links or ()]
        return next((place for place, name in enumerate(names) if name in links), 0)

    def _start(self, column: Any, label: str) -> str:
        css = column.css if isinstance(column, Column) else ""
        attribute = f' class="{escape(css)}"' if css else ""
        return f'<td{attribute} data-label="{escape(label)}">'

    def _page_link(self) -> Callable[[Any], str] | None:
        if not self.rows_have_pages:
            return None
        if self.cl.is_popup:
            return lambda row: escape(self.cl.url_for_result(row))
        opts = self.cl.opts
        example = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[0])
        prefix, suffix = example.rsplit("0/", 1)
        query = add_preserved_filters({"preserved_filters": self.cl.preserved_filters, "opts": opts}, "")
        end = escape(f"/{suffix}{query}")
        if isinstance(opts.pk, models.AutoField | models.BigIntegerField):
            return lambda row: f"{prefix}{row.pk}{end}"
        return lambda row: escape(self.cl.url_for_result(row))

    def _cell(self, column: Any) -> Cell:
        if isinstance(column, Column):
            return column.cell
        admin, empty = self.cl.model_admin, ""
        field = self._field(column)
        if field is not None:
            return _field_cell(field)

        def looked_up(row: Any) -> Any:
            try:
                found, _attr, value = lookup_field(column, row, admin)
            except ObjectDoesNotExist:
                return empty
            return display_for_field(value, found, empty) if found else (empty if value is None else value)

        return looked_up

    def _field(self, column: Any) -> Any:
        try:
            return None if callable(column) else self.cl.opts.get_field(column)
        except FieldDoesNotExist:
            return None


def _field_cell(field: Any) -> Cell:
    name = field.name
    if field.choices:
        display = f"get_{name}_display"
        return lambda row: getattr(row, display)()
    if field.is_relation:
        return lambda row: "" if getattr(row, field.attname) is None else str(getattr(row, name))
    if isinstance(field, models.DateField):
        return lambda row: "" if getattr(row, name) is None else moment_text(getattr(row, name))
    if isinstance(field, models.CharField | models.TextField):
        return lambda row: getattr(row, name) or ""
    return lambda row: display_for_field(getattr(row, name), field, "")
