"""All addresses: what colleagues use is the admin; customers' form and other systems have doors of their own."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from backoffice.profile import switch_language
from chat.admin.visiting import chat_begin, chat_file, chat_said, chat_say, chat_setting
from core.files import serve_file
from knowledge.admin.public import article_page, articles_page
from payments.admin.hooks import payment_hook
from privacy.admin.links import withdrawal_page
from service.admin.contact import contact_page
from service.admin.hooks import inlet_hook
from service.admin.survey import survey_page

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("i18n/setlang/", switch_language, name="set_language"),
    path("files/<path:name>", serve_file, name="file"),
    path("hooks/payments/<slug:provider>/", payment_hook, name="payment_hook"),
    path("hooks/inlets/<slug:code>/", inlet_hook, name="inlet_hook"),
    path("chat/<slug:code>/", chat_setting, name="chat_setting"),
    path("chat/<slug:code>/begin/", chat_begin, name="chat_begin"),
    path("chat/<slug:code>/say/", chat_say, name="chat_say"),
    path("chat/<slug:code>/said/", chat_said, name="chat_said"),
    path("chat/<slug:code>/file/", chat_file, name="chat_file"),
    path("contact/<slug:code>/", contact_page, name="service_contact"),
    path("consents/<str:token>/", withdrawal_page, name="withdraw_consent"),
    path("survey/<str:token>/", survey_page, name="service_survey"),
    path("help/", articles_page, name="knowledge_articles"),
    path("help/<slug:code>/", article_page, name="knowledge_article"),
    path("admin/", admin.site.urls),
]
