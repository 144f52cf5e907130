"""What the import pages need to know of a target: its options, and where its rows are seen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.imports.encoding import CHOICES
from core.models import ImportBatch, ImportFormat, ImportRow

LARGEST = 200 * 1024 * 1024


class OptionsForm(forms.Form):
    """Base of a target's options; ``options`` are JSON, ``told`` are pairs for people."""

    def options(self) -> dict[str, Any]:
        """Return what ``ImportBatch.options`` keeps."""
        return dict(self.cleaned_data)

    @classmethod
    def told(cls, options: Mapping[str, Any]) -> Sequence[tuple[Any, Any]]:  # noqa: ARG003 for subclasses
        """Return (label, value) pairs of stored options."""
        return ()


@dataclass(frozen=True)
class Meaning:
    """What a code in a file may mean: ``field`` of the target gets ``value``; or the row is refused with ``refuse``."""

    label: Any
    field: str = ""
    value: str = ""
    refuse: str = ""

    @property
    def key(self) -> str:
        """Return the text that a form posts."""
        return f"!{self.refuse}" if self.refuse else f"{self.field}={self.value}"


@dataclass(frozen=True)
class Screen:
    """The pages' part of a target."""

    options: type[OptionsForm] = OptionsForm
    meanings: Sequence[Meaning] = ()
    fixed: Sequence[str] = ()  # fields for which the mapping page offers one value for all rows
    link: Callable[[ImportRow], str] = lambda _row: ""
    # of a preview: {"documents": number, "rows": number, "money": [(text, ...)]} of the rows that can be imported
    totals: Callable[[ImportBatch, Sequence[Any]], Mapping[str, Any]] = lambda _batch, rows: {"rows": len(rows)}
    results: Callable[[ImportBatch], Sequence[tuple[Any, str]]] = lambda _batch: ()


_screens: dict[str, Screen] = {}


def register_screen(target: str, screen: Screen) -> None:
    """Say how the pages present a target."""
    _screens[target] = screen


def screen_of(target: str) -> Screen:
    """Return the target's part, an empty one when it has none."""
    return _screens.get(target, Screen())


class FileForm(forms.Form):
    """The file, and how to read it when that cannot be found out."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, TSV or Excel, as the mall or shop exports it. Nothing is imported yet."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xls"}),
    )
    encoding = forms.ChoiceField(
        label=_("Encoding"),
        required=False,
        choices=[("", _("Find out")), *((name, name.upper()) for name in CHOICES)],
    )
    format: Any = forms.ModelChoiceField(
        label=_("File format"),
        required=False,
        queryset=ImportFormat.objects.none(),
        empty_label=_("Recognise by its columns"),
    )

    def __init__(self, *args: Any, formats: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["format"].queryset = formats  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        """Refuse files that are too large to be a table."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(_("The file is larger than 200 MB. Split it."))
        return file


def page_url(name: str, batch_id: int) -> str:
    """Return the address of one page of an import."""
    return reverse(f"admin:core_importbatch_{name}", args=[batch_id])
