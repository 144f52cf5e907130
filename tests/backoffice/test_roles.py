"""The table of roles: it fits the code, it is least privilege, and the command carries it into the database."""

from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command

from backoffice import roles
from backoffice.navigation import NAVIGATION
from backoffice.roles import ROLES, RoleDefinition, home_order, permission_table
from staff.models import Role

WRITES_STOCK_OR_MONEY = {
    "orders.ship_order": {"ec_manager", "warehouse", "administrator"},
    "orders.record_payment": {"ec_manager", "cs_lead", "accountant", "administrator"},
    "orders.cancel_order": {"ec_manager", "cs_agent", "cs_lead", "administrator"},
    "inventory.adjust_stock": {"ec_manager", "warehouse", "administrator"},
    "customers.see_contact_data": {"ec_manager", "cs_agent", "cs_lead"},
    "core.see_personal_columns": {"ec_manager", "cs_lead", "administrator"},
    "core.view_all_jobs": {"ec_manager", "administrator"},
    "core.retry_delivery": {"administrator"},
    "core.import_data": {"ec_manager", "merchandiser", "administrator"},
    "catalog.change_price": {"ec_manager", "merchandiser", "administrator"},
    "staff.change_user": {"administrator"},
}


def sync() -> str:
    out = StringIO()
    call_command("sync_roles", stdout=out)
    return out.getvalue().strip()


def test_every_role_is_defined():
    assert set(ROLES) == set(Role)


@pytest.mark.parametrize("permission", WRITES_STOCK_OR_MONEY)
def test_who_may_do_what_matters(permission):
    assert {role for role, held in permission_table().items() if permission in held} == WRITES_STOCK_OR_MONEY[
        permission
    ]


@pytest.mark.parametrize("role", list(Role))
def test_no_role_deletes_or_gives_permissions(role):
    held = ROLES[role].permissions
    assert {name for name in held if ".delete_" in name} == set()
    assert not held & {"auth.change_group", "auth.add_group", "auth.change_permission", "auth.add_permission"}


def test_designer_has_own_work_and_sees_products_and_pictures_only():
    held = ROLES[Role.DESIGNER].permissions
    assert {name.partition(".")[0] for name in held} == {"catalog", "staff"}
    assert not held & {"staff.direct_task", "staff.review_task", "staff.view_task_figures", "staff.view_user"}
    assert not any("price" in name for name in ROLES[Role.DESIGNER].permissions)


def test_warehouse_sees_no_prices_and_no_customers():
    held = ROLES[Role.WAREHOUSE].permissions
    assert not any("price" in name or name.startswith("customers.") or "payment" in name for name in held)


@pytest.mark.django_db
def test_command_makes_all_roles_and_repeats_without_change():
    Group.objects.all().delete()
    assert sync() == "Roles changed: " + ", ".join(sorted(Role.values, key=sorted(Role.values).index)) + "."
    assert sync() == "All roles are as they should be."
    assert set(Group.objects.values_list("name", flat=True)) == set(Role.values)
    for role in Role:
        rows = Permission.objects.filter(group__name=role).values_list("content_type__app_label", "codename")
        assert {f"{app}.{codename}" for app, codename in rows} == ROLES[role].permissions


@pytest.mark.django_db
def test_command_works_right_after_a_migrate_that_was_stopped_before_its_permissions():
    Group.objects.all().delete()
    Permission.objects.all().delete()
    sync()
    assert Permission.objects.filter(group__name="warehouse", codename="ship_order").exists()


@pytest.mark.django_db
def test_command_names_an_unknown_permission_and_fails(monkeypatch):
    sync()
    wrong = {**ROLES, Role.DESIGNER: RoleDefinition(permissions=frozenset({"catalog.paint_product"}), home=())}
    monkeypatch.setattr(roles, "ROLES", wrong)
    with pytest.raises(CommandError, match=r"catalog\.paint_product \(designer\)"):
        sync()
    assert Permission.objects.filter(group__name="designer", codename="change_productimage").exists()


def test_home_names_groups_of_the_navigation():
    known = {group.key for group in NAVIGATION}
    assert {key for definition in ROLES.values() for key in definition.home} <= known


@pytest.mark.parametrize("role", list(Role))
def test_home_starts_with_something_the_role_may_open(role):
    first = next(group for group in NAVIGATION if group.key == ROLES[role].home[0])
    assert any(entry.permission in ROLES[role].permissions for entry in first.entries)


def test_home_of_several_roles_has_no_doubles():
    assert home_order([Role.WAREHOUSE, Role.MERCHANDISER]) == (
        "orders",
        "shipping",
        "stock",
        "returns",
        "purchasing",
        "data",
        "catalog",
        "work",
    )
    assert home_order([]) == ()
