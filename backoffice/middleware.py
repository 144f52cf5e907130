"""What every answer of this house has in common."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django_structlog.middlewares import RequestMiddleware

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class LogRequests(RequestMiddleware):
    """Log each request with its id, without what people typed: a search word is often a name."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Return method and path, never the query."""
        return f"{request.method} {request.path}"


class NoStore:
    """Keep what people see after login out of every cache and off the disk; a view's own Cache-Control wins."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer; pages of a person say so."""
        response = self.get_response(request)
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store, private"
        return response
