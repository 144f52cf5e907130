"""Opening a case from the order's page: what, why, what the customer would like, on one page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from catalog.models import Variant
from compliance.models import Jurisdiction
from core.errors import DomainError, InvalidInput
from core.ui import actor, link_action, register_action
from core.ui.pressing import new_key
from core.ui.sitepages import register_page, render_page
from orders.models import Order, OrderLine
from orders.policies import is_returnable
from returns.admin.status import typed_number
from returns.models import WISH_CHOICES, AskedThrough, RequestKind, Resolution, ReturnReason, ReturnRequest
from returns.selectors.cases import exchangeable
from returns.selectors.returnable import returnable
from returns.selectors.rules import RuleAnswer, rules_for
from returns.selectors.standing import LawStanding, standing_of
from returns.services import LineWish, add_photos, open_return
from returns.services.ruling import marks_of

OPEN = "returns.open_returnrequest"


@dataclass(frozen=True)
class Row:
    """A line that could come back, the rule that holds for it, and what was typed before a refusal."""

    line: OrderLine
    left: int
    answer: RuleAnswer
    marks: list[str]
    variants: list[Variant]
    typed: dict[str, str]


@register_page("returns/open/<int:order_id>/", name="returns_open", permission=OPEN)
@require_http_methods(["GET", "POST"])
def open_page(request: HttpRequest, order_id: int) -> HttpResponseBase:
    """Show what could come back by which rule; a POST opens the case."""
    order = Order.objects.select_related("sales_channel").filter(pk=order_id).first()
    if order is None:
        raise Http404
    refusal = ""
    if request.method == "POST":
        try:
            return _open(request, order)
        except DomainError as error:
            refusal = str(error)
    law = standing_of(order)
    post = request.POST
    return render_page(
        request,
        "returns/pages/open.html",
        title=_("Open a return case: %(order)s") % {"order": order.number},
        order=order,
        rows=_rows(request, order),
        notes=_notes(law),
        reasons=ReturnReason.objects.filter(is_active=True),
        wishes=WISH_CHOICES,
        kinds=RequestKind.choices,
        kind=post.get("kind", RequestKind.RETURN),
        ways=AskedThrough.choices,
        way=post.get("through", AskedThrough.PHONE),
        asked_at=post.get("asked_at") or timezone.localtime().strftime("%Y-%m-%dT%H:%M"),
        note=post.get("note", ""),
        refusal=refusal,
        key=new_key(),
        back=reverse("admin:orders_order_change", args=[order.pk]),
    )


def _rows(request: HttpRequest, order: Order) -> list[Row]:
    found = returnable(order=order)
    answers = rules_for(order=order, lines=[line for line, _left in found])
    products = {line.variant.product_id for line, _left in found if line.variant}
    variants = exchangeable(product_ids=products)
    names = ("count", "reason", "wish", "variant", "note")
    return [
        Row(
            line=line,
            left=left,
            answer=answers[line.pk],
            marks=marks_of(rule) if (rule := answers[line.pk].rule) else [],
            variants=variants.get(line.variant.product_id, []) if line.variant else [],
            typed={name: request.POST.get(f"{name}_{line.pk}", "") for name in names},
        )
        for line, left in found
    ]


def _notes(law: LawStanding) -> list[str]:
    """Say how the order stands with the law, in sentences."""
    if not law.law:
        return [_("We know of no law to withdraw there: the rules of the shop hold.")]
    said = [_("The law of %(place)s holds.") % {"place": Jurisdiction(law.law).label}]
    if law.rule is None:
        return said
    if law.window is None:
        said.append(_("The window to withdraw has not begun: no delivery is known."))
    elif law.in_time(timezone.now()):
        until = timezone.localtime(law.window.due_at).strftime("%Y-%m-%d")
        said.append(_("In time until %(day)s: it may be refused only by a ground of the law.") % {"day": until})
    else:
        said.append(_("The window of the law is over: what the rules allow beyond it is ours to give."))
    return said


def _open(request: HttpRequest, order: Order) -> HttpResponseRedirect:
    post = request.POST
    user = actor(request)
    case = open_return(
        order_id=order.pk,
        lines=_wishes(request, order),
        asked_at=_moment(post.get("asked_at", "")),
        asked_through=_chosen(AskedThrough, post.get("through", "")),
        kind=_chosen(RequestKind, post.get("kind", "")),
        customer_note=post.get("note", ""),
        key=f"{user.pk}:{post.get('_key', '')[:40]}",
        actor=user,
    )
    _photos(request, case)
    messages.success(request, _("Case %(number)s is open.") % {"number": case.number})
    return HttpResponseRedirect(reverse("admin:returns_returnrequest_change", args=[case.pk]))


def _photos(request: HttpRequest, case: ReturnRequest) -> None:
    files: Any = request.FILES.getlist("photos")
    if not files:
        return
    try:
        add_photos(request_id=case.pk, files=files, actor=actor(request))
    except DomainError as error:
        messages.warning(request, str(error))


def _wishes(request: HttpRequest, order: Order) -> list[LineWish]:
    post = request.POST
    wishes = []
    for line, _left in returnable(order=order):
        count = typed_number(post.get(f"count_{line.pk}"))
        if not count:
            continue
        wish = _chosen(Resolution, post.get(f"wish_{line.pk}", ""))
        variant = typed_number(post.get(f"variant_{line.pk}")) or None
        if variant is not None and (line.variant is None or not line.variant.product.variants.filter(pk=variant)):
            raise InvalidInput(_("Choose a variant of the same product."))
        wishes.append(
            LineWish(
                line_id=line.pk,
                quantity=count,
                reason_id=typed_number(post.get(f"reason_{line.pk}")),
                wish=wish,
                exchange_variant_id=variant if wish == Resolution.EXCHANGE else None,
                note=post.get(f"note_{line.pk}", ""),
            )
        )
    return wishes


def _chosen(choices: Any, text: str) -> Any:
    if text not in choices.values:
        raise InvalidInput(_("Choose one of the answers that are offered."))
    return choices(text)


def _moment(text: str) -> datetime:
    try:
        found = parse_datetime(text.strip())
    except ValueError:
        found = None
    if found is None:
        raise InvalidInput(_("Write when the customer asked."))
    return timezone.make_aware(found) if timezone.is_naive(found) else found


register_action(
    Order,
    link_action(
        "open_return",
        gettext_lazy("Return, exchange, claim"),
        permission=OPEN,
        link=lambda order: reverse("admin:returns_open", args=[order.pk]),
        icon="assignment_return",
        available=lambda user, order: is_returnable(order),
    ),
)
