"""Roles and access change only through services; nobody raises himself."""

import pytest
from django.contrib.auth.models import Group

from core.errors import InvalidInput, NotAllowed
from core.models import EventRecord
from staff import events as staff_events
from staff.selectors import role_label, roles_of
from staff.services import deactivate_user, reactivate_user, set_user_roles, sync_roles
from tests.factories import make_user

pytestmark = pytest.mark.django_db

AGENT = {"cs_agent": ["orders.view_order", "orders.cancel_order"]}


def permissions_of(group: str) -> set[str]:
    rows = Group.objects.get(name=group).permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in rows}


def events() -> list[tuple[str, dict]]:
    return list(EventRecord.objects.order_by("id").values_list("name", "data"))


def test_sync_makes_groups_with_exactly_the_listed_permissions():
    assert sync_roles(roles=AGENT) == ["cs_agent"]

    assert permissions_of("cs_agent") == {"orders.view_order", "orders.cancel_order"}
    assert events() == [
        (
            "staff.role_permissions_changed",
            {"granted": ["orders.cancel_order", "orders.view_order"], "withdrawn": []},
        )
    ]


def test_sync_again_changes_and_records_nothing():
    sync_roles(roles=AGENT)
    assert sync_roles(roles=AGENT) == []
    assert len(events()) == 1


def test_sync_withdraws_what_is_no_longer_listed_only_from_managed_groups():
    sync_roles(roles=AGENT)
    own = Group.objects.create(name="Saturday helpers")
    own.permissions.set(Group.objects.get(name="cs_agent").permissions.all())

    assert sync_roles(roles={"cs_agent": ["orders.view_order"]}) == ["cs_agent"]

    assert permissions_of("cs_agent") == {"orders.view_order"}
    assert permissions_of("Saturday helpers") == {"orders.view_order", "orders.cancel_order"}
    assert events()[-1][1] == {"granted": [], "withdrawn": ["orders.cancel_order"]}


def test_sync_refuses_an_unknown_permission_and_changes_nothing():
    sync_roles(roles=AGENT)
    with pytest.raises(InvalidInput, match=r"orders\.shipp_order \(warehouse\)"):
        sync_roles(roles={"cs_agent": [], "warehouse": ["orders.shipp_order", "orders.view_order"]})

    assert permissions_of("cs_agent") == {"orders.view_order", "orders.cancel_order"}
    assert not Group.objects.filter(name="warehouse").exists()
    assert len(events()) == 1


def test_roles_of_a_user_replace_each_other_and_leave_other_groups():
    sync_roles(roles={**AGENT, "warehouse": ["orders.ship_order"]})
    user = make_user()
    user.groups.add(Group.objects.create(name="Saturday helpers"))

    set_user_roles(user_id=user.pk, roles=["cs_agent"])
    set_user_roles(user_id=user.pk, roles=["warehouse"])
    set_user_roles(user_id=user.pk, roles=["warehouse"])

    assert set(user.groups.values_list("name", flat=True)) == {"warehouse", "Saturday helpers"}
    assert [role.value for role in roles_of(user)] == ["warehouse"]
    assert [event for event in events() if event[0] == "staff.user_roles_changed"] == [
        ("staff.user_roles_changed", {"roles": ["cs_agent"], "before": []}),
        ("staff.user_roles_changed", {"roles": ["warehouse"], "before": ["cs_agent"]}),
    ]


def manager(**over):
    return make_user(permissions=["staff.change_user", "orders.view_order", "orders.cancel_order"], **over)


@pytest.mark.parametrize(
    ("roles", "error"), [(["king"], InvalidInput), (["warehouse"], NotAllowed), (["accountant"], InvalidInput)]
)
def test_roles_that_are_unknown_not_set_up_or_above_the_actor_are_refused(roles, error):
    sync_roles(roles={**AGENT, "warehouse": ["orders.ship_order"]})
    user, before = make_user(), len(events())

    with pytest.raises(error):
        set_user_roles(user_id=user.pk, roles=roles, actor=manager())

    assert user.groups.count() == 0
    assert len(events()) == before


def test_an_administrator_gives_roles_within_his_own_rights():
    sync_roles(roles=AGENT)
    user = make_user()
    set_user_roles(user_id=user.pk, roles=["cs_agent"], actor=manager())
    assert user.has_perm("orders.cancel_order")


@pytest.mark.parametrize("service", [deactivate_user, reactivate_user])
def test_nobody_switches_himself_or_a_superuser_or_without_right(service):
    boss, actor, nobody = make_user(is_superuser=True), manager(), make_user()
    for user_id, who in ((actor.pk, actor), (boss.pk, actor), (actor.pk, nobody)):
        with pytest.raises(NotAllowed):
            service(user_id=user_id, actor=who)
    assert events() == []


def test_own_roles_cannot_be_changed_even_by_a_superuser():
    sync_roles(roles=AGENT)
    boss = make_user(is_superuser=True)
    with pytest.raises(NotAllowed):
        set_user_roles(user_id=boss.pk, roles=["cs_agent"], actor=boss)
    assert boss.groups.count() == 0


def test_switching_off_and_on_is_recorded_once_each():
    user, actor = make_user(), manager()
    deactivate_user(user_id=user.pk, actor=actor)
    deactivate_user(user_id=user.pk, actor=actor)
    user.refresh_from_db()
    assert not user.is_active
    assert reactivate_user(user_id=user.pk, actor=actor).is_active
    assert [name for name, _ in events()] == ["staff.user_deactivated", "staff.user_reactivated"]


def test_every_event_has_a_sentence():
    assert staff_events.RolePermissionsChanged(granted=["a.b"], withdrawn=["c.d", "e.f"]).sentence() == (
        "1 permission granted, 2 permissions withdrawn"
    )
    assert staff_events.UserRolesChanged(roles=["cs_agent"], before=[]).sentence() == "Roles are now: CS agent."
    assert staff_events.UserRolesChanged(roles=[], before=["cs_agent"]).sentence() == "All roles were taken away."
    assert staff_events.UserDeactivated().sentence() == "The account was switched off."
    assert staff_events.UserReactivated().sentence() == "The account was switched on again."


def test_label_of_a_role_and_of_a_foreign_group():
    assert role_label("ec_manager") == "EC manager"
    assert role_label("Saturday helpers") == "Saturday helpers"
