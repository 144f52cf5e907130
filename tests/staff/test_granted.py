"""The page of a role says what it allows in the reader's language."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from django.utils import translation

from backoffice.roles import permission_table
from backoffice.runner.catalogs import compile_stale_catalogs
from staff.admin.granted import permission_words
from staff.models import Role
from staff.services import sync_roles
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def permission(app: str, codename: str) -> Permission:
    return Permission.objects.get(content_type__app_label=app, codename=codename)


@pytest.mark.parametrize(
    ("language", "viewing", "confirming"),
    [
        ("en", ("orders", "view"), ("orders", "Can confirm orders and allocate stock")),
        ("ko", ("주문", "조회"), ("주문", "주문 확정·재고 할당")),
        ("ja", ("注文", "閲覧"), ("注文", "注文の確定・在庫の割当")),
    ],
)
def test_a_permission_is_told_in_words(language, viewing, confirming):
    compile_stale_catalogs()
    with translation.override(language):
        assert permission_words(permission("orders", "view_order")) == viewing
        assert permission_words(permission("orders", "confirm_order")) == confirming


def test_every_permission_of_a_role_is_on_its_page(client):
    sync_roles(roles=permission_table())
    client.force_login(make_user(permissions=["auth.view_group"]))
    group = Group.objects.get(name=Role.ACCOUNTANT.value)

    page = client.get(reverse("admin:auth_group_change", args=[group.pk]))

    (shown,) = [item["values"]["things"] for item in page.context["panels"] if item["panel"].key == "granted"]
    assert sum(len(allowed) for _thing, allowed in shown) == group.permissions.count()
    assert ("Orders", ["Can record payments and refunds", "view"]) in [(t, sorted(a)) for t, a in shown]


def test_no_name_of_a_permission_of_ours_stays_english():
    compile_stale_catalogs()
    apps = ["catalog", "core", "customers", "inventory", "orders"]
    ours = Permission.objects.filter(content_type__app_label__in=apps)
    with translation.override("ko"):
        english = [row.codename for row in ours if permission_words(row)[1].isascii()]
    assert english == []
