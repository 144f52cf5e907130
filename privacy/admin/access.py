"""The access log of a month, for the person who reviews it."""

import csv
import re
from datetime import date, timedelta
from io import StringIO
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from core.display import moment_text
from core.errors import DomainError
from core.resources.reading import guard
from core.taking import note_file_taken
from core.ui import actor
from core.ui.sitepages import register_page, render_page
from core.ui.tiles import Kpi, Tile, register_tile
from privacy import policies
from privacy.admin.forms import ReviewForm
from privacy.selectors import access
from privacy.services import review_access_log
from staff.login import client_address

PERMISSION = "privacy.view_access"
LATEST = 50
MOST_ROWS = 100_000  # of the file


def _month(request: HttpRequest) -> tuple[date, date]:
    """Return first and last day of the month asked for, the last complete one without; 404 for anything else."""
    asked = request.GET.get("month", "")
    if not asked:
        last = timezone.localdate().replace(day=1) - timedelta(days=1)
        return last.replace(day=1), last
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", asked):
        raise Http404
    first = date(int(asked[:4]), int(asked[5:]), 1)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


@register_page("privacy/access/", name="privacy_access", permission=PERMISSION)
def access_page(request: HttpRequest) -> HttpResponseBase:
    """Show who looked at whom and what left in files; POST keeps that it was reviewed."""
    first, last = _month(request)
    form = ReviewForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            review_access_log(starts_on=first, ends_on=last, actor=actor(request), **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The review is kept."))
            return HttpResponseRedirect(request.get_full_path())
    within = {"starts_on": first, "ends_on": last}
    looks, downloads = access.count_access(**within)
    before = first - timedelta(days=1)
    context = {
        "form": form,
        "first": first,
        "month": f"{first:%Y-%m}",
        "earlier": f"{before:%Y-%m}",
        "later": f"{last + timedelta(days=1):%Y-%m}" if last < timezone.localdate() else "",
        "look_count": looks,
        "download_count": downloads,
        "lookers": access.lookers_within(**within),
        "looks": access.looks_within(**within)[:LATEST],
        "downloads": access.downloads_within(**within)[:LATEST],
        "reviews": access.reviews_of(**within),
        "is_over": last < timezone.localdate(),
        "may_review": policies.can_review_access(actor(request)),
    }
    title = _("Access log: %(month)s") % {"month": date_format(first, "YEAR_MONTH_FORMAT")}
    return render_page(request, "privacy/pages/access.html", title=title, **context)


@register_page("privacy/access/file/", name="privacy_access_file", permission="privacy.review_access")
@require_GET
def access_file(request: HttpRequest) -> HttpResponseBase:
    """Answer with the month's looks and downloads as CSV: the evidence of the review.

    It tells who looked at whom, so that taking it is a download itself; it stands in the next file, not in this one.
    """
    first, last = _month(request)
    text, count = StringIO(), 0
    writer = csv.writer(text)
    writer.writerow([_("At"), _("Kind"), _("By"), _("From"), _("Whose"), _("What"), _("Why"), _("Note")])
    for row in access.looks_within(starts_on=first, ends_on=last)[:MOST_ROWS]:
        cells = [
            moment_text(row.at), row.get_kind_display(), row.actor.username, row.address, row.subject_label, row.what,
            row.get_reason_display() if row.reason else "", row.note,
        ]  # fmt: skip
        writer.writerow([guard(str(cell)) for cell in cells])
        count += 1
    for event in access.downloads_within(starts_on=first, ends_on=last)[:MOST_ROWS]:
        data = event.data
        told = [
            moment_text(event.at),
            _("Download"),
            event.actor.username if event.actor else "",
            data.get("address", ""),
        ]
        writer.writerow([guard(str(cell)) for cell in (*told, _whose(data), _contents(data), "", data["reason"])])
        count += 1
    user = actor(request)
    note_file_taken(
        subject=user, table=_("Access log: %(month)s") % {"month": f"{first:%Y-%m}"}, rows=count,
        columns=["actor", "address", "subject_label"], address=client_address(request), actor=user,
    )  # fmt: skip
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="access-{first:%Y-%m}.csv"'
    return response


def _contents(data: dict[str, Any]) -> str:
    """Return what the file was, how many rows it had and which personal data stood in it."""
    told = f"{data['table']} · {data['rows']}"
    return f"{told} · {', '.join(data['columns'])}" if data.get("columns") else told


def _whose(data: dict[str, Any]) -> str:
    """Return the ids of the rows in a file, as many as were kept."""
    ids = data.get("whose") or []
    more = " …" if data["rows"] > len(ids) else ""
    return " ".join(map(str, ids)) + more if ids else ""


def review_tile(request: HttpRequest) -> Kpi | None:
    """Say when the log of the last complete month waits for its review."""
    last = timezone.localdate().replace(day=1) - timedelta(days=1)
    reviewed = access.last_reviewed_day()
    if reviewed and reviewed >= last:
        return None
    return Kpi(f"{last:%Y-%m}", _("not reviewed yet"), reverse("admin:privacy_access"), "warning", "policy")


register_tile(
    Tile(
        "privacy.review", gettext_lazy("Access log"), review_tile, "privacy.review_access", "privacy", 60,
        cache_seconds=600,
    )
)  # fmt: skip
