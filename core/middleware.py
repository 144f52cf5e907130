"""What holds for every request: what no view should ever have to see, and from where its facts come."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

from core.origins import Origin, coming_from


class RefuseNulBytes:
    """Answer 400 to a NUL byte in path or query: PostgreSQL cannot store it, and it only comes from probes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass clean requests on."""
        query = request.META.get("QUERY_STRING", "")
        if "\x00" in request.path or "%00" in query or "\x00" in query:
            return HttpResponseBadRequest("bad request")
        return self.get_response(request)


class NoteOrigin:
    """Note with each fact of a request that it came from a screen, or from outside where nobody is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; behind the middleware that says who is asking. Only what changes something records facts."""
        if request.method != "POST":
            return self.get_response(request)
        with coming_from(Origin.SCREEN if request.user.is_authenticated else Origin.OUTSIDE):
            return self.get_response(request)
