"""Colleagues out to files (accounts and passwords never come in this way); slots and templates out and in."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from import_export.fields import Field
from import_export.widgets import Widget

from core.masking import mask_email
from core.resources import BulkResource, PersonalField, TextWidget
from staff.adapters.pictures import ACCEPTED
from staff.models import CreativeSlot, TaskTemplate, User
from staff.services.requests.seeding import slot_search_text


class UserResource(BulkResource):
    """Accounts without anything secret."""

    email = PersonalField(attribute="email", column_name="email", widget=TextWidget(), mask=mask_email)

    can_import = False
    personal_permission = "staff.change_user"

    class Meta:
        model = User
        import_id_fields = ["username"]
        fields = [
            "username",
            "last_name",
            "first_name",
            "email",
            "language",
            "time_zone",
            "is_active",
            "is_staff",
            "date_joined",
            "last_login",
        ]
        export_order = fields
        name = _("Users")


class WordsWidget(Widget):
    """A list of words in one cell: "jpeg png"; order counts."""

    value_only = True

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[str]:
        """Return the words, in small letters; commas part them too."""
        return ("" if value is None else str(value)).lower().replace(",", " ").split()

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return the words with blanks between."""
        return " ".join(value or [])


class CreativeSlotResource(BulkResource):
    """Creative slots by code; row by row, because a list of formats has no column of its own."""

    formats = Field(attribute="formats", column_name="formats", widget=WordsWidget())

    class Meta:
        model = CreativeSlot
        clean_model_instances = True
        import_id_fields = ["code"]
        fields = [
            "code",
            "platform",
            "platform_code",
            "placement_en",
            "placement_ko",
            "placement_ja",
            "width_px",
            "height_px",
            "size_rule",
            "max_kb",
            "formats",
            "safe_top",
            "safe_right",
            "safe_bottom",
            "safe_left",
            "text_limit",
            "note",
            "source",
            "checked_on",
            "is_active",
        ]
        export_order = fields
        name = _("Creative slots")

    def before_save_instance(self, instance: CreativeSlot, row: Any, **kwargs: Any) -> None:
        """Refuse formats nobody can check, and keep the slot findable."""
        if unknown := sorted(set(instance.formats) - set(ACCEPTED)):
            raise ValidationError({"formats": [_("Unknown formats: %(names)s") % {"names": ", ".join(unknown)}]})
        instance.search_text = slot_search_text(instance)


class TaskTemplateResource(BulkResource):
    """Task templates by code, without their check list and slots; row by row, because of the list of roles."""

    review_roles = Field(attribute="review_roles", column_name="review_roles", widget=WordsWidget())

    class Meta:
        model = TaskTemplate
        clean_model_instances = True
        import_id_fields = ["code"]
        fields = [
            "code",
            "kind",
            "title_en",
            "title_ko",
            "title_ja",
            "role",
            "priority",
            "estimate_minutes",
            "lead_days",
            "revision_limit",
            "review_roles",
            "is_active",
        ]
        export_order = fields
        name = _("Task templates")

    def before_save_instance(self, instance: TaskTemplate, row: Any, **kwargs: Any) -> None:
        """Refuse a role that approves twice; unknown ones the model itself refuses."""
        if len(set(instance.review_roles)) != len(instance.review_roles):
            raise ValidationError({"review_roles": [_("Each role approves once.")]})
