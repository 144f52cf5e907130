"""What one does in the inbox without a dialog: answer, note, claim, take back; and who is there."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import DomainError
from core.ui import actor
from core.ui.sitepages import register_page
from service import services
from service.admin.status import inbox_url
from service.models import Outgoing, OutgoingState, Ticket
from service.selectors.conversation import present_at
from service.selectors.reasons import find_reason
from service.services.storing import GivenFile, KeptFile
from staff.models import User

LARGEST_ID = 2**63 - 1


class ReplyForm(forms.Form):
    """An answer as it was typed."""

    body = forms.CharField(strip=False, required=False)
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    key = forms.SlugField(max_length=64)
    send_at = forms.DateTimeField(required=False, input_formats=["%Y-%m-%dT%H:%M"])
    resolve = forms.BooleanField(required=False)
    reason = forms.CharField(max_length=300, required=False)


class LinkForm(forms.Form):
    """Which row a small button means."""

    order = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)
    line = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)
    order_link = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)
    product_link = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)
    outgoing = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)
    version = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)


@register_page("inbox/<int:pk>/act/", name="service_act", permission="service.work_on_ticket")
@require_POST
def act_on_ticket(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Do one thing with a ticket and go back to it; a refusal is told there, and what was typed is kept."""
    act = _ACTS.get(request.POST.get("do", ""))
    if act is None:
        raise SuspiciousOperation("no such act")
    try:
        sentence = act(request, pk, actor(request))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        if sentence:
            messages.success(request, sentence)
    if request.headers.get("X-Quiet"):
        return HttpResponse(status=204)
    return HttpResponseRedirect(_back(request, pk))


@register_page("inbox/<int:pk>/presence/", name="service_presence", permission="service.view_ticket")
@require_POST
def tell_presence(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Note who looks at the ticket and whether they type; answer who else does."""
    user = actor(request)
    if not Ticket.objects.filter(pk=pk).exists():
        raise SuspiciousOperation("no such ticket")
    services.note_presence(ticket_id=pk, is_typing=request.POST.get("typing") == "1", actor=user)
    return render(request, "service/components/present.html", {"present": present_at(ticket_id=pk, user=user)})


def _reply(request: HttpRequest, pk: int, user: User) -> str:
    form = ReplyForm(request.POST)
    if not form.is_valid():
        raise SuspiciousOperation("no such answer")
    data = form.cleaned_data
    given = [GivenFile(name=file.name or "", content=file.read()) for file in request.FILES.getlist("files")]
    kept = _kept(request)
    try:
        owed = services.reply_to_ticket(
            ticket_id=pk,
            body=data["body"],
            seen_version=data["version"],
            key=data["key"],
            files=[*given, *(KeptFile(one) for one in kept)],
            send_at=data["send_at"],
            resolve=data["resolve"],
            reason_id=find_reason(data["reason"]) if data["reason"] else None,
            actor=user,
        )
    except services.ConversationMoved:
        raise
    except DomainError:
        services.save_reply_draft(
            ticket_id=pk, body=data["body"], seen_version=data["version"], kept_ids=kept, actor=user
        )
        raise
    if owed.state == OutgoingState.AWAITING:
        return _("Written. It waits until somebody else has approved it.")
    if owed.way == "by_hand":
        return _("Written. Copy it into the mall and say that it is sent.")
    if data["send_at"]:
        moment = date_format(timezone.localtime(owed.due_at), "SHORT_DATETIME_FORMAT")
        return _("The answer leaves at %(moment)s; if the customer writes before, it comes back to you.") % {
            "moment": moment
        }
    return _("The answer leaves in some seconds; until then it can be taken back.")


def _kept(request: HttpRequest) -> list[int]:
    """Return the team's files that were ticked."""
    given = request.POST.getlist("kept")
    if not all(one.isascii() and one.isdigit() and len(one) < 19 for one in given):
        raise SuspiciousOperation("no such file")
    return [int(one) for one in given]


def _draft(request: HttpRequest, pk: int, user: User) -> str:
    form = ReplyForm({**request.POST.dict(), "key": "draft"})
    if not form.is_valid():
        raise SuspiciousOperation("no such draft")
    data = form.cleaned_data
    kept = _kept(request) if "has_kept" in request.POST else None
    services.save_reply_draft(ticket_id=pk, body=data["body"], seen_version=data["version"], kept_ids=kept, actor=user)
    return ""


def _note(request: HttpRequest, pk: int, user: User) -> str:
    services.write_note(ticket_id=pk, body=request.POST.get("body", ""), actor=user)
    return _("Noted; no customer reads it.")


def _claim(_request: HttpRequest, pk: int, user: User) -> str:
    return _("%(number)s is yours.") % {"number": services.claim_ticket(ticket_id=pk, actor=user).number}


def _undo(request: HttpRequest, pk: int, user: User) -> str:
    services.undo_reply(outgoing_id=_outgoing(request, pk), actor=user)
    return _("Taken back; your words are in the draft.")


def _sent(request: HttpRequest, pk: int, user: User) -> str:
    services.mark_sent_by_hand(outgoing_id=_outgoing(request, pk), actor=user)
    return _("Noted as sent.")


def _approve(request: HttpRequest, pk: int, user: User) -> str:
    seen = _links(request)["version"]
    if seen is None:
        raise SuspiciousOperation("no version")
    services.approve_reply(outgoing_id=_outgoing(request, pk), seen_version=seen, actor=user)
    return _("Approved. The answer leaves in some seconds.")


def _send_back(request: HttpRequest, pk: int, user: User) -> str:
    word = request.POST.get("word", "")[:500]
    services.send_reply_back(outgoing_id=_outgoing(request, pk), word=word, actor=user)
    return _("Sent back; its writer has the words as a draft.")


def _link(request: HttpRequest, pk: int, user: User) -> str:
    data = _links(request)
    link = services.link_ticket_order(ticket_id=pk, order_id=data["order"] or 0, line_id=data["line"], actor=user)
    return _("Linked with %(what)s.") % {"what": link.order.number}


def _unlink(request: HttpRequest, pk: int, user: User) -> str:
    data = _links(request)
    services.unlink_ticket(
        ticket_id=pk, order_link_id=data["order_link"], product_link_id=data["product_link"], actor=user
    )
    return _("The link is removed.")


def _outgoing(request: HttpRequest, pk: int) -> int:
    wanted = _links(request)["outgoing"] or 0
    found = Outgoing.objects.filter(pk=wanted, message__ticket=pk) | Outgoing.objects.filter(
        pk=wanted, message__ticket__merged_into=pk
    )
    if not found.exists():
        raise SuspiciousOperation("no such answer")
    return int(wanted)


def _links(request: HttpRequest) -> dict[str, Any]:
    form = LinkForm(request.POST)
    if not form.is_valid():
        raise SuspiciousOperation("no such row")
    return form.cleaned_data


def _back(request: HttpRequest, pk: int) -> str:
    """Return the inbox with the same view; only a query of our own is followed."""
    here = request.POST.get("here", "")
    return reverse("admin:service_inbox") + here if here.startswith("?view=") else inbox_url(pk)


_ACTS = {
    "reply": _reply,
    "draft": _draft,
    "note": _note,
    "claim": _claim,
    "undo": _undo,
    "sent": _sent,
    "approve": _approve,
    "send_back": _send_back,
    "link": _link,
    "unlink": _unlink,
}
