"""What the widget asks: plain posts without cookies, answered only to the sites that a chat names.

The token stands in the body, so that it is in no address and no log, and a browser needs not ask beforehand.
"""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.validators import validate_email
from django.forms import ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from chat.models import Conversation, Widget
from chat.selectors.hours import opens_at
from chat.selectors.showing import Line, file_for_visitor, shown_to_visitor, version_of
from chat.services import Begun, ChatMoved, Visit, begin_chat, note_visitor_seen, open_conversation, say_in_chat
from chat.services.proving import visitor_token
from core.display import moment_text
from core.errors import DomainError, InvalidInput
from service.services import GivenFile
from service.services.intake.contact import ContactWords, TooManyMessages, opened_form, take_contact
from staff.login import client_address
from staff.models import Language

MOST_BYTES = 17 * 1024 * 1024
CONSENT = gettext_lazy(
    "I agree that my name, my e-mail address and my messages are kept to answer me, and deleted three years after the"
    " matter is settled."
)
WORDS = {
    "open": pgettext_lazy("chat", "Chat with us"),
    "close": gettext_lazy("Close"),
    "name": gettext_lazy("Name"),
    "address": gettext_lazy("E-mail"),
    "body": gettext_lazy("Your message"),
    "begin": gettext_lazy("Begin the chat"),
    "leave": gettext_lazy("Leave a message"),
    "send": gettext_lazy("Send"),
    "file": gettext_lazy("Add files"),
    "left": gettext_lazy("Thank you. Your message has arrived; we answer by e-mail."),
    "lost": gettext_lazy("No connection. We try again."),
    "again": gettext_lazy("That did not work. Please try again."),
    "us": pgettext_lazy("chat", "We"),
    "you": pgettext_lazy("chat", "You"),
    "anew": gettext_lazy("Begin another chat"),
}
View = Callable[[HttpRequest, Widget], HttpResponseBase]


def answered_to_its_sites(view: View) -> Callable[..., HttpResponseBase]:
    """Answer only to the sites that the chat names: others get 403, a chat that is not there 404."""

    @wraps(view)
    def answered(request: HttpRequest, code: str) -> HttpResponseBase:
        widget = (
            Widget.objects.filter(inlet__code=code, is_active=True, inlet__is_active=True)
            .select_related("inlet__sales_channel", "form_inlet", "calendar")
            .first()
        )
        if widget is None:
            return _refusal(404, "no such chat")
        origin = request.headers.get("Origin", "")
        if origin and origin not in widget.origins:
            return _refusal(403, "not a site of this chat")
        answer = _within(request, widget, view)
        answer["Vary"] = "Origin"
        if origin:
            answer["Access-Control-Allow-Origin"] = origin
            answer["Cross-Origin-Resource-Policy"] = "cross-origin"
        return answer

    return csrf_exempt(answered)  # no cookie is read: the signed token stands for the visitor


def _within(request: HttpRequest, widget: Widget, view: View) -> HttpResponseBase:
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        return _refusal(413, _("Send at most three files of 5 MB each."))
    given = request.POST.get("lang", "") or request.GET.get("lang", "")
    with translation.override(given if given in Language.values else widget.inlet.language):
        try:
            return view(request, widget)
        except TooManyMessages as error:
            return _refusal(429, str(error))
        except ChatMoved as error:
            return _refusal(409, str(error))
        except DomainError as error:
            return _refusal(400, str(error))


@answered_to_its_sites
@require_http_methods(["GET"])
def chat_setting(request: HttpRequest, widget: Widget) -> HttpResponse:
    """Tell what the widget shows before anybody writes: its words, whether somebody is there, or when."""
    opening = opens_at(widget, now=timezone.now())
    closed = ""
    if opening is not None:
        closed = _("Nobody is there just now. We are back on %(moment)s.") % {"moment": moment_text(opening)}
    return JsonResponse(
        {
            "name": widget.inlet.name,
            "greeting": widget.greeting,
            "language": translation.get_language(),
            "closed": closed,
            "leaves_message": bool(opening and widget.form_inlet_id),
            "opened": opened_form(uuid.uuid4().hex),
            "consent": str(CONSENT),
            "words": {name: str(word) for name, word in WORDS.items()},
        }
    )


@answered_to_its_sites
@require_POST
def chat_begin(request: HttpRequest, widget: Widget) -> HttpResponse:
    """Take in the first message and answer with the token that the browser keeps."""
    given = _given(request)
    language = str(translation.get_language())
    if given("leave"):
        return _left(request, widget, language)
    begun = Begun(
        nonce=given("nonce"),
        body=given("body"),
        consent=str(CONSENT) if given("consent") else "",
        language=language,
        name=given("name")[:200],
        address=_address(given("address"), is_needed=False),
        page=given("page"),
        customer=given("customer"),
    )
    visit = begin_chat(widget_id=widget.pk, begun=begun, origin=client_address(request))
    return _visit(visit, status=201 if visit.is_new else 200)


