"""Promises of the base form: own columns only, nobody overwritten, refusals leave nothing behind."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backoffice.site import BackofficeSite
from catalog.models import Category, Product
from core.errors import Conflict
from core.ui import ModelAdmin
from staff.admin.users import UserAdmin
from staff.models import User
from tests.admin.pressing import opened, said
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def url(user):
    return reverse("admin:staff_user_change", args=[user.pk])


def fields(user, **over):
    names = ["username", "first_name", "last_name", "email", "language", "time_zone"]
    return {**{name: getattr(user, name) for name in names}, **over}


@pytest.fixture
def boss(client):
    user = make_user(username="boss", permissions=["staff.view_user", "staff.change_user"])
    client.force_login(user)
    return user


@pytest.fixture
def colleague():
    return make_user(username="ann", first_name="Ann", last_name="Lee", email="ann@example.com")


def test_writes_the_changed_columns_only(client, boss, colleague):
    token = opened(client, colleague)

    with CaptureQueriesContext(connection) as queries:
        response = client.post(url(colleague), {**fields(colleague, first_name="Anna"), **token})

    assert response.status_code == 302
    updates = [q["sql"] for q in queries if q["sql"].startswith('UPDATE "staff_user"')]
    assert updates == [f'UPDATE "staff_user" SET "first_name" = \'Anna\' WHERE "staff_user"."id" = {colleague.pk}']  # noqa: S608


def test_refuses_to_overwrite_and_shows_both_values(client, boss, colleague):
    token = opened(client, colleague)
    User.objects.filter(pk=colleague.pk).update(first_name="Theirs")

    response = client.post(url(colleague), {**fields(colleague, first_name="Mine"), **token})

    page = response.content.decode()
    assert response.status_code == 200
    assert "Theirs → Mine" in page
    colleague.refresh_from_db()
    assert colleague.first_name == "Theirs"
    assert not LogEntry.objects.exists()


def test_a_second_save_puts_own_values_over_theirs_but_not_values_left_standing(client, boss, colleague):
    token = opened(client, colleague)
    User.objects.filter(pk=colleague.pk).update(first_name="Theirs", last_name="Newer")
    refused = client.post(url(colleague), {**fields(colleague, first_name="Mine"), **token})

    again = refused.context["opened_token"]
    response = client.post(url(colleague), {**fields(colleague, first_name="Mine"), "_opened": again})

    assert response.status_code == 302
    colleague.refresh_from_db()
    assert (colleague.first_name, colleague.last_name) == ("Mine", "Newer")


@pytest.mark.parametrize("token", ["", "forged", '["1",{},{}]:bad'])
def test_refuses_a_page_without_its_state(client, boss, colleague, token):
    response = client.post(url(colleague), {**fields(colleague, first_name="X"), "_opened": token})

    assert response.status_code == 200
    colleague.refresh_from_db()
    assert colleague.first_name == "Ann"


def test_the_state_of_another_row_is_refused(client, boss, colleague):
    other = make_user(username="bob")

    response = client.post(url(colleague), {**fields(colleague, first_name="X"), **opened(client, other)})

    assert response.status_code == 200
    colleague.refresh_from_db()
    assert colleague.first_name == "Ann"


def test_a_service_refusal_is_said_and_leaves_nothing_behind(client, boss, colleague, monkeypatch):
    def refuse(self, request, form, formsets, change):
        raise Conflict("Ask the warehouse first.")

    token = opened(client, colleague)
    monkeypatch.setattr(UserAdmin, "save_related", refuse)

    response = client.post(url(colleague), {**fields(colleague, first_name="Anna"), **token})

    assert response.status_code == 200
    assert "Ask the warehouse first." in response.content.decode()
    assert 'value="Anna"' in response.content.decode()
    assert said(response) == []
    colleague.refresh_from_db()
    assert colleague.first_name == "Ann"
    assert not LogEntry.objects.exists()


def test_extra_posted_columns_are_ignored(client, boss, colleague):
    token = opened(client, colleague)
    evil = {
        "is_superuser": "1",
        "is_staff": "",
        "groups": "1",
        "user_permissions": "1",
        "password": "x",
        "is_active": "",
    }

    client.post(url(colleague), {**fields(colleague, first_name="Anna"), **token, **evil})

    colleague.refresh_from_db()
    assert (colleague.first_name, colleague.is_superuser, colleague.is_staff, colleague.is_active) == (
        "Anna",
        False,
        True,
        True,
    )
    assert colleague.user_permissions.count() == 0


def test_nothing_is_deleted_unless_opened(client, colleague):
    client.force_login(make_user(is_superuser=True))

    assert client.post(reverse("admin:staff_user_delete", args=[colleague.pk]), {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=colleague.pk).exists()


@pytest.mark.parametrize("object_id", ["0", "999999", "9" * 30, "abc", "1_", "..", "１"])
def test_an_id_that_no_row_has_is_not_found(client, boss, object_id):
    response = client.get(reverse("admin:staff_user_change", args=[object_id]))

    assert response.status_code in {302, 404}


# --- foreign keys


class Products(ModelAdmin):
    fields = ["code", "name", "category"]


class Categories(ModelAdmin):
    search_fields = ["name"]

    def scope(self, request, queryset):
        return queryset.exclude(name="Secret")


@pytest.fixture
def site():
    site = BackofficeSite(name="probe")
    site.register(Product, Products)
    site.register(Category, Categories)
    return site


def product_form(site, user, category):
    request = RequestFactory().post("/")
    request.user = user
    form_class = site.get_model_admin(Product).get_form(request)
    return form_class({"code": "P", "name": "Name", "category": category.pk})


def test_a_foreign_key_outside_of_what_one_may_view_is_refused(site):
    open_one, secret = Category.objects.create(name="Open"), Category.objects.create(name="Secret")
    editor = make_user(permissions=["catalog.change_product", "catalog.add_product", "catalog.view_category"])
    blind = make_user(permissions=["catalog.change_product", "catalog.add_product"])

    assert product_form(site, editor, open_one).is_valid()
    assert list(product_form(site, editor, secret).errors) == ["category"]
    refused = product_form(site, blind, open_one)
    assert list(refused.errors) == ["category"]
    assert "Open" not in str(refused.errors)


def test_a_foreign_key_to_rows_one_may_not_view_is_shown_only(site):
    request = RequestFactory().get("/")
    request.user = make_user(permissions=["catalog.change_product"])
    product = Product.objects.create(code="P", name="Name", category=Category.objects.create(name="Open"))

    assert "category" in site.get_model_admin(Product).get_readonly_fields(request, product)


def test_foreign_keys_that_grow_are_autocompleted(site):
    request = RequestFactory().get("/")
    request.user = make_user()

    assert site.get_model_admin(Product).get_autocomplete_fields(request) == ["category"]


def test_a_check_names_keys_that_would_list_every_row():
    class Unsearchable(ModelAdmin):
        search_fields = ()

    class Bad(ModelAdmin):
        fields = ["category"]
        list_editable = ["name"]
        list_display = ["code", "name"]

    site = BackofficeSite(name="probe")
    site.register(Product, Bad)
    site.register(Category, Unsearchable)

    assert sorted({error.id for error in site.get_model_admin(Product).check()}) == ["core.E101", "core.E102"]


@pytest.mark.parametrize("object_id", ["²", "٣", "9" * 30])
def test_saving_at_an_address_without_a_row_is_no_error(client, boss, object_id):
    response = client.post(f"/admin/staff/user/{object_id}/change/", {"first_name": "X"})
    assert response.status_code in {302, 404}
    assert not User.objects.filter(first_name="X").exists()
