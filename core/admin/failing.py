"""Imports that failed or refused rows, on the home page and beside the navigation."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.admin.imports import ATTENTION
from core.models import ImportBatch
from core.ui.badges import NavigationBadge, register_badge
from core.ui.tabs import capped_counts, capped_text
from core.ui.tiles import Kpi, Tile, register_tile


def imports_in_need() -> QuerySet[ImportBatch]:
    """Return the imports that somebody should look at."""
    return ImportBatch.objects.filter(ATTENTION)


def failed_imports(request: HttpRequest) -> Kpi:
    """Count them and lead to their tab."""
    count = capped_counts([imports_in_need()])[0]
    url = f"{reverse('admin:core_importbatch_changelist')}?tab=attention"
    return Kpi(capped_text(count), "", url, "warning" if count else "good", "upload_file")


register_tile(Tile("core.imports", _("Failed imports"), failed_imports, "core.view_importbatch", "data", 40))
register_badge(NavigationBadge("failed_imports", imports_in_need, "warning"))