@answered_to_its_sites
@require_POST
def chat_say(request: HttpRequest, widget: Widget) -> HttpResponse:
    """Take in what the visitor says next."""
    conversation = _conversation(request, widget)
    if conversation is None:
        return _refusal(401, "no such conversation")
    files = [GivenFile(name=file.name or "", content=file.read()) for file in request.FILES.getlist("files")]
    place = request.POST.get("place", "")
    visit = say_in_chat(
        conversation_id=conversation.pk,
        place=int(place) if place.isascii() and place.isdigit() and len(place) < 6 else 0,
        body=request.POST.get("body", ""),
        files=files,
    )
    return _visit(visit, status=201 if visit.is_new else 200)


@answered_to_its_sites
@require_POST
def chat_said(request: HttpRequest, widget: Widget) -> HttpResponse:
    """Tell what the visitor may read: 204 in two statements when nothing has changed since."""
    conversation = _conversation(request, widget)
    if conversation is None:
        return _refusal(401, "no such conversation")
    is_known = request.POST.get("since") == version_of(conversation)
    note_visitor_seen(conversation=conversation, has_read=not is_known)
    if is_known:
        return HttpResponse(status=204)
    return _shown(conversation)


@answered_to_its_sites
@require_POST
def chat_file(request: HttpRequest, widget: Widget) -> HttpResponseBase:
    """Hand out a file of a message that the visitor may read, as a download."""
    conversation, number = _conversation(request, widget), request.POST.get("file", "")
    if conversation is None or not (number.isascii() and number.isdigit() and len(number) < 19):
        return _refusal(404, "no such file")
    found = file_for_visitor(conversation, attachment_id=int(number), now=timezone.now())
    if found is None:
        return _refusal(404, "no such file")
    return FileResponse(
        found.file.open("rb"), as_attachment=True, filename=found.filename, content_type="application/octet-stream"
    )


def _left(request: HttpRequest, widget: Widget, language: str) -> HttpResponse:
    """Take in what is written while nobody is there; it is answered by e-mail."""
    given = _given(request)
    if widget.form_inlet_id is None or not given("consent"):
        raise InvalidInput(_("Please agree first that we keep your message."))
    words = ContactWords(
        name=given("name")[:200],
        address=_address(given("address"), is_needed=True),
        subject=" ".join(given("body").split())[:60],
        body=given("body")[:10_000],
        order_number="",
        language=language,
        consent=str(CONSENT),
    )
    take_contact(inlet_id=widget.form_inlet_id, words=words, opened=given("opened"), origin=client_address(request))
    return JsonResponse({"left": True}, status=201)


def _given(request: HttpRequest) -> Callable[[str], str]:
    return lambda name: str(request.POST.get(name, "")).replace("\x00", "").strip()


def _address(text: str, *, is_needed: bool) -> str:
    if not text and not is_needed:
        return ""
    try:
        validate_email(text)
    except ValidationError:
        raise InvalidInput(_("Write an e-mail address at which we reach you.")) from None
    return text[:254]


def _conversation(request: HttpRequest, widget: Widget) -> Conversation | None:
    return open_conversation(widget=widget, token=request.POST.get("token", ""))


def _visit(visit: Visit, *, status: int) -> JsonResponse:
    answer = _shown(visit.conversation)
    answer.status_code = status
    return answer


def _shown(conversation: Conversation) -> JsonResponse:
    shown = shown_to_visitor(conversation, now=timezone.now())
    return JsonResponse(
        {
            "token": visitor_token(conversation.key),
            "version": shown.version,
            "place": conversation.said_count,
            "lines": [_line(line) for line in shown.lines],
        }
    )


def _line(line: Line) -> dict[str, Any]:
    files = [{"id": file.pk, "name": file.filename} for file in line.files]
    return {"id": line.id, "ours": line.is_ours, "body": line.body, "at": line.at.isoformat(), "files": files}


def script_tag(widget: Widget) -> str:
    """Return what a page of the site embeds."""
    source = f"{settings.PUBLIC_URL}{settings.STATIC_URL}chat/widget.js"
    return f'<script src="{source}" data-chat="{widget.inlet.code}" async></script>'


def is_origin(text: str) -> bool:
    """Tell whether this is a site as browsers name it: scheme, host and port, nothing else."""
    parts = urlsplit(text)
    return parts.scheme in {"https", "http"} and bool(parts.hostname) and text == f"{parts.scheme}://{parts.netloc}"


def _refusal(status: int, error: str) -> JsonResponse:
    return JsonResponse({"error": error}, status=status)
