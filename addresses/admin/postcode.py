"""Postcodes to look up; ``manage.py load_postcodes`` brings them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy, pgettext_lazy

from addresses.models import Postcode
from core.ui import columns
from core.ui.countries import CountryFilter, CountryMixin
from core.ui.readonly import ReadOnlyAdmin


@admin.register(Postcode)
class PostcodeAdmin(CountryMixin, ReadOnlyAdmin):
    """What the lists of the post offices say."""

    list_display = [
        columns.computed("postcode", gettext_lazy("postcode"), str, order="code"),
        columns.country("country", gettext_lazy("Country")),
        columns.text("place.region", gettext_lazy("state or prefecture")),
        columns.text("place.city", gettext_lazy("city")),
        columns.two_lines("area", "area_kana", gettext_lazy("town")),
        columns.text("office", gettext_lazy("Office")),
    ]
    list_select_related = ("place",)
    ordering = ["country", "code", "id"]
    list_filter = [("country", CountryFilter)]
    search_fields = ["code", "area", "area_kana", "place__region", "place__city", "office"]
    exact_search_fields = ["code"]
    empty_title = pgettext_lazy("postcodes", "No postcodes here")
    empty_text = gettext_lazy(
        "Load the lists of Japan Post and Korea Post with “manage.py load_postcodes”; without them addresses are not"
        " compared."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Bring the places along."""
        return super().get_queryset(request).select_related("place")
