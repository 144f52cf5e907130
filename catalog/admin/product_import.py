"""The import of product files on the product list: formats of malls, whose prices and texts they are, pictures."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.storage import default_storage
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from catalog.adapters.archives import PictureArchive
from catalog.admin.product_file import ProductFileResource
from catalog.importing.categories import MAKE
from catalog.importing.flattening import flatten
from catalog.importing.formats import ProductFormat, detect, format_of, product_formats
from catalog.importing.notices import notices
from catalog.importing.pictures import ARCHIVE
from catalog.models import SalesChannel, WantedPicture, WantedState
from catalog.policies import can_add_pictures
from catalog.services.pictures.fetching import retry_pictures
from core.admin.table_forms import TableFileForm
from core.admin.tables import TableFilesMixin
from core.errors import DomainError, InvalidInput
from core.imports.errors import FileRefused
from core.models import TableImport
from core.resources.held import HeldRows
from core.resources.runs import read_import
from core.resources.transfer import Table
from core.ui import actor
from staff.models import Language

LARGEST_ARCHIVE = 500 * 1024 * 1024
_LANGUAGES = {"cp932": Language.JAPANESE.value, "cp949": Language.KOREAN.value}  # whose readers' encoding it is
SHOWN = 200  # refused pictures on the page of an import


class ProductFileForm(TableFileForm):
    """A product file, and what it does not say itself."""

    sales_channel = forms.ChoiceField(
        label=pgettext_lazy("of prices", "Sales channel"),
        required=False,
        help_text=gettext_lazy("Whose prices they are, in files of malls."),
    )
    texts = forms.ChoiceField(
        label=gettext_lazy("Language of the texts"),
        required=False,
        choices=[("", gettext_lazy("As usual for the format")), *Language.choices],
    )
    make_categories = forms.BooleanField(label=gettext_lazy("Make categories that do not exist yet"), required=False)
    archive = forms.FileField(
        label=gettext_lazy("Pictures (zip)"),
        required=False,
        help_text=gettext_lazy("Where the file names pictures by file name, not by address."),
        widget=forms.ClearableFileInput(attrs={"accept": ".zip"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        formats = [(one.code, one.name) for one in product_formats().values()]
        self.fields["format_code"].choices = [  # type: ignore[attr-defined]
            ("", _("Recognise by its columns")), *formats
        ]  # fmt: skip
        channels = SalesChannel.objects.filter(is_active=True).order_by("name")
        self.fields["sales_channel"].choices = [  # type: ignore[attr-defined]
            ("", "–"), *((one.code, f"{one.name} ({one.currency})") for one in channels)
        ]  # fmt: skip

    def clean_archive(self) -> Any:
        """Refuse what is no zip of pictures, before anything is kept."""
        archive = self.cleaned_data.get("archive")
        if archive:
            if archive.size > LARGEST_ARCHIVE:
                raise forms.ValidationError(_("The zip file is larger than 500 MB. Split it."))
            try:
                PictureArchive(archive)
            except InvalidInput as error:
                raise forms.ValidationError(str(error)) from error
        return archive

    def options(self) -> dict[str, Any]:
        """Return what is kept with the import; the archive is a file of its own."""
        return {name: value for name, value in super().options().items() if name != "archive"}


class ProductFilesMixin(TableFilesMixin):
    """Put before ``ModelAdmin`` of products: files of malls come in, the generic one goes out too."""

    resource_class = ProductFileResource
    import_form_class = ProductFileForm

    def import_formats(self) -> Sequence[tuple[str, Any]]:
        """Return the delivered formats."""
        return [(one.code, one.name) for one in product_formats().values()]

    def uploaded(self, request: HttpRequest, row: TableImport, form: Any) -> None:
        """Find the format, ask for the channel where it needs one, and keep the archive beside the file."""
        _table, chosen = _raw(row, 1)
        if chosen.needs_channel and not row.options.get("sales_channel"):
            raise InvalidInput(
                _("“%(name)s” does not say whose prices they are. Choose a sales channel.") % {"name": chosen.name}
            )
        archive = form.cleaned_data.get("archive")
        if archive:
            archive.seek(0)
            row.options["archive"] = default_storage.save(f"tables/{uuid.uuid4().hex}.zip", archive)
        row.format_code = chosen.code
        row.save(update_fields=["format_code", "options"])

    def read_import(self, row: TableImport, limit: int | None = None) -> Table:
        """Return the file's rows in the generic format; DomainError for one that is not what its format says."""
        table, chosen = _raw(row, limit)
        flat = flatten(
            format=chosen,
            headers=[str(header) for header in table.dataset.headers],
            rows=list(table.dataset),
            language=row.options.get("texts") or chosen.language or row.language or Language.ENGLISH.value,
            channel=row.options.get("sales_channel", ""),
            numbers=table.numbers,
        )
        if not flat.headers:
            raise InvalidInput(_("The file has no row that can be used."))
        extra: dict[str, Any] = {MAKE: bool(row.options.get(MAKE)), "notes": notices(chosen=chosen, flat=flat)}
        if archive := _archive(row):
            extra[ARCHIVE] = archive
        dataset = HeldRows(flat.rows, headers=flat.headers)
        return Table(dataset, table.layout, flat.numbers, {**table.extra, **extra})

    def import_notes(self, row: TableImport, table: Table) -> Sequence[str]:
        """Return what reading the file has made and left out."""
        return list(table.extra["notes"])

    def import_panel(self, request: HttpRequest, row: TableImport) -> str:
        """Return what became of the pictures that the file named."""
        wanted = WantedPicture.objects.filter(table_import=row)
        counts = dict(wanted.order_by().values_list("state").annotate(count=Count("id")))
        if not counts:
            return ""
        refused = wanted.filter(state=WantedState.REFUSED).select_related("product").order_by("product_id", "place")
        return render_to_string(
            "catalog/file_pictures.html",
            {
                "done": counts.get(WantedState.DONE, 0),
                "waiting": counts.get(WantedState.WAITING, 0),
                "refused_count": counts.get(WantedState.REFUSED, 0),
                "refused": list(refused[:SHOWN]),
                "retry_url": reverse("admin:catalog_product_import_pictures", args=[row.pk]),
                "may_retry": can_add_pictures(request.user),  # type: ignore[arg-type]
            },
            request=request,
        )

    def get_urls(self) -> list[URLPattern]:
        """Add the button that tries refused pictures again."""
        retry = self.admin_site.admin_view(self._retry)
        own = path("import/<int:object_id>/pictures/", retry, name="catalog_product_import_pictures")
        return [own, *super().get_urls()]

    def _retry(self, request: HttpRequest, object_id: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = get_object_or_404(TableImport, pk=object_id, model="catalog.product")
        try:
            if not self.may_import(request):
                raise InvalidInput(_("You may not import this table any more."))
            count = retry_pictures(table_import_id=row.pk, actor=actor(request))
        except DomainError as error:
            messages.error(request, str(error))
        else:
            told = ngettext("%(count)s picture is tried again.", "%(count)s pictures are tried again.", count)
            messages.success(request, told % {"count": count})
        return HttpResponseRedirect(reverse("admin:catalog_product_import_preview", args=[row.pk]))


def _raw(row: TableImport, limit: int | None) -> tuple[Table, ProductFormat]:
    """Return the file as it stands and its format.

    Without a chosen encoding the reader's own is tried first, then those of the malls: a header that a format knows is
    certain. Where only the header is ASCII, the body is read as the format is written.
    """
    chosen = format_of(row.format_code) if row.format_code else None
    if row.encoding:
        table = read_import(row, limit)
        return _checked(table, chosen or detect(table.dataset.headers))
    first = _LANGUAGES.get(chosen.encoding, row.language) if chosen else row.language
    problem: DomainError | None = None
    for language in dict.fromkeys([first, *_LANGUAGES.values()]):
        try:
            table = _read(row, language, limit)
            found = chosen or detect(table.dataset.headers)
            if table.layout.encoding in _LANGUAGES and found.encoding not in {"", table.layout.encoding}:
                table = _read(row, _LANGUAGES[found.encoding], limit)
            return _checked(table, found)
        except DomainError as error:
            problem = problem or error
    raise problem or FileRefused("not_readable")


def _read(row: TableImport, language: str, limit: int | None) -> Table:
    return read_import(TableImport(file=row.file, encoding=row.encoding, language=language), limit)


def _checked(table: Table, chosen: ProductFormat) -> tuple[Table, ProductFormat]:
    missing = chosen.missing([str(header) for header in table.dataset.headers])
    if missing and chosen.code != "generic":
        raise InvalidInput(
            _("This is no file of “%(name)s”: it lacks %(missing)s.")
            % {"name": chosen.name, "missing": ", ".join(missing)}
        )
    return table, chosen


def _archive(row: TableImport) -> PictureArchive | None:
    name = row.options.get("archive", "")
    return PictureArchive(default_storage.open(name, "rb")) if name and default_storage.exists(name) else None
