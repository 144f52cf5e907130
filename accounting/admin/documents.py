"""Issued papers: the list, the page of one, downloads, and what takes them back."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import SuspiciousOperation
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from accounting import services
from accounting.admin.forms import CorrectionForm
from accounting.models import CORRECTED_BY, CORRECTIONS, DocumentKind, IssuedDocument
from accounting.policies import can_correct
from accounting.selectors.documents import FileChanged, pdf_of, pdf_of_many
from accounting.selectors.hometax import hometax_file
from core.display import document_html, moment_text
from core.money import format_money
from core.papers import answer_pdf
from core.taking import note_file_taken
from core.ui import Answer, Panel, Tab, actor, bulk_action, columns, link_action, register_panel, service_action
from core.ui.listlinks import ListLink, register_list_link
from core.ui.readonly import ReadOnlyAdmin
from core.ui.sitepages import register_page
from staff.login import client_address

_K = DocumentKind
KR_KINDS = (_K.TAX_INVOICE, _K.AMENDED_TAX_INVOICE, _K.CASH_RECEIPT, _K.CANCELLED_CASH_RECEIPT)
KIND_COLOURS = {kind: "amber" if kind in CORRECTIONS else "blue" for kind in DocumentKind.values}
BUYER_COLUMNS = ("buyer_name", "address")  # what a paper tells of a person
MOST_PAPERS = 200  # of one file: ready while one waits
MOST_TAX_INVOICES = 100  # of one upload, as Hometax takes them


def _correctable(user: Any, document: IssuedDocument) -> bool:
    return document.kind in CORRECTED_BY and can_correct(user)


def _tab(key: str, label: Any, *kinds: str) -> Tab:
    return Tab(key, label, Q(kind__in=kinds), count=False)


@admin.register(IssuedDocument)
class IssuedDocumentAdmin(ReadOnlyAdmin):
    """Papers, the newest first."""

    list_display = [
        columns.two_lines("number", "order.number", pgettext_lazy("paper", "Document")),
        columns.badge("kind", pgettext_lazy("paper", "Kind"), colours=KIND_COLOURS),
        columns.money("gross", gettext_lazy("Total")),
        columns.money("tax", gettext_lazy("Tax")),
        columns.text("issued_on", pgettext_lazy("paper", "Issued"), order=True),
    ]
    ordering = ["-id"]
    tabs = [
        Tab("all", pgettext_lazy("papers", "All"), count=False),
        _tab("invoices", gettext_lazy("Invoices"), _K.INVOICE, _K.SIMPLIFIED),
        _tab("receipts", gettext_lazy("Receipts and delivery notes"), _K.RECEIPT, _K.DELIVERY_NOTE),
        _tab("korea", gettext_lazy("Korean tax documents"), *KR_KINDS),
        _tab("corrections", gettext_lazy("Corrections"), *sorted(CORRECTIONS)),
    ]
    list_filter = ["kind", "currency"]
    search_fields = ["number"]
    exact_search_fields = ["number"]
    fields: Sequence[str] = []
    show_timeline = False
    empty_title = gettext_lazy("No documents yet")
    empty_text = gettext_lazy("Open an order and press “Issue invoice” or “Issue receipt”.")

    def facts(self, request: HttpRequest, obj: IssuedDocument) -> Sequence[tuple[Any, Any]]:
        """Return what stands on top of it."""
        cited = [(_("Corrects"), document_html(obj.corrects))] if obj.corrects else []
        again = [(_("First issued as"), document_html(obj.reissue_of))] if obj.reissue_of else []
        return [
            (pgettext_lazy("paper", "Kind"), obj.get_kind_display()),
            (pgettext_lazy("purchase", "Order"), document_html(obj.order)),
            *cited,
            *again,
            (_("Total"), format_money(obj.gross, obj.currency)),
            (_("Tax"), format_money(obj.tax, obj.currency)),
            (pgettext_lazy("paper", "Issued"), moment_text(obj.issued_on)),
            (_("Digest (SHA-256)"), obj.file.digest[:16] if obj.file else "–"),
        ]

    download = link_action(
        "download",
        gettext_lazy("Download"),
        permission="accounting.download_issueddocument",
        link=lambda document: reverse("admin:accounting_document_pdf", args=[document.pk]),
        icon="download",
        variant="primary",
    )

    @bulk_action(
        gettext_lazy("As one PDF"), permission="accounting.download_issueddocument", icon="picture_as_pdf",
        limit=MOST_PAPERS,
        question=gettext_lazy("The documents come in one file, the oldest first. At most 200 at a time."),
    )  # fmt: skip
    def download_many(self, request: HttpRequest, ids: list[int], data: dict[str, Any]) -> Answer:
        """Lead to the file of all."""
        query = urlencode({"ids": ",".join(map(str, ids))}, safe=",")
        return Answer(_("The documents are ready."), f"{reverse('admin:accounting_documents_pdf')}?{query}")

    @service_action(
        gettext_lazy("Take back"),
        permission="accounting.issue_invoice",
        form=CorrectionForm,
        icon="undo",
        available=_correctable,
        question=gettext_lazy(
            "A correction is issued that cites this document. Japan: below ¥10,000 no return invoice is needed."
        ),
    )
    def take_back(self, request: HttpRequest, obj: IssuedDocument, data: dict[str, Any]) -> str:
        """Issue the paper that corrects it."""
        made = services.issue_correction(
            document_id=obj.pk, reason=data["reason"], record_id=data["record"], actor=actor(request)
        )
        return _("%(kind)s %(number)s is issued.") % {"kind": made.get_kind_display(), "number": made.number}


@register_page(
    "accounting/documents/<int:document_id>/pdf/",
    name="accounting_document_pdf",
    permission="accounting.download_issueddocument",
)
@require_GET
def document_pdf(request: HttpRequest, document_id: int) -> HttpResponseBase:
    """Answer with the paper as it was issued; one whose file was changed is not given out."""
    document = get_object_or_404(IssuedDocument.objects.select_related("file"), pk=document_id)
    try:
        answer = answer_pdf(pdf_of(document), name=document.number)
    except FileChanged as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("admin:accounting_issueddocument_change", args=[document.pk]))
    note_file_taken(
        subject=document, table=document.number, rows=1, columns=BUYER_COLUMNS, whose=[document.order_id],
        address=client_address(request), actor=actor(request),
    )  # fmt: skip
    return answer


@register_page(
    "accounting/documents/pdf/", name="accounting_documents_pdf", permission="accounting.download_issueddocument"
)
@require_GET
def documents_pdf(request: HttpRequest) -> HttpResponseBase:
    """Show many papers as one PDF, the oldest first; where one was changed, none is given out."""
    if "ids" not in request.GET:
        raise Http404
    parts = request.GET["ids"].split(",")
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts) or len(parts) > MOST_PAPERS:
        raise SuspiciousOperation("no such documents")
    papers = IssuedDocument.objects.filter(pk__in=parts).select_related("file").defer("data").order_by("pk")
    found = list(papers)
    if not found:
        raise Http404
    try:
        answer = answer_pdf(pdf_of_many(found), name=_("Documents"), download=False)
    except FileChanged as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("admin:accounting_issueddocument_changelist"))
    user = actor(request)
    note_file_taken(
        subject=user, table=_("Documents"), rows=len(found), columns=BUYER_COLUMNS,
        whose=[document.order_id for document in found], address=client_address(request), actor=user,
    )  # fmt: skip
    return answer


@register_page("accounting/hometax/", name="accounting_hometax_file", permission="accounting.issue_invoice")
@require_GET
def hometax(request: HttpRequest) -> HttpResponse:
    """Answer with the latest tax invoices as the workbook for Hometax, the oldest of them first."""
    kinds = (_K.TAX_INVOICE, _K.AMENDED_TAX_INVOICE)
    latest: QuerySet[IssuedDocument] = IssuedDocument.objects.filter(kind__in=kinds).order_by("-pk")
    found = list(latest[:MOST_TAX_INVOICES])
    content = hometax_file(reversed(found))
    user = actor(request)
    note_file_taken(
        subject=user, table=_("Workbook for Hometax"), rows=len(found), columns=BUYER_COLUMNS,
        whose=[document.order_id for document in found], address=client_address(request), actor=user,
    )  # fmt: skip
    answer = HttpResponse(content, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    answer["Content-Disposition"] = 'attachment; filename="hometax.xlsx"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def rates(_request: HttpRequest, document: IssuedDocument) -> dict[str, Any]:
    """Give what the paper says of each rate, its lines, and what corrected it."""
    return {
        "document": document,
        "taxes": document.taxes.all(),
        "lines": document.data["lines"],
        "corrections": document.corrections.defer("data"),
        "reissues": document.reissues.defer("data"),
    }


register_list_link(
    IssuedDocument,
    ListLink(
        gettext_lazy("Workbook for Hometax"), "table_view", "accounting_hometax_file", "issueddocument",
        "accounting.issue_invoice", of_rows=False,
    ),
)  # fmt: skip
register_panel(
    IssuedDocument,
    Panel("rates", gettext_lazy("Lines and tax"), "accounting/panels/rates.html", rates, position=10, wide=True),
)
