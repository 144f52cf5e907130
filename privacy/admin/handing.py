"""Two pages that give personal data out of its place: the bundle for the person, and what is kept apart."""

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.ui import actor
from core.ui.sitepages import register_page, render_page
from privacy.admin.forms import RevealForm
from privacy.models import AccessReason, DataRequest, RequestKind, RestrictedRecord
from privacy.policies import is_to_answer
from privacy.records import class_label
from privacy.services import bundle_for_person, open_restricted_record
from staff.login import client_address


@register_page("privacy/requests/<int:pk>/bundle/", name="privacy_bundle", permission="privacy.answer_datarequest")
def bundle_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """GET says what the file is; POST makes it, keeps the look in the log and answers with the ZIP."""
    row = get_object_or_404(DataRequest, pk=pk)
    if row.kind != RequestKind.ACCESS:
        raise Http404
    problem = "" if is_to_answer(row) else _("This request is answered already.")
    if request.method == "POST" and not problem:
        try:
            contents = bundle_for_person(request_id=pk, address=client_address(request), actor=actor(request))
        except DomainError as error:
            problem = str(error)
        else:
            response = HttpResponse(contents, content_type="application/zip")
            response["Content-Disposition"] = f'attachment; filename="{row.number}.zip"'
            return response
    context = {"row": row, "problem": problem, "back": reverse("admin:privacy_datarequest_change", args=[pk])}
    return render_page(request, "privacy/pages/bundle.html", title=_("Bundle for the person"), **context)


@register_page("privacy/restricted/<int:pk>/", name="privacy_restricted", permission="privacy.open_restricted")
def restricted_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """GET asks for the reason; POST shows what is kept apart once, and keeps the look in the log."""
    row = get_object_or_404(
        RestrictedRecord.objects.defer("contents").select_related("decision__request"), pk=pk, destroyed_at=None
    )
    form = RevealForm(request.POST if request.method == "POST" else None)
    known: list[tuple[str, str]] = []
    if request.method == "POST" and form.is_valid():
        try:
            text = open_restricted_record(
                restricted_id=pk, reason=AccessReason(form.cleaned_data["reason"]), note=form.cleaned_data["note"],
                address=client_address(request), actor=actor(request),
            )  # fmt: skip
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            known = _pairs(json.loads(text))
    context = {
        "form": form,
        "known": known,
        "label": f"{row.decision.request.number} · {class_label(row.decision.record_class)}",
        "what": class_label(row.decision.record_class),
        "back": reverse("admin:privacy_datarequest_change", args=[row.decision.request_id]),
    }
    return render_page(request, "privacy/pages/reveal.html", title=_("Restricted store"), **context)


def _pairs(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return the fields that say something, row after row."""
    return [
        (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for row in rows
        for name, value in row.items()
        if value not in ("", None, [], {})
    ]
