"""Pick lists and packing slips on screen: small ones at once, many by a job with its file."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core.errors import InvalidInput
from core.jobs import enqueue
from core.papers import answer_pdf
from core.taking import note_file_taken
from core.ui import ActionForm, Answer, actor
from core.ui.sitepages import register_page
from orders.policies import can_see_money
from shipping.models import Wave
from shipping.services import print_slips
from shipping.services.papers import PARCEL_COLUMNS, packing_slips, pick_list
from staff.login import client_address
from staff.models import User

PRINT = "shipping.print_packingslip"
AT_ONCE = 60  # slips that are ready while one waits
JOB = "shipping.packing_slips"


class SlipForm(ActionForm):
    """Whether amounts stand on the slips; only those are asked who may see money."""

    with_prices = forms.BooleanField(
        label=gettext_lazy("With prices"),
        required=False,
        help_text=gettext_lazy("Presents whose prices are hidden show none all the same."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.user is not None and not can_see_money(self.user):
            del self.fields["with_prices"]


def slips_answer(order_ids: Sequence[int], *, title: str, with_prices: bool, user: User) -> Answer:
    """Count the print and lead to the PDF, or to the job that makes it; InvalidInput when nothing is to be printed."""
    if not order_ids:
        raise InvalidInput(_("There is nothing to print."))
    print_slips(order_ids=order_ids, actor=user)
    if len(order_ids) <= AT_ONCE:
        query = {"orders": ",".join(map(str, order_ids)), **({"prices": "1"} if with_prices else {})}
        return Answer(_("The slips are ready."), f"{reverse('admin:shipping_slips')}?{urlencode(query, safe=',')}")
    row = enqueue(
        kind=JOB,
        title=_("Packing slips %(title)s") % {"title": title},
        parameters={"orders": list(order_ids), "prices": with_prices},
        owner=user,
    )
    return Answer(_("The slips are being made."), reverse("admin:core_job_change", args=[row.pk]))


@register_page("shipping/slips/", name="shipping_slips", permission=PRINT)
@require_GET
def slips_page(request: HttpRequest) -> HttpResponseBase:
    """Show packing slips in the browser's viewer."""
    if "orders" not in request.GET:
        raise Http404
    parts = request.GET["orders"].split(",")
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts) or len(parts) > AT_ONCE:
        raise SuspiciousOperation("no such orders")
    prices = request.GET.get("prices") == "1"
    if prices and not can_see_money(request.user):  # type: ignore[arg-type]  # a colleague: the page is behind the login
        raise PermissionDenied
    ids = [int(part) for part in parts]
    pdf = packing_slips(order_ids=ids, with_prices=prices, language=get_language() or "en")
    user = actor(request)
    note_file_taken(
        subject=user, table=_("Packing slips"), rows=len(ids), columns=PARCEL_COLUMNS, whose=ids,
        address=client_address(request), actor=user,
    )  # fmt: skip
    return answer_pdf(pdf, name=_("Packing slips"), download=False)


@register_page("shipping/waves/<int:wave>/pick-list/", name="shipping_pick_list", permission=PRINT)
@require_GET
def pick_list_page(request: HttpRequest, wave: int) -> HttpResponseBase:
    """Show the pick list of a wave in the browser's viewer."""
    found = Wave.objects.filter(pk=wave).first() if wave < 2**62 else None
    if found is None:
        raise Http404
    return answer_pdf(pick_list(wave_id=found.pk, language=get_language() or "en"), name=found.number, download=False)
