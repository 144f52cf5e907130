"""All addresses: everything people use is the admin."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from backoffice.profile import switch_language
from core.files import serve_file

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("i18n/setlang/", switch_language, name="set_language"),
    path("files/<path:name>", serve_file, name="file"),
    path("admin/", admin.site.urls),
]
