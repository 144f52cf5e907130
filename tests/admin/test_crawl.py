"""Every page, form and dialog, opened as administrator in all three languages."""

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import reverse

from core.ui.actions import actions_of
from core.ui.base import ModelAdmin
from staff.models import Role
from tests.admin.world import fill, object_for
from tests.factories import make_user

pytestmark = pytest.mark.django_db

LANGUAGES = ("en", "ko", "ja")
# Words of the frame that are on nearly every page; one in English on a Korean page is a sentence without translation.
ENGLISH = re.compile(
    r"\b(Home|Save|Cancel|Search|Filters?|Add|Change|Delete|View|Select|Orders?|Products?|Customers?|Stock|Status|"
    r"Nothing|Import|Export|Upload|History|Reason|Show all|Previous|Next|Yes|No|and|the|of|not)\b"
)
ATTRIBUTE = re.compile(r"""<[a-z][^>]*\s(on[a-z]+)\s*=\s*["']""")
INLINE = re.compile(r"<script(?![^>]*\b(?:src|nonce)=)(?![^>]*application/json)[^>]*>")
# Words of data and of other people's alphabets, not of the interface.
NOT_OURS = re.compile(
    r"<(script|style|code|select|textarea)\b.*?</\1>|<!--.*?-->|<[^>]+>|&[a-z#0-9]+;", re.DOTALL | re.IGNORECASE
)
DATA = re.compile(
    r"[\w.+-]*[._@:/-][\w.+@:/-]+|Product \d+|Customer \d+|Warehouse \d+|Channel-\d+|A job|Back office|Test|Bags?", re.I
)


@pytest.fixture
def boss(client):
    call_command("sync_roles", verbosity=0)
    user = make_user(username="boss")
    user.groups.add(Group.objects.get(name=Role.ADMINISTRATOR))
    fill(owner=user)
    client.force_login(user)
    return user


def speak(user, language):
    user.language = language
    user.save(update_fields=["language"])


def admins():
    return [
        (model._meta.label, model_admin)
        for model, model_admin in sorted(admin.site._registry.items(), key=lambda item: item[0]._meta.label)
    ]


def text_of(page):
    return re.sub(r"\s+", " ", NOT_OURS.sub(" ", page[max(0, page.find("<body")) :]))


def complaints(address, page, language):
    """Return what a person, or the browser's policy, would object to on the page."""
    found = [f"{address}: {what}" for what in INLINE.findall(page)]
    found += [f"{address}: attribute {what}" for what in ATTRIBUTE.findall(page)]
    text = text_of(page).replace("None chosen", "")  # the sentence, not the value
    for odd in (" None ", "{'", '{"', "[&#x27;", "&lt;", "<bound", " True ", " False "):
        if odd in text:
            at = text.index(odd)
            found.append(f"{address}: {text[max(0, at - 30) : at + 40]}")
    if language != "en":
        words = DATA.sub(" ", text)
        found += [
            f"{address} ({language}): {words[max(0, hit.start() - 30) : hit.end() + 30]}"
            for hit in ENGLISH.finditer(words)
        ]
    return found


def opened(client, address, language, allowed=(200,)):
    response = client.get(address)
    assert response.status_code in allowed, f"{address} answered {response.status_code}"
    if response.status_code != 200 or "text/html" not in response["Content-Type"]:
        return []
    page = response.content.decode()
    assert "<html" not in page or f'<html lang="{language}"' in page
    return complaints(address, page, language)


def page_of(client, address):
    """Return where a row is shown: a table import on the page of the table it belongs to."""
    return getattr(client.get(address), "url", address)


@pytest.mark.parametrize("language", LANGUAGES)
def test_lists(client, boss, language):
    speak(boss, language)
    found = []
    for label, model_admin in admins():
        model = apps.get_model(label)
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        found += opened(client, address, language, allowed=(200, 403))
        for tab in getattr(model_admin, "tabs", ()):
            found += opened(client, f"{address}?tab={tab.key}", language)
        found += opened(client, f"{address}?q=nothing+has+this+name", language, allowed=(200, 302, 403))
    assert found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_and_forms(client, boss, language):
    speak(boss, language)
    found = []
    for label, _model_admin in admins():
        model = apps.get_model(label)
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        found += opened(client, reverse(f"{base}_add"), language, allowed=(200, 302, 403, 404))
        row = object_for(label, boss)
        found += opened(client, page_of(client, reverse(f"{base}_change", args=[row.pk])), language, allowed=(200, 403))
    assert found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_dialogs(client, boss, language):
    speak(boss, language)
    found, seen = [], 0
    for label, model_admin in admins():
        if not isinstance(model_admin, ModelAdmin):
            continue
        row = object_for(label, boss)
        for action in actions_of(type(model_admin), row.__class__, bulk=False):
            answer = client.get(model_admin.press_url(action.name, row))
            assert answer.status_code in {200, 302, 403}, f"{label} {action.name}: {answer.status_code}"
            if answer.status_code == 200:
                seen += 1
                found += complaints(f"{label} {action.name}", answer.content.decode(), language)
        for action in actions_of(type(model_admin), row.__class__, bulk=True):
            answer = client.post(model_admin.bulk_url(action.name), {"_selected": [row.pk]})
            assert answer.status_code in {200, 403}, f"{label} {action.name}: {answer.status_code}"
            if answer.status_code == 200:
                seen += 1
                found += complaints(f"{label} {action.name}", answer.content.decode(), language)
    assert found == []
    assert seen >= 10


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_their_own(client, boss, language):
    speak(boss, language)
    batch = object_for("core.ImportBatch", boss)
    found = []
    for name in ("new", "mapping", "preview"):
        args = [] if name == "new" else [batch.pk]
        found += opened(client, reverse(f"admin:core_importbatch_{name}", args=args), language, allowed=(200, 302))
    for address in ("/admin/", reverse("admin:password_change"), "/admin/search/?s=bag"):
        found += opened(client, address, language)
    assert found == []
