"""System checks of the admin's house rules."""

from typing import Any

from django.core import checks
from django.db.models import ForeignKey
from unfold.checks import UnfoldModelAdminChecks

from core.ui.actions import actions_of


class BaseChecks(UnfoldModelAdminChecks):
    """Refuses declarations that would be slow or unsafe."""

    def check(self, admin_obj: Any, **kwargs: Any) -> list[checks.CheckMessage]:
        """Run Django's and Unfold's checks and ours."""
        found = super().check(admin_obj, **kwargs)
        return [*found, *_no_stock_features(admin_obj), *_foreign_keys(admin_obj), *_permissions(admin_obj)]


def _error(admin_obj: Any, sentence: str, number: int) -> checks.Error:
    return checks.Error(sentence, obj=type(admin_obj), id=f"core.E{number:03}")


def _no_stock_features(admin_obj: Any) -> list[checks.CheckMessage]:
    found: list[checks.CheckMessage] = []
    for name, remedy in (
        ("list_editable", "edit on the row's page, or write a bulk_action"),
        ("actions", "use bulk_action"),
        ("actions_detail", "use service_action"),
        ("actions_row", "use service_action"),
        ("actions_list", "use a page or bulk_action"),
        ("date_hierarchy", "use a date filter"),
        ("list_sections", "use a panel on the row's page"),
    ):
        if getattr(admin_obj, name, None):
            found.append(_error(admin_obj, f"{name} is not used here: {remedy}", 101))
    return found


def _foreign_keys(admin_obj: Any) -> list[checks.CheckMessage]:
    fixed = {*admin_obj.readonly_fields, *(admin_obj.exclude or ())}
    shown = _form_fields(admin_obj)
    found: list[checks.CheckMessage] = []
    for field in admin_obj.model._meta.concrete_fields:
        if not isinstance(field, ForeignKey) or not field.editable or field.name in fixed:
            continue
        if shown is not None and field.name not in shown:
            continue
        related = admin_obj.related_admin(field.remote_field.model)
        if related is not None and not related.search_fields and not getattr(related, "few_rows", False):
            found.append(
                _error(
                    admin_obj,
                    f"{field.name} would list every row: {type(related).__name__} needs search_fields or few_rows",
                    102,
                )
            )
    return found


def _form_fields(admin_obj: Any) -> set[str] | None:
    declared: set[str] = set()
    if admin_obj.fieldsets:
        for _title, options in admin_obj.fieldsets:
            for entry in options["fields"]:
                declared.update([entry] if isinstance(entry, str) else entry)
        return declared
    if admin_obj.fields:
        for entry in admin_obj.fields:
            declared.update([entry] if isinstance(entry, str) else entry)
        return declared
    return None


def _permissions(admin_obj: Any) -> list[checks.CheckMessage]:
    """Check the shape only: looking permissions up would break the first migrate."""
    actions = [
        *actions_of(type(admin_obj), admin_obj.model, bulk=False),
        *actions_of(type(admin_obj), admin_obj.model, bulk=True),
    ]
    return [
        _error(admin_obj, f"the permission of {action.name} must look like app.codename", 103)
        for action in actions
        if action.permission.count(".") != 1
    ]
