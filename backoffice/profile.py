"""What people choose for themselves: language and time zone of the screens."""

import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from staff.models import Language
from staff.services import change_own_profile


def _time_zones() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones()) if "/" in name]


class ProfileForm(forms.Form):
    """Language and time zone of one's own account."""

    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("As the browser says")), *Language.choices], required=False
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=_time_zones)


def remember_language(response: HttpResponse, language: str) -> HttpResponse:
    """Keep the choice in the cookie too: the login page has no user yet."""
    if language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=365 * 24 * 3600,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    else:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
    return response


@require_POST
def switch_language(request: HttpRequest) -> HttpResponse:
    """Change the language of the screens, for the account and for this browser, and go back."""
    language = request.POST.get("language", "")
    response = HttpResponseRedirect(_way_back(request))
    if language not in Language.values:
        return response
    user: Any = request.user
    if user.is_authenticated:
        change_own_profile(language=language, time_zone=user.time_zone, actor=user)
    return remember_language(response, language)


def _way_back(request: HttpRequest) -> str:
    for url in (request.POST.get("next", ""), request.META.get("HTTP_REFERER", "")):
        if url and url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure()):
            return url
    return "/admin/"
