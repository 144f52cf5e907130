"""Personal data in full, for a reason that stays in the log."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.ui import actor
from core.ui.sitepages import register_page, render_page
from privacy.admin.forms import RevealForm
from privacy.models import AccessReason
from privacy.services import reveal_personal_data
from privacy.subjects import Known, SubjectKind, subject_kind
from staff.login import client_address

PERMISSION = "privacy.reveal_personal_data"


@register_page("privacy/reveal/<slug:kind>/<int:pk>/", name="privacy_reveal", permission=PERMISSION)
def reveal_page(request: HttpRequest, kind: str, pk: int) -> HttpResponseBase:
    """GET asks for the reason; POST shows the data once, in its answer, and keeps the look in the log."""
    found = subject_kind(kind)
    if found is None or pk >= 2**63:
        raise Http404
    row = _row(request, found, pk)
    form = RevealForm(request.POST if request.method == "POST" else None)
    known: Known = ()
    if request.method == "POST" and form.is_valid():
        try:
            known = reveal_personal_data(
                kind=found,
                row=row,
                reason=AccessReason(form.cleaned_data["reason"]),
                note=form.cleaned_data["note"],
                address=client_address(request),
                actor=actor(request),
            )
        except DomainError as error:
            form.add_error(None, str(error))
    context = {
        "form": form,
        "known": known,
        "label": found.label(row),
        "what": found.what,
        "back": reverse(f"admin:{found.page}", args=[pk]),
    }
    return render_page(request, "privacy/pages/reveal.html", title=_("Show in full"), **context)


def _row(request: HttpRequest, kind: SubjectKind, pk: int) -> Any:
    """Return the row if the person may meet it at all; 404 or 403 otherwise."""
    pages = admin.site.get_model_admin(kind.model)
    row = pages.get_queryset(request).filter(pk=pk).first()
    if row is None:
        raise Http404
    if not pages.has_view_or_change_permission(request, row):
        raise PermissionDenied
    return row
