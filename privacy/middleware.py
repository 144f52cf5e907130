"""Every look at a person's page is in the access log, whoever built the page."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from privacy.services.revealing import note_opened_page
from privacy.subjects import SubjectKind, kind_of_page
from staff.login import client_address

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class LogPersonalPages:
    """Log who opened a registered person's page and saw everything by role."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, then note the look."""
        response = self.get_response(request)
        kind = _shown(request) if request.method == "GET" and response.status_code == 200 else None
        pk = request.resolver_match.kwargs.get("object_id", "") if kind and request.resolver_match else ""
        if kind and pk.isascii() and pk.isdigit():
            note_opened_page(kind=kind, subject_id=int(pk), address=client_address(request), actor=request.user)  # type: ignore[arg-type]
        return response


def _shown(request: HttpRequest) -> SubjectKind | None:
    match = request.resolver_match
    kind = kind_of_page(match.url_name or "") if match else None
    return kind if kind and request.user.has_perm(kind.sees) else None
