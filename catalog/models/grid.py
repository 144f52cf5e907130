"""How people arrange the grid."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from staff.models import User


class GridLayout(models.Model):
    """Which columns of the grid one person works with, in order, and how wide they made some of them."""

    user = models.OneToOneField(
        User, primary_key=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("user")
    )
    columns = models.JSONField(_("columns"), default=list)  # keys of core.ui.grid columns
    widths = models.JSONField(_("widths"), default=dict)  # key -> pixels

    class Meta:
        default_permissions = ()
        verbose_name = _("layout of the grid")
        verbose_name_plural = _("layouts of the grid")

    def __str__(self) -> str:
        return f"{len(self.columns)}"
