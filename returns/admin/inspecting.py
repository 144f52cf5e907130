"""Receiving and inspecting on one page, for a phone or a desk: how many came, and what each is like."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError, InvalidInput
from core.ui import actor
from core.ui.pressing import new_key
from core.ui.sitepages import register_page, render_page
from inventory.selectors import numbered_variants
from orders.models import ReturnCondition
from returns.admin.status import typed_number
from returns.models import RequestLine, ReturnRequest
from returns.policies import is_awaited, is_inspectable
from returns.services import Found, add_photos, inspect_return, receive_return
from returns.services.cases import lines_of

SPLITS = 3  # a line may be in so many conditions
CONDITIONS = (
    ReturnCondition.GOOD, ReturnCondition.OPENED, ReturnCondition.DAMAGED, ReturnCondition.QUARANTINE,
    ReturnCondition.NOT_KEPT,
)  # fmt: skip


@dataclass(frozen=True)
class Split:
    """Pieces in one condition, as typed."""

    place: int
    count: str
    condition: str


@dataclass(frozen=True)
class Sheet:
    """A line to look at: so many pieces are to be told of."""

    line: RequestLine
    pieces: int
    is_numbered: bool
    splits: list[Split]
    evidence: str
    serials: str


@register_page(
    "returns/case/<int:case_id>/inspect/", name="returns_inspect", permission="returns.inspect_returnrequest"
)
@require_http_methods(["GET", "POST"])
def inspect_page(request: HttpRequest, case_id: int) -> HttpResponseBase:
    """Show what is expected; a POST receives it, or receives and inspects it at once."""
    case = ReturnRequest.objects.select_related("order", "warehouse").filter(pk=case_id).first()
    if case is None:
        raise Http404
    refusal = ""
    if request.method == "POST":
        try:
            return _done(request, case)
        except DomainError as error:
            refusal = str(error)
            case.refresh_from_db()
    return render_page(
        request,
        "returns/pages/inspect.html",
        title=_("Inspect %(number)s") % {"number": case.number},
        case=case,
        sheets=_sheets(request, case),
        conditions=[(one.value, one.label) for one in CONDITIONS],
        photos=case.photos.all(),
        is_awaited=is_awaited(case),
        is_inspectable=is_inspectable(case),
        refusal=refusal,
        key=new_key(),
        back=reverse("admin:returns_returnrequest_change", args=[case.pk]),
    )


def _sheets(request: HttpRequest, case: ReturnRequest) -> list[Sheet]:
    post = request.POST
    lines = lines_of(case)
    numbered = numbered_variants(
        variant_ids=[line.order_line.variant_id for line in lines if line.order_line.variant_id is not None]
    )
    sheets = []
    for line in lines:
        pieces = line.quantity if is_awaited(case) else line.received_count
        first = str(pieces) if request.method == "GET" else ""
        splits = [
            Split(
                place,
                post.get(f"count_{line.pk}_{place}", first if place == 1 else ""),
                post.get(
                    f"condition_{line.pk}_{place}", ReturnCondition.GOOD if place == 1 else ReturnCondition.DAMAGED
                ),
            )
            for place in range(1, SPLITS + 1)
        ]
        sheets.append(
            Sheet(
                line,
                pieces,
                line.order_line.variant_id in numbered,
                splits,
                post.get(f"evidence_{line.pk}", ""),
                post.get(f"serials_{line.pk}", ""),
            )
        )
    return sheets


def _done(request: HttpRequest, case: ReturnRequest) -> HttpResponseRedirect:
    key = f"{actor(request).pk}:{request.POST.get('_key', '')[:40]}"
    lines = lines_of(case)
    found = [one for line in lines for one in _found(request, line)]
    if not found:
        raise InvalidInput(_("Write how many pieces came back, at least one."))
    if is_awaited(case):
        counts = {line.pk: sum(one.quantity for one in found if one.line_id == line.pk) for line in lines}
        serials = {line.pk: _serials(request, line) for line in lines}
        receive_return(request_id=case.pk, counts=counts, serials=serials, key=key, actor=actor(request))
    if "inspect" in request.POST:
        inspect_return(request_id=case.pk, findings=found, key=key, actor=actor(request))
    files: Any = request.FILES.getlist("photos")
    if files:
        add_photos(request_id=case.pk, files=files, is_inspection=True, actor=actor(request))
    state = ReturnRequest.objects.get(pk=case.pk).get_state_display()
    messages.success(request, _("%(number)s is now “%(state)s”.") % {"number": case.number, "state": state})
    return HttpResponseRedirect(reverse("admin:returns_returnrequest_change", args=[case.pk]))


def _found(request: HttpRequest, line: RequestLine) -> Sequence[Found]:
    post = request.POST
    numbers = list(_serials(request, line))
    found = []
    for place in range(1, SPLITS + 1):
        count = typed_number(post.get(f"count_{line.pk}_{place}"), most=100_000)
        condition = post.get(f"condition_{line.pk}_{place}", "")
        if not count:
            continue
        if condition not in ReturnCondition.values:
            raise InvalidInput(_("Choose a condition."))
        mine, numbers = numbers[:count], numbers[count:]
        evidence = post.get(f"evidence_{line.pk}", "")
        found.append(
            Found(
                line_id=line.pk,
                quantity=count,
                condition=ReturnCondition(condition),
                serials=tuple(mine),
                lot=post.get(f"lot_{line.pk}", ""),
                evidence=evidence,
            )
        )
    return found


def _serials(request: HttpRequest, line: RequestLine) -> tuple[str, ...]:
    return tuple(part for part in request.POST.get(f"serials_{line.pk}", "").replace(",", "\n").split() if part)
