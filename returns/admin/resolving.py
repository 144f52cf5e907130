"""What becomes of each piece: rejected with proof, or money, a replacement, a repair; with what it comes to."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from compliance.models import GROUNDS, RefusalGround
from core.display import badge_html
from core.errors import DomainError, InvalidInput
from core.money import format_money
from core.ui import actor
from core.ui.pressing import new_key
from core.ui.sitepages import register_page, render_page
from orders.models import ReturnCondition
from returns import policies
from returns.admin.status import CONDITION_COLOURS, RESOLUTION_COLOURS, typed_amount, typed_number
from returns.models import Fault, Finding, RequestKind, RequestState, Resolution, ReturnRequest
from returns.selectors.standing import standing_of
from returns.services import Outcome, reject_pieces, resolve_return, send_pieces_back
from returns.services.cases import fault_of, lines_of
from returns.services.resolving import request_findings

OFFERED = (Resolution.REFUND, Resolution.EXCHANGE, Resolution.REPAIR)
_HELD = {ReturnCondition.OPENED, ReturnCondition.DAMAGED, ReturnCondition.QUARANTINE}


@dataclass(frozen=True)
class Part:
    """Some pieces of a finding with an outcome, as typed or proposed."""

    place: int
    count: str
    resolution: str


@dataclass(frozen=True)
class Decision:
    """A finding with what can become of it."""

    finding: Finding
    badge: Any
    outcome: Any
    value: str
    parts: list[Part]
    choices: list[tuple[str, Any]]
    can_reject: bool
    can_send_back: bool
    loss: str
    evidence: str


@register_page("returns/case/<int:case_id>/resolve/", name="returns_resolve", permission="returns.view_returnrequest")
@require_http_methods(["GET", "POST"])
def resolve_page(request: HttpRequest, case_id: int) -> HttpResponseBase:
    """Show what was found; a POST resolves the case, rejects pieces, or notes that they were sent back."""
    case = ReturnRequest.objects.select_related("order").filter(pk=case_id).first()
    if case is None:
        raise Http404
    refusal = ""
    if request.method == "POST":
        try:
            return _done(request, case)
        except DomainError as error:
            refusal = str(error)
            case.refresh_from_db()
    user = actor(request)
    law = standing_of(case.order)
    in_time = case.kind == RequestKind.RETURN and law.in_time(case.asked_at) is True
    is_open = case.state == RequestState.INSPECTED
    fault = fault_of(lines_of(case))
    return render_page(
        request,
        "returns/pages/resolve.html",
        title=_("Resolve %(number)s") % {"number": case.number},
        case=case,
        decisions=[_decision(request, case, one, is_open=is_open) for one in request_findings(case)],
        is_open=is_open,
        is_claim=case.kind == RequestKind.CLAIM,
        may_resolve=policies.can_resolve_returns(user) and is_open,
        may_judge=policies.can_judge_returns(user) and is_open,
        may_deduct=fault == Fault.CUSTOMER,
        borne=format_money(case.return_shipping + case.fee, case.currency) if case.return_shipping + case.fee else "",
        grounds=[(one.value, one.label) for one in RefusalGround if one in GROUNDS.get(law.law, frozenset())],
        in_time=in_time,
        refusal=refusal,
        key=new_key(),
        back=reverse("admin:returns_returnrequest_change", args=[case.pk]),
    )


def _decision(request: HttpRequest, case: ReturnRequest, finding: Finding, *, is_open: bool) -> Decision:
    post, pk = request.POST, finding.pk
    is_claim = case.kind == RequestKind.CLAIM
    held = finding.condition in _HELD
    choices = [(one.value, one.label) for one in OFFERED if one != Resolution.REPAIR or (held and not is_claim)]
    wish = finding.line.wish if finding.line.wish in dict(choices) else Resolution.REFUND.value
    places = range(1, 3 if finding.quantity > 1 else 2)
    return Decision(
        finding=finding,
        badge=badge_html(finding.get_condition_display(), CONDITION_COLOURS[finding.condition]),
        outcome=badge_html(finding.get_resolution_display(), RESOLUTION_COLOURS[finding.resolution])
        if finding.resolution
        else "",
        value=format_money(finding.value, case.currency),
        parts=[
            Part(
                place,
                post.get(f"count_{pk}_{place}", str(finding.quantity) if place == 1 else ""),
                post.get(f"outcome_{pk}_{place}", wish if place == 1 else Resolution.REFUND.value),
            )
            for place in places
        ],
        choices=choices,
        can_reject=is_open and held and not is_claim and not finding.resolution,
        can_send_back=finding.resolution in {Resolution.REJECT, Resolution.REPAIR}
        and finding.sent_back_at is None
        and policies.can_inspect_returns(actor(request)),
        loss=post.get(f"loss_{pk}", ""),
        evidence=post.get(f"evidence_{pk}", finding.evidence),
    )


def _done(request: HttpRequest, case: ReturnRequest) -> HttpResponseRedirect:
    post, user = request.POST, actor(request)
    command, _colon, number = post.get("command", "").partition(":")
    page = reverse("admin:returns_resolve", args=[case.pk])
    if command in {"reject", "send"}:
        finding = Finding.objects.filter(line__request=case, pk=typed_number(number)).first()
        if finding is None:
            raise InvalidInput(_("These pieces are gone. Reload the page."))
        if command == "send":
            send_pieces_back(finding_id=finding.pk, carrier=post.get(f"carrier_{number}", ""), actor=user)
            messages.success(request, _("Noted: the pieces left for the customer."))
        else:
            _reject(request, finding)
        return HttpResponseRedirect(page)
    if not policies.can_resolve_returns(user):
        raise PermissionDenied
    resolved = resolve_return(
        request_id=case.pk,
        outcomes=[
            one
            for finding in request_findings(case)
            if not finding.resolution
            for one in _typed(request, case, finding)
        ],
        key=f"{user.pk}:{post.get('_key', '')[:40]}",
        actor=user,
    )
    messages.success(request, _("%(number)s is resolved.") % {"number": resolved.number})
    return HttpResponseRedirect(reverse("admin:returns_returnrequest_change", args=[case.pk]))


def _reject(request: HttpRequest, finding: Finding) -> None:
    post, pk = request.POST, finding.pk
    ground = post.get(f"ground_{pk}", "")
    reject_pieces(
        finding_id=pk,
        evidence=post.get(f"evidence_{pk}", ""),
        ground=RefusalGround(ground) if ground in RefusalGround.values else None,
        was_told=f"told_{pk}" in post,
        has_consent=f"consent_{pk}" in post,
        actor=actor(request),
    )
    messages.success(request, _("Rejected: the pieces go back to the customer."))


def _typed(request: HttpRequest, case: ReturnRequest, finding: Finding) -> list[Outcome]:
    post, pk = request.POST, finding.pk
    outcomes: list[Outcome] = []
    loss = typed_amount(post.get(f"loss_{pk}"), case.currency)
    for place in (1, 2):
        count = typed_number(post.get(f"count_{pk}_{place}"), most=100_000)
        what = post.get(f"outcome_{pk}_{place}", "")
        if not count:
            continue
        if what not in Resolution.values:
            raise InvalidInput(_("Say of each of the pieces what becomes of it."))
        resolution = Resolution(what)
        refund = typed_amount(post.get(f"refund_{pk}"), case.currency) if resolution == Resolution.EXCHANGE else 0
        outcomes.append(
            Outcome(
                finding_id=pk,
                resolution=resolution,
                quantity=count,
                value_loss=loss if resolution == Resolution.REFUND else 0,
                evidence=post.get(f"evidence_{pk}", ""),
                refund=refund,
            )
        )
        loss = 0 if resolution == Resolution.REFUND else loss  # kept once
    return outcomes
