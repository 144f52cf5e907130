"""Foreign keys in forms: chosen from rows that the person may view, by autocomplete where rows can grow."""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.exceptions import NotRegistered
from django.contrib.contenttypes.models import ContentType
from django.db.models import ForeignKey, Model, QuerySet
from django.http import HttpRequest


class RelationMixin:
    """Restricts and renders foreign keys; for ModelAdmin and inlines."""

    model: Any
    admin_site: Any

    def related_admin(self, model: type[Model]) -> Any:
        """Return the admin of the related model, None when it has none."""
        try:
            return self.admin_site.get_model_admin(model)
        except NotRegistered:
            return None

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows that may be posted: those that the related admin lets this person view."""
        model = db_field.remote_field.model
        rows: QuerySet[Any] = model._default_manager.all()
        related = self.related_admin(model)
        if related is None:
            allowed = request.user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")
            return rows if allowed else rows.none()
        if not related.has_view_or_change_permission(request):
            return rows.none()
        viewable: QuerySet[Any] = related.get_queryset(request)
        return viewable.order_by(*related.get_ordering(request) or ())

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Call the rows to choose from what the related admin calls them."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]
        label = getattr(self.related_admin(db_field.remote_field.model), "option_label", None)
        if field is not None and label is not None:
            field.label_from_instance = label
        return field

    def get_autocomplete_fields(self, request: HttpRequest) -> Sequence[str]:
        """Return the declared fields and every foreign key whose table can grow."""
        declared = list(super().get_autocomplete_fields(request))  # type: ignore[misc]
        return declared + [name for name in growing_keys(self) if name not in declared]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[str]:
        """Show, but do not offer, foreign keys to rows that this person may not view."""
        fixed = list(super().get_readonly_fields(request, obj))  # type: ignore[misc]
        if obj is None:
            return fixed
        return fixed + [name for name in self._closed_keys(request) if name not in fixed]

    def _closed_keys(self, request: HttpRequest) -> list[str]:
        closed = []
        for field in self.model._meta.concrete_fields:
            if isinstance(field, ForeignKey) and field.editable and field.remote_field.model is not ContentType:
                related = self.related_admin(field.remote_field.model)
                if related is not None and not related.has_view_or_change_permission(request):
                    closed.append(field.name)
        return closed


def growing_keys(model_admin: Any) -> list[str]:
    """Return the editable foreign keys to models whose admin can be searched and has more than few rows."""
    names = []
    for field in model_admin.model._meta.concrete_fields:
        if not isinstance(field, ForeignKey) or not field.editable:
            continue
        related = model_admin.related_admin(field.remote_field.model)
        if related is not None and related.search_fields and not getattr(related, "few_rows", False):
            names.append(field.name)
    return names
