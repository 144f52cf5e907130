"""What customers read at ``/help/``: published articles in three languages, without a login."""

import uuid

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_GET, require_http_methods

from knowledge.models import Edition
from knowledge.selectors.reading import MOST, public_edition, public_editions
from knowledge.services import give_verdict
from staff.models import Language

COOKIE = "help_reader"
YEAR = 365 * 24 * 3600


@require_GET
def articles_page(request: HttpRequest) -> HttpResponse:
    """Show and search what customers may read."""
    language = _language(request)
    query = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    with translation.override(language):
        rows = list(public_editions(language=language, query=query)[:MOST])
        context = {"rows": rows, "query": query, "title": _("Help"), "languages": _languages(language)}
        return render(request, "knowledge/pages/articles.html", context)


@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def article_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show one article and take in whether it helped, once for each reader; 404 for what customers do not read."""
    language = _language(request)
    edition = public_edition(code=code, language=language)
    if edition is None:
        raise Http404
    with translation.override(language):
        if request.method == "POST":
            return _judged(request, edition, language)
        context = {
            "edition": edition,
            "title": edition.title,
            "is_done": request.GET.get("done") == "1",
            "languages": _languages(language),
            "language": language,
        }
        return render(request, "knowledge/pages/article.html", context)


def _judged(request: HttpRequest, edition: Edition, language: str) -> HttpResponse:
    given = request.POST.get("helpful", "")
    if given not in {"yes", "no"}:
        raise SuspiciousOperation("no such verdict")
    reader = request.COOKIES.get(COOKIE, "")
    if not (len(reader) == 32 and reader.isalnum()):
        reader = uuid.uuid4().hex
    give_verdict(edition_id=edition.pk, reader=reader, is_helpful=given == "yes")
    answer = HttpResponseRedirect(f"{request.path}?lang={language}&done=1")
    answer.set_cookie(COOKIE, reader, max_age=YEAR, httponly=True, samesite="Lax", secure=request.is_secure())
    return answer


def _languages(current: str) -> list[tuple[str, str, bool]]:
    return [(code, str(label), code == current) for code, label in Language.choices]


def _language(request: HttpRequest) -> str:
    """Return the language that was asked for, else the browser's, else English."""
    asked = request.GET.get("lang", "")
    if asked in Language.values:
        return asked
    given = (request.headers.get("Accept-Language") or "")[:2].lower()
    return given if given in Language.values else "en"
