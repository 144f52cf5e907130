"""A mail as it was laid out: cleaned, in a sandbox that runs and loads nothing but the pictures it brought along."""

import base64
import re

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from core.ui.sitepages import register_page
from service.models import Attachment, Message

MOST_BYTES = 4 * 1024 * 1024  # of pictures within one page; the others are files beside the message
_SHOWN = {"png": "image/png", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}
_PICTURE = re.compile(r'src="/inline/([^"]{1,255})"')


@register_page("inbox/message/<int:pk>/", name="service_message_html", permission="service.view_ticket")
@require_GET
def message_page(_request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show the layout of a message; pictures from elsewhere stay away, they would tell the sender that it was read."""
    message = Message.objects.filter(pk=pk).exclude(html="").first()
    if message is None:
        raise Http404
    answer = HttpResponse(_with_pictures(message))
    answer["Content-Security-Policy"] = (
        "default-src 'none'; img-src data:; style-src 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"
    )
    answer["X-Frame-Options"] = "SAMEORIGIN"  # the conversation shows it in a frame
    answer["Referrer-Policy"] = "no-referrer"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _with_pictures(message: Message) -> str:
    wanted = set(_PICTURE.findall(message.html))
    found: dict[str, str] = {}
    room = MOST_BYTES
    for file in Attachment.objects.filter(message=message, content_id__in=wanted, kind__in=_SHOWN) if wanted else ():
        if file.size_bytes <= room:
            room -= file.size_bytes
            with file.file.open("rb") as handle:
                content = base64.b64encode(handle.read()).decode()
            found[file.content_id] = f'src="data:{_SHOWN[file.kind]};base64,{content}"'
    return _PICTURE.sub(lambda match: found.get(match[1], 'alt="–"'), message.html)
