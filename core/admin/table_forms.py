"""Forms of a table's import and export."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.errors import DomainError
from core.imports.encoding import CHOICES
from core.models import ExportLayout
from core.resources.transfer import check_reason

LARGEST = 50 * 1024 * 1024


class ImportChoicesForm(forms.Form):
    """What blank cells mean, and whether one refused row keeps all out."""

    blanks = forms.ChoiceField(
        label=gettext_lazy("Empty cells"),
        choices=[
            ("keep", gettext_lazy("leave what is stored")),
            ("clear", gettext_lazy("clear the value")),
        ],
        initial="keep",
        required=False,
        widget=forms.RadioSelect,
    )
    mode = forms.ChoiceField(
        label=pgettext_lazy("rows", "Refused rows"),
        choices=[
            ("rows", gettext_lazy("are left out, the others go in")),
            ("all", gettext_lazy("keep everything out")),
        ],
        initial="rows",
        required=False,
        widget=forms.RadioSelect,
    )


class TableFileForm(ImportChoicesForm):
    """One file, and its encoding when it cannot be found out."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV, TSV or Excel with the column names in the first row."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xls,.ods"}),
    )
    format_code = forms.ChoiceField(label=gettext_lazy("Format"), required=False)
    encoding = forms.ChoiceField(
        label=gettext_lazy("Encoding"),
        required=False,
        choices=[("", gettext_lazy("Find out")), *((name, name.upper()) for name in CHOICES)],
    )

    def __init__(self, *args: Any, model_admin: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        formats = list(model_admin.import_formats())
        self.fields["format_code"].choices = [("", _("Columns as below")), *formats]  # type: ignore[attr-defined]
        if not formats:
            del self.fields["format_code"]

    def clean_file(self) -> Any:
        """Refuse files too large for a table."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(_("The file is larger than 50 MB. Split it."))
        return file

    def options(self) -> dict[str, Any]:
        """Return what is kept with the import; JSON-friendly."""
        own = {"file", "format_code", "encoding"}
        return {name: value for name, value in self.cleaned_data.items() if name not in own}


class UndoForm(forms.Form):
    """Why an import is taken back."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, min_length=3)


class TableExportForm(forms.Form):
    """What the file is to hold; ``columns`` in the order of the file."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of file"),
        choices=[("xlsx", gettext_lazy("Excel workbook")), ("csv", gettext_lazy("CSV (UTF-8)"))],
        initial="xlsx",
        widget=forms.RadioSelect,
    )
    columns = forms.MultipleChoiceField(label=gettext_lazy("Columns"), widget=forms.CheckboxSelectMultiple)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Needed when personal data is in the file; kept in the history."),
    )
    layout_name = forms.CharField(label=gettext_lazy("Name of the layout"), required=False, max_length=80)
    layout_shared = forms.BooleanField(label=gettext_lazy("Colleagues may use it"), required=False)

    def __init__(
        self, *args: Any, resource: Any, label: Any, layout: ExportLayout | None = None, does: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.resource = resource
        self.does = does
        names = resource.export_names()
        chosen = [name for name in layout.fields if name in names] if layout else names
        if self.is_bound:
            sent: Any = self.data
            chosen = [name for name in sent.getlist("columns") if name in names]
        shown = [*chosen, *(name for name in names if name not in chosen)]
        self.fields["columns"].choices = [(name, label(resource, name)) for name in shown]  # type: ignore[attr-defined]
        self.fields["columns"].initial = chosen
        if layout:
            self.fields["kind"].initial = layout.kind
            self.fields["layout_name"].initial = layout.name
            self.fields["layout_shared"].initial = layout.is_shared
        if not (resource.has_personal_data and resource.sees_personal_data):
            del self.fields["reason"]

    def boxes(self) -> list[tuple[Any, str]]:
        """Return the ticks of the columns in the order of the file, each with its heading."""
        resource = self.resource
        return [(box, resource.column_group(resource.fields[box.data["value"]])) for box in self["columns"]]

    def headings(self) -> list[str]:
        """Return the headings, for ticking all columns of one; empty where there is no choice of them."""
        found = list(dict.fromkeys(heading for _box, heading in self.boxes()))
        return found if len(found) > 1 else []

    def clean(self) -> dict[str, Any]:
        """Ask for the reason where it is needed, and for a name where a layout is kept."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.does == "save":
            if not (cleaned.get("layout_name") or "").strip():
                self.add_error("layout_name", _("Give the layout a name."))
            return cleaned
        try:
            check_reason(resource=self.resource, names=cleaned.get("columns", ()), reason=cleaned.get("reason") or "")
        except DomainError as error:
            self.add_error("reason", str(error))
        return cleaned
