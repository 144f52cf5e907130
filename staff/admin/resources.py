"""Colleagues out to files; accounts and passwords never come in this way."""

from django.utils.translation import gettext_lazy as _

from core.masking import mask_email
from core.resources import BulkResource, PersonalField, TextWidget
from staff.models import User


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
