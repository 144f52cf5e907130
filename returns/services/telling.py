"""Words for the customer at each step, drafted from facts in the language of the sales channel; people send them."""

from collections.abc import Mapping
from string import Formatter
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from core.errors import InvalidInput
from core.events import record
from core.money import format_money
from orders.models import OrderMessage
from orders.services.batches import check_right
from returns.events import CaseMessageDrafted
from returns.models import CaseMessage, Finding, MessageMode, MessageStep, ReturnRequest, StepMessage
from returns.policies import can_open_returns
from returns.services.cases import lines_of
from staff.models import Language, User

_M = MessageStep
# what may stand in braces in a text
FIELDS = ("order", "case", "items", "until", "place", "amount", "reason", "replacement")
# the usual words; a row of ``StepMessage`` takes their place
USUAL: Mapping[str, Any] = {
    _M.ASKED: gettext_lazy(
        "We have received your request for order {order} ({items}). Its number is {case}. We answer as soon as we "
        "have looked at it."
    ),
    _M.APPROVED: gettext_lazy(
        "Your request {case} for order {order} is approved. Please send back {items} until {until}, to: {place}."
    ),
    _M.REFUSED: gettext_lazy("We are sorry: we cannot accept your request {case} for order {order}. {reason}"),
    _M.RECEIVED: gettext_lazy(
        "Your parcel for {case} has arrived ({items}). We look at it now and write to you again."
    ),
    _M.REJECTED: gettext_lazy(
        "We have looked at what you sent back with {case}, and cannot take it back: {reason} We send it to you again."
    ),
    _M.REFUNDED: gettext_lazy("We refund {amount} for order {order} ({case})."),
    _M.REPLACED: gettext_lazy(
        "We send you a replacement for order {order} ({case}). Its order number is {replacement}."
    ),
    _M.OVERDUE: gettext_lazy(
        "We have not yet received what you wanted to send back with {case} until {until}. Is it on its way?"
    ),
}


def draft_text(*, request: ReturnRequest, step: MessageStep) -> str:
    """Return what would be told at a step, in the language of the sales channel; it is not kept."""
    own = StepMessage.objects.filter(step=step).first()
    with override(_language(request)):
        text = getattr(own, f"body_{_language(request)}", "") or str(USUAL[step])
        return text.format_map(_facts(request))


def check_text(*, text: str) -> None:
    """Raise InvalidInput for a text whose braces name something that no case has."""
    try:
        named = [name for _text, name, _spec, _conversion in Formatter().parse(text) if name is not None]
    except ValueError as error:
        raise InvalidInput(_("A brace is not closed. Write fields like {order}.")) from error
    if unknown := [name for name in named if name not in FIELDS]:
        raise InvalidInput(
            _("No case has {%(name)s}. You can use: %(fields)s.")
            % {"name": unknown[0], "fields": ", ".join(f"{{{one}}}" for one in FIELDS)}
        )


@transaction.atomic
def draft_case_message(*, request_id: int, step: MessageStep, body: str, actor: User | None = None) -> OrderMessage:
    """Keep words for the customer until somebody sends them, and return them; a step is told once.

    A message of the step that is not sent yet gets the new words. InvalidInput for no words, or when the step was told
    already; NotAllowed without the right.
    """
    check_right(can_open_returns, actor)
    request = ReturnRequest.objects.select_for_update(no_key=True, of=("self",)).get(pk=request_id)
    if not body.strip():
        raise InvalidInput(_("Write what the customer is told."))
    known = request.messages.filter(step=step).select_related("message").first()
    if known is not None and known.message.sent_at is not None:
        raise InvalidInput(_("The customer was told this already."))
    if known is not None:
        known.message.body = body.strip()
        known.message.save(update_fields=["body"])
        return known.message
    return _write(request, step, body.strip(), actor)


def tell_by_itself(*, request: ReturnRequest, step: MessageStep, actor: User | None) -> OrderMessage | None:
    """Draft the message of a step where the setting says so; called by the services that made the step true."""
    own = StepMessage.objects.filter(step=step, mode=MessageMode.AUTOMATIC).exists()
    if not own or request.messages.filter(step=step).exists():
        return None
    return _write(request, step, draft_text(request=request, step=step), actor)


def _write(request: ReturnRequest, step: MessageStep, body: str, actor: User | None) -> OrderMessage:
    message = OrderMessage.objects.create(
        order_id=request.order_id, language=_language(request), body=body, created_by=actor
    )
    CaseMessage.objects.create(request=request, step=step, message=message)
    record(CaseMessageDrafted(request_id=request.pk, number=request.number, step=step), subject=request, actor=actor)
    return message


def _language(request: ReturnRequest) -> str:
    known: str = request.order.sales_channel.language
    return known if known in Language.values else Language.ENGLISH.value


def _facts(request: ReturnRequest) -> dict[str, str]:
    lines = lines_of(request)
    findings = list(Finding.objects.filter(line__request=request).select_related("replacement"))
    granted = sum(one.amount for one in findings) + request.delivery_refund
    place = request.warehouse
    return {
        "order": request.order.external_number or request.order.number,
        "case": request.number,
        "items": ", ".join(f"{line.order_line.name} × {line.quantity}" for line in lines),
        "until": date_format(localtime(request.due_at), "DATE_FORMAT") if request.due_at else "",
        "place": place.name if place else "",
        "amount": format_money(granted, request.currency),
        "reason": request.refusal or next((one.evidence for one in findings if one.evidence), ""),
        "replacement": ", ".join(sorted({one.replacement.number for one in findings if one.replacement})),
    }
