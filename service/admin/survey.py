"""The survey that customers open from a mail, and what came of all of them."""

from django import forms
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_GET, require_http_methods

from core.errors import Conflict
from core.ui.sitepages import register_page, render_page
from service.models import Survey, SurveyState
from service.selectors.satisfaction import recent_comments, satisfaction
from service.services.surveying import answer_survey, survey_of
from staff.models import Language

SPANS = (30, 90, 365)


class SurveyForm(forms.Form):
    """How it was, from 1 to 5, and why."""

    score = forms.IntegerField(min_value=1, max_value=5)
    comment = forms.CharField(max_length=2000, required=False)


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def survey_page(request: HttpRequest, token: str) -> HttpResponse:
    """Ask how it was and keep the answer once; 404 for an address that we never wrote, 410 when it is over."""
    survey = survey_of(token)
    if survey is None:
        raise Http404
    asked = request.GET.get("lang", "")
    with translation.override(asked if asked in Language.values else survey.language):
        if survey.state == SurveyState.ANSWERED or survey.expires_at <= timezone.now():
            is_over = survey.state != SurveyState.ANSWERED
            return _page(request, survey, is_done=not is_over, is_over=is_over, status=410 if is_over else 200)
        if request.method != "POST":
            return _page(request, survey)
        form = SurveyForm(request.POST)
        if not form.is_valid():
            return _page(request, survey, error=_("Choose one of the five."), status=400)
        try:
            answer_survey(token=token, **form.cleaned_data)
        except Conflict as error:
            return _page(request, survey, error=str(error), status=409)
        return _page(request, survey, is_done=True)


def _page(request: HttpRequest, survey: Survey, *, status: int = 200, **over: object) -> HttpResponse:
    languages = [(code, label, code == translation.get_language()) for code, label in Language.choices]
    faces = [
        (5, "sentiment_very_satisfied", pgettext("survey", "Very good")),
        (4, "sentiment_satisfied", pgettext("survey", "Good")),
        (3, "sentiment_neutral", pgettext("survey", "So-so")),
        (2, "sentiment_dissatisfied", pgettext("survey", "Bad")),
        (1, "sentiment_very_dissatisfied", pgettext("survey", "Very bad")),
    ]
    context = {"survey": survey, "languages": languages, "faces": faces, "title": _("How did we do?"), **over}
    return render(request, "service/pages/survey.html", context, status=status)


@register_page("satisfaction/", name="service_satisfaction", permission="service.view_survey")
@require_GET
def satisfaction_page(request: HttpRequest) -> HttpResponseBase:
    """Show how satisfied customers are, by month, team and colleague, with how many said so."""
    given = request.GET.get("days", "90")
    if set(request.GET) - {"days"} or given not in map(str, SPANS):
        raise SuspiciousOperation("no such span")
    spans = [(days, str(days) == given) for days in SPANS]
    figures = satisfaction(days=int(given))
    parts = [
        (_("Month"), figures["months"]),
        (pgettext("customer service", "Team"), figures["teams"]),
        (_("Colleague"), figures["agents"]),
    ]
    return render_page(
        request,
        "service/pages/satisfaction.html",
        title=_("Satisfaction"),
        spans=spans,
        parts=parts,
        comments=recent_comments() if request.user.has_perm("service.view_ticket") else [],
    )
