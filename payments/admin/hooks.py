"""Where providers tell what happened: outside the login, signed or verified, kept once."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core.asking import RefusedError
from core.origins import Origin, coming_from
from payments.adapters.choosing import provider as client_of
from payments.adapters.paypal import SIGNED
from payments.services.providers.hearing import hear_event

MOST_BYTES = 256 * 1024


@csrf_exempt  # the signature stands for the token
@require_POST
def payment_hook(request: HttpRequest, provider: str) -> HttpResponse:
    """Keep what a provider tells and answer 200; 400 for what is not signed, odd or too long."""
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        return HttpResponse(status=400)
    try:
        told = client_of(provider).read_event(request.body, request.headers)
    except RefusedError:
        return HttpResponse(status=400)
    kept = {header: request.headers.get(header, "") for header in SIGNED.values()} if provider == "paypal" else {}
    with coming_from(Origin.HOOK, provider):
        hear_event(provider=provider, told=told, body=request.body, headers=kept)
    return HttpResponse(status=200)
