"""Where other systems post messages: outside the login, signed with the inlet's secret, each id once."""

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core.errors import Conflict, InvalidInput
from service.models import Inlet
from service.services.intake.fetching import variable_of
from service.services.intake.posting import Posted, is_signed, take_posted, take_posted_mail

MOST_BYTES = 20 * 1024 * 1024
MAIL = "message/rfc822"


@csrf_exempt  # the signature stands for the token
@require_POST
def inlet_hook(request: HttpRequest, code: str) -> JsonResponse:
    """Take in a posted message: 201 new, 200 known, 202 set aside; 401, 413, 400, 409 for what is not taken.

    Who has no secret learns nothing: an inlet that is not there answers like a wrong signature.
    """
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        return _refusal(413, "at most 20 MB")
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        return _refusal(413, "at most 20 MB")
    inlet = Inlet.objects.filter(code=code, is_active=True).first()
    secret = str(settings.INLET_SECRETS.get(variable_of(code), ""))
    timestamp, signature = request.headers.get("X-Timestamp", ""), request.headers.get("X-Signature", "")
    signed = is_signed(secret=secret, timestamp=timestamp, signature=signature, body=body, now=timezone.now())
    if inlet is None or not signed:
        return _refusal(401, "not signed")
    try:
        if request.content_type == MAIL:
            posted = take_posted_mail(inlet_id=inlet.pk, raw=body)
        else:
            posted = take_posted(inlet_id=inlet.pk, body=body)
    except Conflict as error:
        return _refusal(409, str(error))
    except InvalidInput as error:
        return _refusal(400, str(error))
    return _answer(posted)


def _answer(posted: Posted) -> JsonResponse:
    if posted.message is None:
        return JsonResponse({"set_aside": posted.aside, "is_new": posted.is_new}, status=202)
    told = {"ticket": posted.message.ticket.number, "message": posted.message.pk, "is_new": posted.is_new}
    return JsonResponse(told, status=201 if posted.is_new else 200)


def _refusal(status: int, error: str) -> JsonResponse:
    return JsonResponse({"error": error}, status=status)
