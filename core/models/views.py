"""Searches that people keep: tabs of their own on any list."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy


class SavedView(models.Model):
    """A list as somebody filters it: a tab with a count, for its owner or for everybody who sees the list."""

    model = models.CharField(_("table"), max_length=100)  # "orders.order": whose list it is
    name = models.CharField(pgettext_lazy("saved view", "name"), max_length=40)
    query = models.CharField(_("search"), max_length=1000)  # the list's own parameters; core.ui.saved_views checks them
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views", verbose_name=_("owner")
    )
    is_shared = models.BooleanField(_("for everybody"), default=False)
    rank = models.PositiveSmallIntegerField(_("rank"), default=100)
    created_at = models.DateTimeField(_("saved"), db_default=Now())

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["rank", "id"]
        default_permissions = ()
        permissions = [("share_savedview", gettext_noop("Can share saved views with everybody"))]
        constraints = [
            models.UniqueConstraint(fields=["owner", "model", "name"], name="core_savedview_name"),
            models.CheckConstraint(condition=~models.Q(query=""), name="core_savedview_has_query"),
        ]
        indexes = [models.Index(fields=["model", "rank", "id"], name="core_savedview_model")]

    def __str__(self) -> str:
        return self.name
