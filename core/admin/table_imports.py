"""The page on which a file of a table is chosen, and what all pages of a table share."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import pgettext_lazy
from django.views.generic import TemplateView
from unfold.views import UnfoldModelAdminViewMixin

from core.errors import DomainError
from core.resources.choices import CLEAR_MARKS
from core.resources.columns import PersonalField
from core.resources.runs import discard_table, upload_table


class TablePage(UnfoldModelAdminViewMixin, TemplateView):
    """What the pages of one table have in common."""

    def has_permission(self) -> bool:
        """Only who may import this table."""
        return bool(self.model_admin.may_import(self.request))

    @property
    def opts(self) -> Any:
        """The model's options."""
        return self.model_admin.opts

    def address(self, page: str, *args: Any) -> str:
        """Return the address of another page of this table."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what every page shows."""
        context = super().get_context_data(list_url=self.address("changelist"), **kwargs)
        plural = self.opts.verbose_name_plural
        # without opts the frame says what is done here, not the name of the list
        return {**context, "opts": None, "plural": plural, "title": f"{self.title}: {plural}"}


class TableImportView(TablePage):
    """Choose a file."""

    template_name = "core/tables/import.html"
    title = pgettext_lazy("file", "Import")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep the file and go on to its preview; one that cannot be read is not kept."""
        form = self.model_admin.import_form_class(request.POST, request.FILES, model_admin=self.model_admin)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        row = upload_table(
            model=self.opts.label_lower,
            file=form.cleaned_data["file"],
            encoding=form.cleaned_data["encoding"],
            format_code=form.cleaned_data.get("format_code", ""),
            options=form.options(),
            actor=request.user,
        )
        try:
            self.model_admin.uploaded(request, row, form)
            self.model_admin.check_import(row)
        except DomainError as error:
            discard_table(table_import_id=row.pk)
            form.add_error("file", str(error))
            return self.render_to_response(self.get_context_data(form=form))
        return HttpResponseRedirect(self.address("import_preview", row.pk))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form and the columns that a file may have."""
        initial = self.model_admin.import_initial(self.request)
        kwargs.setdefault("form", self.model_admin.import_form_class(model_admin=self.model_admin, initial=initial))
        resource = self.model_admin.import_resource_for(self.request)
        known = {"file", "format_code", "encoding", "blanks", "mode"}
        return super().get_context_data(
            groups=_in_groups(column_help(resource)),
            further=[field for field in kwargs["form"] if field.name not in known],
            clear_mark=CLEAR_MARKS[0],
            past_url=f"{reverse('admin:core_tableimport_changelist')}?q={self.opts.label_lower}",
            **kwargs,
        )


def _in_groups(columns: Sequence[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return (heading, columns) in the order in which headings come first; those without a heading stand first."""
    groups: dict[str, list[dict[str, Any]]] = {"": []}
    for column in columns:
        groups.setdefault(column["group"], []).append(column)
    return [(heading, found) for heading, found in groups.items() if found]


def column_help(resource: Any) -> Sequence[dict[str, Any]]:
    """Return the columns that a file may have: name, meaning, heading, whether it is the key or only read."""
    keys = resource.key_headers()
    shown = []
    for name in resource.get_import_order():
        field = resource.fields[name]
        model_field = resource.model_field(field)
        hidden = isinstance(field, PersonalField) and not resource.sees_personal_data
        shown.append(
            {
                "name": field.column_name,
                "label": resource.column_label(field),
                "group": resource.column_group(field),
                "choices": [value for value, _label in model_field.flatchoices] if model_field else [],
                "is_key": field.column_name in keys,
                "is_read_only": field.readonly or hidden,
            }
        )
    return shown
