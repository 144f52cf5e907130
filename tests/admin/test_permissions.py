"""Who may do what: pinned in permissions.txt beside this file, and true on the wire for every role.

After a change on purpose write it anew with `manage.py permissions --lines`, and read the difference.
"""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.urls import NoReverseMatch, reverse

from backoffice.permissions import matrix
from backoffice.roles import permission_table
from core.ui.base import ModelAdmin
from staff.models import Role
from tests.admin.world import fill, object_for
from tests.factories import make_user

PINNED = Path(__file__).with_name("permissions.txt")


def test_the_matrix_is_the_agreed_one():
    out = StringIO()
    call_command("permissions", "--lines", stdout=out)
    now, agreed = out.getvalue().splitlines(), PINNED.read_text(encoding="utf-8").splitlines()
    assert sorted(set(now) ^ set(agreed)) == [], "new, lost or changed cells (see above for how to accept them)"


def test_every_page_says_what_it_needs():
    assert [entry.screen for entry in matrix({"nobody": frozenset()}) if entry.allowed is None] == []


def test_a_person_without_rights_sees_no_model_and_presses_nothing():
    allowed = {entry.screen for entry in matrix({"nobody": frozenset()}) if entry.allowed}
    assert {screen for screen in allowed if not screen.startswith("page:")} == set()


def test_nobody_deletes():
    assert [entry for entry in matrix(permission_table()) if entry.action == "delete" and entry.allowed] == []


def test_the_command_prints_json_for_machines():
    out = StringIO()
    call_command("permissions", "--json", stdout=out)
    cells = json.loads(out.getvalue())
    assert {"role": "warehouse", "screen": "page:index", "action": "open", "allowed": True} in cells
    assert {cell["role"] for cell in cells} == set(Role.values)
    assert {tuple(sorted(cell)) for cell in cells} == {("action", "allowed", "role", "screen")}


def test_the_command_prints_a_table_for_people():
    out = StringIO()
    call_command("permissions", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0].split() == Role.values
    assert any(line.startswith("page:index open ") for line in lines)


def test_every_admin_class_has_the_habits_of_the_house():
    strangers = [
        f"{model._meta.label}: {type(model_admin).__name__}"
        for model, model_admin in admin.site._registry.items()
        if not isinstance(model_admin, ModelAdmin)
    ]
    assert strangers == [], "derive it from core.ui.ModelAdmin, or unregister it"


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_requests_agree_with_the_matrix(role):
    call_command("sync_roles", stdout=StringIO())
    user = make_user()
    user.groups.set([role_group(role)])
    fill(owner=user)
    client = Client()
    client.force_login(user)

    entries = matrix({role.value: permission_table()[role.value]})
    wrong = [complaint for entry in entries if (complaint := disagreement(client, entry, user))]

    assert wrong == []


def role_group(role: Role):
    return Group.objects.get(name=role.value)


def disagreement(client: Client, entry, user) -> str:
    """Try the cell; return what differs, or nothing."""
    if entry.screen.startswith("page:"):
        response = open_page(client, entry.screen.removeprefix("page:"), user)
    else:
        response = try_action(client, entry.screen, entry.action, user)
    if response is None:
        return ""
    status = response.status_code
    if status == 302 and response["Location"].startswith("/admin/login/"):
        status = 401
    if entry.screen.startswith("page:core_importbatch_") and Role.WAREHOUSE.value in roles_named(user):
        return ""  # the file in the world brings orders; who packs brings files of carriers only
    # 404 and 405: a token that does not exist, a page that only takes POST
    agrees = status in ({200, 302, 404, 405} if entry.allowed else {403, 404, 405})
    return "" if agrees else f"{entry.screen} {entry.action}: allowed={entry.allowed}, answered {status}"


def roles_named(user) -> set[str]:
    return {group.name for group in user.groups.all()}


def open_page(client: Client, name: str, user):
    if name in {"logout", "set_language", "autocomplete"}:
        return None  # would end the session, or needs a field to complete
    for address in (f"admin:{name}", name):
        for arguments in ([], row_of_page(name, user)):
            try:
                return client.get(reverse(address, args=arguments))
            except NoReverseMatch:
                continue
    return None  # needs something else in its address: those pages have tests of their own


def row_of_page(name: str, user) -> list:
    """Return the key of a row that the page may be about."""
    for model in admin.site._registry:
        if name.startswith(f"{model._meta.app_label}_{model._meta.model_name}_"):
            return [object_for(model._meta.label_lower, user).pk]
    return []


def try_action(client: Client, label: str, action: str, user):
    app, model = label.split(".")
    base = f"admin:{app}_{model}"
    row = object_for(label, user)
    if action == "view":
        listed = client.get(reverse(f"{base}_changelist"))
        opened = client.get(reverse(f"{base}_change", args=[row.pk]))
        return listed if listed.status_code == opened.status_code else opened
    if action in {"add", "import", "export"}:
        return client.get(reverse(f"{base}_{action}"))
    if action == "change":
        return client.post(reverse(f"{base}_change", args=[row.pk]), {})
    if action == "delete":
        return client.get(reverse(f"{base}_delete", args=[row.pk]))
    kind, _, name = action.partition(":")
    if kind == "press":
        return client.get(reverse(f"{base}_press", args=[row.pk, name]))
    return client.post(reverse(f"{base}_bulk", args=[name]), {})
