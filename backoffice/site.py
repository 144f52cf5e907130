"""The one admin site."""

from itertools import count
from typing import Any

from django.contrib import messages
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.sites import UnfoldAdminSite

from backoffice.dashboard import home_context
from backoffice.navigation import entry_url, groups_for, sidebar
from backoffice.profile import ProfileForm, remember_language
from core.ui.acting import actor
from core.ui.finding import Finder, Found, find_all
from core.ui.sitepages import site_pages
from staff.services import change_own_profile


class _Choices(AutocompleteJsonView):
    """What one can choose from while typing, called what the admin of the rows calls them."""

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        """Return key and label of one row."""
        result: dict[str, str] = super().serialize_result(obj, to_field_name)
        return {**result, "text": getattr(self.model_admin, "option_label", str)(obj)}


class BackofficeSite(UnfoldAdminSite):
    """Unfold's site with our navigation, search, home and profile."""

    index_title = gettext_lazy("Home")
    enable_nav_sidebar = True

    def extra_urls(self) -> list[URLPattern]:
        """Return the pages that belong to no model."""
        return [
            path("profile/", self.admin_view(self.profile), name="profile"),
            *(path(page.route, self.admin_view(page.view), name=page.name) for page in site_pages()),
        ]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Add the number at the bell, which was counted with the badges of the navigation."""
        context: dict[str, Any] = super().each_context(request)
        return {**context, "bell": getattr(request, "bell", None)}

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the models of one app; of all apps none: each page would ask for 200 addresses."""
        found: list[Any] = super().get_app_list(request, app_label) if app_label else []
        return found

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Return the navigation of this person."""
        return sidebar(request)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show the tiles of the day's work."""
        page: TemplateResponse = super().index(request, {**home_context(request), **(extra_context or {})})
        return page

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Answer the search box: pages by title, then what each app finds. Nothing is cached: rights may change."""
        query = request.GET.get("s", "").strip()
        number = count(1)  # the script walks all hits with the arrow keys, whatever their group
        groups = [
            (finder, [(next(number), hit) for hit in hits])
            for finder, hits in (*_pages(request, query), *find_all(request, query))
        ]
        return TemplateResponse(
            request, "core/found.html", {"groups": groups, "query": query}, headers={"HX-Trigger": "search"}
        )

    def autocomplete_view(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a field that chooses among many rows."""
        return _Choices.as_view(admin_site=self)(request)

    def profile(self, request: HttpRequest) -> HttpResponse:
        """Let people choose their own language and time zone."""
        user = actor(request)
        form = ProfileForm(request.POST or None, initial={"language": user.language, "time_zone": user.time_zone})
        if request.method == "POST" and form.is_valid():
            user = change_own_profile(**form.cleaned_data, actor=user)
            messages.success(request, _("Your profile is saved."))
            return remember_language(HttpResponseRedirect(reverse("admin:profile")), user.language)
        context = {**self.each_context(request), "title": _("My profile"), "form": form}
        return TemplateResponse(request, "staff/pages/profile.html", context)


def _pages(request: HttpRequest, query: str) -> list[tuple[Finder, list[Found]]]:
    if not query:
        return []
    found = [
        Found(entry.title, entry_url(entry), group.title)
        for group in groups_for(request)
        for entry in group.entries
        if query.lower() in str(entry.title).lower() and entry_url(entry)
    ]
    finder = Finder("pages", _("Pages"), lambda _request, _query, _limit: [], "", "web_asset")
    return [(finder, found)] if found else []
