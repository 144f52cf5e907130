"""The page behind the link of a message: somebody ends being written to, without a login."""

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from privacy.services.links import read_withdrawal_token, withdraw_by_link


@csrf_exempt  # the signed link is the right to it: mail programs post here by themselves (RFC 8058)
@require_http_methods(["GET", "HEAD", "POST"])
def withdrawal_page(request: HttpRequest, token: str) -> HttpResponseBase:
    """GET asks and changes nothing: programs open links before people do; POST ends it. 404 for a foreign link."""
    found = read_withdrawal_token(token)
    if found is None:
        raise Http404
    _model, _subject_id, purpose, channel = found
    if request.method == "POST":
        withdraw_by_link(token=token)
    context = {"purpose": purpose.label, "channel": channel.label, "is_done": request.method == "POST"}
    return render(request, "privacy/pages/withdraw.html", context)
